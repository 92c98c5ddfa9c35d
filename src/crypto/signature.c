#include "crypto/signature.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "crypto/digest.h"
#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"
#include "crypto/public_key.h"

struct signature_operation {
    const struct signature_algorithm *algorithm;
    EVP_PKEY *key;
    const EVP_MD *digest;  /* NULL for the raw kinds, which hash themselves */
    EVP_PKEY_CTX *context; /* NULL for the raw kinds */
};

/* OpenSSL's name of the keys that this algorithm signs with. */
static const char *key_type(const struct signature_algorithm *algorithm)
{
    const struct key_algorithm *row = key_algorithms();

    if (algorithm->kind == KEY_KIND_EC)
        return "EC";
    if (algorithm->kind == KEY_KIND_RSA)
        return "RSA";
    while (row->name != NULL && row->signs_with != algorithm)
        row++;
    return row->openssl_name;
}

static bool check_key(EVP_PKEY *key,
    const struct signature_algorithm *algorithm, struct failure *why)
{
    const char *type = key_type(algorithm);

    if (type == NULL || !EVP_PKEY_is_a(key, type))
        return fail_because(why, FAILURE_UNSUITABLE,
            "%s does not go with a key of type %s", algorithm->name,
            EVP_PKEY_get0_type_name(key));
    return true;
}

/* RFC 4055, section 3.1: the salt is as long as the hash, MGF1 uses the same.
 */
static bool set_pss(EVP_PKEY_CTX *context, const EVP_MD *digest)
{
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) >
               0;
}

static bool set_rsa(
    const struct signature_operation *operation, struct failure *why)
{
    EVP_PKEY_CTX *context = operation->context;

    if (EVP_PKEY_CTX_set_signature_md(context, operation->digest) <= 0)
        return fail_in_openssl(why, FAILURE_INTERNAL, "choosing a digest");
    if (operation->algorithm->pss && !set_pss(context, operation->digest))
        return fail_in_openssl(why, FAILURE_INTERNAL, "choosing RSASSA-PSS");
    return true;
}

static bool prepare(struct signature_operation *operation,
    enum signature_use use, struct failure *why)
{
    const struct signature_algorithm *algorithm = operation->algorithm;
    int started;

    if (algorithm->digest == NULL)
        return true;
    if (!digest_named(algorithm->digest, &operation->digest, why))
        return false;
    operation->context = EVP_PKEY_CTX_new_from_pkey(NULL, operation->key, NULL);
    if (operation->context == NULL)
        return fail_in_openssl(why, FAILURE_UNAVAILABLE, algorithm->name);
    started = use == SIGNATURE_SIGN ? EVP_PKEY_sign_init(operation->context)
                                    : EVP_PKEY_verify_init(operation->context);
    if (started <= 0)
        return fail_in_openssl(why, FAILURE_UNAVAILABLE, algorithm->name);
    return algorithm->kind != KEY_KIND_RSA || set_rsa(operation, why);
}

bool signature_operation_new(EVP_PKEY *key,
    const struct signature_algorithm *algorithm, enum signature_use use,
    struct signature_operation **operation, struct failure *why)
{
    SCOPED_STRUCT(signature_operation) *made = NULL;

    if (!check_key(key, algorithm, why))
        return false;
    made = calloc(1, sizeof(*made));
    if (made == NULL || !EVP_PKEY_up_ref(key))
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->key = key;
    made->algorithm = algorithm;
    if (!prepare(made, use, why))
        return false;
    *operation = KEEP(signature_operation, &made);
    return true;
}

void signature_operation_free(struct signature_operation *operation)
{
    if (operation == NULL)
        return;
    EVP_PKEY_CTX_free(operation->context);
    EVP_PKEY_free(operation->key);
    free(operation);
}

const struct signature_algorithm *signature_operation_algorithm(
    const struct signature_operation *operation)
{
    return operation->algorithm;
}

static bool hash(const struct signature_operation *operation,
    struct bytes message, uint8_t digest[static EVP_MAX_MD_SIZE],
    unsigned int *length, struct failure *why)
{
    if (!EVP_Digest(message.start, message.length, digest, length,
            operation->digest, NULL))
        return fail_in_openssl(why, FAILURE_INTERNAL, "hashing a message");
    return true;
}

/* A one-shot context may be used for one message only from OpenSSL 3.4 on, so
 * the raw kinds take a new one each time. */
static bool sign_raw(const struct signature_operation *operation,
    struct bytes message, uint8_t *signature, size_t *length,
    struct failure *why)
{
    SCOPED(EVP_MD_CTX) *context = EVP_MD_CTX_new();

