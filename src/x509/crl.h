#ifndef X509_CRL_H
#define X509_CRL_H

#include <openssl/evp.h>

#include "x509/der.h"
#include "x509/extension.h"

/*
 * A certificate revocation list (RFC 5280, 5.1): its encoded bytes plus views
 * found by one bounds-checked walk, every entry among it.  Nothing is copied;
 * the views live as long as the bytes.  How large a list may be is the
 * caller's rule; DER's lengths end at 4 GiB.
 */
struct crl_entry {
    struct bytes serial; /* contents of the INTEGER */
    int64_t revoked_at;
    int reason;                      /* or CRL_REASON_ABSENT */
    int64_t invalidity_date;         /* 0: absent */
    struct bytes certificate_issuer; /* of an indirect list: contents of
                                        GeneralNames; length 0: absent */
    bool has_extensions;             /* they are there, maybe empty */
    bool has_unknown_critical;       /* as in struct crl */
    struct der_reader extensions;    /* at its end when there are none */
};

#define CRL_REASON_ABSENT (-1)

struct crl {
    struct bytes whole;
    struct bytes body;   /* the to-be-signed element */
    uint32_t version;    /* 0: v1, 1: v2 */
    struct bytes issuer; /* whole Name */
    int64_t this_update;
    int64_t next_update;       /* 0: absent */
    bool has_entries;          /* revokedCertificates is there, maybe empty */
    struct der_reader entries; /* at its end when there are none */
    bool has_extensions;       /* crlExtensions is there, maybe empty */
    struct der_reader extensions;
    /* One of the list or of an entry is critical and has no meaning here: such
     * a list says nothing about any certificate (5.2, 5.3). */
    bool has_unknown_critical;
    struct bytes body_algorithm;      /* whole AlgorithmIdentifier inside */
    struct bytes signature_algorithm; /* beside the signature */
    struct bytes signature;           /* bits, no spare ones */
};

/*
 * Reads one list that fills the bytes.  Checks structure and encodings of
 * everything, and that no extension is there twice; no rule of policy.  An
 * unsigned one (a bare TBSCertList, or one with an empty signature) is refused
 * with "CRL signature missing".
 */
MUST_CHECK bool crl_read(
    struct bytes der, struct crl *crl, struct failure *why);

/* Reads a bare to-be-signed body, a draft: signature and its algorithm stay
 * empty. */
MUST_CHECK bool crl_body_read(
    struct bytes der, struct crl *crl, struct failure *why);

/* The next entry; the caller asks der_at_end first. */
MUST_CHECK bool crl_next_entry(
    struct der_reader *entries, struct crl_entry *entry, struct failure *why);

/* Verifies the signature with the issuer's key.  Two algorithms that differ
 * (5.1.1.2) are FAILURE_MALFORMED. */
MUST_CHECK bool crl_verify(
    const struct crl *crl, EVP_PKEY *issuer_key, struct failure *why);

/* CRLReason (5.3.1); 7 is not used. */
enum crl_reason {
    CRL_UNSPECIFIED = 0,
    CRL_KEY_COMPROMISE = 1,
    CRL_CA_COMPROMISE = 2,
    CRL_AFFILIATION_CHANGED = 3,
    CRL_SUPERSEDED = 4,
    CRL_CESSATION_OF_OPERATION = 5,
    CRL_CERTIFICATE_HOLD = 6,
    CRL_REMOVE_FROM_CRL = 8,
    CRL_PRIVILEGE_WITHDRAWN = 9,
    CRL_AA_COMPROMISE = 10
};

/* "keyCompromise"; NULL for a number that has no meaning. */
const char *crl_reason_name(int reason);

/* --- extensions of lists -------------------------------------------------- */

/* CRLNumber and BaseCRLNumber (5.2.3, 5.2.4): not negative, at most 20 octets;
 * big-endian contents of the INTEGER. */
#define CRL_NUMBER_MAX 20
MUST_CHECK bool extension_crl_number(
    struct bytes value, struct bytes *number, struct failure *why);

/* DistributionPointName (4.2.1.13): one of the two, or neither. */
struct distribution_point_name {
    struct der_reader names;    /* of fullName; at its end when absent */
    struct bytes relative_name; /* contents of nameRelativeToCRLIssuer; length
                                   0: absent */
};

/* 5.2.5 */
struct issuing_distribution_point {
    struct distribution_point_name name;
    bool only_users;       /* onlyContainsUserCerts */
    bool only_authorities; /* onlyContainsCACerts */
    bool only_attributes;  /* onlyContainsAttributeCerts */
    bool indirect;
    bool has_reasons; /* onlySomeReasons is there */
    uint32_t reasons; /* bit 1 << n: bit n of ReasonFlags */
};
MUST_CHECK bool extension_issuing_distribution_point(struct bytes value,
    struct issuing_distribution_point *point, struct failure *why);

/* 4.2.1.13: of crlDistributionPoints and freshestCRL. */
struct distribution_point {
    struct distribution_point_name name;
    bool has_reasons;
    uint32_t reasons;
    struct bytes crl_issuer; /* contents of GeneralNames; length 0: absent */
};
/* At least one; all are checked. */
MUST_CHECK bool extension_distribution_points(
    struct bytes value, struct der_reader *points, struct failure *why);
MUST_CHECK bool distribution_point_next(struct der_reader *points,
    struct distribution_point *point, struct failure *why);

#endif
