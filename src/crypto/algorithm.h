#ifndef CRYPTO_ALGORITHM_H
#define CRYPTO_ALGORITHM_H

#include "base/bytes.h"

/*
 * Algorithms are data: one row per kind of key that an authority or a requester
 * may have, and one row per signature algorithm.  A row is offered when the
 * library has the algorithm, which a probe decides (a key made, a signature
 * made and verified), never a version number.
 */
enum key_kind { KEY_KIND_EC, KEY_KIND_RSA, KEY_KIND_RAW /* Ed25519, ML-DSA */ };

struct signature_algorithm {
    const char *name;        /* "ecdsa-with-SHA256", RFC 5758 and friends */
    struct bytes identifier; /* the whole DER AlgorithmIdentifier */
    enum key_kind kind;      /* of the key that signs */
    const char *digest; /* "SHA256", or NULL: the algorithm hashes itself */
    bool pss;           /* RSASSA-PSS: same digest in MGF1, salt as long */
};

struct key_algorithm {
    const char *name;  /* "p256", "rsa3072", "mldsa65": as --key takes it */
    const char *title; /* "ECDSA P-256": as people are shown it */
    enum key_kind kind;
    const char *openssl_name; /* "EC", "RSA", "ED25519", "ML-DSA-65" */
    const char *group;        /* "P-256"; NULL for other kinds */
    /* Of the modulus or the field; of security for ML-DSA. */
    unsigned int bits;
    /* The DER AlgorithmIdentifier of the SubjectPublicKeyInfo. */
    struct bytes identifier;
    size_t public_length; /* of the encoded point or raw key; 0: varies (RSA) */
    const struct signature_algorithm *signs_with; /* what an authority uses */
};

#define SIGNATURE_MAX 5120 /* bytes; ML-DSA-87 needs 4,627 */

/* All rows, offered or not; ended by a row without a name. */
const struct key_algorithm *key_algorithms(void);
const struct signature_algorithm *signature_algorithms(void);

/* The row with this name, or NULL. */
const struct key_algorithm *key_algorithm_named(const char *name);

/* The row for a SubjectPublicKeyInfo's AlgorithmIdentifier (whole DER,
 * compared byte for byte) and, for RSA, the bits of the modulus: a size without
 * a row is NULL.  Parameters of RSA must be NULL, of the others absent. */
const struct key_algorithm *key_algorithm_of(
    struct bytes identifier, unsigned int rsa_bits);

/* The row for a signature's AlgorithmIdentifier, or NULL. */
const struct signature_algorithm *signature_algorithm_of(
    struct bytes identifier);

/*
 * Makes a key, signs and verifies with it: FAILURE_UNAVAILABLE with OpenSSL's
 * words when this library can't (kb 1, 2).
 */
MUST_CHECK bool key_algorithm_probe(
    const struct key_algorithm *algorithm, struct failure *why);

/* Records as FAILURE_UNAVAILABLE that the library has no such algorithm: "this
 * OpenSSL (3.0.22) has no ML-DSA-44".  Always false. */
bool key_algorithm_is_missing(
    const struct key_algorithm *algorithm, struct failure *why);

/* "p256, p384, ...": the names of those whose probe succeeds in this call. */
MUST_CHECK bool key_algorithms_offered(
    struct buffer *names, struct failure *why);

#endif
