#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "../../support/self_signed.h"
#include "crypto/pkcs12_write.h"

#define PASSPHRASE "correct horse"

/* Written once: it takes some million iterations. */
static struct private_key *key;
static struct secret passphrase;
static struct buffer certificate = {.ceiling = 4096, .name = "certificate"};
static struct buffer issuer = {.ceiling = 4096, .name = "issuer"};
static struct buffer written = {.ceiling = PKCS12_MAX, .name = "file"};
static struct bytes chain[1];

static struct pkcs12_contents contents(void)
{
    return (struct pkcs12_contents){.name = "alice",
        .key = key,
        .certificate = buffer_view(&certificate),
        .chain = chain,
        .chain_count = 1};
}

static void secret_of(const char *text, size_t length, struct secret *secret)
{
    struct failure why = {0};

    assert_true(secret_new(secret, length, &why));
    memcpy(secret->start, text, length);
}

static bool write_once_with(struct failure *why)
{
    SCOPED_STRUCT(private_key) *other = NULL;
    struct pkcs12_contents wanted;

    if (!key_generate(key_algorithm_named("p256"), &key, why) ||
        !key_generate(key_algorithm_named("p256"), &other, why) ||
        !self_signed(key->public_key, "alice", 4000000000, &certificate) ||
        !self_signed(other->public_key, "issuer", 4000000000, &issuer))
        return false;
    chain[0] = buffer_view(&issuer);
    wanted = contents();
    return pkcs12_write(&wanted, &passphrase, &written, why);
}

static int write_once(void **state)
{
    struct failure why = {0};

    (void)state;
    secret_of(PASSPHRASE, strlen(PASSPHRASE), &passphrase);
    if (write_once_with(&why))
        return 0;
    print_error("%s\n", why.reason);
    return -1;
}

static int free_written(void **state)
{
    (void)state;
    private_key_free(key);
    secret_free(&passphrase);
    buffer_free(&certificate);
    buffer_free(&issuer);
    buffer_free(&written);
    return 0;
}

static void assert_check_fails(const struct pkcs12_contents *wanted,
    const struct secret *opener, struct bytes file, const char *reason)
{
    struct failure why = {0};

    assert_false(pkcs12_check(wanted, opener, file, &why));
    assert_string_equal(why.reason, reason);
    assert_int_equal(why.kind, FAILURE_INTERNAL);
}

/* Written is checked as it is written; here it is held against others. */
static void incident56_another_certificate_is_found_out(void **state)
{
    struct pkcs12_contents wanted = contents();

    (void)state;
    wanted.certificate = buffer_view(&issuer);
    assert_check_fails(&wanted, &passphrase, buffer_view(&written),
        "the PKCS#12 file does not hold what was put into it");
}

static void a_wrong_passphrase_does_not_open_it(void **state)
{
    const struct pkcs12_contents wanted = contents();
    RELEASED(secret) other = {0};
    struct failure why = {0};

    (void)state;
    secret_of("correct horsf", 13, &other);
    assert_false(pkcs12_check(&wanted, &other, buffer_view(&written), &why));
    assert_non_null(strstr(why.reason, "opening the PKCS#12 file again"));
}

/* The nth place where these bytes stand is changed; the passphrase is not
 * needed to see it. */
static void assert_weaker(
    struct bytes from, struct bytes to, int nth, const char *reason)
{
    RELEASED(buffer) file = BUFFER("file", PKCS12_MAX);
    const struct pkcs12_contents wanted = contents();
    uint8_t *at = NULL;
    struct failure why = {0};

    assert_int_equal(from.length, to.length);
    assert_true(buffer_append(&file, buffer_view(&written), &why));
    at = file.start;
    for (int i = 0; i < nth; i++) {
        at = memmem(at + 1, file.length - (size_t)(at + 1 - file.start),
            from.start, from.length);
        assert_non_null(at);
    }
    memcpy(at, to.start, to.length);
    assert_check_fails(&wanted, &passphrase, buffer_view(&file), reason);
}

#define BYTES_OF(text)                            \
    (struct bytes)                                \
    {                                             \
        (const uint8_t *)(text), sizeof(text) - 1 \
    }
/* INTEGER 600000, 65536; the ends of OIDs, 2.16.840.1.101.3.4 before them */
#define ITERATIONS "\x02\x03\x09\x27\xc0"
#define FEWER "\x02\x03\x01\x00\x00"
#define AES_256_CBC "\x65\x03\x04\x01\x2a"
#define AES_128_CBC "\x65\x03\x04\x01\x02"
#define SHA_256 "\x65\x03\x04\x02\x01"
#define SHA_224 "\x65\x03\x04\x02\x04"

