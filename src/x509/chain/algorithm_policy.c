#include "x509/chain/algorithm_policy.h"

#include <string.h>

#define OID(contents)                                                        \
    {                                                                        \
        .start = (const uint8_t *)(contents), .length = sizeof(contents) - 1 \
    }
#define PKCS1 "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define ANSI_ECDSA "\x2a\x86\x48\xce\x3d\x04"
#define NIST "\x60\x86\x48\x01\x65\x03\x04"

#define NO_SHA1 "SHA-1 no longer resists collisions (RFC 9155; SP 800-131A)"
#define NO_MD "MD2, MD4 and MD5 are broken (RFC 6149, 6150, 6151)"
#define NOT_BR "the Baseline Requirements, 7.1.3.2, don't have it"

static const struct signature_row signatures[] = {
    /* RFC 5758, 3.2 */
    {OID(ANSI_ECDSA "\x03\x02"), SCHEME_ECDSA, "SHA256", true, true, NULL},
    {OID(ANSI_ECDSA "\x03\x03"), SCHEME_ECDSA, "SHA384", true, true, NULL},
    {OID(ANSI_ECDSA "\x03\x04"), SCHEME_ECDSA, "SHA512", true, true, NULL},
    {OID(ANSI_ECDSA "\x03\x01"), SCHEME_ECDSA, "SHA224", true, false, NOT_BR},
    {OID(ANSI_ECDSA "\x01"), SCHEME_ECDSA, "SHA1", false, false, NO_SHA1},
    /* RFC 4055, 5 and 3 */
    {OID(PKCS1 "\x0b"), SCHEME_PKCS1, "SHA256", true, true, NULL},
    {OID(PKCS1 "\x0c"), SCHEME_PKCS1, "SHA384", true, true, NULL},
    {OID(PKCS1 "\x0d"), SCHEME_PKCS1, "SHA512", true, true, NULL},
    {OID(PKCS1 "\x0e"), SCHEME_PKCS1, "SHA224", true, false, NOT_BR},
    {OID(PKCS1 "\x0a"), SCHEME_PSS, NULL, true, true, NULL},
    /* RFC 3279, 2.2.1 */
    {OID(PKCS1 "\x05"), SCHEME_PKCS1, "SHA1", false, false, NO_SHA1},
    {OID("\x2b\x0e\x03\x02\x1d"), SCHEME_PKCS1, "SHA1", false, false, NO_SHA1},
    {OID(PKCS1 "\x04"), SCHEME_PKCS1, NULL, false, false, NO_MD},
    {OID("\x2b\x0e\x03\x02\x03"), SCHEME_PKCS1, NULL, false, false, NO_MD},
    {OID(PKCS1 "\x03"), SCHEME_PKCS1, NULL, false, false, NO_MD},
    {OID(PKCS1 "\x02"), SCHEME_PKCS1, NULL, false, false, NO_MD},
    /* RFC 3279, 2.2.2.  SHA-1 is taken with DSA, and only there: what is left
     * of DSA has no other hash (a q of 160 bits), and PKITS 4.1.4 to 4.1.6
     * hold a verifier of RFC 5280 to it.  Nobody issues with it any more, so
     * that a collision has no authority to be shown to. */
    {OID("\x2a\x86\x48\xce\x38\x04\x03"), SCHEME_DSA, "SHA1", true, false,
        NOT_BR},
    /* RFC 5758, 3.1 */
    {OID(NIST "\x03\x01"), SCHEME_DSA, "SHA224", true, false, NOT_BR},
    {OID(NIST "\x03\x02"), SCHEME_DSA, "SHA256", true, false, NOT_BR},
    /* RFC 8410, 3; RFC 9881, 2 */
    {OID("\x2b\x65\x70"), SCHEME_RAW, NULL, true, false, NOT_BR},
    {OID("\x2b\x65\x71"), SCHEME_RAW, NULL, true, false, NOT_BR},
    {OID(NIST "\x03\x11"), SCHEME_RAW, NULL, true, false, NOT_BR},
    {OID(NIST "\x03\x12"), SCHEME_RAW, NULL, true, false, NOT_BR},
    {OID(NIST "\x03\x13"), SCHEME_RAW, NULL, true, false, NOT_BR},
};

