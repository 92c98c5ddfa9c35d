#include "store/store_sqlite.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_failure.h"

/* Every byte of a path may become three. */
#define URI_ROOM (3 * PATH_ROOM + 32)

static pthread_once_t configured = PTHREAD_ONCE_INIT;

static const char settings[] =
    "PRAGMA foreign_keys = ON;"
    "PRAGMA recursive_triggers = ON;" /* REPLACE asks the triggers too */
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA temp_store = MEMORY;" /* the sandbox knows no folder for others */
    "PRAGMA mmap_size = 0;"       /* an I/O error would be a SIGBUS */
    "PRAGMA cache_size = -8192;"  /* KiB: a list of a million entries is made
                                     in flat memory */
    "PRAGMA synchronous = FULL;";

/* store_checkpoint does what is off here; a log that is begun anew is cut to
 * 64 MiB. */
static const char settings_to_write[] =
    "PRAGMA page_size = 4096;"    /* in force for a new file only */
    "PRAGMA cache_size = -65536;" /* holds the serials of a million rows */
    "PRAGMA journal_mode = WAL;"
    "PRAGMA wal_autocheckpoint = 0;"
    "PRAGMA journal_size_limit = 67108864;";

/* Counting memory would take a lock at every allocation.  Refused, to no harm,
 * when SQLite is in use already. */
static void configure_sqlite(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static bool store_new(const char *path, enum store_mode mode,
    struct store **store, struct failure *why)
{
    struct store *made;

    if (strlen(path) >= PATH_ROOM)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the path of the store is longer than %d bytes", PATH_ROOM - 1);
    made = calloc(1, sizeof(*made));
    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->mode = mode;
    made->log_frames_most = LOG_FRAMES_MOST;
    (void)snprintf(made->path, sizeof(made->path), "%s", path);
    *store = made;
    return true;
}

static void disconnect(struct store *store)
{
    for (size_t i = 0; i < STATEMENTS; i++) {
        (void)sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }
    (void)sqlite3_close(store->database);
    store->database = NULL;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    disconnect(store);
    free(store);
}

/* A plain name would be read as something else when it is ":memory:" or starts
 * with "file:": as a URI it can't be. */
static void print_uri(
    const char *path, const char *parameters, char uri[static URI_ROOM])
{
    size_t used = (size_t)snprintf(
        uri, URI_ROOM, "%s", path[0] == '/' ? "file://" : "file:./");

    for (const char *at = path; *at != '\0'; at++) {
        bool special = strchr("%?#", *at) != NULL;

        used += (size_t)snprintf(uri + used, URI_ROOM - used,
            special ? "%%%02x" : "%c", (unsigned char)*at);
    }
    (void)snprintf(uri + used, URI_ROOM - used, "%s", parameters);
}

static bool connect_to(
    struct store *store, int flags, const char *parameters, struct failure *why)
{
    char uri[URI_ROOM];

    print_uri(store->path, parameters, uri);
    if (sqlite3_open_v2(uri, &store->database,
            flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
                SQLITE_OPEN_PRIVATECACHE,
            NULL) != SQLITE_OK)
        return fail_in_store(store, "open", why);

    (void)sqlite3_busy_timeout(store->database, BUSY_WAIT_MS);
    (void)sqlite3_db_config(
        store->database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    (void)sqlite3_db_config(
        store->database, SQLITE_DBCONFIG_DQS_DML, 0, (int *)NULL);
    return store_execute(store, settings, "open", why);
}

static bool is_accessible(
    const struct store *store, int access, struct failure *why)
{
    if (faccessat(AT_FDCWD, store->path, access, AT_EACCESS) != 0)
        return fail_in_file_wanting(why, "opening", store->path, access);
    return true;
}

/* The hook comes last: wal_autocheckpoint has one of its own. */
static bool connect_to_write(struct store *store, struct failure *why)
{
    if (!connect_to(store, SQLITE_OPEN_READWRITE, "", why) ||
        !store_execute(store, settings_to_write, "open", why))
        return false;
    (void)sqlite3_wal_hook(store->database, store_log_grew, store);
    return migration_apply(store, migration_steps, migration_count, why);
}

static bool open_to_write(struct store *store, struct failure *why)
{
    return is_accessible(store, R_OK | W_OK, why) &&
           connect_to_write(store, why);
}

static void folder_of(const char *path, char folder[static PATH_ROOM])
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        (void)snprintf(folder, PATH_ROOM, ".");
    else if (slash == path)
        (void)snprintf(folder, PATH_ROOM, "/");
    else
        (void)snprintf(folder, PATH_ROOM, "%.*s", (int)(slash - path), path);
}

static void beside(
    const char *path, const char *ending, char name[static PATH_ROOM + 8])
{
    (void)snprintf(name, PATH_ROOM + 8, "%s%s", path, ending);
}

/*
 * Nobody can be writing there: the folder takes no files and holds no log.
 * (SQLite reads a database in WAL mode only where it can have the log and the
 * lock file beside it, or is told that the file never changes.)
 */
static bool is_sealed_off(const struct store *store)
{
    char folder[PATH_ROOM];
    char wal[PATH_ROOM + 8];

    folder_of(store->path, folder);
    beside(store->path, "-wal", wal);
    return faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS) != 0 &&
           faccessat(AT_FDCWD, wal, F_OK, AT_EACCESS) != 0;
}

static bool open_to_read(struct store *store, struct failure *why)
{
    struct store_identity identity;

    if (!is_accessible(store, R_OK, why))
        return false;
    if (!connect_to(store, SQLITE_OPEN_READONLY, "", why) ||
        !store_identity(store, &identity, why)) {
        if (!is_sealed_off(store))
            return false;
        disconnect(store);
        if (!connect_to(store, SQLITE_OPEN_READONLY, "?immutable=1", why) ||
            !store_identity(store, &identity, why))
            return false;
    }
    return migration_check(store, &identity, (int64_t)migration_count, why);
}

static void remove_new(struct store *store)
{
    static const char *const endings[] = {"-wal", "-shm", ""};
    char name[PATH_ROOM + 8];

    disconnect(store);
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        beside(store->path, endings[i], name);
        (void)unlink(name);
    }
}

static bool make_file(const struct store *store, struct failure *why)
{
    SCOPED_DESCRIPTOR int file = -1;

    return file_open(store->path, O_RDWR | O_CREAT | O_EXCL, 0600, &file, why);
}

static bool open_new(struct store *store, struct failure *why)
{
    char folder[PATH_ROOM];

    folder_of(store->path, folder);
    if (!make_file(store, why))
        return false;
    if (!connect_to_write(store, why) || !folder_sync(folder, why)) {
        remove_new(store);
        return false;
    }
    return true;
}

bool store_open(const char *path, enum store_mode mode, struct store **store,
    struct failure *why)
{
    SCOPED_STRUCT(store) *opened = NULL;
    bool done = false;

    (void)pthread_once(&configured, configure_sqlite);
    if (!store_new(path, mode, &opened, why))
        return false;
    switch (mode) {
    case STORE_READ:
        done = open_to_read(opened, why);
        break;
    case STORE_WRITE:
        done = open_to_write(opened, why);
        break;
    case STORE_CREATE:
        done = open_new(opened, why);
        break;
    }
    if (!done)
        return false;
    *store = KEEP(store, &opened);
    return true;
}
