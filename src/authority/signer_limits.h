#ifndef AUTHORITY_SIGNER_LIMITS_H
#define AUTHORITY_SIGNER_LIMITS_H

#include "authority/profile.h"
#include "x509/certificate.h"

/*
 * What a key may sign at most.  The parent works it out from the settings and
 * the authority's certificate, and tells the signer at its start; the keeper
 * can't change it (properties 10, 36).
 */
struct signer_limits {
    char name[PROFILE_NAME_MAX]; /* of the authority */
    struct bytes issuer;         /* whole Name: drafts must bear it */
    struct bytes own_key;        /* SubjectPublicKeyInfo the key must have */
    struct bytes key_identifier; /* drafts' authorityKeyIdentifier */
    int64_t not_after;           /* of the issuer's certificate */
    int64_t longest_lifetime_s;
    uint32_t key_usage; /* bits that may be set */
    enum oid purposes[PROFILE_PURPOSES_MAX];
    size_t purpose_count;
    unsigned int name_kinds; /* bits of general names that may be there */
    bool may_make_authorities;
    bool may_sign_itself; /* a root's founding: issuer and subject equal */
};

/* The limits for a key that issues under these profiles. */
struct signer_limits signer_limits_of(
    const struct profile *profiles, size_t count);

/* As one message; views of what is read stay in the message. */
MUST_CHECK bool signer_limits_write(const struct signer_limits *limits,
    struct buffer *message, struct failure *why);
MUST_CHECK bool signer_limits_read(
    struct bytes message, struct signer_limits *limits, struct failure *why);

/*
 * Is the draft within the limits?  algorithm: the AlgorithmIdentifier this key
 * signs with.  FAILURE_FORBIDDEN names what exceeds which limit.  What limits a
 * certificate must be there: key usage, the issuer's key identifier, and
 * either extended key usage or, in an authority's, basic constraints (a
 * certificate for any purpose is an escalation, ESC2).  Its serial is the
 * signer's own matter.
 */
MUST_CHECK bool signer_limits_allow(const struct signer_limits *limits,
    const struct tbs_certificate *draft, struct bytes algorithm, int64_t now,
    struct failure *why);

#endif
