#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/key.h"
#include "crypto/key_file.h"
#include "crypto/openssl_scoped.h"

#define PASSPHRASE "correct horse"

/* What the tests share, since writing takes 600,000 iterations twice. */

static struct {
    struct private_key *key;
    struct secret passphrase;
    struct buffer pem;
} written = {.pem = {.ceiling = KEY_FILE_MAX, .name = "key file"}};

static void secret_of(const char *text, struct secret *secret)
{
    struct failure why = {0};

    assert_true(secret_new(secret, strlen(text), &why));
    memcpy(secret->start, text, strlen(text));
}

static int write_once(void **state)
{
    struct failure why = {0};

    (void)state;
    secret_of(PASSPHRASE, &written.passphrase);
    return key_generate(key_algorithm_named("p256"), &written.key, &why) &&
                   key_file_write(
                       written.key, &written.passphrase, &written.pem, &why)
               ? 0
               : -1;
}

static int free_written(void **state)
{
    (void)state;
    private_key_free(written.key);
    secret_free(&written.passphrase);
    buffer_free(&written.pem);
    return 0;
}

static void assert_reads(struct bytes file, const EVP_PKEY *expected)
{
    SCOPED_STRUCT(private_key) *key = NULL;
    struct failure why = {0};

    if (!key_file_read(file, &written.passphrase, &key, &why))
        fail_msg("%s", why.reason);
    assert_int_equal(EVP_PKEY_eq(key->public_key, expected), 1);
}

static void assert_refused(struct bytes file, const struct secret *passphrase,
    enum failure_kind kind, const char *reason)
{
    SCOPED_STRUCT(private_key) *key = NULL;
    struct failure why = {0};

    assert_false(key_file_read(file, passphrase, &key, &why));
    assert_null(key);
    assert_string_equal(why.reason, reason);
    assert_int_equal(why.kind, kind);
}

static void what_was_written_opens_with_its_passphrase(void **state)
{
    (void)state;
    assert_reads(buffer_view(&written.pem), written.key->public_key);
    assert_non_null(memmem(written.pem.start, written.pem.length,
        "-----BEGIN ENCRYPTED PRIVATE KEY-----", 37));
}

static void incident56_what_was_written_is_read_back_and_checked(void **state)
{
    struct pbes2 found = {0};
    struct failure why = {0};

    (void)state;
    assert_true(key_file_encryption(buffer_view(&written.pem), &found, &why));
    assert_int_equal(found.derivation, PBES2_PBKDF2);
    assert_int_equal(found.iterations, KEY_ITERATIONS);
    assert_int_equal(found.prf, NID_hmacWithSHA256);
    assert_int_equal(found.cipher, NID_aes_256_cbc);
    assert_true(found.salt_length >= 16);
}

/* What was read back does not sign for the public key that is known. */
static void incident56_a_key_that_reads_back_as_another_is_not_written(
    void **state)
{
    SCOPED_STRUCT(private_key) *key = NULL;
    SCOPED(EVP_PKEY) *other = EVP_EC_gen("P-256");
    RELEASED(buffer) pem = BUFFER("key file", KEY_FILE_MAX);
    EVP_PKEY *own;
    struct failure why = {0};

    (void)state;
    assert_true(key_generate(key_algorithm_named("p256"), &key, &why));
    own = key->public_key;
    key->public_key = other;
    assert_false(key_file_write(key, NULL, &pem, &why));
    key->public_key = own;
    assert_int_equal(pem.length, 0);
    assert_int_equal(why.kind, FAILURE_INTERNAL);
    assert_string_equal(
        why.reason, "the key file that was written holds another key");
}

static void a_requester_s_own_key_is_written_as_it_is(void **state)
{
    static const char *const names[] = {
        "p384", "rsa2048", "ed25519", "mldsa65"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        SCOPED_STRUCT(private_key) *key = NULL;
        RELEASED(buffer) pem = BUFFER("key file", KEY_FILE_MAX);
        struct pbes2 found = {0};
        struct failure why = {0};

        if (!key_generate(key_algorithm_named(names[i]), &key, &why)) {
            /* ML-DSA is in OpenSSL from 3.5 on. */
            assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
            continue;
        }
        assert_true(key_file_write(key, NULL, &pem, &why));
        assert_reads(buffer_view(&pem), key->public_key);
        assert_false(key_file_encryption(buffer_view(&pem), &found, &why));
        assert_string_equal(why.reason, "the key file is not encrypted");
    }
}