const struct signature_row *signature_row_of(struct bytes oid)
{
    for (size_t i = 0; i < sizeof(signatures) / sizeof(*signatures); i++) {
        if (bytes_equal(signatures[i].oid, oid))
            return &signatures[i];
    }
    return NULL;
}

bool signature_row_is_taken(
    const struct signature_row *row, enum algorithm_policy policy)
{
    switch (policy) {
    case ALGORITHMS_WEBPKI:
        return row->webpki;
    case ALGORITHMS_OLD_OCSP:
        return row->rfc5280 ||
               (row->scheme == SCHEME_PKCS1 && row->digest != NULL &&
                   strcmp(row->digest, "SHA1") == 0);
    case ALGORITHMS_RFC5280:
        break;
    }
    return row->rfc5280;
}

#define RAW(title, openssl_name, bits, length)                              \
    (&(const struct key_algorithm){NULL, title, KEY_KIND_RAW, openssl_name, \
        NULL, bits, {0}, length, NULL})

static const struct family_row families[] = {
    {OID("\x2a\x86\x48\xce\x3d\x02\x01"), FAMILY_EC, NULL},
    {OID(PKCS1 "\x01"), FAMILY_RSA, NULL},
    {OID(PKCS1 "\x0a"), FAMILY_RSA_PSS, NULL},
    {OID("\x2a\x86\x48\xce\x38\x04\x01"), FAMILY_DSA, NULL},
    {OID("\x2b\x65\x70"), FAMILY_RAW, RAW("Ed25519", "ED25519", 255, 32)},
    {OID("\x2b\x65\x71"), FAMILY_RAW, RAW("Ed448", "ED448", 448, 57)},
    /* FIPS 204, table 2 */
    {OID(NIST "\x03\x11"), FAMILY_RAW,
        RAW("ML-DSA-44", "ML-DSA-44", 128, 1312)},
    {OID(NIST "\x03\x12"), FAMILY_RAW,
        RAW("ML-DSA-65", "ML-DSA-65", 192, 1952)},
    {OID(NIST "\x03\x13"), FAMILY_RAW,
        RAW("ML-DSA-87", "ML-DSA-87", 256, 2592)},
    {{0}, FAMILY_UNKNOWN, NULL},
};

const struct family_row *family_row_of(struct bytes oid)
{
    const struct family_row *row = families;

    while (row->family != FAMILY_UNKNOWN && !bytes_equal(row->oid, oid))
        row++;
    return row;
}

#define CURVE(title, group, bits, length)                              \
    {                                                                  \
        NULL, title, KEY_KIND_EC, "EC", group, bits, {0}, length, NULL \
    }

static const struct curve_row curves[] = {
    {OID("\x2a\x86\x48\xce\x3d\x03\x01\x07"),
        CURVE("ECDSA P-256", "P-256", 256, 65), true, true, "SHA256"},
    {OID("\x2b\x81\x04\x00\x22"), CURVE("ECDSA P-384", "P-384", 384, 97), true,
        true, "SHA384"},
    {OID("\x2b\x81\x04\x00\x23"), CURVE("ECDSA P-521", "P-521", 521, 133), true,
        true, "SHA512"},
    {OID("\x2b\x81\x04\x00\x21"), CURVE("ECDSA P-224", "P-224", 224, 57), true,
        false, NULL},
    /* 96 bits of strength: SP 800-131A, table 2 */
    {OID("\x2a\x86\x48\xce\x3d\x03\x01\x01"),
        CURVE("ECDSA P-192", "P-192", 192, 49), false, false, NULL},
};

const struct curve_row *curve_row_of(struct bytes oid)
{
    for (size_t i = 0; i < sizeof(curves) / sizeof(*curves); i++) {
        if (bytes_equal(curves[i].oid, oid))
            return &curves[i];
    }
    return NULL;
}

static const struct {
    struct bytes oid;
    const char *digest;
} digests[] = {
    {OID(NIST "\x02\x01"), "SHA256"},
    {OID(NIST "\x02\x02"), "SHA384"},
    {OID(NIST "\x02\x03"), "SHA512"},
    {OID(NIST "\x02\x04"), "SHA224"},
    {OID("\x2b\x0e\x03\x02\x1a"), "SHA1"},
};

const char *digest_of_oid(struct bytes oid)
{
    for (size_t i = 0; i < sizeof(digests) / sizeof(*digests); i++) {
        if (bytes_equal(digests[i].oid, oid))
            return digests[i].digest;
    }
    return NULL;
}
