#ifndef CRYPTO_KEY_FILE_H
#define CRYPTO_KEY_FILE_H

#include "crypto/key.h"
#include "crypto/pbes2.h"

/*
 * What the sources of the file home share; everybody else includes
 * crypto/key.h.
 */

/* Wraps a key pair of OpenSSL in the file home.  The pair stays the caller's
 * too.  FAILURE_UNSUITABLE: no row of key_algorithms fits it. */
MUST_CHECK bool key_file_wrap(
    EVP_PKEY *pair, struct private_key **key, struct failure *why);

/* The pair that the file home holds, for TLS; the key's, and lives as long. */
EVP_PKEY *key_file_pair(const struct private_key *key);

/*
 * Does a key pair from outside hold together?  For RSA its numbers are held
 * against the size of the modulus first, so that the arithmetic is bounded, and
 * then against each other.  FAILURE_MALFORMED.
 */
MUST_CHECK bool key_file_check_pair(EVP_PKEY *pair, struct failure *why);

/* How the file's key is encrypted, without deriving anything; a file that isn't
 * encrypted is FAILURE_UNSUITABLE. */
MUST_CHECK bool key_file_encryption(
    struct bytes file, struct pbes2 *parameters, struct failure *why);

#endif