    if (context == NULL ||
        EVP_DigestSignInit_ex(
            context, NULL, NULL, NULL, NULL, operation->key, NULL) <= 0 ||
        EVP_DigestSign(
            context, signature, length, message.start, message.length) <= 0)
        return fail_in_openssl(
            why, FAILURE_INTERNAL, operation->algorithm->name);
    return true;
}

static bool check_hashes(
    const struct signature_operation *operation, struct failure *why)
{
    if (operation->context != NULL)
        return true;
    return fail_because(why, FAILURE_UNSUITABLE,
        "%s hashes its message itself, and takes it whole",
        operation->algorithm->name);
}

bool signature_operation_sign_digest(
    const struct signature_operation *operation, struct bytes digest,
    uint8_t signature[static SIGNATURE_MAX], size_t *length,
    struct failure *why)
{
    size_t room = SIGNATURE_MAX;

    if (!check_hashes(operation, why))
        return false;
    if (EVP_PKEY_sign(operation->context, signature, &room, digest.start,
            digest.length) <= 0)
        return fail_in_openssl(
            why, FAILURE_INTERNAL, operation->algorithm->name);
    *length = room;
    return true;
}

bool signature_operation_sign(const struct signature_operation *operation,
    struct bytes message, uint8_t signature[static SIGNATURE_MAX],
    size_t *length, struct failure *why)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned int digest_length = 0;
    size_t room = SIGNATURE_MAX;

    if (operation->context == NULL) {
        if (!sign_raw(operation, message, signature, &room, why))
            return false;
        *length = room;
        return true;
    }
    return hash(operation, message, digest, &digest_length, why) &&
           signature_operation_sign_digest(operation,
               (struct bytes){digest, digest_length}, signature, length, why);
}

/* Only ECDSA signatures vary in length. */
static bool check_length(const struct signature_operation *operation,
    struct bytes signature, struct failure *why)
{
    int size = EVP_PKEY_get_size(operation->key);

    if (operation->algorithm->kind == KEY_KIND_EC ||
        signature.length == (size_t)size)
        return true;
    return fail_because(why, FAILURE_MALFORMED,
        "the %s signature has %zu bytes, not %d", operation->algorithm->name,
        signature.length, size);
}

/* OpenSSL answers 1: it matches; 0: it doesn't; below: no signature at all. */
static bool judge(int answer, struct failure *why)
{
    if (answer == 1)
        return true;
    if (answer < 0)
        return fail_in_openssl(why, FAILURE_MALFORMED, "reading a signature");
    ERR_clear_error();
    return fail_because(
        why, FAILURE_UNSUITABLE, "the signature does not match");
}

static bool verify_raw(const struct signature_operation *operation,
    struct bytes message, struct bytes signature, struct failure *why)
{
    SCOPED(EVP_MD_CTX) *context = EVP_MD_CTX_new();

    if (context == NULL || EVP_DigestVerifyInit_ex(context, NULL, NULL, NULL,
                               NULL, operation->key, NULL) <= 0)
        return fail_in_openssl(
            why, FAILURE_INTERNAL, operation->algorithm->name);
    return judge(EVP_DigestVerify(context, signature.start, signature.length,
                     message.start, message.length),
        why);
}

bool signature_operation_verify_digest(
    const struct signature_operation *operation, struct bytes digest,
    struct bytes signature, struct failure *why)
{
    if (!check_hashes(operation, why) ||
        !check_length(operation, signature, why))
        return false;
    return judge(EVP_PKEY_verify(operation->context, signature.start,
                     signature.length, digest.start, digest.length),
        why);
}

bool signature_operation_verify(const struct signature_operation *operation,
    struct bytes message, struct bytes signature, struct failure *why)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned int digest_length = 0;

    if (!check_length(operation, signature, why))
        return false;
    if (operation->context == NULL)
        return verify_raw(operation, message, signature, why);
    return hash(operation, message, digest, &digest_length, why) &&
           signature_operation_verify_digest(operation,
               (struct bytes){digest, digest_length}, signature, why);
}

bool signature_verify(EVP_PKEY *key,
    const struct signature_algorithm *algorithm, struct bytes message,
    struct bytes signature, struct failure *why)
{
    SCOPED_STRUCT(signature_operation) *operation = NULL;

    return signature_operation_new(
               key, algorithm, SIGNATURE_VERIFY, &operation, why) &&
           signature_operation_verify(operation, message, signature, why);
}
