#ifndef X509_CHAIN_ALGORITHM_POLICY_H
#define X509_CHAIN_ALGORITHM_POLICY_H

#include "x509/algorithm_identifier.h"
#include "x509/chain/arithmetic.h"

/* What a verifier takes of strangers, as data. */

enum signature_scheme {
    SCHEME_PKCS1,
    SCHEME_PSS,
    SCHEME_ECDSA,
    SCHEME_DSA,
    SCHEME_RAW /* Ed25519, Ed448, ML-DSA: the key's algorithm is the
                  signature's */
};

struct signature_row {
    struct bytes oid; /* contents */
    enum signature_scheme scheme;
    const char *digest; /* NULL: in the parameters, or the scheme hashes */
    bool rfc5280, webpki;
    const char *refusal; /* why a policy does not take it */
};

/* By the algorithm's identifier; NULL: none that is known. */
const struct signature_row *signature_row_of(struct bytes oid);

bool signature_row_is_taken(
    const struct signature_row *row, enum algorithm_policy policy);

enum key_family {
    FAMILY_RSA,
    FAMILY_RSA_PSS, /* RFC 4055, 1.2: for RSASSA-PSS alone */
    FAMILY_EC,
    FAMILY_DSA,
    FAMILY_RAW,
    FAMILY_UNKNOWN
};

struct family_row {
    struct bytes oid;
    enum key_family family;
    const struct key_algorithm *raw; /* of FAMILY_RAW */
};

/* FAMILY_UNKNOWN's row when there is none. */
const struct family_row *family_row_of(struct bytes oid);

/* RFC 5480, 2.1.1.1; BR, 6.1.5 and 7.1.3.2.2: which curve goes with which
 * digest. */
struct curve_row {
    struct bytes oid;
    struct key_algorithm key; /* title, group, bits, public_length */
    bool rfc5280, webpki;
    const char *webpki_digest;
};
const struct curve_row *curve_row_of(struct bytes oid);

/* Of an RSA modulus. */
#define RSA_BITS_RFC5280_MIN 1024
#define RSA_BITS_WEBPKI_MIN 2048

/* Contents of a hash's OBJECT IDENTIFIER: "SHA256"; NULL: none that is known.
 */
const char *digest_of_oid(struct bytes oid);

#endif
