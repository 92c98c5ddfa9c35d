#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/search_parts.h"

#define SEARCH_APPLICATION 0x43484353 /* "CHCS" */
#define SEARCH_VERSION 1
#define TEXT_OF(number) TEXT_OF_TOKEN(number)
#define TEXT_OF_TOKEN(number) #number

static const char settings[] =
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA temp_store = MEMORY;"  /* the sandbox knows no folder for others */
    "PRAGMA mmap_size = 0;"        /* an I/O error would be a SIGBUS */
    "PRAGMA cache_size = -16384;"; /* KiB */

/* NORMAL: the machine may go down between any two writes, and the index is
 * whole; what it has lost is taken in again. */
static const char settings_to_write[] = "PRAGMA journal_mode = WAL;"
                                        "PRAGMA synchronous = NORMAL;"
                                        "PRAGMA wal_autocheckpoint = 4096;"
                                        "PRAGMA journal_size_limit = 33554432;";

static const char schema[] =
    "BEGIN;"
    "CREATE TABLE term (segment INTEGER NOT NULL, term BLOB NOT NULL,"
    " certificate INTEGER NOT NULL, PRIMARY KEY (segment, term, certificate))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE object (segment INTEGER NOT NULL, object BLOB NOT NULL,"
    " event INTEGER NOT NULL, PRIMARY KEY (segment, object, event))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE taken (name TEXT PRIMARY KEY, number INTEGER NOT NULL,"
    " hash BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "PRAGMA application_id = " TEXT_OF(
        SEARCH_APPLICATION) ";"
                            "PRAGMA user_version = " TEXT_OF(
                                SEARCH_VERSION) ";"
                                                "COMMIT;";

static const char *const texts[SEARCH_STATEMENTS] = {
    [SEARCH_IDENTITY] = "SELECT application_id, user_version"
                        " FROM pragma_application_id, pragma_user_version",
    [SEARCH_TAKEN] = "SELECT number, hash FROM taken WHERE name = ?1",
    [SEARCH_SET_TAKEN] = "INSERT INTO taken (name, number, hash)"
                         " VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE"
                         " SET number = ?2, hash = ?3",
    [SEARCH_ADD_TERM] = "INSERT OR IGNORE INTO term"
                        " (segment, term, certificate) VALUES (?1, ?2, ?3)",
    [SEARCH_FIND_TERMS] = "SELECT certificate FROM term WHERE segment = ?1"
                          " AND term >= ?2 AND term < ?3",
    [SEARCH_ADD_OBJECT] = "INSERT OR IGNORE INTO object"
                          " (segment, object, event) VALUES (?1, ?2, ?3)",
    [SEARCH_FIND_OBJECT] = "SELECT event FROM object WHERE segment = ?1"
                           " AND object = ?2 AND event > ?3 ORDER BY event",
};

bool search_statement(struct search *search, enum search_statement which,
    sqlite3_stmt **statement, struct failure *why)
{
    sqlite3_stmt **kept = &search->statements[which];

    if (*kept == NULL &&
        sqlite3_prepare_v3(search->file.database, texts[which], -1,
            SQLITE_PREPARE_PERSISTENT, kept, NULL) != SQLITE_OK)
        return fail_in_store(&search->file, "prepare a statement for", why);
    if (sqlite3_stmt_busy(*kept))
        return fail_because(why, FAILURE_INTERNAL,
            "a visitor searched in the index that is visiting it");
    *statement = *kept;
    return true;
}

/* --- what was taken in --------------------------------------------------- */

bool search_taken(struct search *search, const char *name,
    struct search_taken *taken, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    struct bytes hash;
    bool found = false;

    *taken = (struct search_taken){0};
    if (!search_statement(search, SEARCH_TAKEN, &statement, why))
        return false;
    if (!bind_text(statement, 1, name))
        return fail_in_store(&search->file, "search", why);
    if (!store_next(&search->file, statement, "search", &found, why))
        return false;
    hash = found ? column_bytes(statement, 1) : (struct bytes){0};
    if (hash.length != SHA256_BYTES)
        return true;
    taken->number = sqlite3_column_int64(statement, 0);
    memcpy(taken->hash, hash.start, SHA256_BYTES);
    return true;
}

struct comparison {
    const struct search_taken *taken;
    bool is_same;
};

static bool compare_certificate(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct comparison *comparison = context;
    uint8_t hash[SHA256_BYTES];

    if (!sha256(&row->der, 1, hash, why))
        return false;
    comparison->is_same =
        memcmp(hash, comparison->taken->hash, SHA256_BYTES) == 0;
    return true;
}

static bool compare_event(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct comparison *comparison = context;

    (void)why;
    comparison->is_same =
        memcmp(event->hash, comparison->taken->hash, SHA256_BYTES) == 0;
    return true;
}

static bool has_certificate(struct store *store,
    const struct search_taken *taken, bool *has, struct failure *why)
{
    struct comparison comparison = {taken, taken->number == 0};

    if (taken->number != 0 &&
        !store_certificate_by_id(
            store, taken->number, compare_certificate, &comparison, why) &&
        why->kind != FAILURE_NOT_FOUND)
        return false;
    *has = comparison.is_same;
    return true;
}

