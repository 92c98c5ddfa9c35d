#include "crypto/algorithm.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#define ELEMENT(...)                               \
    {                                              \
        .start = (const uint8_t[]){__VA_ARGS__},   \
        .length = sizeof((uint8_t[]){__VA_ARGS__}) \
    }

/* clang-format off */

/* RFC 5480, section 2.1.1: id-ecPublicKey and its named curve. */
#define EC_PUBLIC_KEY 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01
#define EC_P256 ELEMENT(0x30, 0x13, EC_PUBLIC_KEY, \
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07)
#define EC_P384 ELEMENT(0x30, 0x10, EC_PUBLIC_KEY, \
    0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22)
#define EC_P521 ELEMENT(0x30, 0x10, EC_PUBLIC_KEY, \
    0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23)

/* RFC 8017, A.1 and RFC 4055, section 5: pkcs-1 and NULL. */
#define PKCS1(last) 0x06, 0x09, \
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, (last)
#define RSA(last) ELEMENT(0x30, 0x0d, PKCS1(last), 0x05, 0x00)

/* RFC 8410, section 3; RFC 9881, section 2: no parameters. */
#define ED25519 ELEMENT(0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70)
#define ML_DSA(last) ELEMENT(0x30, 0x0b, \
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, (last))

/* RFC 5758, section 3.2: no parameters. */
#define ECDSA(last) ELEMENT(0x30, 0x0a, \
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, (last))

/* RFC 4055, section 3.1: the hash, MGF1 with the same hash, the salt's length;
 * the trailer field has its default and is absent. */
#define SHA2(last) 0x30, 0x0d, \
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, (last), \
    0x05, 0x00
#define PSS(hash, salt) ELEMENT(0x30, 0x41, PKCS1(0x0a), 0x30, 0x34, \
    0xa0, 0x0f, SHA2(hash), \
    0xa1, 0x1c, 0x30, 0x1a, PKCS1(0x08), SHA2(hash), \
    0xa2, 0x03, 0x02, 0x01, (salt))

enum signature_row {
    ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512,
    RSA_SHA256, RSA_SHA384, RSA_SHA512,
    PSS_SHA256, PSS_SHA384, PSS_SHA512,
    PURE_ED25519, PURE_ML_DSA_44, PURE_ML_DSA_65, PURE_ML_DSA_87,
    SIGNATURE_ROWS
};

/* clang-format on */

static const struct signature_algorithm signatures[SIGNATURE_ROWS + 1] = {
    [ECDSA_SHA256] = {"ecdsa-with-SHA256", ECDSA(0x02), KEY_KIND_EC, "SHA256",
        false},
    [ECDSA_SHA384] = {"ecdsa-with-SHA384", ECDSA(0x03), KEY_KIND_EC, "SHA384",
        false},
    [ECDSA_SHA512] = {"ecdsa-with-SHA512", ECDSA(0x04), KEY_KIND_EC, "SHA512",
        false},
    [RSA_SHA256] = {"sha256WithRSAEncryption", RSA(0x0b), KEY_KIND_RSA,
        "SHA256", false},
    [RSA_SHA384] = {"sha384WithRSAEncryption", RSA(0x0c), KEY_KIND_RSA,
        "SHA384", false},
    [RSA_SHA512] = {"sha512WithRSAEncryption", RSA(0x0d), KEY_KIND_RSA,
        "SHA512", false},
    [PSS_SHA256] = {"RSASSA-PSS with SHA-256", PSS(0x01, 32), KEY_KIND_RSA,
        "SHA256", true},
    [PSS_SHA384] = {"RSASSA-PSS with SHA-384", PSS(0x02, 48), KEY_KIND_RSA,
        "SHA384", true},
    [PSS_SHA512] = {"RSASSA-PSS with SHA-512", PSS(0x03, 64), KEY_KIND_RSA,
        "SHA512", true},
    [PURE_ED25519] = {"Ed25519", ED25519, KEY_KIND_RAW, NULL, false},
    [PURE_ML_DSA_44] = {"id-ml-dsa-44", ML_DSA(0x11), KEY_KIND_RAW, NULL,
        false},
    [PURE_ML_DSA_65] = {"id-ml-dsa-65", ML_DSA(0x12), KEY_KIND_RAW, NULL,
        false},
    [PURE_ML_DSA_87] = {"id-ml-dsa-87", ML_DSA(0x13), KEY_KIND_RAW, NULL,
        false},
};

