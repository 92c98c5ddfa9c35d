#include "store/store_sqlite.h"

bool store_await_authority(
    struct store *store, const struct awaited_row *row, struct failure *why)
{
    static const char text[] =
        "INSERT OR REPLACE INTO awaited (name, key_sha256, made_at, crl_shards,"
        " follows, request) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_AWAIT, text, &statement, why))
        return false;
    if (!bind_text(statement, 1, row->name) ||
        !bind_text(statement, 2, row->key_sha256) ||
        !bind_number(statement, 3, row->made_at) ||
        !bind_number(
            statement, 4, row->crl_shards == 0 ? 1 : row->crl_shards) ||
        !bind_number(statement, 5, row->follows) ||
        !bind_bytes(statement, 6, row->request))
        return fail_in_store(store, "await an authority in", why);
    return store_run(store, statement, "await an authority in", why);
}

struct visiting {
    awaited_visitor *visit;
    void *context;
};

static bool show_row(
    sqlite3_stmt *statement, const void *visiting, struct failure *why)
{
    const struct visiting *to = visiting;
    const struct awaited_row row = {
        .name = column_text(statement, 0),
        .key_sha256 = column_text(statement, 1),
        .made_at = sqlite3_column_int64(statement, 2),
        .crl_shards = sqlite3_column_int(statement, 3),
        .follows = sqlite3_column_int64(statement, 4),
        .request = column_bytes(statement, 5),
    };

    return row_is_whole(statement, why) && to->visit(to->context, &row, why);
}

bool store_list_awaited(struct store *store, awaited_visitor *visit,
    void *context, struct failure *why)
{
    static const char text[] =
        "SELECT name, key_sha256, made_at, crl_shards, follows, request"
        " FROM awaited ORDER BY made_at, name";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    return store_statement(
               store, STATEMENT_LIST_AWAITED, text, &statement, why) &&
           store_walk(store, statement, "list what is awaited in", show_row,
               &visiting, why);
}

bool store_forget_awaited(
    struct store *store, const char *name, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_FORGET_AWAITED,
            "DELETE FROM awaited WHERE name = ?1", &statement, why))
        return false;
    if (!bind_text(statement, 1, name))
        return fail_in_store(store, "forget what is awaited in", why);
    return store_run(store, statement, "forget what is awaited in", why);
}
