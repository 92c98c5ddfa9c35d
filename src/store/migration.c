#include "store/store_sqlite.h"

#include <inttypes.h>
#include <stdio.h>

bool store_identity(
    struct store *store, struct store_identity *identity, struct failure *why)
{
    static const char text[] =
        "SELECT application_id, user_version,"
        " (SELECT count(*) FROM sqlite_schema)"
        " FROM pragma_application_id, pragma_user_version";
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_statement(store, STATEMENT_IDENTITY, text, &statement, why) ||
        !store_next(store, statement, "read", &found, why))
        return false;
    if (!found)
        return fail_because(why, FAILURE_INTERNAL,
            "SQLite does not say what %s is", store_shown(store));
    identity->application = sqlite3_column_int64(statement, 0);
    identity->version = sqlite3_column_int64(statement, 1);
    identity->empty = sqlite3_column_int64(statement, 2) == 0;
    return true;
}

bool store_schema(struct store *store, int64_t *number, struct failure *why)
{
    struct store_identity identity = {0};

    if (!store_identity(store, &identity, why))
        return false;
    *number = identity.version;
    return true;
}

static bool is_ours(const struct store *store,
    const struct store_identity *identity, struct failure *why)
{
    if (identity->application != STORE_APPLICATION)
        return fail_because(why, FAILURE_CONFLICT,
            "%s is no store of Chancery: it is marked 0x%08" PRIx64
            " where 0x%08x belongs",
            store_shown(store), (uint64_t)identity->application & 0xffffffffu,
            (unsigned int)STORE_APPLICATION);
    return true;
}

static bool is_known(const struct store *store,
    const struct store_identity *identity, int64_t newest, struct failure *why)
{
    if (identity->version > newest)
        return fail_because(why, FAILURE_CONFLICT,
            "%s has schema %" PRId64 ", this program knows them up to %" PRId64
            ": use the newer program",
            store_shown(store), identity->version, newest);
    return true;
}

static bool is_unmarked(const struct store_identity *identity)
{
    return identity->empty && identity->application == 0 &&
           identity->version == 0;
}

bool migration_check(struct store *store, const struct store_identity *identity,
    int64_t newest, struct failure *why)
{
    if (is_unmarked(identity))
        return fail_because(why, FAILURE_CONFLICT,
            "%s is empty: it is being made, or its making was cut short",
            store_shown(store));
    if (!is_ours(store, identity, why) ||
        !is_known(store, identity, newest, why))
        return false;
    if (identity->version < newest)
        return fail_because(why, FAILURE_CONFLICT,
            "%s has schema %" PRId64 ", this program needs %" PRId64
            ": the next command that writes brings it up to date",
            store_shown(store), identity->version, newest);
    return true;
}

static bool mark(struct store *store, int number, struct failure *why)
{
    char text[96];

    (void)snprintf(text, sizeof(text),
        "PRAGMA application_id = %d; PRAGMA user_version = %d",
        STORE_APPLICATION, number);
    return store_execute(store, text, "mark", why);
}

/* Another process may have taken the step while we waited for our turn. */
static bool take_step_if_missing(
    struct store *store, const struct migration_step *step, struct failure *why)
{
    struct store_identity identity;
    char doing[96];

    if (!store_identity(store, &identity, why))
        return false;
    if (identity.version >= step->number)
        return true;
    (void)snprintf(doing, sizeof(doing), "take migration %d (%s) of",
        step->number, step->name);
    return store_execute(store, step->text, doing, why) &&
           mark(store, step->number, why);
}

static bool take_step(
    struct store *store, const struct migration_step *step, struct failure *why)
{
    if (!store_begin(store, why))
        return false;
    if (!take_step_if_missing(store, step, why)) {
        store_roll_back(store);
        return false;
    }
    return store_commit(store, why);
}

bool migration_apply(struct store *store, const struct migration_step *steps,
    size_t count, struct failure *why)
{
    struct store_identity identity;

    if (!store_identity(store, &identity, why))
        return false;
    if (!is_unmarked(&identity) &&
        (!is_ours(store, &identity, why) ||
            !is_known(store, &identity, (int64_t)count, why)))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (identity.version < steps[i].number &&
            !take_step(store, &steps[i], why))
            return false;
    }
    return true;
}
