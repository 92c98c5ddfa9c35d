#include "store/store_people.h"

#include "store/store_sqlite.h"

#define DOING "change the tokens of"

#define COLUMNS                                                     \
    "id, name, sha256, role, profiles, names, made_at, expires_at," \
    " ended_at, made_by"

static bool fail_to_add(
    const struct store *store, const struct token_row *row, struct failure *why)
{
    if (store_has_it_already(store))
        return fail_because(why, FAILURE_CONFLICT,
            "a token named %.100s is there, or was: a name is given only once",
            row->name);
    return fail_in_store(store, DOING, why);
}

static bool bind_token(sqlite3_stmt *statement, const struct token_row *row)
{
    return bind_text(statement, 1, row->name) &&
           bind_text(statement, 2, row->sha256) &&
           bind_number(statement, 3, row->role) &&
           bind_text(statement, 4, row->profiles) &&
           bind_text(statement, 5, row->names) &&
           bind_number(statement, 6, row->made_at) &&
           bind_number(statement, 7, row->expires_at) &&
           bind_number(statement, 8, row->ended_at) &&
           bind_text(statement, 9, row->made_by);
}

bool store_add_token(
    struct store *store, const struct token_row *row, struct failure *why)
{
    static const char text[] =
        "INSERT INTO token (name, sha256, role, profiles, names, made_at,"
        " expires_at, ended_at, made_by)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_ADD_TOKEN, text, &statement, why))
        return false;
    if (!bind_token(statement, row) || sqlite3_step(statement) != SQLITE_DONE)
        return fail_to_add(store, row, why);
    return true;
}

struct visiting {
    token_visitor *visit;
    void *context;
};

static bool show_row(
    sqlite3_stmt *statement, const void *visiting, struct failure *why)
{
    const struct visiting *to = visiting;
    const struct token_row row = {
        .id = sqlite3_column_int64(statement, 0),
        .name = column_text(statement, 1),
        .sha256 = column_text(statement, 2),
        .role = (enum person_role)sqlite3_column_int(statement, 3),
        .profiles = column_text(statement, 4),
        .names = column_text(statement, 5),
        .made_at = sqlite3_column_int64(statement, 6),
        .expires_at = sqlite3_column_int64(statement, 7),
        .ended_at = sqlite3_column_int64(statement, 8),
        .made_by = column_text(statement, 9),
    };

    return row_is_whole(statement, why) && to->visit(to->context, &row, why);
}

bool store_list_tokens(struct store *store, token_visitor *visit, void *context,
    struct failure *why)
{
    static const char text[] = "SELECT " COLUMNS " FROM token ORDER BY id";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    return store_statement(
               store, STATEMENT_LIST_TOKENS, text, &statement, why) &&
           store_walk(store, statement, "list the tokens of", show_row,
               &visiting, why);
}

bool store_token_by_hash(struct store *store, const char *sha256, bool *found,
    token_visitor *visit, void *context, struct failure *why)
{
    static const char text[] =
        "SELECT " COLUMNS " FROM token WHERE sha256 = ?1 AND ended_at = 0";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_statement(store, STATEMENT_TOKEN_BY_HASH, text, &statement, why))
        return false;
    if (!bind_text(statement, 1, sha256))
        return fail_in_store(store, "search", why);
    return store_show_one(
        store, statement, "search", found, show_row, &visiting, why);
}

bool store_end_token(
    struct store *store, const char *name, int64_t at, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_END_TOKEN,
            "UPDATE token SET ended_at = ?2 WHERE name = ?1 AND ended_at = 0",
            &statement, why))
        return false;
    if (!bind_text(statement, 1, name) || !bind_number(statement, 2, at))
        return fail_in_store(store, DOING, why);
    if (!store_run(store, statement, DOING, why))
        return false;
    return store_changes(store) == 1 ||
           fail_because(why, FAILURE_NOT_FOUND,
               "there is no token named %.100s, or it has ended", name);
}
