#ifndef X509_SPKI_H
#define X509_SPKI_H

#include "crypto/public_key.h"
#include "x509/der.h"

/* SubjectPublicKeyInfo, RFC 5280 4.1.2.7; RFC 3279, 5480, 8410, 9881. */
struct spki {
    struct bytes whole;
    struct bytes algorithm; /* the AlgorithmIdentifier element */
    struct bytes bits;      /* of the BIT STRING, no spare bits */
};

MUST_CHECK bool spki_read(
    struct der_reader *reader, struct spki *spki, struct failure *why);

/* Finds the row and, for RSA, n and e.  FAILURE_UNSUITABLE for an algorithm,
 * curve, parameters or size without a row: the reason names it (explicit curve
 * parameters never reach OpenSSL, incident 26). */
MUST_CHECK bool spki_parts(const struct spki *spki,
    struct public_key_parts *parts, struct failure *why);

/* modulus and exponent of the bits of an RSA key of any size; nothing is said
 * of its strength. */
MUST_CHECK bool spki_rsa_numbers(
    struct bytes bits, struct public_key_parts *parts, struct failure *why);

#endif
