#ifndef AUTHORITY_SIGNER_LIMITS_H
#define AUTHORITY_SIGNER_LIMITS_H

#include "authority/profile.h"
#include "x509/certificate.h"
#include "x509/crl_scan.h"

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
    int64_t longest_lifetime_s;  /* of what is no authority */
    uint32_t key_usage; /* bits that may be set; those of authorities in CA:TRUE
                           alone */
    enum oid purposes[PROFILE_PURPOSES_MAX];
    size_t purpose_count;
    unsigned int name_kinds;   /* bits of general names that may be there */
    bool may_make_authorities; /* in a ceremony alone (ca commands, init) */
    bool signs_lists_only;     /* a retired key: its CRLs and OCSP responder */
    bool has_path_length; /* of the issuer's certificate: authorities are */
    uint32_t path_length; /* made with less alone */
    /* A root's, when it is founded and in ceremonies: CA:TRUE with issuer and
     * subject equal, for its own key or that of its successor.  Nobody else
     * signs anything with a subject that matches its own name. */
    bool may_sign_itself;
};

/* The limits for a key that issues under these profiles: for leaves alone,
 * whatever the profiles say. */
struct signer_limits signer_limits_of(
    const struct profile *profiles, size_t count);

/* Widens them for a ceremony: a key whose own certificate has these basic
 * constraints and key usage may also make authorities, when they allow it. */
void signer_limits_allow_authorities(struct signer_limits *limits,
    const struct basic_constraints *constraints, uint32_t key_usage);

/* Widens them for a ceremony once more: the key is a root's. */
void signer_limits_allow_itself(struct signer_limits *limits);

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

/*
 * Is what a scan found of a revocation list within the limits?  By this key
 * and algorithm; begun at most an hour ago, 5 minutes in advance; for at most
 * 400 days and not beyond the issuer's own end (properties 13); with a number
 * of its time in milliseconds, so that no keeper uses the numbers up.
 */
#define SIGNER_LIST_LIFETIME_S (INT64_C(400) * 86400)
MUST_CHECK bool signer_limits_allow_list(const struct signer_limits *limits,
    const struct crl_facts *list, struct bytes algorithm, int64_t now,
    struct failure *why);

#endif
