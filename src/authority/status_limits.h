#ifndef AUTHORITY_STATUS_LIMITS_H
#define AUTHORITY_STATUS_LIMITS_H

#include "authority/profile.h"
#include "authority/status_identity.h"
#include "x509/certificate.h"

/*
 * What a status signer signs at most: answers about certificates of one
 * authority, by a key that this authority certified for OCSP, for a few days
 * and never beyond the key's own certificate (properties 13).
 */
struct status_limits {
    char name[PROFILE_NAME_MAX]; /* of the authority */
    struct buffer der;           /* its certificate */
    struct certificate issuer;   /* views of it */
    struct status_identity identity;
    struct status_hash responder; /* SHA-1 of the own key's bits */
    struct buffer spki;           /* the own key */
    int64_t not_after;            /* of the responder's certificate; 0: none
                                     was taken */
};

/* An answer is for at most 7 days, begun at most an hour ago and not more than
 * 5 minutes in advance. */
#define STATUS_LIFE_MAX_S (INT64_C(7) * 86400)
#define STATUS_PAST_MAX_S 3600
#define STATUS_AHEAD_MAX_S 300

/* For the authority with this certificate; it is copied. */
MUST_CHECK bool status_limits_of(const char *name, struct bytes certificate,
    struct status_limits *limits, struct failure *why);
void status_limits_free(struct status_limits *limits);

/* The signer's own key, SubjectPublicKeyInfo: the responder that its answers
 * name.  Any certificate taken before is forgotten. */
MUST_CHECK bool status_limits_own(
    struct status_limits *limits, struct bytes spki, struct failure *why);

/*
 * Takes the responder's certificate: of the own key, issued and signed by this
 * authority, for OCSP signing and nothing else (RFC 6960, 4.2.2.2).
 * FAILURE_FORBIDDEN names what it is not.
 */
MUST_CHECK bool status_limits_certify(struct status_limits *limits,
    struct bytes certificate, struct failure *why);

/*
 * Is the body an answer within the limits?  ResponseData and nothing else; the
 * responder its own key; a certificate of the responder's in force; times as
 * above; CertIDs of its own issuer alone, by SHA-1 or SHA-256; no extension
 * but a nonce.  FAILURE_FORBIDDEN names what exceeds which limit.
 */
MUST_CHECK bool status_limits_allow(const struct status_limits *limits,
    struct bytes body, int64_t now, struct failure *why);

#endif
