#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include <openssl/evp.h>

#include "base/bytes.h"

#define SHA256_BYTES 32
#define SHA256_TEXT 65 /* lower-case hexadecimal and its zero */

/* SHA-256 of the parts one after the other. */
MUST_CHECK bool sha256(const struct bytes *parts, size_t count,
    uint8_t digest[static SHA256_BYTES], struct failure *why);

/* Of a part of a file, read in pieces; FAILURE_UNAVAILABLE when it ends
 * earlier. */
MUST_CHECK bool sha256_part(int descriptor, uint64_t offset, uint64_t length,
    uint8_t digest[static SHA256_BYTES], struct failure *why);

/* The same with another algorithm (crypto/algorithm.h: digest_named). */
MUST_CHECK bool digest_part(const EVP_MD *algorithm, int descriptor,
    uint64_t offset, uint64_t length, uint8_t digest[static EVP_MAX_MD_SIZE],
    struct failure *why);

/* HMAC-SHA-256 (RFC 2104) over the SHA-256 of the parts, each with its length
 * before it: what is found by it can't be chosen without the key. */
#define DIGEST_KEY_BYTES 32
MUST_CHECK bool keyed_digest(const uint8_t key[static DIGEST_KEY_BYTES],
    const struct bytes *parts, size_t count,
    uint8_t digest[static SHA256_BYTES], struct failure *why);

MUST_CHECK bool sha256_text(
    struct bytes bytes, char text[static SHA256_TEXT], struct failure *why);

/* RFC 5280, 4.2.1.2 (1): SHA-1 of the key bits; RFC 7093, 2 (1): the leftmost
 * 160 bits of their SHA-256.  We use the latter. */
#define KEY_IDENTIFIER_BYTES 20
MUST_CHECK bool key_identifier(struct bytes key_bits,
    uint8_t identifier[static KEY_IDENTIFIER_BYTES], struct failure *why);

/* "SHA1", "SHA224", "SHA256", "SHA384" or "SHA512", fetched once and kept for
 * the life of the process: a fetch costs more than hashing a request.  Not the
 * caller's. */
MUST_CHECK bool digest_named(
    const char *name, const EVP_MD **digest, struct failure *why);

#endif
