#include "store/store_sqlite.h"

#include <inttypes.h>

static bool fail_to_add(const struct store *store,
    const struct cross_certificate *row, struct failure *why)
{
    if (sqlite3_extended_errcode(store->database) ==
        SQLITE_CONSTRAINT_FOREIGNKEY)
        return fail_because(why, FAILURE_NOT_FOUND,
            "no authority in %s has the id %" PRId64, store_shown(store),
            row->authority);
    return fail_in_store(store, "add a cross certificate to", why);
}

bool store_add_cross_certificate(struct store *store,
    const struct cross_certificate *row, struct failure *why)
{
    static const char text[] =
        "INSERT INTO cross_certificate (authority, kind, made_at, certificate)"
        " VALUES (nullif(?1, 0), ?2, ?3, ?4)"
        " ON CONFLICT (certificate) DO NOTHING";
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_ADD_CROSS, text, &statement, why))
        return false;
    if (!bind_number(statement, 1, row->authority) ||
        !bind_text(statement, 2, row->kind) ||
        !bind_number(statement, 3, row->made_at) ||
        !bind_bytes(statement, 4, row->certificate) ||
        sqlite3_step(statement) != SQLITE_DONE)
        return fail_to_add(store, row, why);
    return true;
}

struct visiting {
    cross_certificate_visitor *visit;
    void *context;
};

static bool show_row(
    sqlite3_stmt *statement, const void *visiting, struct failure *why)
{
    const struct visiting *to = visiting;
    const struct cross_certificate row = {
        .authority = sqlite3_column_int64(statement, 0),
        .kind = column_text(statement, 1),
        .made_at = sqlite3_column_int64(statement, 2),
        .certificate = column_bytes(statement, 3),
    };

    return row_is_whole(statement, why) && to->visit(to->context, &row, why);
}

bool store_list_cross_certificates(struct store *store,
    cross_certificate_visitor *visit, void *context, struct failure *why)
{
    static const char text[] =
        "SELECT authority, kind, made_at, certificate FROM cross_certificate"
        " ORDER BY id";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    return store_statement(
               store, STATEMENT_LIST_CROSS, text, &statement, why) &&
           store_walk(store, statement, "list the cross certificates of",
               show_row, &visiting, why);
}

bool store_forget_cross_certificates(
    struct store *store, int64_t authority, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_FORGET_CROSS,
            "DELETE FROM cross_certificate WHERE authority IS nullif(?1, 0)",
            &statement, why))
        return false;
    if (!bind_number(statement, 1, authority))
        return fail_in_store(store, "forget cross certificates in", why);
    return store_run(store, statement, "forget cross certificates in", why);
}
