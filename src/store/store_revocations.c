#include "store/store_revocations.h"

#include <inttypes.h>

#include "store/store_sqlite.h"

#define DOING "revoke in"

/* The number in the store that every change of a status takes the next of. */
#define STATUS_CHANGE "status-change"

/* --- one certificate ----------------------------------------------------- */

static bool next_change(
    struct store *store, int64_t *change, struct failure *why)
{
    static const char text[] =
        "INSERT INTO number (name, value) VALUES ('" STATUS_CHANGE "', 1)"
        " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value";
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_statement(store, STATEMENT_NEXT_CHANGE, text, &statement, why) ||
        !store_next(store, statement, DOING, &found, why))
        return false;
    *change = sqlite3_column_int64(statement, 0);
    return true;
}

static bool status_of(struct store *store, int64_t certificate,
    struct status_row *row, struct failure *why)
{
    static const char text[] =
        "SELECT status, reason, revoked_at, not_after FROM certificate"
        " WHERE id = ?1";
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_statement(
            store, STATEMENT_CERTIFICATE_STATUS, text, &statement, why))
        return false;
    if (!bind_number(statement, 1, certificate))
        return fail_in_store(store, DOING, why);
    if (!store_next(store, statement, DOING, &found, why))
        return false;
    if (!found)
        return fail_because(why, FAILURE_NOT_FOUND,
            "no certificate in %s has the id %" PRId64, store_shown(store),
            certificate);
    *row = (struct status_row){
        .status = (enum certificate_status)sqlite3_column_int(statement, 0),
        .reason = (enum revocation_reason)sqlite3_column_int(statement, 1),
        .revoked_at = sqlite3_column_int64(statement, 2),
        .not_after = sqlite3_column_int64(statement, 3)};
    return true;
}

static bool set_status(struct store *store, int64_t certificate,
    const struct status_row *row, struct failure *why)
{
    static const char text[] =
        "UPDATE certificate SET status = ?2, reason = ?3, revoked_at = ?4"
        " WHERE id = ?1";
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_statement(store, STATEMENT_SET_STATUS, text, &statement, why))
        return false;
    if (!bind_number(statement, 1, certificate) ||
        !bind_number(statement, 2, row->status) ||
        !bind_number(statement, 3, row->reason) ||
        !bind_number(statement, 4, row->revoked_at))
        return fail_in_store(store, DOING, why);
    return store_run(store, statement, DOING, why);
}

/* Runs a statement on the row of a certificate. */
static bool run_on(struct store *store, enum store_statement which,
    const char *text, int64_t certificate, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_statement(store, which, text, &statement, why))
        return false;
    if (!bind_number(statement, 1, certificate))
        return fail_in_store(store, DOING, why);
    return store_run(store, statement, DOING, why);
}

/* --- revoking ------------------------------------------------------------ */

/* From the certificate's row as it is by now.  A hold that becomes a revocation
 * keeps its shard and its time. */
static bool add_revocation(
    struct store *store, int64_t certificate, int shard, struct failure *why)
{
    static const char text[] =
        "INSERT INTO revocation (certificate, authority, shard, serial,"
        " revoked_at, reason, not_after, change)"
        " SELECT id, authority, ?2, serial, revoked_at, reason, not_after, ?3"
        " FROM certificate WHERE id = ?1"
        " ON CONFLICT (certificate) DO UPDATE SET"
        " reason = excluded.reason, change = excluded.change";
    SCOPED(sqlite3_stmt) *statement = NULL;
    int64_t change = 0;

    if (!next_change(store, &change, why) ||
        !store_statement(
            store, STATEMENT_ADD_REVOCATION, text, &statement, why))
        return false;
    if (!bind_number(statement, 1, certificate) ||
        !bind_number(statement, 2, shard) || !bind_number(statement, 3, change))
        return fail_in_store(store, DOING, why);
    return store_run(store, statement, DOING, why);
}

bool store_add_revocation_of(
    struct store *store, const struct certificate_row *row, struct failure *why)
{
    return add_revocation(
        store, sqlite3_last_insert_rowid(store->database), row->shard, why);
}

/* May it get this reason?  *changes is false where it has the status already.
 */
