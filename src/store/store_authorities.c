#include "store/store_sqlite.h"

#include <inttypes.h>

static bool next_id(struct store *store, int64_t *id, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_statement(store, STATEMENT_NEXT_AUTHORITY,
            "SELECT coalesce(max(id), 0) + 1 FROM authority", &statement,
            why) ||
        !store_next(store, statement, "add an authority to", &found, why))
        return false;
    *id = sqlite3_column_int64(statement, 0);
    return true;
}

static bool fail_to_add(const struct store *store,
    const struct authority_row *row, struct failure *why)
{
    int code = sqlite3_extended_errcode(store->database);

    if (code == SQLITE_CONSTRAINT_UNIQUE)
        return fail_because(why, FAILURE_CONFLICT,
            "an authority named %s is in %s already", row->name,
            store_shown(store));
    if (code == SQLITE_CONSTRAINT_FOREIGNKEY)
        return fail_because(why, FAILURE_NOT_FOUND,
            "no authority in %s has the id %" PRId64 ", the parent of %s",
            store_shown(store), row->parent, row->name);
    return fail_in_store(store, "add an authority to", why);
}

static bool bind_authority(
    sqlite3_stmt *statement, const struct authority_row *row, int64_t id)
{
    return bind_number(statement, 1, id) &&
           bind_text(statement, 2, row->name) &&
           bind_text(statement, 3, row->key_sha256) &&
           bind_number(statement, 4, row->parent == 0 ? id : row->parent) &&
           bind_number(statement, 5, row->issues ? 1 : 0) &&
           bind_number(statement, 6, row->made_at) &&
           bind_bytes(statement, 7, row->certificate) &&
           bind_number(statement, 8, row->state) &&
           bind_number(
               statement, 9, row->crl_shards == 0 ? 1 : row->crl_shards) &&
           bind_number(statement, 10, row->follows);
}

bool store_add_authority(struct store *store, const struct authority_row *row,
    int64_t *id, struct failure *why)
{
    static const char text[] =
        "INSERT INTO authority (id, name, key_sha256, parent, issues, made_at,"
        " certificate, state, crl_shards, follows)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    SCOPED(sqlite3_stmt) *statement = NULL;
    int64_t next = 0;

    if (!store_is_writing(store, why) || !next_id(store, &next, why) ||
        !store_statement(store, STATEMENT_ADD_AUTHORITY, text, &statement, why))
        return false;
    if (!bind_authority(statement, row, next) ||
        sqlite3_step(statement) != SQLITE_DONE)
        return fail_to_add(store, row, why);
    *id = next;
    return true;
}

bool store_set_authority_state(struct store *store, int64_t id,
    enum authority_state state, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_SET_AUTHORITY_STATE,
            "UPDATE authority SET state = ?2 WHERE id = ?1", &statement, why))
        return false;
    if (!bind_number(statement, 1, id) || !bind_number(statement, 2, state))
        return fail_in_store(store, "change an authority in", why);
    if (!store_run(store, statement, "change an authority in", why))
        return false;
    if (store_changes(store) == 0)
        return fail_because(why, FAILURE_NOT_FOUND,
            "no authority in %s has the id %" PRId64, store_shown(store), id);
    return true;
}

struct visiting {
    authority_visitor *visit;
    void *context;
};

static bool show_row(
    sqlite3_stmt *statement, const void *visiting, struct failure *why)
{
    const struct visiting *to = visiting;
    const struct authority_row row = {
        .id = sqlite3_column_int64(statement, 0),
        .name = column_text(statement, 1),
        .key_sha256 = column_text(statement, 2),
        .parent = sqlite3_column_int64(statement, 3),
        .issues = sqlite3_column_int(statement, 4) != 0,
        .made_at = sqlite3_column_int64(statement, 5),
        .certificate = column_bytes(statement, 6),
        .state = (enum authority_state)sqlite3_column_int(statement, 7),
        .crl_shards = sqlite3_column_int(statement, 8),
        .follows = sqlite3_column_int64(statement, 9),
    };

    return row_is_whole(statement, why) && to->visit(to->context, &row, why);
}

bool store_list_authorities(struct store *store, authority_visitor *visit,
    void *context, struct failure *why)
{
    static const char text[] =
        "SELECT id, name, key_sha256, parent, issues, made_at, certificate,"
        " state, crl_shards, follows FROM authority ORDER BY id";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    return store_statement(
               store, STATEMENT_LIST_AUTHORITIES, text, &statement, why) &&
           store_walk(store, statement, "list the authorities of", show_row,
               &visiting, why);
}
