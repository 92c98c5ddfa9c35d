#include "store/store_requests.h"

#include <inttypes.h>

#include "store/store_sqlite.h"

#define DOING "add a request to"

#define COLUMNS                                                          \
    "number, id, state, key_sha256, authority, profile, profile_sha256," \
    " door, actor, person, lifetime_s, not_after, origin,"               \
    " approvals_needed, asked_at, decided_at, reason, certificate,"      \
    " subject, general_names, der"

/* --- adding -------------------------------------------------------------- */

static const char adding[] =
    "INSERT INTO request (id, state, key_sha256, authority, profile,"
    " profile_sha256, door, actor, person, lifetime_s, not_after, origin,"
    " approvals_needed, asked_at, decided_at, reason, certificate, subject,"
    " general_names, der) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
    " ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)"
    " ON CONFLICT (origin) WHERE origin IS NOT NULL DO NOTHING";

/* A null pointer would be NULL, where the schema wants bytes. */
static bool bind_blob(sqlite3_stmt *statement, int index, struct bytes bytes)
{
    if (bytes.length == 0)
        return sqlite3_bind_zeroblob(statement, index, 0) == SQLITE_OK;
    return bind_bytes(statement, index, bytes);
}

static bool bind_request(sqlite3_stmt *statement, const struct request_row *row)
{
    return bind_text(statement, 1, row->id) &&
           bind_number(statement, 2, row->state) &&
           bind_text(statement, 3, row->key_sha256) &&
           bind_number(statement, 4, row->authority) &&
           bind_text(statement, 5, row->profile) &&
           bind_text(statement, 6, row->profile_sha256) &&
           bind_text(statement, 7, row->door) &&
           bind_text(statement, 8, row->actor) &&
           bind_number(statement, 9, row->person) &&
           bind_number(statement, 10, row->lifetime_s) &&
           bind_number(statement, 11, row->not_after) &&
           bind_text(statement, 12, row->origin) &&
           bind_number(statement, 13, row->approvals_needed) &&
           bind_number(statement, 14, row->asked_at) &&
           bind_number(statement, 15, row->decided_at) &&
           bind_text(statement, 16, row->reason) &&
           bind_number(statement, 17, row->certificate) &&
           bind_blob(statement, 18, row->subject) &&
           bind_blob(statement, 19, row->general_names) &&
           bind_blob(statement, 20, row->der);
}

static bool fail_to_add(const struct store *store,
    const struct request_row *row, struct failure *why)
{
    if (store_has_it_already(store))
        return fail_because(why, FAILURE_CONFLICT,
            "a request with the id %s is in %s already", row->id,
            store_shown(store));
    if (sqlite3_extended_errcode(store->database) ==
        SQLITE_CONSTRAINT_FOREIGNKEY)
        return fail_because(why, FAILURE_NOT_FOUND,
            "%s has no authority with the id %" PRId64
            ", or no version %.64s of the profile %.64s",
            store_shown(store), row->authority, row->profile_sha256,
            row->profile);
    return fail_in_store(store, DOING, why);
}

static bool add_row(struct store *store, const struct request_row *row,
    int64_t *number, bool *added, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_statement(store, STATEMENT_ADD_REQUEST, adding, &statement, why))
        return false;
    if (!bind_request(statement, row) || sqlite3_step(statement) != SQLITE_DONE)
        return fail_to_add(store, row, why);
    *added = store_changes(store) == 1;
    *number = sqlite3_last_insert_rowid(store->database);
    return true;
}

static bool older_number(struct store *store, const char *origin,
    int64_t *number, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_statement(store, STATEMENT_REQUEST_BY_ORIGIN,
            "SELECT number FROM request WHERE origin = ?1", &statement, why))
        return false;
    if (!bind_text(statement, 1, origin))
        return fail_in_store(store, DOING, why);
    if (!store_next(store, statement, DOING, &found, why))
        return false;
    *number = sqlite3_column_int64(statement, 0);
    return true;
}

