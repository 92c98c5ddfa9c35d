#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>
#include <openssl/pkcs12.h>

#include "crypto/key.h"
#include "crypto/openssl_scoped.h"
#include "crypto/pbes2.h"

#define PASSPHRASE "correct horse"

static struct secret passphrase;

static void secret_of(const char *text, struct secret *secret)
{
    struct failure why = {0};

    assert_true(secret_new(secret, strlen(text), &why));
    memcpy(secret->start, text, strlen(text));
}

static int make_passphrase(void **state)
{
    (void)state;
    secret_of(PASSPHRASE, &passphrase);
    return 0;
}

static int free_passphrase(void **state)
{
    (void)state;
    secret_free(&passphrase);
    return 0;
}

static void assert_reads(struct bytes file, const EVP_PKEY *expected)
{
    SCOPED_STRUCT(private_key) *key = NULL;
    struct failure why = {0};

    if (!key_file_read(file, &passphrase, &key, &why))
        fail_msg("%s", why.reason);
    assert_int_equal(EVP_PKEY_eq(key->public_key, expected), 1);
}

static void assert_refused(struct bytes file, const struct secret *opener,
    enum failure_kind kind, const char *reason)
{
    SCOPED_STRUCT(private_key) *key = NULL;
    struct failure why = {0};

    assert_false(key_file_read(file, opener, &key, &why));
    assert_null(key);
    assert_string_equal(why.reason, reason);
    assert_int_equal(why.kind, kind);
}

/* An encrypted key that costs little to open. */
static X509_SIG *encrypted_with(X509_ALGOR *algorithm)
{
    SCOPED(EVP_PKEY) *key = EVP_EC_gen("P-256");
    SCOPED(PKCS8_PRIV_KEY_INFO) *plain = EVP_PKEY2PKCS8(key);
    X509_SIG *encrypted =
        PKCS8_set0_pbe(PASSPHRASE, (int)strlen(PASSPHRASE), plain, algorithm);

    assert_non_null(encrypted);
    return encrypted;
}

static X509_ALGOR *pbkdf2(const EVP_CIPHER *cipher, int iterations, int prf)
{
    return PKCS5_pbe2_set_iv(cipher, iterations, NULL, 16, NULL, prf);
}

/* The same file, whose parameters say something else. */
static void replace_algorithm(X509_SIG *encrypted, X509_ALGOR *algorithm)
{
    X509_ALGOR *present = NULL;

    X509_SIG_getm(encrypted, &present, NULL);
    assert_true(X509_ALGOR_copy(present, algorithm));
}

static struct bytes encode(const X509_SIG *encrypted, openssl_bytes **encoded)
{
    int length = i2d_X509_SIG(encrypted, encoded);

    assert_true(length > 0);
    return (struct bytes){*encoded, (size_t)length};
}

static void assert_algorithm_refused(
    X509_ALGOR *algorithm, enum failure_kind kind, const char *reason)
{
    SCOPED(X509_ALGOR) *ours = algorithm;
    SCOPED(X509_SIG) *encrypted =
        encrypted_with(pbkdf2(EVP_aes_256_cbc(), 1000, NID_hmacWithSHA256));
    SCOPED(openssl_bytes) *encoded = NULL;

    assert_non_null(algorithm);
    replace_algorithm(encrypted, ours);
    assert_refused(encode(encrypted, &encoded), &passphrase, kind, reason);
}

/* PKCS5_pbe2_set_scrypt refuses more than 32 MiB, so the numbers are put in
 * afterwards. */
static X509_ALGOR *scrypt(uint64_t cost, uint64_t block_size, uint64_t lanes)
{
    SCOPED(SCRYPT_PARAMS) *parameters = SCRYPT_PARAMS_new();
    SCOPED(PBE2PARAM) *scheme = NULL;
    X509_ALGOR *algorithm =
        PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 16, NULL, 16, 1, 1);

    assert_non_null(algorithm);
    scheme = ASN1_TYPE_unpack_sequence(
        ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter);
    assert_true(ASN1_OCTET_STRING_set(
        parameters->salt, (const unsigned char *)"0123456789abcdef", 16));
    assert_true(ASN1_INTEGER_set_uint64(parameters->costParameter, cost));
    assert_true(ASN1_INTEGER_set_uint64(parameters->blockSize, block_size));
    assert_true(
        ASN1_INTEGER_set_uint64(parameters->parallelizationParameter, lanes));
    assert_non_null(ASN1_TYPE_pack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS),
        parameters, &scheme->keyfunc->parameter));
    assert_non_null(ASN1_TYPE_pack_sequence(
        ASN1_ITEM_rptr(PBE2PARAM), scheme, &algorithm->parameter));
    return algorithm;
}

