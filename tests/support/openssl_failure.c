#include "support/openssl_failure.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

static size_t until_failure;
static bool has_failed;

void openssl_fails_at(size_t nth)
{
    until_failure = nth;
    has_failed = false;
}

bool openssl_has_failed(void)
{
    return has_failed;
}

static bool fails(void)
{
    if (until_failure == 0 || --until_failure > 0)
        return false;
    has_failed = true;
    ERR_raise(ERR_LIB_EVP, ERR_R_MALLOC_FAILURE);
    return true;
}

#define INSTEAD(result, name, parameters, arguments, failed) \
    result __real_##name parameters;                         \
    result __wrap_##name parameters;                         \
    result __wrap_##name parameters                          \
    {                                                        \
        return fails() ? (failed) : __real_##name arguments; \
    }

INSTEAD(EVP_MD_CTX *, EVP_MD_CTX_new, (void), (), NULL)
INSTEAD(int, EVP_DigestInit_ex2,
    (EVP_MD_CTX * context, const EVP_MD *digest, const OSSL_PARAM *parameters),
    (context, digest, parameters), 0)
INSTEAD(int, EVP_DigestUpdate,
    (EVP_MD_CTX * context, const void *bytes, size_t count),
    (context, bytes, count), 0)
INSTEAD(int, EVP_DigestFinal_ex,
    (EVP_MD_CTX * context, unsigned char *digest, unsigned int *count),
    (context, digest, count), 0)
INSTEAD(int, EVP_Digest,
    (const void *bytes, size_t count, unsigned char *digest,
        unsigned int *length, const EVP_MD *type, ENGINE *engine),
    (bytes, count, digest, length, type, engine), 0)
INSTEAD(int, EVP_Q_digest,
    (OSSL_LIB_CTX * library, const char *name, const char *properties,
        const void *bytes, size_t count, unsigned char *digest, size_t *length),
    (library, name, properties, bytes, count, digest, length), 0)
INSTEAD(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_from_pkey,
    (OSSL_LIB_CTX * library, EVP_PKEY *key, const char *properties),
    (library, key, properties), NULL)
INSTEAD(int, EVP_PKEY_verify_init, (EVP_PKEY_CTX * context), (context), 0)
INSTEAD(int, EVP_PKEY_CTX_set_signature_md,
    (EVP_PKEY_CTX * context, const EVP_MD *digest), (context, digest), 0)
INSTEAD(int, EVP_PKEY_CTX_set_rsa_padding, (EVP_PKEY_CTX * context, int mode),
    (context, mode), 0)
INSTEAD(int, EVP_PKEY_CTX_set_rsa_mgf1_md,
    (EVP_PKEY_CTX * context, const EVP_MD *digest), (context, digest), 0)
INSTEAD(int, EVP_PKEY_CTX_set_rsa_pss_saltlen,
    (EVP_PKEY_CTX * context, int length), (context, length), 0)
INSTEAD(int, EVP_PKEY_verify,
    (EVP_PKEY_CTX * context, const unsigned char *signature, size_t length,
        const unsigned char *digest, size_t digest_length),
    (context, signature, length, digest, digest_length), -1)
INSTEAD(int, EVP_DigestVerifyInit_ex,
    (EVP_MD_CTX * context, EVP_PKEY_CTX **key_context, const char *digest,
        OSSL_LIB_CTX *library, const char *properties, EVP_PKEY *key,
        const OSSL_PARAM *parameters),
    (context, key_context, digest, library, properties, key, parameters), 0)
INSTEAD(int, EVP_DigestVerify,
    (EVP_MD_CTX * context, const unsigned char *signature, size_t length,
        const unsigned char *bytes, size_t count),
    (context, signature, length, bytes, count), -1)
INSTEAD(int, EVP_PKEY_up_ref, (EVP_PKEY * key), (key), 0)
INSTEAD(EVP_PKEY *, EVP_PKEY_dup, (EVP_PKEY * key), (key), NULL)
