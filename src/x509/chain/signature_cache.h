#ifndef X509_CHAIN_SIGNATURE_CACHE_H
#define X509_CHAIN_SIGNATURE_CACHE_H

#include <openssl/evp.h>

#include "x509/chain/arithmetic.h"

/* What arithmetic.c asks of a cache; NULL holds nothing. */

/* Did a signature with this digest of key, algorithm, message and bits match
 * before? */
bool signature_cache_has(
    struct signature_cache *cache, const uint8_t digest[static SHA256_BYTES]);
void signature_cache_add(
    struct signature_cache *cache, const uint8_t digest[static SHA256_BYTES]);

/* The key made of what has this digest, which the caller frees; or NULL. */
EVP_PKEY *signature_cache_key(
    struct signature_cache *cache, const uint8_t digest[static SHA256_BYTES]);
void signature_cache_add_key(struct signature_cache *cache,
    const uint8_t digest[static SHA256_BYTES], EVP_PKEY *key);

#endif
