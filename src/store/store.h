#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/bytes.h"
#include "crypto/digest.h"

/*
 * What is remembered: authorities, certificates, the journal, and how far the
 * sign log has been taken in.  Verbs only; the engine behind them is SQLite
 * (WAL, synchronous=FULL) in store_sqlite.c, PostgreSQL will be another.
 *
 * A store is one connection and belongs to one thread at a time.  Texts and
 * blobs given are copied; those returned belong to the row they came in.
 * Kinds: FAILURE_UNAVAILABLE (busy, disk full, input/output error: the reason
 * says which), FAILURE_NOT_FOUND, FAILURE_CONFLICT, FAILURE_INTERNAL.
 */
struct store;

enum store_mode { STORE_READ, STORE_WRITE, STORE_CREATE };

/*
 * STORE_READ opens read-only and never changes the file.  STORE_WRITE migrates
 * an older schema (numbered steps, each in its transaction); a newer schema
 * than this program knows is FAILURE_CONFLICT, naming both numbers.
 * STORE_CREATE makes a new file (0600); an existing one is FAILURE_CONFLICT.
 */
MUST_CHECK bool store_open(const char *path, enum store_mode mode,
    struct store **store, struct failure *why);
void store_close(struct store *store); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(store, store_close)

/* --- writing: everything between begin and commit is there whole or not -- */
/* Waits up to 10 s for another writer (FAILURE_UNAVAILABLE). */
MUST_CHECK bool store_begin(struct store *store, struct failure *why);
/* True: it is on the disk.  False: the transaction has been rolled back. */
MUST_CHECK bool store_commit(struct store *store, struct failure *why);
void store_roll_back(struct store *store); /* nothing to do is no error */

/* --- certificates -------------------------------------------------------- */
enum certificate_status {
    CERTIFICATE_VALID,
    CERTIFICATE_REVOKED,
    CERTIFICATE_HELD
};

/* RFC 5280, 5.3.1. */
enum revocation_reason {
    REASON_UNSPECIFIED = 0,
    REASON_KEY_COMPROMISE = 1,
    REASON_CA_COMPROMISE = 2,
    REASON_AFFILIATION_CHANGED = 3,
    REASON_SUPERSEDED = 4,
    REASON_CESSATION_OF_OPERATION = 5,
    REASON_CERTIFICATE_HOLD = 6,
    REASON_REMOVE_FROM_CRL = 8,
    REASON_PRIVILEGE_WITHDRAWN = 9,
    REASON_AA_COMPROMISE = 10
};

struct certificate_row {
    int64_t id;          /* set by the store, grows */
    struct bytes serial; /* contents of the INTEGER, as in the certificate */
    struct bytes der;    /* the certificate; the draft where sealed is false */
    bool sealed; /* false: signed perhaps, but never delivered (DESIGN 1) */
    int64_t authority; /* id of the issuer */
    const char *profile;
    int64_t issued_at, not_after; /* seconds since 1970 */
    enum certificate_status status;
    int64_t revoked_at;
    enum revocation_reason reason;
    const char *origin; /* door and key of the request; NULL: none */
};

/*
 * Adds a row.  *added is false, and nothing changes, when a certificate with
 * this origin is there already; a serial that is there already is
 * FAILURE_CONFLICT, an unknown authority FAILURE_NOT_FOUND.  None of them
 * undoes what else the transaction holds.
 */
MUST_CHECK bool store_add_certificate(struct store *store,
    const struct certificate_row *row, bool *added, struct failure *why);

/*
 * What a visitor is given lives until it returns.  One that returns false ends
 * the walk, which then fails as the visitor did.  It may call other verbs of
 * the store, not the one that is visiting it.
 */
typedef bool certificate_visitor(
    void *context, const struct certificate_row *row, struct failure *why);

/* Calls visit for the row with this serial, or fails as FAILURE_NOT_FOUND. */
MUST_CHECK bool store_certificate_by_serial(struct store *store,
    struct bytes serial, certificate_visitor *visit, void *context,
    struct failure *why);
