#ifndef AUTHORITY_REVOKE_H
#define AUTHORITY_REVOKE_H

#include "authority/authority.h"
#include "authority/caller.h"
#include "store/store_revocations.h"

/*
 * Revocation, hold and release: the road of a revocation is receive, authorise,
 * record, publish, answer.  Recording is one transaction: the certificate's
 * status, its revocation row (which CRLs list and OCSP answers from) and the
 * journal.  Publishing is lists.h.
 */
enum revocation_act { ACT_REVOKE, ACT_HOLD, ACT_RELEASE };

struct revocation {
    enum revocation_act act;
    const struct caller *caller;
    struct bytes serial; /* contents of the INTEGER */
    enum revocation_reason reason;
    const char *words;   /* why, in words, for the journal; NULL or "": none */
    struct bytes sha256; /* of the certificate that is meant; length 0: the
                            serial says enough */
};

struct revoked {
    bool has_changed;              /* false: it was so already */
    int64_t authority;             /* row of the issuer */
    int64_t at;                    /* since when it counts; of a release: now */
    enum revocation_reason reason; /* as it is recorded */
};

/*
 * FAILURE_NOT_FOUND: no such serial, or that of another certificate.
 * FAILURE_CONFLICT: holding or releasing what is revoked for good, releasing
 * what is not held.  FAILURE_UNSUITABLE: a reason that is no reason here
 * (removeFromCRL, certificateHold by revoke; the unused 7).
 */
MUST_CHECK bool revoke_certificate(struct authority *authority,
    const struct revocation *revocation, struct revoked *revoked,
    struct failure *why);

/* The same within an authority_write of the caller's (revoke_where.h). */
MUST_CHECK bool revocation_record(struct authority *authority,
    const struct revocation *revocation, struct revoked *revoked,
    struct failure *why);

/* Is it a reason to revoke for?  FAILURE_UNSUITABLE. */
MUST_CHECK bool revocation_reason_check(
    enum revocation_reason reason, struct failure *why);

/* "keyCompromise" and the like, in any case, or a number. */
MUST_CHECK bool revocation_reason_read(
    const char *text, enum revocation_reason *reason, struct failure *why);
const char *revocation_reason_name(enum revocation_reason reason);

#endif