static void kb050_wrong_locked_and_damaged_are_told_apart(void **state)
{
    SCOPED(X509_SIG) *encrypted =
        encrypted_with(pbkdf2(EVP_aes_256_cbc(), 1000, NID_hmacWithSHA256));
    SCOPED(openssl_bytes) *encoded = NULL;
    struct bytes file = encode(encrypted, &encoded);
    RELEASED(secret) wrong = {0};

    (void)state;
    secret_of("correct hoarse", &wrong);
    assert_refused(file, &wrong, FAILURE_UNAUTHENTICATED,
        "the passphrase does not open the key file");
    assert_refused(file, NULL, FAILURE_UNAVAILABLE,
        "locked: the key file is encrypted and no passphrase was given");
    file.length--;
    assert_refused(file, &passphrase, FAILURE_MALFORMED,
        "the file is no private key: neither PEM nor PKCS#8, RSA or EC in "
        "DER");
    file.length = 0;
    assert_refused(file, NULL, FAILURE_MALFORMED, "the key file is empty");
}

/* One wrong passphrase in 256 decrypts to something that looks padded. */
static void kb050_no_wrong_passphrase_is_taken_for_damage(void **state)
{
    SCOPED(X509_SIG) *encrypted =
        encrypted_with(pbkdf2(EVP_aes_256_cbc(), 1, NID_hmacWithSHA256));
    SCOPED(openssl_bytes) *encoded = NULL;
    struct bytes file = encode(encrypted, &encoded);
    RELEASED(secret) wrong = {0};

    (void)state;
    secret_of("00", &wrong);
    for (unsigned int i = 0; i < 1024; i++) {
        wrong.start[0] = (uint8_t)(i >> 5);
        wrong.start[1] = (uint8_t)(i & 31);
        assert_refused(file, &wrong, FAILURE_UNAUTHENTICATED,
            "the passphrase does not open the key file");
    }
}

static void incident36_a_derivation_beyond_its_limit_is_refused_by_name(
    void **state)
{
    (void)state;
    assert_algorithm_refused(
        pbkdf2(EVP_aes_256_cbc(), 5000001, NID_hmacWithSHA256),
        FAILURE_UNSUITABLE,
        "the key file wants 5000001 PBKDF2 iterations; 5000000 are the limit");
    assert_algorithm_refused(
        pbkdf2(EVP_aes_256_cbc(), INT32_MAX, NID_hmacWithSHA256),
        FAILURE_UNSUITABLE,
        "the key file wants 2147483647 PBKDF2 iterations; 5000000 are the "
        "limit");
    assert_algorithm_refused(scrypt(1u << 19, 8, 1), FAILURE_UNSUITABLE,
        "the key file wants scrypt with N 524288, r 8, p 1; 128 * N * r * p = "
        "268435456 bytes are the limit");
    assert_algorithm_refused(scrypt(1u << 18, 8, 2), FAILURE_UNSUITABLE,
        "the key file wants scrypt with N 262144, r 8, p 2; 128 * N * r * p = "
        "268435456 bytes are the limit");
    assert_algorithm_refused(scrypt(2, UINT64_MAX, UINT64_MAX),
        FAILURE_UNSUITABLE,
        "the key file wants scrypt with N 2, r 18446744073709551615, p "
        "18446744073709551615; 128 * N * r * p = 268435456 bytes are the "
        "limit");
}

static void parameters_that_are_none_are_refused(void **state)
{
    (void)state;
    assert_algorithm_refused(scrypt(1000, 8, 1), FAILURE_MALFORMED,
        "the encryption of the key file is damaged: these are no scrypt "
        "parameters");
    assert_algorithm_refused(scrypt(1u << 16, 1, 1), FAILURE_MALFORMED,
        "the encryption of the key file is damaged: scrypt's N is too large "
        "for its r");
}

