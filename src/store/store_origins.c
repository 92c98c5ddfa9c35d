#include <stdio.h>
#include <string.h>

#include "store/store_sqlite.h"

/* Two walks of two unique indexes; the bound above is the same text with the
 * highest character there is behind it. */
static const char looking[] =
    "SELECT origin FROM certificate WHERE origin IS NOT NULL"
    " AND origin >= ?1 AND origin < ?1 || char(1114111)"
    " UNION ALL"
    " SELECT origin FROM request WHERE origin IS NOT NULL"
    " AND origin >= ?1 AND origin < ?1 || char(1114111) LIMIT 1";

bool store_origin_beginning(struct store *store, const char *beginning,
    bool *found, char origin[static STORE_ORIGIN_ROOM], struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool is_there = false;

    if (!store_statement(
            store, STATEMENT_ORIGIN_BEGINNING, looking, &statement, why))
        return false;
    if (!bind_text(statement, 1, beginning))
        return fail_in_store(store, "search", why);
    if (!store_next(store, statement, "search", &is_there, why))
        return false;
    if (is_there)
        (void)snprintf(
            origin, STORE_ORIGIN_ROOM, "%s", column_text(statement, 0));
    *found = is_there;
    return true;
}