#define NOT_ENCRYPTED_SO                                                    \
    "the PKCS#12 file was not encrypted as it should be: PBKDF2 with HMAC-" \
    "SHA-256, 600000 iterations, AES-256-CBC"
#define NO_SUCH_MAC                                                     \
    "the PKCS#12 file has not the MAC it should have: SHA-256, 600000 " \
    "iterations"

static void incident56_weaker_than_it_should_be_is_found_out(void **state)
{
    (void)state;
    assert_weaker(BYTES_OF(ITERATIONS), BYTES_OF(FEWER), 1, NOT_ENCRYPTED_SO);
    assert_weaker(BYTES_OF(ITERATIONS), BYTES_OF(FEWER), 2, NOT_ENCRYPTED_SO);
    assert_weaker(BYTES_OF(ITERATIONS), BYTES_OF(FEWER), 3, NO_SUCH_MAC);
    assert_weaker(
        BYTES_OF(AES_256_CBC), BYTES_OF(AES_128_CBC), 1, NOT_ENCRYPTED_SO);
    assert_weaker(
        BYTES_OF(AES_256_CBC), BYTES_OF(AES_128_CBC), 2, NOT_ENCRYPTED_SO);
    assert_weaker(BYTES_OF(SHA_256), BYTES_OF(SHA_224), 1, NO_SUCH_MAC);
}

/* As OpenSSL makes it where nobody says how. */
static void make_open(int key_cipher, struct buffer *file)
{
    const uint8_t *start = certificate.start;
    SCOPED(X509) *own = d2i_X509(NULL, &start, (long)certificate.length);
    SCOPED(openssl_bytes) *encoded = NULL;
    SCOPED(EVP_PKEY) *pair = NULL;
    RELEASED(buffer) pem = BUFFER("key", KEY_FILE_MAX);
    SCOPED(BIO) *plain = NULL;
    struct failure why = {0};
    PKCS12 *made;
    int length;

    assert_true(key_file_write(key, NULL, &pem, &why));
    plain = BIO_new_mem_buf(pem.start, (int)pem.length);
    pair = PEM_read_bio_PrivateKey(plain, NULL, NULL, NULL);
    made = PKCS12_create(
        PASSPHRASE, "alice", pair, own, NULL, key_cipher, -1, 1, 1, 0);
    assert_non_null(made);
    length = i2d_PKCS12(made, &encoded);
    PKCS12_free(made);
    assert_true(length > 0);
    assert_true(
        buffer_append(file, (struct bytes){encoded, (size_t)length}, &why));
}

static void incident56_a_part_in_the_clear_is_found_out(void **state)
{
    const struct pkcs12_contents wanted = contents();
    RELEASED(buffer) open_certificate = BUFFER("file", PKCS12_MAX);
    RELEASED(buffer) open_key = BUFFER("file", PKCS12_MAX);

    (void)state;
    make_open(NID_aes_256_cbc, &open_certificate);
    assert_check_fails(&wanted, &passphrase, buffer_view(&open_certificate),
        "the PKCS#12 file holds something that is not encrypted");
    make_open(-1, &open_key);
    assert_check_fails(&wanted, &passphrase, buffer_view(&open_key),
        "the PKCS#12 file holds something that is not encrypted");
}

static void assert_passphrase_refused(const char *text, size_t length)
{
    RELEASED(buffer) file = BUFFER("file", PKCS12_MAX);
    const struct pkcs12_contents wanted = contents();
    RELEASED(secret) refused = {0};
    struct failure why = {0};

    secret_of(text, 4, &refused);
    refused.length = length;
    assert_false(pkcs12_write(&wanted, &refused, &file, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(
        why.reason, "the passphrase is empty, or has a zero in it");
    assert_int_equal(file.length, 0);
}

static void a_passphrase_that_openssl_would_cut_is_refused(void **state)
{
    (void)state;
    assert_passphrase_refused("abcd", 0);
    assert_passphrase_refused("a\0cd", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(incident56_another_certificate_is_found_out),
        cmocka_unit_test(a_wrong_passphrase_does_not_open_it),
        cmocka_unit_test(incident56_weaker_than_it_should_be_is_found_out),
        cmocka_unit_test(incident56_a_part_in_the_clear_is_found_out),
        cmocka_unit_test(a_passphrase_that_openssl_would_cut_is_refused),
    };

    return cmocka_run_group_tests(tests, write_once, free_written);
}
