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
    STATEMENT_HOLD,
    STATEMENT_IDENTITY,
    STATEMENT_INTEGRITY,
    STATEMENT_FOREIGN_KEYS,
    STATEMENT_LOST_REVOCATION,
    STATEMENT_ADD_CERTIFICATE,
    STATEMENT_CERTIFICATE_BY_SERIAL,
    STATEMENT_CERTIFICATE_BY_ORIGIN,
    STATEMENT_CERTIFICATE_BY_ID,
    STATEMENT_ORIGIN_BEGINNING,
    STATEMENT_CERTIFICATES_BY_PREFIX,
    STATEMENT_LIST_CERTIFICATES,
    STATEMENT_LIST_REVOKED_CERTIFICATES,
    STATEMENT_COUNT_CERTIFICATES,
    STATEMENT_NEXT_AUTHORITY,
    STATEMENT_ADD_AUTHORITY,
    STATEMENT_SET_AUTHORITY_STATE,
    STATEMENT_LIST_AUTHORITIES,
    STATEMENT_ADD_CROSS,
    STATEMENT_LIST_CROSS,
    STATEMENT_FORGET_CROSS,
    STATEMENT_AWAIT,
    STATEMENT_LIST_AWAITED,
    STATEMENT_FORGET_AWAITED,
    STATEMENT_JOURNAL,
    STATEMENT_LIST_JOURNAL,
    STATEMENT_JOURNAL_EVENT,
    STATEMENT_JOURNAL_HEAD,
    STATEMENT_NUMBER,
    STATEMENT_SET_NUMBER,
    STATEMENT_NEXT_CHANGE,
    STATEMENT_CERTIFICATE_STATUS,
    STATEMENT_SET_STATUS,
    STATEMENT_ADD_REVOCATION,
    STATEMENT_FORGET_RELEASED,
    STATEMENT_RELEASE,
    STATEMENT_FORGET_HOLD,
    STATEMENT_LIST_REVOCATIONS,
    STATEMENT_LIST_CHANGES,
    STATEMENT_COUNT_REVOCATIONS,
    STATEMENT_COUNT_CHANGES,
    STATEMENT_STATUS,
    STATEMENT_SET_CRL,
    STATEMENT_CRL,
    STATEMENT_ADD_REQUEST,
    STATEMENT_REQUEST_BY_ORIGIN,
    STATEMENT_REQUEST_BY_ID,
    STATEMENT_LIST_REQUESTS,
    STATEMENT_LIST_REQUESTS_BY_STATE,
    STATEMENT_LIST_REQUESTS_BY_KEY,
    STATEMENT_REQUEST_STATE,
    STATEMENT_DECIDE_REQUEST,
    STATEMENT_APPROVE,
    STATEMENT_COUNT_APPROVALS,
    STATEMENT_LIST_APPROVALS,
    STATEMENT_KEEP_PROFILE,
    STATEMENT_PROFILE_TEXT,
    STATEMENT_PAUSE,
    STATEMENT_RESUME,
    STATEMENT_LIST_PAUSES,
    STATEMENT_ADD_PERSON,
    STATEMENT_LIST_PEOPLE,
    STATEMENT_PERSON_BY_CERTIFICATE,
    STATEMENT_PERSON_BY_USER,
    STATEMENT_TAKE_LINK,
    STATEMENT_RENEW_PERSON,
    STATEMENT_PERSON_TO_END,
    STATEMENT_END_PERSON,
    STATEMENT_ADD_TOKEN,
    STATEMENT_LIST_TOKENS,
    STATEMENT_TOKEN_BY_HASH,
    STATEMENT_END_TOKEN,
    STATEMENT_ADD_ACCOUNT,
    STATEMENT_LIST_ACCOUNTS,
    STATEMENT_ACCOUNT_BY_NAME,
    STATEMENT_END_ACCOUNT,
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
    bool was_full;   /* store_was_full */
    bool head_known; /* only inside a transaction of our own */
    struct journal_head head;
    int64_t clock_correction_ms;
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
/*
 * Shows a visitor one row.  visiting: the visitor with its context, in a struct
 * of the verb's own.
 */
typedef bool row_shower(
    sqlite3_stmt *statement, const void *visiting, struct failure *why);
/* Shows each row that is left. */
MUST_CHECK bool store_walk(struct store *store, sqlite3_stmt *statement,
    const char *doing, row_shower *show, const void *visiting,
    struct failure *why);
/* Shows one row, where there is one. */
MUST_CHECK bool store_show_one(struct store *store, sqlite3_stmt *statement,
    const char *doing, bool *found, row_shower *show, const void *visiting,
    struct failure *why);
/* Did memory run out while the columns of this row were read? */
MUST_CHECK bool row_is_whole(sqlite3_stmt *statement, struct failure *why);
/* The last statement broke a rule that says: only once. */
bool store_has_it_already(const struct store *store);
/* How many rows the last statement changed. */
int64_t store_changes(const struct store *store);
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

/* --- what a certificate brings with it ----------------------------------- */
/* Adds the revocation of the row that was added last. */
MUST_CHECK bool store_add_revocation_of(struct store *store,
    const struct certificate_row *row, struct failure *why);

/* --- the journal --------------------------------------------------------- */
/* The hash of the event that follows head; event->seq is head->seq + 1. */
MUST_CHECK bool journal_hash(const struct journal_head *head,
    const struct journal_event *event, uint8_t hash[static SHA256_BYTES],
    struct failure *why);

#endif
