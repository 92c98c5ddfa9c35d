#include "crypto/start.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "crypto/key.h"
#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"

#define PATCH_LEAST 21 /* of 3.0 */

bool libcrypto_check(unsigned int major, unsigned int minor, unsigned int patch,
    struct failure *why)
{
    bool is_too_old =
        major < 3 || (major == 3 && minor == 0 && patch < PATCH_LEAST);

    if (is_too_old)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "libcrypto is %u.%u.%u; of 3.0, at least 3.0.%d is needed "
            "(CVE-2026-45447): install the distribution's updates",
            major, minor, patch, PATCH_LEAST);
    return true;
}

static bool use_random(struct failure *why)
{
    unsigned char bytes[16];

    if (RAND_bytes(bytes, sizeof(bytes)) <= 0 ||
        RAND_priv_bytes(bytes, sizeof(bytes)) <= 0)
        return fail_in_openssl(
            why, FAILURE_UNAVAILABLE, "seeding OpenSSL's random numbers");
    return true;
}

static bool use_passphrase_functions(struct failure *why)
{
    static const unsigned char salt[16] = {0};
    SCOPED(EVP_CIPHER_CTX) *context = EVP_CIPHER_CTX_new();
    unsigned char key[32];
    unsigned char vector[16] = {0};

    if (context == NULL ||
        !PKCS5_PBKDF2_HMAC(
            "", 0, salt, sizeof(salt), 1, EVP_sha256(), sizeof(key), key) ||
        !EVP_DecryptInit_ex2(context, EVP_aes_256_cbc(), key, vector, NULL))
        return fail_in_openssl(
            why, FAILURE_UNAVAILABLE, "PBKDF2 and AES-256-CBC");
    return true;
}

static bool use_key(const char *name, struct failure *why)
{
    return key_algorithm_probe(key_algorithm_named(name), why);
}

/* Making an RSA key would cost a tenth of a second at every start; its public
 * operation, with a fixed modulus and a signature that can't match, fetches
 * the same. */
static bool use_rsa(struct failure *why)
{
    uint8_t modulus[256];
    uint8_t signature[256] = {0};
    static const uint8_t exponent[] = {1, 0, 1};
    struct public_key_parts parts = {
        .algorithm = key_algorithm_named("rsa2048"),
        .modulus = {modulus, sizeof(modulus)},
        .exponent = {exponent, sizeof(exponent)}};
    SCOPED(EVP_PKEY) *key = NULL;
    struct failure mismatch = {0};

    for (size_t i = 0; i < sizeof(modulus); i++)
        modulus[i] = 0xff;
    if (!public_key_make(&parts, &key, why))
        return false;
    if (signature_verify(key, parts.algorithm->signs_with, (struct bytes){0},
            (struct bytes){signature, sizeof(signature)}, &mismatch) ||
        mismatch.kind != FAILURE_UNSUITABLE)
        return fail_because(why, FAILURE_INTERNAL,
            "RSA did not refuse a signature of zeros: %s", mismatch.reason);
    return true;
}

bool crypto_start(struct failure *why)
{
    if (!OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL))
        return fail_in_openssl(why, FAILURE_UNAVAILABLE, "starting OpenSSL");
    if (!libcrypto_check(OPENSSL_version_major(), OPENSSL_version_minor(),
            OPENSSL_version_patch(), why))
        return false;
    return use_random(why) && use_passphrase_functions(why) &&
           use_key("p256", why) && use_key("p384", why) &&
           use_key("ed25519", why) && use_rsa(why);
}
