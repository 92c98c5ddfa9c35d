#ifndef STORE_STORE_REVOCATIONS_H
#define STORE_STORE_REVOCATIONS_H

#include "store/store.h"

/*
 * Revocations: one row for each certificate that is revoked or held, and one
 * for each hold that was released.  They are what CRLs list and what an OCSP
 * responder answers from.  A row of a certificate that is revoked is never
 * taken away or changed to valid; a hold may become a revocation or be released
 * (incident 16).
 *
 * Every change gets the next change number; a reader that remembers the last
 * number it saw asks for what came after it.
 */
struct revocation_row {
    int64_t certificate; /* id of its row */
    int64_t authority;
    int shard;
    struct bytes serial;
    int64_t revoked_at;            /* of a release: when it was released */
    enum revocation_reason reason; /* REASON_REMOVE_FROM_CRL: released */
    int64_t not_after;
    int64_t change;
};

/*
 * Sets certificate and revocation to revoked, or to held with
 * REASON_CERTIFICATE_HOLD.  *changed is false, and nothing changes, when it has
 * that status already (revoked: whatever the reason was).  A held one that is
 * revoked keeps the time and the shard of its hold.  FAILURE_NOT_FOUND: no such
 * certificate; FAILURE_CONFLICT: holding what is revoked; FAILURE_UNSUITABLE:
 * REASON_REMOVE_FROM_CRL, which is no reason to revoke.
 */
MUST_CHECK bool store_revoke(struct store *store, int64_t certificate,
    int shard, int64_t revoked_at, enum revocation_reason reason, bool *changed,
    struct failure *why);

/* Ends a hold.  FAILURE_CONFLICT: it is revoked for good, or was not held. */
MUST_CHECK bool store_release(struct store *store, int64_t certificate,
    int64_t released_at, struct failure *why);

struct revocation_filter {
    int64_t authority;
    int shard;          /* -1: all */
    int64_t not_before; /* only certificates that end at or after this */
    /* Only changes after this number, releases among them; 0: the whole list,
     * without releases. */
    int64_t after_change;
};
typedef bool revocation_visitor(
    void *context, const struct revocation_row *row, struct failure *why);
/* The whole list in the order of certificates, changes in the order of their
 * numbers.  A million rows in about half a second: the row is made of views. */
MUST_CHECK bool store_list_revocations(struct store *store,
    const struct revocation_filter *filter, revocation_visitor *visit,
    void *context, struct failure *why);
MUST_CHECK bool store_count_revocations(struct store *store,
    const struct revocation_filter *filter, int64_t *count,
    struct failure *why);
MUST_CHECK bool store_last_change(
    struct store *store, int64_t *change, struct failure *why);

/* What is known of a serial, for OCSP: *found is false for one that this
 * authority never issued, which is never "good" (incident 51).  row: valid
 * until the next verb; reason and revoked_at only where status is not valid. */
struct status_row {
    enum certificate_status status;
    enum revocation_reason reason;
    int64_t revoked_at, not_after;
};
MUST_CHECK bool store_status(struct store *store, int64_t authority,
    struct bytes serial, struct status_row *row, bool *found,
    struct failure *why);

/* --- what was published -------------------------------------------------- */

#define CRL_COMPLETE (-1)
#define CRL_DELTA (-2)

/* The last list of an authority: complete, delta, or a shard from 0 on. */
struct crl_row {
    int64_t authority;
    int kind;       /* CRL_COMPLETE, CRL_DELTA or the shard */
    int64_t number; /* only grows (DESIGN.md 3) */
    int64_t this_update, next_update;
    int64_t change; /* the last change that it holds */
    int64_t entries;
    uint8_t sha256[SHA256_BYTES]; /* of the DER */
};
/* FAILURE_CONFLICT: the number does not grow; FAILURE_NOT_FOUND: no such
 * authority. */
MUST_CHECK bool store_set_crl(
    struct store *store, const struct crl_row *row, struct failure *why);
/* *found is false when none was made yet. */
MUST_CHECK bool store_crl(struct store *store, int64_t authority, int kind,
    struct crl_row *row, bool *found, struct failure *why);

#endif
