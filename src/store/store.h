#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/bytes.h"
#include "crypto/digest.h"

/*
 * What is remembered: authorities, certificates, the journal, and how far the
 * sign log has been taken in; what hangs on them in headers of their own
 * (store_revocations.h, store_requests.h, store_people.h).  Verbs only; the
 * engine behind them is SQLite (WAL, synchronous=FULL) in store_sqlite.c,
 * PostgreSQL will be another.
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
/* The last commit failed because a write found no space, which leaves the store
 * sound: with room made, the next one may succeed.  (A sync that failed leaves
 * it in doubt.) */
bool store_was_full(const struct store *store);
void store_roll_back(struct store *store); /* nothing to do is no error */

/* For reading: everything is read as it is at the first look from here on,
 * until store_roll_back. */
MUST_CHECK bool store_hold(struct store *store, struct failure *why);

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
    /* Which CRL shard it is in (0 with one).  Noted with a revocation alone:
     * 0 in a row that is read. */
    int shard;
    int64_t request; /* id of the request it came from; 0: issued at once */
    /* Who asked; "" in rows older than this column.  NULL is added as "". */
    const char *actor;
};

/*
 * Adds a row, and with a status other than valid its revocation too.  *added
 * is false, and nothing changes, when a certificate with
 * this origin is there already; a serial that is there already is
 * FAILURE_CONFLICT, an unknown authority FAILURE_NOT_FOUND.  None of them
 * undoes what else the transaction holds.  A certificate that is held has the
 * reason of a hold, one that is revoked another (FAILURE_INTERNAL).
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

/* The first origin that begins so, of a certificate or else of a request that
 * waits or waited; *found is false when there is none. */
#define STORE_ORIGIN_ROOM 256
MUST_CHECK bool store_origin_beginning(struct store *store,
    const char *beginning, bool *found, char origin[static STORE_ORIGIN_ROOM],
    struct failure *why);

/* Calls visit for each row whose serial begins with these bytes and, with an
 * odd number of digits, this upper half of the next one (-1: none), in the
 * order of serials, limit at most (0: no limit). */
MUST_CHECK bool store_certificates_by_prefix(struct store *store,
    struct bytes prefix, int half, int64_t limit, certificate_visitor *visit,
    void *context, struct failure *why);
MUST_CHECK bool store_certificate_by_id(struct store *store, int64_t id,
    certificate_visitor *visit, void *context, struct failure *why);

struct certificate_filter {
    bool by_status;
    enum certificate_status status;
    bool by_end; /* not_after in (not_after_from, not_after_until] */
    int64_t not_after_from, not_after_until;
    int64_t after_id;                  /* only rows with a greater id */
    int64_t limit;                     /* 0: no limit */
    const char *profile;               /* NULL: any */
    int64_t authority;                 /* 0: any */
    const char *actor;                 /* who asked; NULL: any */
    int64_t issued_from, issued_until; /* both inclusive; 0: no bound */
};
/* In the order of id. */
MUST_CHECK bool store_list_certificates(struct store *store,
    const struct certificate_filter *filter, certificate_visitor *visit,
    void *context, struct failure *why);

MUST_CHECK bool store_count_certificates(
    struct store *store, int64_t *count, struct failure *why);

/* --- authorities --------------------------------------------------------- */
enum authority_state {
    AUTHORITY_ACTIVE,   /* issues, or is a root kept apart */
    AUTHORITY_COMING,   /* of a rollover, before the switch: issues nothing */
    AUTHORITY_RETIRING, /* signs its CRLs alone */
    AUTHORITY_RETIRED   /* signs nothing any more */
};

struct authority_row {
    int64_t id;
    const char *name;         /* "root", "issuing": as --ca takes it */
    struct bytes certificate; /* DER */
    const char *key_sha256;   /* of the SubjectPublicKeyInfo */
    int64_t parent;           /* id; its own for a root: 0 when it is added */
    bool issues;              /* false: a root kept apart */
    int64_t made_at;
    enum authority_state state;
    int crl_shards;  /* 1 when none was said; fixed when it is made */
    int64_t follows; /* id of the one it takes over from (rollover); 0: none */
};
/* A name that is there already is FAILURE_CONFLICT. */
MUST_CHECK bool store_add_authority(struct store *store,
    const struct authority_row *row, int64_t *id, struct failure *why);

