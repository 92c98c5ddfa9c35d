#include "store/store_requests.h"

#include <inttypes.h>

#include "base/clock.h"
#include "store/store_sqlite.h"

#define DOING "decide a request in"

static const char *words_of(enum request_state state)
{
    switch (state) {
    case REQUEST_WAITING:
        return "waiting";
    case REQUEST_ISSUED:
        return "issued";
    case REQUEST_DENIED:
        return "denied";
    case REQUEST_FAILED:
        return "refused by a rule";
    case REQUEST_WITHDRAWN:
        return "withdrawn";
    }
    return "decided";
}

static bool is_waiting(struct store *store, int64_t number, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    char decided_at[CLOCK_TEXT];
    enum request_state state;
    bool found = false;

    if (!store_statement(store, STATEMENT_REQUEST_STATE,
            "SELECT state, decided_at FROM request WHERE number = ?1",
            &statement, why))
        return false;
    if (!bind_number(statement, 1, number))
        return fail_in_store(store, DOING, why);
    if (!store_next(store, statement, DOING, &found, why))
        return false;
    if (!found)
        return fail_because(why, FAILURE_NOT_FOUND,
            "no request in %s has the number %" PRId64, store_shown(store),
            number);
    state = (enum request_state)sqlite3_column_int(statement, 0);
    if (state == REQUEST_WAITING)
        return true;
    clock_print(sqlite3_column_int64(statement, 1), decided_at);
    return fail_because(why, FAILURE_CONFLICT,
        "the request waits no more: it was %s at %s", words_of(state),
        decided_at);
}

bool store_decide_request(struct store *store, int64_t number,
    enum request_state state, int64_t decided_at, const char *reason,
    int64_t certificate, struct failure *why)
{
    static const char text[] =
        "UPDATE request SET state = ?2, decided_at = ?3, reason = ?4,"
        " certificate = ?5 WHERE number = ?1";
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) || !is_waiting(store, number, why) ||
        !store_statement(
            store, STATEMENT_DECIDE_REQUEST, text, &statement, why))
        return false;
    if (!bind_number(statement, 1, number) ||
        !bind_number(statement, 2, state) ||
        !bind_number(statement, 3, decided_at) ||
        !bind_text(statement, 4, reason) ||
        !bind_number(statement, 5, certificate))
        return fail_in_store(store, DOING, why);
    return store_run(store, statement, DOING, why);
}

/* --- approvals ----------------------------------------------------------- */

static bool add_approval(struct store *store, int64_t number, const char *who,
    const char *actor, int64_t at, struct failure *why)
{
    static const char text[] = "INSERT INTO approval (request, who, actor, at)"
                               " VALUES (?1, ?2, ?3, ?4)";
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_statement(store, STATEMENT_APPROVE, text, &statement, why))
        return false;
    if (!bind_number(statement, 1, number) || !bind_text(statement, 2, who) ||
        !bind_text(statement, 3, actor) || !bind_number(statement, 4, at))
        return fail_in_store(store, DOING, why);
    if (sqlite3_step(statement) == SQLITE_DONE)
        return true;
    if (store_has_it_already(store))
        return fail_because(why, FAILURE_CONFLICT,
            "%.100s has approved this request already: two approvals are of "
            "two people",
            actor);
    return fail_in_store(store, DOING, why);
}

static bool count_approvals(
    struct store *store, int64_t number, int *approvals, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_statement(store, STATEMENT_COUNT_APPROVALS,
            "SELECT count(*) FROM approval WHERE request = ?1", &statement,
            why))
        return false;
    if (!bind_number(statement, 1, number))
        return fail_in_store(store, DOING, why);
    if (!store_next(store, statement, DOING, &found, why))
        return false;
    *approvals = sqlite3_column_int(statement, 0);
    return true;
}

bool store_approve(struct store *store, int64_t number, const char *who,
    const char *actor, int64_t at, int *approvals, struct failure *why)
{
    return store_is_writing(store, why) && is_waiting(store, number, why) &&
           add_approval(store, number, who, actor, at, why) &&
           count_approvals(store, number, approvals, why);
}

struct visiting {
    approval_visitor *visit;
    void *context;
};

static bool show_row(
    sqlite3_stmt *statement, const void *visiting, struct failure *why)
{
    const struct visiting *to = visiting;
    const char *who = column_text(statement, 0);
    const char *actor = column_text(statement, 1);

    return row_is_whole(statement, why) &&
           to->visit(to->context, who, actor,
               sqlite3_column_int64(statement, 2), why);
}

bool store_list_approvals(struct store *store, int64_t number,
    approval_visitor *visit, void *context, struct failure *why)
{
    static const char text[] =
        "SELECT who, actor, at FROM approval WHERE request = ?1 ORDER BY id";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_statement(
            store, STATEMENT_LIST_APPROVALS, text, &statement, why))
        return false;
    if (!bind_number(statement, 1, number))
        return fail_in_store(store, "list the approvals of", why);
    return store_walk(
        store, statement, "list the approvals of", show_row, &visiting, why);
}