static bool check_change(const struct status_row *now,
    enum revocation_reason reason, bool *changes, struct failure *why)
{
    bool is_hold = reason == REASON_CERTIFICATE_HOLD;

    if (reason == REASON_REMOVE_FROM_CRL)
        return fail_because(why, FAILURE_UNSUITABLE,
            "removeFromCRL is no reason to revoke: it tells that a hold ended");
    if (is_hold && now->status == CERTIFICATE_REVOKED)
        return fail_because(why, FAILURE_CONFLICT,
            "the certificate is revoked for good, it can't be held any more");
    *changes = now->status == CERTIFICATE_VALID ||
               (now->status == CERTIFICATE_HELD && !is_hold);
    return true;
}

static bool revoke_row(struct store *store, int64_t certificate, int shard,
    const struct status_row *row, struct failure *why)
{
    return set_status(store, certificate, row, why) &&
           run_on(store, STATEMENT_FORGET_RELEASED,
               "DELETE FROM released WHERE certificate = ?1", certificate,
               why) &&
           add_revocation(store, certificate, shard, why);
}

bool store_revoke(struct store *store, int64_t certificate, int shard,
    int64_t revoked_at, enum revocation_reason reason, bool *changed,
    struct failure *why)
{
    bool is_hold = reason == REASON_CERTIFICATE_HOLD;
    struct status_row row;
    bool changes = false;

    if (!store_is_writing(store, why) ||
        !status_of(store, certificate, &row, why) ||
        !check_change(&row, reason, &changes, why))
        return false;
    if (row.status != CERTIFICATE_HELD)
        row.revoked_at = revoked_at;
    row.status = is_hold ? CERTIFICATE_HELD : CERTIFICATE_REVOKED;
    row.reason = reason;
    if (changes && !revoke_row(store, certificate, shard, &row, why))
        return false;
    *changed = changes;
    return true;
}

/* --- releasing ----------------------------------------------------------- */

static bool add_released(struct store *store, int64_t certificate,
    int64_t released_at, struct failure *why)
{
    static const char text[] =
        "INSERT INTO released (certificate, authority, shard, serial,"
        " revoked_at, reason, not_after, change)"
        " SELECT certificate, authority, shard, serial, ?2, 8, not_after, ?3"
        " FROM revocation WHERE certificate = ?1";
    SCOPED(sqlite3_stmt) *statement = NULL;
    int64_t change = 0;

    if (!next_change(store, &change, why) ||
        !store_statement(store, STATEMENT_RELEASE, text, &statement, why))
        return false;
    if (!bind_number(statement, 1, certificate) ||
        !bind_number(statement, 2, released_at) ||
        !bind_number(statement, 3, change))
        return fail_in_store(store, DOING, why);
    return store_run(store, statement, DOING, why);
}

bool store_release(struct store *store, int64_t certificate,
    int64_t released_at, struct failure *why)
{
    const struct status_row valid = {.status = CERTIFICATE_VALID};
    struct status_row row;

    if (!store_is_writing(store, why) ||
        !status_of(store, certificate, &row, why))
        return false;
    if (row.status == CERTIFICATE_REVOKED)
        return fail_because(why, FAILURE_CONFLICT,
            "the certificate is revoked for good: only a hold can be released");
    if (row.status == CERTIFICATE_VALID)
        return fail_because(why, FAILURE_CONFLICT,
            "the certificate is not held: there is nothing to release");
    return add_released(store, certificate, released_at, why) &&
           run_on(store, STATEMENT_FORGET_HOLD,
               "DELETE FROM revocation WHERE certificate = ?1", certificate,
               why) &&
           set_status(store, certificate, &valid, why);
}

/* --- lists --------------------------------------------------------------- */

#define COLUMNS                                                              \
    "certificate, authority, shard, serial, revoked_at, reason, not_after, " \
    "change"

#define OF_ONE                                         \
    " WHERE authority = ?1 AND (?2 < 0 OR shard = ?2)" \
    " AND not_after >= ?3"

/* Revocations and releases are walked side by side, each along its index. */
#define CHANGED OF_ONE " AND change > ?4"

struct visiting {
    revocation_visitor *visit;
    void *context;
};

