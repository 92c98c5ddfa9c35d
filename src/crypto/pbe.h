#ifndef CRYPTO_PBE_H
#define CRYPTO_PBE_H

#include "base/bytes.h"

/*
 * Decrypts what a password-based algorithm of PKCS#5 or PKCS#12 (RFC 8018, RFC
 * 7292) encrypted: PBES2 by crypto/pbes2, the older ones by OpenSSL.  Whoever
 * calls has held salt and iterations against his limits.
 *
 * algorithm: the whole DER AlgorithmIdentifier.  password: NULL with length 0
 * is none at all, which PKCS#12 derives from otherwise than from an empty one.
 * FAILURE_UNSUITABLE: this library has no such cipher; FAILURE_UNAUTHENTICATED:
 * it does not decrypt; FAILURE_MALFORMED: no such parameters.
 */
struct pbe {
    struct bytes algorithm;
    const char *password;
    int password_length;
};

MUST_CHECK bool pbe_decrypt(const struct pbe *pbe, struct bytes encrypted,
    struct secret *plain, struct failure *why);

/* Is there a cipher for this OpenSSL NID of an older algorithm?  RC2, RC4 and
 * DES stand in the legacy provider, which a machine may lack. */
bool pbe_has_cipher(int nid);

#endif
