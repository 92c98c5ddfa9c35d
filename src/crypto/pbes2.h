#ifndef CRYPTO_PBES2_H
#define CRYPTO_PBES2_H

#include <openssl/x509.h>

#include "base/bytes.h"

/*
 * PBES2 (RFC 8018, 6.2) with PBKDF2 or scrypt (RFC 7914).  The parameters come
 * from whoever made the file, and tell us how long to work: they are read and
 * held against the limits of crypto/key.h before anything is derived (incident
 * 36).  OpenSSL's own PKCS8_decrypt has no limit for PBKDF2, and one for scrypt
 * that refuses what we are asked to read.
 */
enum pbes2_derivation { PBES2_PBKDF2, PBES2_SCRYPT };

#define PBES2_SALT_MAX 256

struct pbes2 {
    enum pbes2_derivation derivation;
    uint8_t salt[PBES2_SALT_MAX];
    size_t salt_length;
    int prf;                  /* PBKDF2: NID_hmacWithSHA256 and friends */
    uint64_t iterations;      /* PBKDF2 */
    uint64_t cost;            /* scrypt: N */
    uint64_t block_size;      /* scrypt: r */
    uint64_t parallelization; /* scrypt: p */
    int cipher;               /* NID_aes_256_cbc and friends */
    uint8_t vector[EVP_MAX_IV_LENGTH];
};

/* FAILURE_UNSUITABLE: not PBES2, a part we don't have, or beyond a limit, which
 * the reason names; FAILURE_MALFORMED: no such parameters. */
MUST_CHECK bool pbes2_read(
    const X509_ALGOR *algorithm, struct pbes2 *parameters, struct failure *why);

/* FAILURE_UNAUTHENTICATED: this passphrase does not open it.  One wrong
 * passphrase in 256 ends in bytes that happen to look padded: the caller must
 * expect garbage. */
MUST_CHECK bool pbes2_decrypt(const struct pbes2 *parameters,
    struct bytes passphrase, struct bytes encrypted, struct secret *plain,
    struct failure *why);

#endif
