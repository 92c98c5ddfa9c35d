#include "store/store_sqlite.h"

#include <string.h>

/* In a failure's sentence; the cause behind it must still fit. */
#define SHOWN_PATH_BYTES 120

struct cause {
    int code;
    enum failure_kind kind;
    bool has_errno;
    const char *words;
};

static const struct cause causes[] = {
    {SQLITE_BUSY, FAILURE_UNAVAILABLE, false,
        "another process has been writing to it for too long"},
    {SQLITE_LOCKED, FAILURE_UNAVAILABLE, false, "it is locked"},
    {SQLITE_FULL, FAILURE_UNAVAILABLE, false, "no space is left on its disk"},
    {SQLITE_IOERR, FAILURE_UNAVAILABLE, true, "input/output error"},
    {SQLITE_CANTOPEN, FAILURE_UNAVAILABLE, true,
        "it or a file beside it (-wal, -shm) cannot be opened"},
    {SQLITE_READONLY, FAILURE_UNAVAILABLE, false,
        "it or a file beside it (-wal, -shm) can't be written: no right to, or "
        "no space"},
    {SQLITE_PERM, FAILURE_UNAVAILABLE, true, "access is refused"},
    {SQLITE_PROTOCOL, FAILURE_UNAVAILABLE, false,
        "its lock file (-shm) is contended"},
    {SQLITE_CORRUPT, FAILURE_INTERNAL, false,
        "its contents are damaged; restore a backup"},
    {SQLITE_NOTADB, FAILURE_CONFLICT, false, "it is no SQLite database"},
    {SQLITE_NOMEM, FAILURE_INTERNAL, false, "out of memory"},
    {SQLITE_TOOBIG, FAILURE_INTERNAL, false, "a value is too large"},
};

const char *store_shown(const struct store *store)
{
    size_t length = strlen(store->path);

    if (length <= SHOWN_PATH_BYTES)
        return store->path;
    return store->path + length - SHOWN_PATH_BYTES;
}

static int last_errno_of(sqlite3_file *file)
{
    int code = 0;

    if (file == NULL || file->pMethods == NULL)
        return 0;
    (void)file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &code);
    return code;
}

/* sqlite3_system_errno is not told of what fails within a COMMIT; the files
 * (the log and the database) remember it. */
static int machine_error(const struct store *store)
{
    static const int pointers[] = {
        SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER};
    bool in_a_file = (sqlite3_errcode(store->database) & 0xff) == SQLITE_IOERR;

    for (size_t i = 0; in_a_file && i < 2; i++) {
        sqlite3_file *file = NULL;
        int code;

        (void)sqlite3_file_control(store->database, "main", pointers[i], &file);
        code = last_errno_of(file);
        if (code != 0)
            return code;
    }
    return sqlite3_system_errno(store->database);
}

static bool fail_for_cause(const struct store *store, const char *doing,
    const struct cause *cause, struct failure *why)
{
    int error = cause->has_errno ? machine_error(store) : 0;
    const char *machine = error == 0 ? NULL : strerrordesc_np(error);

    if (machine == NULL)
        return fail_because(why, cause->kind, "cannot %s %s: %s", doing,
            store_shown(store), cause->words);
    return fail_because(why, cause->kind, "cannot %s %s: %s (%s)", doing,
        store_shown(store), cause->words, machine);
}

bool fail_in_store(
    const struct store *store, const char *doing, struct failure *why)
{
    int code = sqlite3_errcode(store->database) & 0xff;

    for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++) {
        if (causes[i].code == code)
            return fail_for_cause(store, doing, &causes[i], why);
    }
    return fail_because(why, FAILURE_INTERNAL, "cannot %s %s: %s", doing,
        store_shown(store), sqlite3_errmsg(store->database));
}

void statement_release(sqlite3_stmt *statement)
{
    if (statement == NULL)
        return;
    (void)sqlite3_reset(statement); /* repeats the failure of the last step */
    (void)sqlite3_clear_bindings(statement);
}

bool store_statement(struct store *store, enum store_statement which,
    const char *text, sqlite3_stmt **statement, struct failure *why)
{
    sqlite3_stmt **kept = &store->statements[which];

    if (*kept == NULL &&
        sqlite3_prepare_v3(store->database, text, -1, SQLITE_PREPARE_PERSISTENT,
            kept, NULL) != SQLITE_OK)
        return fail_in_store(store, "prepare a statement for", why);
    if (sqlite3_stmt_busy(*kept))
        return fail_because(why, FAILURE_INTERNAL,
            "a visitor called the verb that is visiting it");
    *statement = *kept;
    return true;
}

bool store_next(struct store *store, sqlite3_stmt *statement, const char *doing,
    bool *found, struct failure *why)
{
    int outcome = sqlite3_step(statement);

    if (outcome != SQLITE_ROW && outcome != SQLITE_DONE)
        return fail_in_store(store, doing, why);
    *found = outcome == SQLITE_ROW;
    return true;
}

bool store_run(struct store *store, sqlite3_stmt *statement, const char *doing,
    struct failure *why)
{
    if (sqlite3_step(statement) != SQLITE_DONE)
        return fail_in_store(store, doing, why);
    return true;
}

bool store_walk(struct store *store, sqlite3_stmt *statement, const char *doing,
    row_shower *show, const void *visiting, struct failure *why)
{
    bool found = false;

    for (;;) {
        if (!store_next(store, statement, doing, &found, why))
            return false;
        if (!found)
            return true;
        if (!show(statement, visiting, why))
            return false;
    }
}

