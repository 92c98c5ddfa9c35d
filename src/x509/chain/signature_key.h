#ifndef X509_CHAIN_SIGNATURE_KEY_H
#define X509_CHAIN_SIGNATURE_KEY_H

#include "crypto/dsa_key.h"
#include "x509/chain/algorithm_policy.h"
#include "x509/chain/signature_parameters.h"

/* A stranger's key, read: of any size that the policy takes, while
 * spki_parts takes only what may be certified here. */
struct verifying_key {
    enum key_family family;
    struct key_algorithm row; /* of RSA, EC and raw keys: size and names */
    char title[OID_TEXT];
    const struct curve_row *curve; /* FAMILY_EC */
    struct public_key_parts parts; /* without algorithm: it is row */
    struct dsa_numbers dsa;        /* FAMILY_DSA */
    bool is_restricted;            /* FAMILY_RSA_PSS with parameters */
    struct pss_parameters restricts;
};

/* FAILURE_UNSUITABLE or FAILURE_MALFORMED: a key that is refused, and why.
 * FAMILY_UNKNOWN is no failure. */
MUST_CHECK bool verifying_key_read(const struct signature_key *key,
    enum algorithm_policy policy, struct verifying_key *found,
    struct failure *why);

/* FAILURE_UNAVAILABLE: the library has no such algorithm. */
MUST_CHECK bool verifying_key_make(
    const struct verifying_key *key, EVP_PKEY **made, struct failure *why);

#endif
