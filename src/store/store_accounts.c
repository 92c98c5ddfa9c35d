#include "store/store_people.h"

#include "store/store_sqlite.h"

#define DOING "change the accounts of"

#define COLUMNS \
    "id, name, password, profiles, names, made_at, ended_at, made_by"

static bool fail_to_add(const struct store *store,
    const struct account_row *row, struct failure *why)
{
    if (store_has_it_already(store))
        return fail_because(why, FAILURE_CONFLICT,
            "an account named %.100s is there, or was: a name is given only "
            "once",
            row->name);
    return fail_in_store(store, DOING, why);
}

static bool bind_account(sqlite3_stmt *statement, const struct account_row *row)
{
    return bind_text(statement, 1, row->name) &&
           bind_text(statement, 2, row->password) &&
           bind_text(statement, 3, row->profiles) &&
           bind_text(statement, 4, row->names) &&
           bind_number(statement, 5, row->made_at) &&
           bind_number(statement, 6, row->ended_at) &&
           bind_text(statement, 7, row->made_by);
}

bool store_add_account(
    struct store *store, const struct account_row *row, struct failure *why)
{
    static const char text[] =
        "INSERT INTO account (name, password, profiles, names, made_at,"
        " ended_at, made_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_ADD_ACCOUNT, text, &statement, why))
        return false;
    if (!bind_account(statement, row) || sqlite3_step(statement) != SQLITE_DONE)
        return fail_to_add(store, row, why);
    return true;
}

struct visiting {
    account_visitor *visit;
    void *context;
};

static bool show_row(
    sqlite3_stmt *statement, const void *visiting, struct failure *why)
{
    const struct visiting *to = visiting;
    const struct account_row row = {
        .id = sqlite3_column_int64(statement, 0),
        .name = column_text(statement, 1),
        .password = column_text(statement, 2),
        .profiles = column_text(statement, 3),
        .names = column_text(statement, 4),
        .made_at = sqlite3_column_int64(statement, 5),
        .ended_at = sqlite3_column_int64(statement, 6),
        .made_by = column_text(statement, 7),
    };

    return row_is_whole(statement, why) && to->visit(to->context, &row, why);
}

bool store_list_accounts(struct store *store, account_visitor *visit,
    void *context, struct failure *why)
{
    static const char text[] = "SELECT " COLUMNS " FROM account ORDER BY id";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    return store_statement(
               store, STATEMENT_LIST_ACCOUNTS, text, &statement, why) &&
           store_walk(store, statement, "list the accounts of", show_row,
               &visiting, why);
}

bool store_account_by_name(struct store *store, const char *name, bool *found,
    account_visitor *visit, void *context, struct failure *why)
{
    static const char text[] =
        "SELECT " COLUMNS " FROM account WHERE name = ?1 AND ended_at = 0";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_statement(
            store, STATEMENT_ACCOUNT_BY_NAME, text, &statement, why))
        return false;
    if (!bind_text(statement, 1, name))
        return fail_in_store(store, "search", why);
    return store_show_one(
        store, statement, "search", found, show_row, &visiting, why);
}

bool store_end_account(
    struct store *store, const char *name, int64_t at, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_END_ACCOUNT,
            "UPDATE account SET ended_at = ?2 WHERE name = ?1 AND ended_at = 0",
            &statement, why))
        return false;
    if (!bind_text(statement, 1, name) || !bind_number(statement, 2, at))
        return fail_in_store(store, DOING, why);
    if (!store_run(store, statement, DOING, why))
        return false;
    return store_changes(store) == 1 ||
           fail_because(why, FAILURE_NOT_FOUND,
               "there is no account named %.100s, or it has ended", name);
}
