#ifndef CRYPTO_DSA_KEY_H
#define CRYPTO_DSA_KEY_H

#include <openssl/evp.h>

#include "base/bytes.h"

/* DSA (RFC 3279, 2.3.2): only to verify what strangers signed; nobody here is
 * given such a key.  Numbers are big-endian. */
struct dsa_numbers {
    struct bytes prime, subprime, generator, value;
};

/* The key becomes the caller's.  FAILURE_UNSUITABLE: no DSA key. */
MUST_CHECK bool dsa_key_make(
    const struct dsa_numbers *numbers, EVP_PKEY **key, struct failure *why);

#endif
