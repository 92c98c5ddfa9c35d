#ifndef CRYPTO_KEY_STRENGTH_H
#define CRYPTO_KEY_STRENGTH_H

#include "crypto/public_key.h"

/*
 * Which public keys are fit to be certified; docs/key-strength.md says what
 * each test is for and what is left out.  Keys that are good but may not be
 * certified (a blocked list, the authority's own) are the authority's concern.
 */
enum key_strength_rule {
    KEY_STRENGTH_RSA_SIZE,
    KEY_STRENGTH_RSA_ODD_MODULUS,
    KEY_STRENGTH_RSA_EXPONENT,
    KEY_STRENGTH_RSA_SMALL_FACTORS,
    KEY_STRENGTH_RSA_ROCA,
    KEY_STRENGTH_RSA_CLOSE_PRIMES,
    KEY_STRENGTH_EC_NAMED_CURVE,
    KEY_STRENGTH_EC_NOT_INFINITY,
    KEY_STRENGTH_EC_UNCOMPRESSED_POINT,
    KEY_STRENGTH_EC_ON_CURVE,
    KEY_STRENGTH_RAW_LENGTH,
    KEY_STRENGTH_ED25519_CANONICAL,
    KEY_STRENGTH_ED25519_SMALL_ORDER,
    KEY_STRENGTH_ED25519_ON_CURVE,
    KEY_STRENGTH_RULES
};

struct key_strength_test {
    const char *name;      /* "rsa-close-primes", as refusals name it */
    const char *reference; /* "Baseline Requirements 6.1.1.3" */
};

/* By enum key_strength_rule; ended by a row without a name. */
const struct key_strength_test *key_strength_tests(void);

/*
 * Is this public key fit to be certified?  FAILURE_UNSUITABLE names the test
 * that it failed and what to do: "... (test rsa-roca, CVE-2017-15361)".
 * Takes less than a millisecond, whatever the key.
 */
MUST_CHECK bool key_strength_check(
    const struct public_key_parts *parts, struct failure *why);

/*
 * The part of it that any computation with an RSA key needs, fit or not (a
 * stranger's certificate may have an exponent of 3): the modulus is odd, the
 * exponent is odd, above 1 and of 64 bits at most.
 */
MUST_CHECK bool key_strength_check_rsa_numbers(
    const struct public_key_parts *parts, struct failure *why);

/* Refuses a key as FAILURE_UNSUITABLE: the sentence, then the test's name and
 * reference.  For whoever sees what the parts no longer tell, as the curve's
 * parameters.  Always false. */
bool key_strength_refuse(struct failure *why, enum key_strength_rule rule,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
