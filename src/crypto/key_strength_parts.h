#ifndef CRYPTO_KEY_STRENGTH_PARTS_H
#define CRYPTO_KEY_STRENGTH_PARTS_H

#include "crypto/key_strength.h"

/* What key_strength_check is made of; for its own files. */

MUST_CHECK bool key_strength_check_rsa(
    const struct public_key_parts *parts, struct failure *why);

/* Fermat's method, 110 rounds, on an odd modulus. */
MUST_CHECK bool key_strength_check_close_primes(
    struct bytes modulus, struct failure *why);

/* The key has its 32 bytes. */
MUST_CHECK bool key_strength_check_ed25519(
    struct bytes key, struct failure *why);

#endif