/* *found is false when no certificate has this origin. */
MUST_CHECK bool store_certificate_by_origin(struct store *store,
    const char *origin, bool *found, certificate_visitor *visit, void *context,
    struct failure *why);

struct certificate_filter {
    bool by_status;
    enum certificate_status status;
    bool by_end; /* not_after in (not_after_from, not_after_until] */
    int64_t not_after_from, not_after_until;
    int64_t after_id; /* only rows with a greater id */
    int64_t limit;    /* 0: no limit */
};
/* In the order of id. */
MUST_CHECK bool store_list_certificates(struct store *store,
    const struct certificate_filter *filter, certificate_visitor *visit,
    void *context, struct failure *why);

MUST_CHECK bool store_count_certificates(
    struct store *store, int64_t *count, struct failure *why);

/* --- authorities --------------------------------------------------------- */
struct authority_row {
    int64_t id;
    const char *name;         /* "root", "issuing": as --ca takes it */
    struct bytes certificate; /* DER */
    const char *key_sha256;   /* of the SubjectPublicKeyInfo */
    int64_t parent;           /* id; its own for a root: 0 when it is added */
    bool issues;              /* false: a root kept apart */
    int64_t made_at;
};
/* A name that is there already is FAILURE_CONFLICT. */
MUST_CHECK bool store_add_authority(struct store *store,
    const struct authority_row *row, int64_t *id, struct failure *why);

typedef bool authority_visitor(
    void *context, const struct authority_row *row, struct failure *why);
MUST_CHECK bool store_list_authorities(struct store *store,
    authority_visitor *visit, void *context, struct failure *why);

/* --- the journal --------------------------------------------------------- */
/*
 * A hash chain, written in the transaction it tells of:
 * hash = SHA-256(hash before, seq, at_ms, and each text with its length).
 *
 * Byte for byte: the 32 bytes of the hash before (zeros for the first event);
 * seq and at_ms in 8 bytes each, two's complement, big-endian; then kind,
 * actor, object and detail in this order, each as its length in 4 bytes,
 * big-endian, and its bytes without a final zero.
 */
struct journal_event {
    int64_t seq;        /* set by the store: 1, 2, 3 ... without gaps */
    int64_t at_ms;      /* milliseconds since 1970 */
    const char *kind;   /* "issued", "refused", "recovered", "established" */
    const char *actor;  /* who caused it */
    const char *object; /* a serial, a name */
    const char *detail; /* one JSON object or "" */
    uint8_t hash[SHA256_BYTES]; /* set by the store */
};
MUST_CHECK bool store_journal(struct store *store,
    const struct journal_event *event, struct failure *why);

typedef bool journal_visitor(
    void *context, const struct journal_event *event, struct failure *why);
MUST_CHECK bool store_list_journal(struct store *store, int64_t after_seq,
    journal_visitor *visit, void *context, struct failure *why);

/* Recomputes the chain; FAILURE_CONFLICT names the first event that does not
 * fit.  *events: how many were read.  That the end was cut off can't be seen
 * from the chain alone: compare its head with a signed checkpoint. */
MUST_CHECK bool store_check_journal(
    struct store *store, int64_t *events, struct failure *why);

/* The chain's last seq and hash (0 and zeros in an empty journal). */
MUST_CHECK bool store_journal_head(struct store *store, int64_t *seq,
    uint8_t hash[static SHA256_BYTES], struct failure *why);

/* --- small facts that change --------------------------------------------- */
/* Named numbers, 0 when never set: "sign-log-offset" and the like. */
MUST_CHECK bool store_number(struct store *store, const char *name,
    int64_t *number, struct failure *why);
MUST_CHECK bool store_set_number(
    struct store *store, const char *name, int64_t number, struct failure *why);

/* Moves the WAL into the database file without stopping writers.  For a
 * connection (STORE_WRITE) and thread of its own: call it several times a
 * second while there is work.  The writer itself moves only what is left when
 * the WAL is longer than 64 MiB (store_begin does). */
MUST_CHECK bool store_checkpoint(struct store *store, struct failure *why);

/* PRAGMA integrity_check in words. */
MUST_CHECK bool store_check(struct store *store, struct failure *why);

#endif
