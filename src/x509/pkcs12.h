#ifndef X509_PKCS12_H
#define X509_PKCS12_H

#include "x509/container.h"

/*
 * Reading PKCS#12 (RFC 7292, 9579) of others, in the reader role alone.
 *
 * Our own walk reads every parameter of a derivation and holds it against a
 * limit before anything is derived (incident 36); OpenSSL does the arithmetic.
 * "Wrong password" is said where the MAC does not match and nowhere else (kb
 * 32): a cipher that is not there, a file that is no PKCS#12, and a file
 * without a MAC have answers of their own.
 *
 * Limits: KEY_ITERATIONS_MAX for one derivation, PKCS12_ITERATIONS_TOTAL for
 * all of a file, KEY_SCRYPT_MEMORY_MAX, CONTAINER_OBJECTS_MAX,
 * CONTAINER_BYTES_MAX, BER's own.
 */
#define PKCS12_ITERATIONS_TOTAL 20000000
#define PKCS12_NESTING_MAX 4 /* safe contents within safe contents */
#define PKCS12_SALT_MAX 1024

/*
 * passphrase: in UTF-8; NULL or empty: both ways of having none are tried.  On
 * failure *code is VERDICT_WRONG_PASSWORD, VERDICT_UNSUPPORTED_ALGORITHM,
 * VERDICT_BUDGET_EXCEEDED or VERDICT_MALFORMED, and the reason names the part.
 * FAILURE_INTERNAL is our own fault whatever the code.
 */
MUST_CHECK bool pkcs12_read(struct bytes file, const struct secret *passphrase,
    struct container *container, enum verdict_code *code, struct failure *why);

#endif
