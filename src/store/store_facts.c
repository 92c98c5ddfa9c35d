#include "store/store_sqlite.h"

#include <inttypes.h>

bool store_number(
    struct store *store, const char *name, int64_t *number, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_statement(store, STATEMENT_NUMBER,
            "SELECT value FROM number WHERE name = ?1", &statement, why))
        return false;
    if (!bind_text(statement, 1, name))
        return fail_in_store(store, "read", why);
    if (!store_next(store, statement, "read", &found, why))
        return false;
    *number = found ? sqlite3_column_int64(statement, 0) : 0;
    return true;
}

bool store_set_number(
    struct store *store, const char *name, int64_t number, struct failure *why)
{
    static const char text[] =
        "INSERT INTO number (name, value) VALUES (?1, ?2)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_SET_NUMBER, text, &statement, why))
        return false;
    if (!bind_text(statement, 1, name) || !bind_number(statement, 2, number))
        return fail_in_store(store, "set a number in", why);
    return store_run(store, statement, "set a number in", why);
}

static bool check_integrity(struct store *store, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;
    const char *words;

    if (!store_statement(store, STATEMENT_INTEGRITY,
            "SELECT integrity_check FROM pragma_integrity_check"
            " WHERE integrity_check <> 'ok' LIMIT 1",
            &statement, why) ||
        !store_next(store, statement, "check", &found, why))
        return false;
    if (!found)
        return true;
    words = column_text(statement, 0);
    return fail_because(why, FAILURE_INTERNAL, "%s is damaged: %s",
        store_shown(store), words == NULL ? "out of memory" : words);
}

static bool check_references(struct store *store, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;
    const char *table;

    if (!store_statement(store, STATEMENT_FOREIGN_KEYS,
            "SELECT \"table\" FROM pragma_foreign_key_check", &statement,
            why) ||
        !store_next(store, statement, "check", &found, why))
        return false;
    if (!found)
        return true;
    table = column_text(statement, 0);
    return fail_because(why, FAILURE_INTERNAL,
        "%s is damaged: the table %s names a row that is not there",
        store_shown(store), table == NULL ? "(out of memory)" : table);
}

/* Incident 16: what is revoked must be on every list to come, and the lists are
 * made from the revocations alone.  Of rows of schema 1 the reason was put
 * right there, and only there, when the store was brought up to date. */
bool store_check_revocations(struct store *store, struct failure *why)
{
    static const char text[] =
        "SELECT lower(hex(one.serial)) FROM certificate AS one"
        " LEFT JOIN revocation AS other ON other.certificate = one.id"
        " WHERE (one.status <> 0) <> (other.certificate IS NOT NULL)"
        " OR one.serial <> other.serial OR one.authority <> other.authority"
        " OR one.not_after <> other.not_after"
        " OR other.reason <> CASE WHEN one.status = 2 THEN 6"
        " WHEN one.reason IN (6, 8) THEN 0 ELSE one.reason END"
        " OR one.revoked_at <> other.revoked_at LIMIT 1";
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;
    const char *serial;

    if (!store_statement(
            store, STATEMENT_LOST_REVOCATION, text, &statement, why) ||
        !store_next(store, statement, "check", &found, why))
        return false;
    if (!found)
        return true;
    serial = column_text(statement, 0);
    return fail_because(why, FAILURE_INTERNAL,
        "%s is damaged: certificate %s and its revocation are not the same",
        store_shown(store), serial == NULL ? "(out of memory)" : serial);
}

bool store_check(struct store *store, struct failure *why)
{
    return check_integrity(store, why) && check_references(store, why) &&
           store_check_revocations(store, why);
}
