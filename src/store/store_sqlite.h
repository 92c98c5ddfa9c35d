#ifndef STORE_STORE_SQLITE_H
#define STORE_STORE_SQLITE_H

#include <sqlite3.h>

#include "base/file.h"
#include "store/store.h"

/*
 * Shared by the files of the SQLite engine and their tests; nobody else
 * includes it.
 */

/* Statements are prepared at their first use and kept until the store is
 * closed. */
enum store_statement {
    STATEMENT_BEGIN,
    STATEMENT_COMMIT,
    STATEMENT_ROLL_BACK,
    STATEMENT_IDENTITY,
    STATEMENT_INTEGRITY,
    STATEMENT_FOREIGN_KEYS,
    STATEMENT_ADD_CERTIFICATE,
    STATEMENT_CERTIFICATE_BY_SERIAL,
    STATEMENT_CERTIFICATE_BY_ORIGIN,
    STATEMENT_LIST_CERTIFICATES,
    STATEMENT_COUNT_CERTIFICATES,
    STATEMENT_NEXT_AUTHORITY,
    STATEMENT_ADD_AUTHORITY,
    STATEMENT_LIST_AUTHORITIES,
    STATEMENT_JOURNAL,
    STATEMENT_LIST_JOURNAL,
    STATEMENT_JOURNAL_HEAD,
    STATEMENT_NUMBER,
    STATEMENT_SET_NUMBER,
    STATEMENTS
};

/* How long a connection waits for another that is writing. */
#define BUSY_WAIT_MS 10000

/* 64 MiB of pages. */
#define LOG_FRAMES_MOST 16384

struct journal_head {
    int64_t seq;
    uint8_t hash[SHA256_BYTES];
};

struct store {
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENTS];
    enum store_mode mode;
    bool head_known; /* only inside a transaction of our own */
    struct journal_head head;
    int log_frames_most;  /* a longer log is to be begun anew */
    int log_frames;       /* pages in the log after our last commit */
    int log_frames_tried; /* when we last tried to empty it */
    char path[PATH_ROOM];
};

/* --- statements ---------------------------------------------------------- */
/* Borrowed from the store: the end of the block resets it. */
void statement_release(sqlite3_stmt *statement);
DEFINE_SCOPED(sqlite3_stmt, statement_release)

/* A statement that is still being walked (a visitor called its own verb again)
 * is FAILURE_INTERNAL. */
MUST_CHECK bool store_statement(struct store *store, enum store_statement which,
    const char *text, sqlite3_stmt **statement, struct failure *why);
/* Runs a statement that returns no rows. */
MUST_CHECK bool store_run(struct store *store, sqlite3_stmt *statement,
    const char *doing, struct failure *why);
/* *found: there is a row to be read. */
MUST_CHECK bool store_next(struct store *store, sqlite3_stmt *statement,
    const char *doing, bool *found, struct failure *why);
/* Runs any number of statements from a text. */
MUST_CHECK bool store_execute(struct store *store, const char *text,
    const char *doing, struct failure *why);

bool bind_bytes(sqlite3_stmt *statement, int index, struct bytes bytes);
bool bind_text(sqlite3_stmt *statement, int index, const char *text);
bool bind_number(sqlite3_stmt *statement, int index, int64_t number);

/* Views that live until the next step. */
struct bytes column_bytes(sqlite3_stmt *statement, int column);
const char *column_text(sqlite3_stmt *statement, int column);

/* Is a transaction open?  SQLite ends one by itself when the disk is full or
 * fails; what is written after that would be a transaction of its own. */
MUST_CHECK bool store_is_writing(
    const struct store *store, struct failure *why);

/*
 * Records why the last call failed, in the words of people: "cannot DOING PATH:
 * CAUSE".  Always false.
 */
bool fail_in_store(
    const struct store *store, const char *doing, struct failure *why);

/* The path, or its end where it is too long for a sentence. */
const char *store_shown(const struct store *store);

/* For sqlite3_wal_hook; context is the store. */
int store_log_grew(
    void *context, sqlite3 *database, const char *name, int frames);

/* --- migrations ---------------------------------------------------------- */
#define STORE_APPLICATION 0x43484359 /* "CHCY", in the header of the file */

struct migration_step {
    int number; /* 1, 2, 3 ... */
    const char *name;
    const char *text;
};

/* Made by tools/embed_sql.py. */
extern const struct migration_step migration_steps[];
extern const size_t migration_count;

struct store_identity {
    int64_t application;
    int64_t version; /* of the schema; 0: nothing was done yet */
    bool empty;      /* no table: its making was cut short */
};
MUST_CHECK bool store_identity(
    struct store *store, struct store_identity *identity, struct failure *why);

/* Fails as FAILURE_CONFLICT unless it is ours and exactly as new as newest. */
MUST_CHECK bool migration_check(struct store *store,
    const struct store_identity *identity, int64_t newest, struct failure *why);

/* Takes the steps that are missing, each in a transaction.  A database of
 * somebody else, or newer than the last step, is FAILURE_CONFLICT. */
MUST_CHECK bool migration_apply(struct store *store,
    const struct migration_step *steps, size_t count, struct failure *why);

/* --- the journal --------------------------------------------------------- */
/* The hash of the event that follows head; event->seq is head->seq + 1. */
MUST_CHECK bool journal_hash(const struct journal_head *head,
    const struct journal_event *event, uint8_t hash[static SHA256_BYTES],
    struct failure *why);

#endif
