#include "crypto/key_file.h"

#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>

#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"

#define SALT_BYTES 16

struct held_pair {
    EVP_PKEY *pair;
    struct signature_operation *signing; /* made ready, of signs_with */
};

static bool sign(const struct private_key *key,
    const struct signature_algorithm *algorithm, struct bytes message,
    uint8_t signature[static SIGNATURE_MAX], size_t *length,
    struct failure *why)
{
    const struct held_pair *held = key->held;
    SCOPED_STRUCT(signature_operation) *other = NULL;

    if (signature_operation_algorithm(held->signing) == algorithm)
        return signature_operation_sign(
            held->signing, message, signature, length, why);
    return signature_operation_new(
               held->pair, algorithm, SIGNATURE_SIGN, &other, why) &&
           signature_operation_sign(other, message, signature, length, why);
}

static bool sign_digest(const struct private_key *key, struct bytes digest,
    uint8_t signature[static SIGNATURE_MAX], size_t *length,
    struct failure *why)
{
    const struct held_pair *held = key->held;

    return signature_operation_sign_digest(
        held->signing, digest, signature, length, why);
}

static void release(struct private_key *key)
{
    struct held_pair *held = key->held;

    signature_operation_free(held->signing);
    EVP_PKEY_free(held->pair);
    free(held);
}

static const struct key_home_verbs file_home = {.name = "file",
    .sign = sign,
    .sign_digest = sign_digest,
    .release = release};

EVP_PKEY *key_file_pair(const struct private_key *key)
{
    const struct held_pair *held = key->held;

    return held->pair;
}

/* SEC 1 key files may hold their point compressed; the SubjectPublicKeyInfo,
 * and so the hash that a key is known by, is always of the uncompressed one. */
