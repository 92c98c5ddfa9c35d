#ifndef X509_CHAIN_REVOCATION_H
#define X509_CHAIN_REVOCATION_H

#include "x509/chain/chain_certificate.h"
#include "x509/crl.h"
#include "x509/ocsp.h"

struct judgement;

/*
 * Is a certificate revoked?  By revocation lists (RFC 5280, 6.3.3: complete,
 * delta, indirect, sharded by distribution point, by reason, signed by a
 * delegate) and OCSP answers (RFC 6960, 3.2: by the issuer or a delegated
 * responder) that are at hand; nothing is fetched here.
 *
 * Revoked, unknown, expired, damaged and wrongly signed are codes of their own
 * (kb 103); unknown is never revoked.  Revoked wins over whatever else is said,
 * on hold too, and also when the revocation is later than the time asked about:
 * only a question that spares_later_revocation lets its leaf pass.
 */

/* Clocks of responders and ours may differ by so much (RFC 6960, 4.2.2.1 leaves
 * it to us); lists get none. */
#define OCSP_TOLERANCE_SECONDS 300
/* An answer without nextUpdate says that there is always a newer one; this old
 * it is not taken.  A list without one is taken however old it is. */
#define OCSP_AGE_SECONDS INT64_C(604800)

enum status_kind { STATUS_CRL, STATUS_OCSP, STATUS_UNREADABLE };

struct status_source {
    enum status_kind kind;
    const char *origin; /* the file or address, for people; not owned */
    union {
        struct crl crl;
        struct ocsp_response ocsp;
        struct failure unreadable; /* it said it was a list, and is none */
    } of;
    bool unreadable_is_ocsp;
};

/* Reads what claims to be a list or an answer; a damaged one becomes
 * STATUS_UNREADABLE, which is told where it would have mattered.  The bytes
 * must outlive the source. */
void status_source_read(struct bytes der, const char *origin, bool is_ocsp,
    struct status_source *source);

/* RULE_REVOKED and the rules behind it, for every certificate of the path but
 * the anchor; nothing when the question says off. */
bool judge_revocation(struct judgement *judgement);

#endif