static void an_empty_passphrase_is_refused(void **state)
{
    struct secret none = {.start = written.passphrase.start};
    RELEASED(buffer) pem = BUFFER("key file", KEY_FILE_MAX);
    struct failure why = {0};

    (void)state;
    assert_false(key_file_write(written.key, &none, &pem, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(
        why.reason, "an empty passphrase would protect nothing");
}

static void a_pem_file_that_is_cut_is_refused(void **state)
{
    struct bytes file = buffer_view(&written.pem);
    RELEASED(buffer) damaged = BUFFER("key file", KEY_FILE_MAX);
    struct failure why = {0};

    (void)state;
    file.length -= 40;
    assert_refused(file, NULL, FAILURE_MALFORMED,
        "the file has no whole PEM block with a private key");
    assert_true(buffer_append_text(&damaged,
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAAA\n"
        "-----END ENCRYPTED PRIVATE KEY-----\n",
        &why));
    assert_refused(buffer_view(&damaged), NULL, FAILURE_MALFORMED,
        "the key file is cut off or damaged: it is no encrypted PKCS#8 key");
}

static struct bytes view_of(BIO *file)
{
    char *text = NULL;
    long length = BIO_get_mem_data(file, &text);

    return (struct bytes){(const uint8_t *)text, (size_t)length};
}

static void the_older_forms_are_read_as_pem_and_der(void **state)
{
    EVP_PKEY *keys[] = {EVP_EC_gen("P-521"), EVP_RSA_gen(2048)};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        SCOPED(BIO) *pem = BIO_new(BIO_s_mem());
        SCOPED(openssl_bytes) *der = NULL;
        int length = i2d_PrivateKey(keys[i], &der);

        assert_true(PEM_write_bio_PrivateKey_traditional(
            pem, keys[i], NULL, NULL, 0, NULL, NULL));
        assert_reads(view_of(pem), keys[i]);
        assert_reads((struct bytes){der, (size_t)length}, keys[i]);
        EVP_PKEY_free(keys[i]);
    }
}

static void a_compressed_point_in_the_file_gives_the_usual_spki(void **state)
{
    SCOPED(EVP_PKEY) *pair = EVP_EC_gen("P-256");
    SCOPED(BIO) *pem = BIO_new(BIO_s_mem());
    SCOPED_STRUCT(private_key) *key = NULL;
    RELEASED(buffer) spki = BUFFER("key", 1024);
    struct failure why = {0};

    (void)state;
    assert_true(EVP_PKEY_set_utf8_string_param(
        pair, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed"));
    assert_true(PEM_write_bio_PrivateKey_traditional(
        pem, pair, NULL, NULL, 0, NULL, NULL));
    assert_true(key_file_read(view_of(pem), NULL, &key, &why));
    assert_true(private_key_append_spki(key, &spki, &why));
    assert_int_equal(spki.length, 91);
}

static void incident26_a_curve_that_is_not_named_is_refused(void **state)
{
    SCOPED(EVP_PKEY) *pair = EVP_EC_gen("P-256");
    SCOPED(BIO) *older = BIO_new(BIO_s_mem());
    SCOPED(BIO) *plain = BIO_new(BIO_s_mem());

    (void)state;
    assert_true(EVP_PKEY_set_utf8_string_param(
        pair, OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_EXPLICIT));
    assert_true(PEM_write_bio_PrivateKey_traditional(
        older, pair, NULL, NULL, 0, NULL, NULL));
    assert_refused(view_of(older), NULL, FAILURE_UNSUITABLE,
        "the key file is no EC key with one of the named curves P-256, P-384 "
        "and P-521");
    assert_true(
        PEM_write_bio_PKCS8PrivateKey(plain, pair, NULL, NULL, 0, NULL, NULL));
    assert_refused(view_of(plain), NULL, FAILURE_UNSUITABLE,
        "the key file holds a key of id-ecPublicKey with these parameters, "
        "which is not used here");
}

static void assert_key_refused(
    EVP_PKEY *pair, enum failure_kind kind, const char *reason)
{
    SCOPED(EVP_PKEY) *ours = pair;
    SCOPED(BIO) *plain = BIO_new(BIO_s_mem());

    assert_true(
        PEM_write_bio_PKCS8PrivateKey(plain, ours, NULL, NULL, 0, NULL, NULL));
    assert_refused(view_of(plain), NULL, kind, reason);
}

static void a_key_without_a_row_is_refused_by_name(void **state)
{
    (void)state;
    assert_key_refused(EVP_EC_gen("secp256k1"), FAILURE_UNSUITABLE,
        "the key file holds a key of id-ecPublicKey with secp256k1, which is "
        "not used here");
    assert_key_refused(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"),
        FAILURE_UNSUITABLE,
        "the key file holds a key of ED448 with these parameters, which is not "
        "used here");
    assert_key_refused(EVP_RSA_gen(1024), FAILURE_UNSUITABLE,
        "a key of type RSA and 1024 bits is none of those that are used here");
}

/* The public point of one key beside the private number of another. */
static void the_halves_of_a_key_must_belong_together(void **state)
{
    SCOPED(EVP_PKEY) *one = EVP_EC_gen("P-256");
    SCOPED(EVP_PKEY) *two = EVP_EC_gen("P-256");
    SCOPED(openssl_bytes) *point = NULL;
    SCOPED(openssl_bytes) *der = NULL;
    SCOPED(openssl_bytes) *own = NULL;
    size_t point_length = EVP_PKEY_get1_encoded_public_key(two, &point);
    int length = i2d_PrivateKey(one, &der);
    unsigned char *place;

    (void)state;
    assert_true(EVP_PKEY_get1_encoded_public_key(one, &own) == point_length);
    place = memmem(der, (size_t)length, own, point_length);
    assert_non_null(place);
    memcpy(place, point, point_length);
    assert_refused((struct bytes){der, (size_t)length}, NULL, FAILURE_MALFORMED,
        "the private and the public part of the key file don't belong "
        "together");
}

/* OpenSSL signs correctly with a wrong CRT coefficient: it notices and takes
 * the long way. */
static void the_parts_of_an_rsa_key_must_belong_together(void **state)
{
    SCOPED(EVP_PKEY) *pair = EVP_RSA_gen(2048);
    SCOPED(openssl_bytes) *der = NULL;
    SCOPED_STRUCT(private_key) *key = NULL;
    int length = i2d_PrivateKey(pair, &der);
    struct failure why = {0};

    (void)state;
    der[length - 1] ^= 2;
    assert_false(
        key_file_read((struct bytes){der, (size_t)length}, NULL, &key, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_memory_equal(
        why.reason, "the parts of the RSA key don't belong together", 46);
}

/* RFC 8017, A.1.2, its numbers all alike but for the first prime, which would
 * take OpenSSL minutes. */
static void incident36_an_rsa_number_larger_than_its_modulus_is_refused(
    void **state)
{
    static const size_t lengths[] = {256, 200, 256, 7000, 128, 128, 128, 128};
    uint8_t file[9000] = {0x30, 0x82, 0, 0, 0x02, 0x01, 0x00};
    size_t end = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        file[end++] = 0x02;
        file[end++] = 0x82;
        file[end++] = (uint8_t)((lengths[i] + 1) >> 8);
        file[end++] = (uint8_t)(lengths[i] + 1);
        file[end++] = 0x00;
        memset(file + end, 0xff, lengths[i]);
        end += lengths[i];
    }
    file[2] = (uint8_t)((end - 4) >> 8);
    file[3] = (uint8_t)(end - 4);
    assert_refused((struct bytes){file, end}, NULL, FAILURE_MALFORMED,
        "the rsa-factor1 of the RSA key has 56000 bits, its modulus 2048");
}

static void a_certificate_before_the_key_is_passed_over(void **state)
{
    RELEASED(buffer) file = BUFFER("key file", KEY_FILE_MAX);
    struct failure why = {0};

    (void)state;
    assert_true(buffer_append_text(&file,
        "Bag Attributes\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
        "-----END EC PARAMETERS-----\n",
        &why));
    assert_refused(buffer_view(&file), NULL, FAILURE_MALFORMED,
        "the file has no whole PEM block with a private key");
    assert_true(buffer_append(&file, buffer_view(&written.pem), &why));
    assert_refused(buffer_view(&file), NULL, FAILURE_UNAVAILABLE,
        "locked: the key file is encrypted and no passphrase was given");
}

static void the_old_encryption_of_pem_is_refused(void **state)
{
    static const char password[] = "old";
    SCOPED(EVP_PKEY) *pair = EVP_EC_gen("P-256");
    SCOPED(BIO) *pem = BIO_new(BIO_s_mem());

    (void)state;
    assert_true(PEM_write_bio_PrivateKey_traditional(pem, pair,
        EVP_aes_256_cbc(), (const unsigned char *)password, 3, NULL, NULL));
    assert_refused(view_of(pem), &written.passphrase, FAILURE_UNSUITABLE,
        "the key file is encrypted in the old way of PEM headers, which "
        "protects little; \"openssl pkcs8 -topk8\" writes it anew");
}

static void a_file_above_its_limit_is_refused(void **state)
{
    static const uint8_t large[KEY_FILE_MAX + 1];

    (void)state;
    assert_refused((struct bytes){large, sizeof(large)}, NULL,
        FAILURE_UNSUITABLE,
        "the key file has 65537 bytes; 65536 are the limit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_opens_with_its_passphrase),
        cmocka_unit_test(incident56_what_was_written_is_read_back_and_checked),
        cmocka_unit_test(
            incident56_a_key_that_reads_back_as_another_is_not_written),
        cmocka_unit_test(a_requester_s_own_key_is_written_as_it_is),
        cmocka_unit_test(an_empty_passphrase_is_refused),
        cmocka_unit_test(a_pem_file_that_is_cut_is_refused),
        cmocka_unit_test(the_older_forms_are_read_as_pem_and_der),
        cmocka_unit_test(a_compressed_point_in_the_file_gives_the_usual_spki),
        cmocka_unit_test(incident26_a_curve_that_is_not_named_is_refused),
        cmocka_unit_test(a_key_without_a_row_is_refused_by_name),
        cmocka_unit_test(the_halves_of_a_key_must_belong_together),
        cmocka_unit_test(the_parts_of_an_rsa_key_must_belong_together),
        cmocka_unit_test(
            incident36_an_rsa_number_larger_than_its_modulus_is_refused),
        cmocka_unit_test(a_certificate_before_the_key_is_passed_over),
        cmocka_unit_test(the_old_encryption_of_pem_is_refused),
        cmocka_unit_test(a_file_above_its_limit_is_refused),
    };

    return cmocka_run_group_tests_name(
        "key files", tests, write_once, free_written);
}