static bool normalise(EVP_PKEY *pair, struct failure *why)
{
    if (EVP_PKEY_is_a(pair, "EC") &&
        EVP_PKEY_set_utf8_string_param(pair,
            OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed") <= 0)
        return fail_in_openssl(
            why, FAILURE_INTERNAL, "choosing the form of a point");
    return true;
}

/* By its SubjectPublicKeyInfo, as requests and certificates are judged. */
static bool find_row(
    EVP_PKEY *pair, const struct key_algorithm **row, struct failure *why)
{
    SCOPED(X509_PUBKEY) *public_key = NULL;
    SCOPED(openssl_bytes) *encoded = NULL;
    X509_ALGOR *algorithm = NULL;
    unsigned int bits = (unsigned int)EVP_PKEY_get_bits(pair);
    int length;

    if (!X509_PUBKEY_set(&public_key, pair) ||
        !X509_PUBKEY_get0_param(NULL, NULL, NULL, &algorithm, public_key))
        return fail_in_openssl(why, FAILURE_INTERNAL, "encoding a public key");
    length = i2d_X509_ALGOR(algorithm, &encoded);
    if (length <= 0)
        return fail_in_openssl(why, FAILURE_INTERNAL, "encoding an algorithm");
    *row = key_algorithm_of(
        (struct bytes){.start = encoded, .length = (size_t)length}, bits);
    if (*row == NULL)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a key of type %s and %u bits is none of those that are used here",
            EVP_PKEY_get0_type_name(pair), bits);
    return true;
}

static bool hold(struct private_key *key, EVP_PKEY *pair, struct failure *why)
{
    struct held_pair *held = calloc(1, sizeof(*held));

    if (held == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    key->held = held;
    if (!EVP_PKEY_up_ref(pair))
        return fail_in_openssl(why, FAILURE_INTERNAL, "holding a key");
    held->pair = pair;
    return signature_operation_new(
        pair, key->algorithm->signs_with, SIGNATURE_SIGN, &held->signing, why);
}

bool key_file_wrap(
    EVP_PKEY *pair, struct private_key **key, struct failure *why)
{
    SCOPED_STRUCT(private_key) *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->home = &file_home;
    if (!normalise(pair, why) || !find_row(pair, &made->algorithm, why) ||
        !hold(made, pair, why))
        return false;
    if (!EVP_PKEY_up_ref(pair))
        return fail_in_openssl(why, FAILURE_INTERNAL, "holding a key");
    made->public_key = pair;
    if (!signature_operation_new(pair, made->algorithm->signs_with,
            SIGNATURE_VERIFY, &made->verification, why))
        return false;
    *key = KEEP(private_key, &made);
    return true;
}

static bool set_size(const struct key_algorithm *algorithm,
    EVP_PKEY_CTX *context, struct failure *why)
{
    if (algorithm->kind == KEY_KIND_EC &&
        EVP_PKEY_CTX_set_group_name(context, algorithm->group) <= 0)
        return fail_in_openssl(why, FAILURE_UNAVAILABLE, algorithm->title);
    if (algorithm->kind == KEY_KIND_RSA &&
        EVP_PKEY_CTX_set_rsa_keygen_bits(context, (int)algorithm->bits) <= 0)
        return fail_in_openssl(why, FAILURE_UNAVAILABLE, algorithm->title);
    return true;
}

bool key_generate(const struct key_algorithm *algorithm,
    struct private_key **key, struct failure *why)
{
    SCOPED(EVP_PKEY_CTX) *context =
        EVP_PKEY_CTX_new_from_name(NULL, algorithm->openssl_name, NULL);
    SCOPED(EVP_PKEY) *pair = NULL;

    if (context == NULL)
        return key_algorithm_is_missing(algorithm, why);
    if (EVP_PKEY_keygen_init(context) <= 0)
        return fail_in_openssl(why, FAILURE_UNAVAILABLE, algorithm->title);
    if (!set_size(algorithm, context, why))
        return false;
    if (EVP_PKEY_generate(context, &pair) <= 0)
        return fail_in_openssl(why, FAILURE_UNAVAILABLE, algorithm->title);
    return key_file_wrap(pair, key, why);
}

static bool encrypt(PKCS8_PRIV_KEY_INFO *plain, const struct secret *passphrase,
    X509_SIG **encrypted, struct failure *why)
{
    SCOPED(X509_ALGOR) *algorithm = PKCS5_pbe2_set_iv(EVP_aes_256_cbc(),
        KEY_ITERATIONS, NULL, SALT_BYTES, NULL, NID_hmacWithSHA256);

    if (algorithm == NULL)
        return fail_in_openssl(why, FAILURE_INTERNAL, "composing PBES2");
    *encrypted = PKCS8_set0_pbe((const char *)passphrase->start,
        (int)passphrase->length, plain, algorithm);
    if (*encrypted == NULL)
        return fail_in_openssl(why, FAILURE_INTERNAL, "encrypting a key");
    (void)KEEP(X509_ALGOR, &algorithm); /* the encrypted key owns it now */
    return true;
}

/* A BIO in memory wipes what it held when it is freed and when it grows. */
static bool print_pem(PKCS8_PRIV_KEY_INFO *plain,
    const struct secret *passphrase, BIO *pem, struct failure *why)
{
    SCOPED(X509_SIG) *encrypted = NULL;
    int written;

    if (passphrase != NULL && !encrypt(plain, passphrase, &encrypted, why))
        return false;
    written = encrypted == NULL ? PEM_write_bio_PKCS8_PRIV_KEY_INFO(pem, plain)
                                : PEM_write_bio_PKCS8(pem, encrypted);
    if (written <= 0)
        return fail_in_openssl(why, FAILURE_INTERNAL, "writing a key");
    return true;
}

static bool check_encryption(struct bytes pem, struct failure *why)
{
    struct pbes2 found = {0};

    if (!key_file_encryption(pem, &found, why))
        return false;
    if (found.derivation != PBES2_PBKDF2 || found.prf != NID_hmacWithSHA256 ||
        found.iterations < KEY_ITERATIONS || found.salt_length < SALT_BYTES ||
        found.cipher != NID_aes_256_cbc)
        return fail_because(why, FAILURE_INTERNAL,
            "the key file was not encrypted as it should be: PBKDF2 with "
            "HMAC-SHA-256, %d iterations, a salt of %d bytes, AES-256-CBC",
            KEY_ITERATIONS, SALT_BYTES);
    return true;
}

/* Incident 56: not what we meant to write but what is there. */
static bool check_written(const struct private_key *key, struct bytes pem,
    const struct secret *passphrase, struct failure *why)
{
    static const uint8_t message[] = "read back";
    const struct signature_algorithm *algorithm = key->algorithm->signs_with;
    SCOPED_STRUCT(private_key) *reread = NULL;
    uint8_t signature[SIGNATURE_MAX];
    struct bytes made = {.start = signature};
    struct bytes signed_message = {message, sizeof(message)};

    if (passphrase != NULL && !check_encryption(pem, why))
        return false;
    if (!key_file_read(pem, passphrase, &reread, why) ||
        !private_key_sign(
            reread, algorithm, signed_message, signature, &made.length, why))
        return false;
    if (!signature_verify(
            key->public_key, algorithm, signed_message, made, why))
        return fail_because(why, FAILURE_INTERNAL,
            "the key file that was written holds another key");
    return true;
}

static bool check_writable(const struct private_key *key,
    const struct secret *passphrase, struct failure *why)
{
    if (key->home != &file_home)
        return fail_because(why, FAILURE_FORBIDDEN,
            "a key in the %s home can't be written to a file", key->home->name);
    if (passphrase != NULL && passphrase->length == 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "an empty passphrase would protect nothing");
    return true;
}

bool key_file_write(const struct private_key *key,
    const struct secret *passphrase, struct buffer *pem, struct failure *why)
{
    SCOPED(PKCS8_PRIV_KEY_INFO) *plain = NULL;
    SCOPED(BIO) *written = BIO_new(BIO_s_mem());
    const struct held_pair *held = key->held;
    char *text = NULL;
    struct bytes view = {0};

    if (!check_writable(key, passphrase, why))
        return false;
    plain = EVP_PKEY2PKCS8(held->pair);
    if (written == NULL || plain == NULL)
        return fail_in_openssl(why, FAILURE_INTERNAL, "encoding a key");
    if (!print_pem(plain, passphrase, written, why))
        return false;
    view.length = (size_t)BIO_get_mem_data(written, &text);
    view.start = (const uint8_t *)text;
    return check_written(key, view, passphrase, why) &&
           buffer_append(pem, view, why);
}