static bool show_row(
    sqlite3_stmt *statement, const void *visiting, struct failure *why)
{
    const struct visiting *to = visiting;
    const struct revocation_row row = {
        .certificate = sqlite3_column_int64(statement, 0),
        .authority = sqlite3_column_int64(statement, 1),
        .shard = sqlite3_column_int(statement, 2),
        .serial = column_bytes(statement, 3),
        .revoked_at = sqlite3_column_int64(statement, 4),
        .reason = (enum revocation_reason)sqlite3_column_int(statement, 5),
        .not_after = sqlite3_column_int64(statement, 6),
        .change = sqlite3_column_int64(statement, 7),
    };

    return row_is_whole(statement, why) && to->visit(to->context, &row, why);
}

static bool bind_filter(
    sqlite3_stmt *statement, const struct revocation_filter *filter)
{
    return bind_number(statement, 1, filter->authority) &&
           bind_number(statement, 2, filter->shard) &&
           bind_number(statement, 3, filter->not_before) &&
           (filter->after_change == 0 ||
               bind_number(statement, 4, filter->after_change));
}

static bool prepare_filtered(struct store *store, enum store_statement which,
    const char *text, const struct revocation_filter *filter,
    sqlite3_stmt **statement, struct failure *why)
{
    if (!store_statement(store, which, text, statement, why))
        return false;
    if (!bind_filter(*statement, filter))
        return fail_in_store(store, "list the revocations of", why);
    return true;
}

bool store_list_revocations(struct store *store,
    const struct revocation_filter *filter, revocation_visitor *visit,
    void *context, struct failure *why)
{
    static const char whole[] =
        "SELECT " COLUMNS " FROM revocation" OF_ONE " ORDER BY certificate";
    static const char changes[] =
        "SELECT " COLUMNS " FROM revocation" CHANGED " UNION ALL "
        "SELECT " COLUMNS " FROM released" CHANGED " ORDER BY change";
    const struct visiting visiting = {visit, context};
    bool all = filter->after_change == 0;
    SCOPED(sqlite3_stmt) *statement = NULL;

    return prepare_filtered(store,
               all ? STATEMENT_LIST_REVOCATIONS : STATEMENT_LIST_CHANGES,
               all ? whole : changes, filter, &statement, why) &&
           store_walk(store, statement, "list the revocations of", show_row,
               &visiting, why);
}

bool store_count_revocations(struct store *store,
    const struct revocation_filter *filter, int64_t *count, struct failure *why)
{
    static const char whole[] = "SELECT count(*) FROM revocation" OF_ONE;
    static const char changes[] =
        "SELECT (SELECT count(*) FROM revocation" CHANGED ")"
        " + (SELECT count(*) FROM released" CHANGED ")";
    bool all = filter->after_change == 0;
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!prepare_filtered(store,
            all ? STATEMENT_COUNT_REVOCATIONS : STATEMENT_COUNT_CHANGES,
            all ? whole : changes, filter, &statement, why) ||
        !store_next(store, statement, "count", &found, why))
        return false;
    *count = sqlite3_column_int64(statement, 0);
    return true;
}

bool store_last_change(
    struct store *store, int64_t *change, struct failure *why)
{
    return store_number(store, STATUS_CHANGE, change, why);
}

/* --- the status of a serial ---------------------------------------------- */

bool store_status(struct store *store, int64_t authority, struct bytes serial,
    struct status_row *row, bool *found, struct failure *why)
{
    static const char text[] =
        "SELECT status, reason, revoked_at, not_after FROM certificate"
        " WHERE serial = ?1 AND authority = ?2";
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool there = false;

    if (!store_statement(store, STATEMENT_STATUS, text, &statement, why))
        return false;
    if (!bind_bytes(statement, 1, serial) ||
        !bind_number(statement, 2, authority))
        return fail_in_store(store, "search", why);
    if (!store_next(store, statement, "search", &there, why))
        return false;
    if (there)
        *row = (struct status_row){
            .status = (enum certificate_status)sqlite3_column_int(statement, 0),
            .reason = (enum revocation_reason)sqlite3_column_int(statement, 1),
            .revoked_at = sqlite3_column_int64(statement, 2),
            .not_after = sqlite3_column_int64(statement, 3)};
    *found = there;
    return true;
}
