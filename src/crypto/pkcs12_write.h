#ifndef CRYPTO_PKCS12_WRITE_H
#define CRYPTO_PKCS12_WRITE_H

#include "crypto/key.h"

/*
 * A key with its certificate and the certificates above it as one file that
 * browsers and mail programs import (PKCS#12, RFC 7292): key and certificates
 * under PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC, the whole under a MAC
 * with SHA-256, KEY_ITERATIONS of each.
 */
#define PKCS12_MAX (512 * 1024)
#define PKCS12_CHAIN_MAX 8

struct pkcs12_contents {
    const char *name; /* shown by the program that imports it */
    const struct private_key *key;
    struct bytes certificate; /* DER, of this key */
    const struct bytes *chain;
    size_t chain_count;
};

/*
 * Appends the file, then opens it anew with the passphrase and checks cipher,
 * derivation, iterations, and that the key and certificates are in it (incident
 * 56).  FAILURE_UNSUITABLE: an empty passphrase, or one with a zero in it.
 */
MUST_CHECK bool pkcs12_write(const struct pkcs12_contents *contents,
    const struct secret *passphrase, struct buffer *file, struct failure *why);

/* As the check at the end of pkcs12_write. */
MUST_CHECK bool pkcs12_check(const struct pkcs12_contents *contents,
    const struct secret *passphrase, struct bytes file, struct failure *why);

#endif
