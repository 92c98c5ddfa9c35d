#ifndef AUTHORITY_RENEW_H
#define AUTHORITY_RENEW_H

#include "authority/issue.h"

/*
 * Renewal: a certificate takes over from an older one.  Profile, names and
 * lifetime are the old one's, judged by the profile as it stands today; the key
 * is the request's.  Who asks has the old certificate's key, or a role
 * (incident 13).  What is revoked or held, or ended longer ago than
 * RENEWAL_LATEST_S, is not renewed; everything else is (kb 61).
 */
#define RENEWAL_LATEST_S (INT64_C(30) * 86400)

/* What was asked; views of the caller's. */
struct renewal {
    struct bytes serial; /* of the old one; length 0: no renewal is asked */
    /* One of these shows that the old key is there; both of length 0: a role
     * is needed.  proof: a signature with the old key over RENEWAL_PROOF and
     * the request; signed_request: a renewal in PKCS#7 (x509/pkcs7.h) around
     * the very request. */
    struct bytes proof;
    struct bytes signed_request;

    /* Found by renewal_prepare: what the enrolment then views. */
    struct buffer certificate;
    char profile[PROFILE_NAME_MAX];
};
void renewal_free(struct renewal *renewal);

#define RENEWAL_PROOF "chancery renewal 1\n"

/*
 * Finds the old certificate, proves who asks, and fills in the enrolment, whose
 * caller and request are there; the road judges the rest.  Kinds:
 * FAILURE_NOT_FOUND; FAILURE_UNAUTHENTICATED: the proof is not by the old key;
 * FAILURE_FORBIDDEN: neither proof nor role; FAILURE_UNSUITABLE: revoked, held,
 * too old, or an authority's own.
 */
MUST_CHECK bool renewal_prepare(const struct authority *authority,
    struct store *reading, struct renewal *renewal, struct enrolment *enrolment,
    struct failure *why);

/* Journals a renewal that was issued, naming both serials; for others it does
 * nothing.  In the writer's transaction. */
MUST_CHECK bool renewal_record(struct authority *authority,
    const struct issuance *issuance, struct failure *why);

#endif