static bool has_event(struct store *store, const struct search_taken *taken,
    bool *has, struct failure *why)
{
    struct comparison comparison = {taken, taken->number == 0};

    if (taken->number != 0 &&
        !store_journal_event(
            store, taken->number, compare_event, &comparison, why) &&
        why->kind != FAILURE_NOT_FOUND)
        return false;
    *has = comparison.is_same;
    return true;
}

bool search_is_of(struct search *search, struct store *store, bool *is_of,
    struct failure *why)
{
    struct search_taken certificate;
    struct search_taken event;
    bool has_both = false;

    if (!search_taken(search, TAKEN_CERTIFICATE, &certificate, why) ||
        !search_taken(search, TAKEN_EVENT, &event, why) ||
        !has_certificate(store, &certificate, &has_both, why) ||
        (has_both && !has_event(store, &event, &has_both, why)))
        return false;
    *is_of = has_both;
    return true;
}

/* --- the file ------------------------------------------------------------ */

bool search_is_damaged(const struct search *search)
{
    int code = sqlite3_errcode(search->file.database) & 0xff;

    /* ERROR: a table that is not there. */
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB ||
           code == SQLITE_ERROR;
}

static void release_statements(struct search *search)
{
    for (size_t i = 0; i < SEARCH_STATEMENTS; i++) {
        (void)sqlite3_finalize(search->statements[i]);
        search->statements[i] = NULL;
    }
}

static void mark_to_be_emptied(struct search *search, int on)
{
    (void)sqlite3_db_config(
        search->file.database, SQLITE_DBCONFIG_RESET_DATABASE, on, (int *)NULL);
}

/* In place, as SQLite has it for a damaged file: the locked keeper can neither
 * remove nor open one. */
bool search_empty(struct search *search, struct failure *why)
{
    bool is_empty;

    release_statements(search);
    mark_to_be_emptied(search, 1);
    is_empty = store_execute(&search->file, "VACUUM", "empty", why);
    mark_to_be_emptied(search, 0);
    return is_empty && store_execute(&search->file, settings, "open", why) &&
           store_execute(&search->file, settings_to_write, "open", why) &&
           store_execute(&search->file, schema, "make", why);
}

static bool read_identity(
    struct search *search, bool *is_ours, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_execute(&search->file, settings, "open", why) ||
        !search_statement(search, SEARCH_IDENTITY, &statement, why) ||
        !store_next(&search->file, statement, "read", &found, why))
        return false;
    *is_ours = found &&
               sqlite3_column_int64(statement, 0) == SEARCH_APPLICATION &&
               sqlite3_column_int64(statement, 1) == SEARCH_VERSION;
    return true;
}

static bool connect_to(struct search *search, int flags, struct failure *why)
{
    struct store *file = &search->file;

    if (sqlite3_open_v2(file->path, &file->database,
            flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
            NULL) != SQLITE_OK)
        return fail_in_store(file, "open", why);
    (void)sqlite3_busy_timeout(file->database, BUSY_WAIT_MS);
    return true;
}

static bool open_to_read(struct search *search, struct failure *why)
{
    bool is_ours = false;

    return connect_to(search, SQLITE_OPEN_READONLY, why) &&
           read_identity(search, &is_ours, why) &&
           (is_ours || fail_because(why, FAILURE_CONFLICT,
                           "%s is no index of this version",
                           store_shown(&search->file)));
}

/* Closed before SQLite opens it: closing it later would drop its locks. */
static bool make_file(const struct search *search, struct failure *why)
{
    SCOPED_DESCRIPTOR int file = -1;

    return file_open(search->file.path, O_RDWR | O_CREAT, 0600, &file, why);
}

static bool open_to_write(struct search *search, struct failure *why)
{
    bool is_ours = false;

    if (!make_file(search, why) ||
        !connect_to(search, SQLITE_OPEN_READWRITE, why))
        return false;
    if (!read_identity(search, &is_ours, why) && !search_is_damaged(search))
        return false;
    if (!is_ours)
        return search_empty(search, why);
    return store_execute(&search->file, settings_to_write, "open", why);
}

bool search_open(
    const char *path, bool write, struct search **search, struct failure *why)
{
    SCOPED_STRUCT(search) *opened = calloc(1, sizeof(*opened));

    if (opened == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (strlen(path) >= sizeof(opened->file.path))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the path of the index is longer than %d bytes", PATH_ROOM - 1);
    (void)snprintf(opened->file.path, sizeof(opened->file.path), "%s", path);
    if (!(write ? open_to_write(opened, why) : open_to_read(opened, why)))
        return false;
    *search = KEEP(search, &opened);
    return true;
}

void search_close(struct search *search)
{
    if (search == NULL)
        return;
    release_statements(search);
    (void)sqlite3_close(search->file.database);
    free(search);
}