/* Sizes of ML-DSA keys: FIPS 204, table 2. */
static const struct key_algorithm keys[] = {
    {"p256", "ECDSA P-256", KEY_KIND_EC, "EC", "P-256", 256, EC_P256, 65,
        &signatures[ECDSA_SHA256]},
    {"p384", "ECDSA P-384", KEY_KIND_EC, "EC", "P-384", 384, EC_P384, 97,
        &signatures[ECDSA_SHA384]},
    {"p521", "ECDSA P-521", KEY_KIND_EC, "EC", "P-521", 521, EC_P521, 133,
        &signatures[ECDSA_SHA512]},
    {"rsa2048", "RSA 2048", KEY_KIND_RSA, "RSA", NULL, 2048, RSA(0x01), 0,
        &signatures[RSA_SHA256]},
    {"rsa3072", "RSA 3072", KEY_KIND_RSA, "RSA", NULL, 3072, RSA(0x01), 0,
        &signatures[RSA_SHA256]},
    {"rsa4096", "RSA 4096", KEY_KIND_RSA, "RSA", NULL, 4096, RSA(0x01), 0,
        &signatures[RSA_SHA256]},
    {"ed25519", "Ed25519", KEY_KIND_RAW, "ED25519", NULL, 255, ED25519, 32,
        &signatures[PURE_ED25519]},
    {"mldsa44", "ML-DSA-44", KEY_KIND_RAW, "ML-DSA-44", NULL, 128, ML_DSA(0x11),
        1312, &signatures[PURE_ML_DSA_44]},
    {"mldsa65", "ML-DSA-65", KEY_KIND_RAW, "ML-DSA-65", NULL, 192, ML_DSA(0x12),
        1952, &signatures[PURE_ML_DSA_65]},
    {"mldsa87", "ML-DSA-87", KEY_KIND_RAW, "ML-DSA-87", NULL, 256, ML_DSA(0x13),
        2592, &signatures[PURE_ML_DSA_87]},
    {0},
};

const struct key_algorithm *key_algorithms(void)
{
    return keys;
}

const struct signature_algorithm *signature_algorithms(void)
{
    return signatures;
}

const struct key_algorithm *key_algorithm_named(const char *name)
{
    for (const struct key_algorithm *row = keys; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0)
            return row;
    }
    return NULL;
}

const struct key_algorithm *key_algorithm_of(
    struct bytes identifier, unsigned int rsa_bits)
{
    for (const struct key_algorithm *row = keys; row->name != NULL; row++) {
        if (!bytes_equal(row->identifier, identifier))
            continue;
        if (row->kind != KEY_KIND_RSA || row->bits == rsa_bits)
            return row;
    }
    return NULL;
}

const struct signature_algorithm *signature_algorithm_of(
    struct bytes identifier)
{
    const struct signature_algorithm *row = signatures;

    for (; row->name != NULL; row++) {
        if (bytes_equal(row->identifier, identifier))
            return row;
    }
    return NULL;
}

bool key_algorithm_is_missing(
    const struct key_algorithm *algorithm, struct failure *why)
{
    ERR_clear_error();
    return fail_because(why, FAILURE_UNAVAILABLE, "this OpenSSL (%s) has no %s",
        OpenSSL_version(OPENSSL_VERSION_STRING), algorithm->title);
}
