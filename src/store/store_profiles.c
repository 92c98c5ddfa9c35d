#include "store/store_requests.h"

#include "store/store_sqlite.h"

/* --- versions ------------------------------------------------------------ */

static bool find_version(struct store *store, const char *sha256,
    sqlite3_stmt **statement, struct failure *why)
{
    bool found = false;

    if (!store_statement(store, STATEMENT_PROFILE_TEXT,
            "SELECT text FROM profile_version WHERE sha256 = ?1", statement,
            why))
        return false;
    if (!bind_text(*statement, 1, sha256))
        return fail_in_store(store, "search", why);
    if (!store_next(store, *statement, "search", &found, why))
        return false;
    return found || fail_because(why, FAILURE_NOT_FOUND,
                        "no version of a profile in %s has the hash %.64s",
                        store_shown(store), sha256);
}

static bool is_the_same(struct store *store, const char *sha256,
    const char *text, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!find_version(store, sha256, &statement, why))
        return false;
    if (!bytes_equal(column_bytes(statement, 0), bytes_of_text(text)))
        return fail_because(why, FAILURE_CONFLICT,
            "%s keeps another text of a profile under the hash %.64s",
            store_shown(store), sha256);
    return true;
}

static bool add_version(struct store *store, const char *sha256,
    const char *name, const char *profile, int64_t at, struct failure *why)
{
    static const char text[] =
        "INSERT INTO profile_version (sha256, name, at, text)"
        " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (sha256) DO NOTHING";
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_statement(store, STATEMENT_KEEP_PROFILE, text, &statement, why))
        return false;
    if (!bind_text(statement, 1, sha256) || !bind_text(statement, 2, name) ||
        !bind_number(statement, 3, at) || !bind_text(statement, 4, profile))
        return fail_in_store(store, "keep a profile in", why);
    return store_run(store, statement, "keep a profile in", why);
}

bool store_keep_profile(struct store *store, const char *sha256,
    const char *name, const char *text, int64_t at, struct failure *why)
{
    return store_is_writing(store, why) &&
           add_version(store, sha256, name, text, at, why) &&
           (store_changes(store) == 1 || is_the_same(store, sha256, text, why));
}

bool store_profile_text(struct store *store, const char *sha256,
    struct buffer *text, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    return find_version(store, sha256, &statement, why) &&
           buffer_append(text, column_bytes(statement, 0), why);
}

/* --- pauses -------------------------------------------------------------- */

bool store_pause(struct store *store, const char *profile, const char *actor,
    const char *reason, int64_t at, bool *changed, struct failure *why)
{
    static const char text[] =
        "INSERT INTO pause (profile, actor, reason, at)"
        " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (profile) DO NOTHING";
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_PAUSE, text, &statement, why))
        return false;
    if (!bind_text(statement, 1, profile) || !bind_text(statement, 2, actor) ||
        !bind_text(statement, 3, reason) || !bind_number(statement, 4, at))
        return fail_in_store(store, "pause a profile in", why);
    if (!store_run(store, statement, "pause a profile in", why))
        return false;
    *changed = store_changes(store) == 1;
    return true;
}

bool store_resume(struct store *store, const char *profile, bool *changed,
    struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_RESUME,
            "DELETE FROM pause WHERE profile = ?1", &statement, why))
        return false;
    if (!bind_text(statement, 1, profile))
        return fail_in_store(store, "resume a profile in", why);
    if (!store_run(store, statement, "resume a profile in", why))
        return false;
    *changed = store_changes(store) == 1;
    return true;
}

struct visiting {
    pause_visitor *visit;
    void *context;
};

static bool show_pause(
    sqlite3_stmt *statement, const void *visiting, struct failure *why)
{
    const struct visiting *to = visiting;
    const char *profile = column_text(statement, 0);
    const char *actor = column_text(statement, 1);
    const char *reason = column_text(statement, 2);

    return row_is_whole(statement, why) &&
           to->visit(to->context, profile, actor, reason,
               sqlite3_column_int64(statement, 3), why);
}

bool store_list_pauses(struct store *store, pause_visitor *visit, void *context,
    struct failure *why)
{
    static const char text[] =
        "SELECT profile, actor, reason, at FROM pause ORDER BY profile";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    return store_statement(
               store, STATEMENT_LIST_PAUSES, text, &statement, why) &&
           store_walk(store, statement, "list the pauses of", show_pause,
               &visiting, why);
}
