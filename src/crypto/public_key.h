#ifndef CRYPTO_PUBLIC_KEY_H
#define CRYPTO_PUBLIC_KEY_H

#include <openssl/evp.h>

#include "crypto/algorithm.h"

/*
 * Public keys without OpenSSL's decoders, whose set-up costs more than two
 * verifications (DESIGN.md 3a).
 */

/* The parts of a SubjectPublicKeyInfo, as x509/spki reads them; views. */
struct public_key_parts {
    const struct key_algorithm *algorithm;
    struct bytes bits;    /* EC: the encoded point; raw kinds: the key; RSA: the
                             DER RSAPublicKey */
    struct bytes modulus; /* RSA: n and e, big-endian, no sign byte */
    struct bytes exponent;
};

/* Bits of a big-endian number without zeros in front. */
unsigned int public_key_bits(struct bytes magnitude);

/*
 * The key, checked: a point must be uncompressed, on its curve and not at
 * infinity; a raw key has its length.  The key becomes the caller's.
 * FAILURE_UNSUITABLE says what is wrong; FAILURE_UNAVAILABLE: this library does
 * not have the algorithm.
 */
MUST_CHECK bool public_key_make(
    const struct public_key_parts *parts, EVP_PKEY **key, struct failure *why);

/*
 * Verifies.  FAILURE_UNSUITABLE "the signature does not match" when the
 * arithmetic says no; any other failure has another reason:
 * FAILURE_MALFORMED for bytes that are no signature of this algorithm (an
 * ECDSA-Sig-Value that is no DER, a wrong length), FAILURE_UNSUITABLE for a key
 * of another kind than the algorithm's.
 */
MUST_CHECK bool signature_verify(EVP_PKEY *key,
    const struct signature_algorithm *algorithm, struct bytes message,
    struct bytes signature, struct failure *why);

#endif