bool store_add_request(struct store *store, const struct request_row *row,
    int64_t *number, bool *added, struct failure *why)
{
    bool is_new = false;
    int64_t found = 0;

    if (!store_is_writing(store, why) ||
        !add_row(store, row, &found, &is_new, why) ||
        (!is_new && !older_number(store, row->origin, &found, why)))
        return false;
    *number = found;
    *added = is_new;
    return true;
}

/* --- reading ------------------------------------------------------------- */

struct visiting {
    request_visitor *visit;
    void *context;
};

static bool show_row(
    sqlite3_stmt *statement, const void *visiting, struct failure *why)
{
    const struct visiting *to = visiting;
    const struct request_row row = {
        .number = sqlite3_column_int64(statement, 0),
        .id = column_text(statement, 1),
        .state = (enum request_state)sqlite3_column_int(statement, 2),
        .key_sha256 = column_text(statement, 3),
        .authority = sqlite3_column_int64(statement, 4),
        .profile = column_text(statement, 5),
        .profile_sha256 = column_text(statement, 6),
        .door = column_text(statement, 7),
        .actor = column_text(statement, 8),
        .person = sqlite3_column_int64(statement, 9),
        .lifetime_s = sqlite3_column_int64(statement, 10),
        .not_after = sqlite3_column_int64(statement, 11),
        .origin = column_text(statement, 12),
        .approvals_needed = sqlite3_column_int(statement, 13),
        .asked_at = sqlite3_column_int64(statement, 14),
        .decided_at = sqlite3_column_int64(statement, 15),
        .reason = column_text(statement, 16),
        .certificate = sqlite3_column_int64(statement, 17),
        .subject = column_bytes(statement, 18),
        .general_names = column_bytes(statement, 19),
        .der = column_bytes(statement, 20),
    };

    return row_is_whole(statement, why) && to->visit(to->context, &row, why);
}

bool store_request_by_id(struct store *store, const char *id,
    request_visitor *visit, void *context, struct failure *why)
{
    static const char text[] = "SELECT " COLUMNS " FROM request WHERE id = ?1";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_statement(store, STATEMENT_REQUEST_BY_ID, text, &statement, why))
        return false;
    if (!bind_text(statement, 1, id))
        return fail_in_store(store, "search", why);
    if (!store_show_one(
            store, statement, "search", &found, show_row, &visiting, why))
        return false;
    return found || fail_because(why, FAILURE_NOT_FOUND,
                        "no request has this id: it is in the answer that "
                        "the request got");
}

#define LISTED                                                        \
    " AND (NOT ?2 OR state = ?3) AND (?4 IS NULL OR key_sha256 = ?4)" \
    " ORDER BY number LIMIT ?5"

/* The narrowest index that the filter has a use for. */
static bool prepare_list(struct store *store,
    const struct request_filter *filter, sqlite3_stmt **statement,
    struct failure *why)
{
    static const char all[] =
        "SELECT " COLUMNS " FROM request WHERE number > ?1" LISTED;
    static const char of_state[] =
        "SELECT " COLUMNS
        " FROM request WHERE state = ?3 AND number > ?1" LISTED;
    static const char of_key[] =
        "SELECT " COLUMNS
        " FROM request WHERE key_sha256 = ?4 AND number > ?1" LISTED;

    if (filter->key_sha256 != NULL)
        return store_statement(
            store, STATEMENT_LIST_REQUESTS_BY_KEY, of_key, statement, why);
    if (filter->by_state)
        return store_statement(
            store, STATEMENT_LIST_REQUESTS_BY_STATE, of_state, statement, why);
    return store_statement(store, STATEMENT_LIST_REQUESTS, all, statement, why);
}

bool store_list_requests(struct store *store,
    const struct request_filter *filter, request_visitor *visit, void *context,
    struct failure *why)
{
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!prepare_list(store, filter, &statement, why))
        return false;
    if (!bind_number(statement, 1, filter->after_number) ||
        !bind_number(statement, 2, filter->by_state ? 1 : 0) ||
        !bind_number(statement, 3, filter->state) ||
        !bind_text(statement, 4, filter->key_sha256) ||
        !bind_number(statement, 5, filter->limit == 0 ? -1 : filter->limit))
        return fail_in_store(store, "list the requests of", why);
    return store_walk(
        store, statement, "list the requests of", show_row, &visiting, why);
}