/* FAILURE_NOT_FOUND for an unknown id. */
MUST_CHECK bool store_set_authority_state(struct store *store, int64_t id,
    enum authority_state state, struct failure *why);

/* Further certificates of an authority, for publishing: cross-certificates and
 * those a rollover makes ("old-with-new", "new-with-old"). */
struct cross_certificate {
    int64_t authority; /* whose key it certifies; 0: a foreign one */
    const char *kind;
    struct bytes certificate; /* DER */
    int64_t made_at;
};
/* The same one twice changes nothing. */
MUST_CHECK bool store_add_cross_certificate(struct store *store,
    const struct cross_certificate *row, struct failure *why);
typedef bool cross_certificate_visitor(
    void *context, const struct cross_certificate *row, struct failure *why);
MUST_CHECK bool store_list_cross_certificates(struct store *store,
    cross_certificate_visitor *visit, void *context, struct failure *why);
MUST_CHECK bool store_forget_cross_certificates(
    struct store *store, int64_t authority, struct failure *why);

/* A key whose certificate is asked of another authority (`ca request`). */
struct awaited_row {
    const char *name; /* of the authority to be */
    const char *key_sha256;
    struct bytes request; /* PKCS#10, DER */
    int64_t made_at;
    int crl_shards;
    int64_t follows; /* id of the authority it is to take over from; 0: none */
};
/* Takes the place of one with this name. */
MUST_CHECK bool store_await_authority(
    struct store *store, const struct awaited_row *row, struct failure *why);
typedef bool awaited_visitor(
    void *context, const struct awaited_row *row, struct failure *why);
MUST_CHECK bool store_list_awaited(struct store *store, awaited_visitor *visit,
    void *context, struct failure *why);
MUST_CHECK bool store_forget_awaited(
    struct store *store, const char *name, struct failure *why);

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
/* From here on this is added to the time of every event: the clock is known to
 * be wrong by as much.  0 at first. */
void store_correct_clock(struct store *store, int64_t milliseconds);

typedef bool journal_visitor(
    void *context, const struct journal_event *event, struct failure *why);
MUST_CHECK bool store_list_journal(struct store *store, int64_t after_seq,
    journal_visitor *visit, void *context, struct failure *why);

/* Recomputes the chain; FAILURE_CONFLICT names the first event that does not
 * fit.  *events: how many were read.  That the end was cut off can't be seen
 * from the chain alone: compare its head with a signed checkpoint. */
MUST_CHECK bool store_check_journal(
    struct store *store, int64_t *events, struct failure *why);
/* The same, and visits each event that fits, in order. */
MUST_CHECK bool store_follow_journal(struct store *store,
    journal_visitor *visit, void *context, int64_t *events,
    struct failure *why);

/* The chain's last seq and hash (0 and zeros in an empty journal). */
MUST_CHECK bool store_journal_head(struct store *store, int64_t *seq,
    uint8_t hash[static SHA256_BYTES], struct failure *why);

/* The event with this number; FAILURE_NOT_FOUND.  Which events tell of an
 * object is in the index (search.h). */
MUST_CHECK bool store_journal_event(struct store *store, int64_t seq,
    journal_visitor *visit, void *context, struct failure *why);

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

/* The number of the schema. */
MUST_CHECK bool store_schema(
    struct store *store, int64_t *number, struct failure *why);

/* PRAGMA integrity_check in words; and whether what a row names is there, the
 * revocation of each revoked certificate above all. */
MUST_CHECK bool store_check(struct store *store, struct failure *why);

/* That certificates and revocations tell the same: FAILURE_INTERNAL names the
 * first serial of which they don't. */
MUST_CHECK bool store_check_revocations(
    struct store *store, struct failure *why);

#endif