static void an_encryption_that_is_not_ours_is_refused_by_name(void **state)
{
    (void)state;
    assert_algorithm_refused(
        PKCS5_pbe_set(NID_pbeWithMD5AndDES_CBC, 1000, NULL, 8),
        FAILURE_UNSUITABLE,
        "the key file is encrypted with pbeWithMD5AndDES-CBC, which is not one "
        "of PBES2; \"openssl pkcs8 -topk8\" writes it anew");
    assert_algorithm_refused(
        pbkdf2(EVP_camellia_128_cbc(), 1000, NID_hmacWithSHA256),
        FAILURE_UNSUITABLE,
        "the key file is encrypted with camellia-128-cbc, which is not one of "
        "AES-CBC, 3DES-CBC; \"openssl pkcs8 -topk8\" writes it anew");
}

static void files_of_other_tools_are_read(void **state)
{
    SCOPED(EVP_PKEY) *key = EVP_EC_gen("P-256");
    X509_ALGOR *algorithms[] = {
        pbkdf2(EVP_aes_128_cbc(), 2048, NID_hmacWithSHA1),
        pbkdf2(EVP_aes_192_cbc(), 2048, NID_hmacWithSHA384),
        pbkdf2(EVP_des_ede3_cbc(), 2048, NID_hmacWithSHA512),
        PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 16, NULL, 1024, 8, 1)};

    (void)state;
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
        SCOPED(PKCS8_PRIV_KEY_INFO) *plain = EVP_PKEY2PKCS8(key);
        SCOPED(openssl_bytes) *encoded = NULL;
        SCOPED(X509_SIG) *encrypted = PKCS8_set0_pbe(
            PASSPHRASE, (int)strlen(PASSPHRASE), plain, algorithms[i]);

        assert_non_null(encrypted);
        assert_reads(encode(encrypted, &encoded), key);
    }
}

/* OpenSSL's own reader stops at 32 MiB. */
static void scrypt_is_read_up_to_our_limit_not_openssl_s(void **state)
{
    SCOPED(X509_ALGOR) *algorithm = scrypt(1u << 15, 8, 1);
    SCOPED(EVP_CIPHER_CTX) *context = EVP_CIPHER_CTX_new();
    SCOPED(EVP_PKEY) *key = EVP_EC_gen("P-256");
    SCOPED(PKCS8_PRIV_KEY_INFO) *plain = EVP_PKEY2PKCS8(key);
    SCOPED(openssl_bytes) *der = NULL;
    SCOPED(openssl_bytes) *encoded = NULL;
    SCOPED(X509_SIG) *encrypted =
        encrypted_with(pbkdf2(EVP_aes_256_cbc(), 1, NID_hmacWithSHA256));
    ASN1_OCTET_STRING *contents = NULL;
    struct pbes2 parameters = {0};
    struct failure why = {0};
    uint8_t bytes[32];
    uint8_t out[512];
    int der_length;
    int length = 0;
    int rest = 0;

    (void)state;
    assert_true(pbes2_read(algorithm, &parameters, &why));
    assert_true(EVP_PBE_scrypt(PASSPHRASE, strlen(PASSPHRASE), parameters.salt,
        parameters.salt_length, 1u << 15, 8, 1, 64u * 1024 * 1024, bytes,
        sizeof(bytes)));
    assert_true(EVP_EncryptInit_ex2(
        context, EVP_aes_256_cbc(), bytes, parameters.vector, NULL));
    der_length = i2d_PKCS8_PRIV_KEY_INFO(plain, &der);
    assert_true(EVP_EncryptUpdate(context, out, &length, der, der_length));
    assert_true(EVP_EncryptFinal_ex(context, out + length, &rest));

    replace_algorithm(encrypted, algorithm);
    X509_SIG_getm(encrypted, NULL, &contents);
    assert_true(ASN1_OCTET_STRING_set(contents, out, length + rest));
    assert_reads(encode(encrypted, &encoded), key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kb050_wrong_locked_and_damaged_are_told_apart),
        cmocka_unit_test(kb050_no_wrong_passphrase_is_taken_for_damage),
        cmocka_unit_test(
            incident36_a_derivation_beyond_its_limit_is_refused_by_name),
        cmocka_unit_test(parameters_that_are_none_are_refused),
        cmocka_unit_test(an_encryption_that_is_not_ours_is_refused_by_name),
        cmocka_unit_test(files_of_other_tools_are_read),
        cmocka_unit_test(scrypt_is_read_up_to_our_limit_not_openssl_s),
    };

    return cmocka_run_group_tests_name(
        "PBES2", tests, make_passphrase, free_passphrase);
}