bool store_show_one(struct store *store, sqlite3_stmt *statement,
    const char *doing, bool *found, row_shower *show, const void *visiting,
    struct failure *why)
{
    bool there = false;

    if (!store_next(store, statement, doing, &there, why) ||
        (there && !show(statement, visiting, why)))
        return false;
    *found = there;
    return true;
}

/* A column that could not be read is a null pointer, and leaves this code. */
bool row_is_whole(sqlite3_stmt *statement, struct failure *why)
{
    if (sqlite3_errcode(sqlite3_db_handle(statement)) == SQLITE_NOMEM)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return true;
}

bool store_has_it_already(const struct store *store)
{
    int code = sqlite3_extended_errcode(store->database);

    return code == SQLITE_CONSTRAINT_UNIQUE ||
           code == SQLITE_CONSTRAINT_PRIMARYKEY;
}

int64_t store_changes(const struct store *store)
{
    return sqlite3_changes64(store->database);
}

bool store_execute(struct store *store, const char *text, const char *doing,
    struct failure *why)
{
    if (sqlite3_exec(store->database, text, NULL, NULL, NULL) != SQLITE_OK)
        return fail_in_store(store, doing, why);
    return true;
}

bool bind_bytes(sqlite3_stmt *statement, int index, struct bytes bytes)
{
    return sqlite3_bind_blob64(statement, index, bytes.start, bytes.length,
               SQLITE_STATIC) == SQLITE_OK;
}

bool bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    return sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC) ==
           SQLITE_OK;
}

bool bind_number(sqlite3_stmt *statement, int index, int64_t number)
{
    return sqlite3_bind_int64(statement, index, number) == SQLITE_OK;
}

/* The pointer is asked for first: the length could change with it. */
struct bytes column_bytes(sqlite3_stmt *statement, int column)
{
    const uint8_t *start = sqlite3_column_blob(statement, column);

    return (struct bytes){.start = start,
        .length = start == NULL
                      ? 0
                      : (size_t)sqlite3_column_bytes(statement, column)};
}

const char *column_text(sqlite3_stmt *statement, int column)
{
    return (const char *)sqlite3_column_text(statement, column);
}

bool store_is_writing(const struct store *store, struct failure *why)
{
    if (sqlite3_get_autocommit(store->database))
        return fail_because(why, FAILURE_UNAVAILABLE,
            "no transaction is open on %s: none was begun, or a failure of the "
            "disk undid it",
            store_shown(store));
    return true;
}

static bool run_kept(struct store *store, enum store_statement which,
    const char *text, const char *doing, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    return store_statement(store, which, text, &statement, why) &&
           store_run(store, statement, doing, why);
}

int store_log_grew(
    void *context, sqlite3 *database, const char *name, int frames)
{
    struct store *store = context;

    (void)database;
    (void)name;
    if (frames < store->log_frames)
        store->log_frames_tried = 0;
    store->log_frames = frames;
    return SQLITE_OK;
}

/*
 * SQLite begins the log anew when all of it has been moved, but beside a busy
 * writer store_checkpoint always leaves its end, and the log would grow for
 * ever.  Here, between two transactions, the end stands still.  That it can't
 * be moved (a reader needs it, or the other is moving) is no failure.
 */
static void shorten_log(struct store *store)
{
    if (store->log_frames - store->log_frames_tried < store->log_frames_most)
        return;
    if (sqlite3_wal_checkpoint_v2(store->database, NULL,
            SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) == SQLITE_OK)
        store->log_frames_tried = store->log_frames;
}

/* IMMEDIATE: a transaction that reads first and writes later can't wait for
 * another writer, it fails. */
bool store_begin(struct store *store, struct failure *why)
{
    if (store->mode == STORE_READ)
        return fail_because(why, FAILURE_INTERNAL,
            "%s is open for reading only", store_shown(store));
    store->head_known = false;
    shorten_log(store);
    return run_kept(store, STATEMENT_BEGIN, "BEGIN IMMEDIATE",
        "begin a transaction on", why);
}

bool store_hold(struct store *store, struct failure *why)
{
    return run_kept(store, STATEMENT_HOLD, "BEGIN DEFERRED", "read", why);
}

void store_roll_back(struct store *store)
{
    struct failure unused;

    store->head_known = false;
    if (sqlite3_get_autocommit(store->database))
        return;
    (void)run_kept(
        store, STATEMENT_ROLL_BACK, "ROLLBACK", "roll back", &unused);
}

bool store_was_full(const struct store *store)
{
    return store->was_full;
}

bool store_commit(struct store *store, struct failure *why)
{
    store->was_full = false;
    if (!store_is_writing(store, why))
        return false;
    if (!run_kept(store, STATEMENT_COMMIT, "COMMIT", "commit to", why)) {
        store->was_full =
            (sqlite3_errcode(store->database) & 0xff) == SQLITE_FULL;
        store_roll_back(store);
        return false;
    }
    store->head_known = false;
    return true;
}

bool store_checkpoint(struct store *store, struct failure *why)
{
    int outcome = sqlite3_wal_checkpoint_v2(
        store->database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

    if (outcome != SQLITE_OK && (outcome & 0xff) != SQLITE_BUSY)
        return fail_in_store(store, "checkpoint", why);
    return true;
}
