#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "crypto/openssl_scoped.h"
#include "x509/der_writer.h"
#include "x509/spki.h"

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

#define RSA_ENCRYPTION 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01
#define EC_PUBLIC_KEY 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01

static bool read_parts(
    struct bytes der, struct public_key_parts *parts, struct failure *why)
{
    struct der_reader reader = der_reader_of(der);
    struct spki spki = {0};

    return spki_read(&reader, &spki, why) && der_at_end(&reader) &&
           spki_parts(&spki, parts, why);
}

static bool parts_of_key(
    EVP_PKEY *key, struct public_key_parts *parts, struct failure *why)
{
    static openssl_bytes *held;

    OPENSSL_free(held);
    held = NULL;
    int length = i2d_PUBKEY(key, &held);
    assert_true(length > 0);
    bool is_read = read_parts(
        (struct bytes){.start = held, .length = (size_t)length}, parts, why);
    if (!is_read) {
        OPENSSL_free(held);
        held = NULL;
    }
    return is_read;
}

static EVP_PKEY *make_rsa(unsigned int bits)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
}

static EVP_PKEY *make_ec(const char *group)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", group);
}

static void every_key_of_openssl_finds_its_row(void **state)
{
    const struct {
        const char *row;
        EVP_PKEY *key;
    } keys[] = {
        {"p256", make_ec("P-256")},
        {"p384", make_ec("P-384")},
        {"p521", make_ec("P-521")},
        {"rsa2048", make_rsa(2048)},
        {"ed25519", EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        struct public_key_parts parts = {0};
        struct failure why = {0};
        SCOPED(EVP_PKEY) *read_back = NULL;
        SCOPED(EVP_PKEY) *key = keys[i].key;

        assert_non_null(key);
        assert_true(parts_of_key(key, &parts, &why));
        assert_ptr_equal(parts.algorithm, key_algorithm_named(keys[i].row));
        assert_true(public_key_make(&parts, &read_back, &why));
        assert_int_equal(EVP_PKEY_eq(key, read_back), 1);
    }
}

static void a_key_without_a_row_is_refused_by_name(void **state)
{
    const struct {
        const char *reason;
        EVP_PKEY *key;
    } keys[] = {
        {"an RSA key of 1024 bits is not taken; these are: ", make_rsa(1024)},
        {"the curve secp256k1 is not taken; these are: ", make_ec("secp256k1")},
        {"the key's algorithm, id-X25519, is not taken",
            EVP_PKEY_Q_keygen(NULL, NULL, "X25519")},
        {"the key's algorithm, id-Ed448, is not taken",
            EVP_PKEY_Q_keygen(NULL, NULL, "ED448")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        struct public_key_parts parts = {0};
        struct failure why = {0};
        SCOPED(EVP_PKEY) *key = keys[i].key;

        assert_non_null(key);
        assert_false(parts_of_key(key, &parts, &why));
        assert_int_equal(why.kind, FAILURE_UNSUITABLE);
        assert_memory_equal(why.reason, keys[i].reason, strlen(keys[i].reason));
    }
}

/* CVE-2022-0778. */
static void incident26_explicit_curve_parameters_never_reach_openssl(
    void **state)
{
    struct public_key_parts parts = {0};
    struct failure why = {0};
    SCOPED(EVP_PKEY) *key = make_ec("P-256");

    (void)state;
    assert_non_null(key);
    assert_int_equal(
        EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit"), 1);
    assert_false(parts_of_key(key, &parts, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_non_null(strstr(why.reason, "explicit parameters"));
}

/* A SubjectPublicKeyInfo of an algorithm's contents and bits. */
static struct bytes info_of(struct bytes algorithm, struct bytes bits)
{
    static uint8_t room[1024];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    struct bytes encoding = {0};
    struct failure why = {0};
    size_t mark = der_writer_mark(&writer);

    der_write_bit_string(&writer, bits, 0);
    der_write_element(&writer, DER_SEQUENCE, algorithm);
    der_write_head(&writer, DER_SEQUENCE, mark);
    assert_true(der_writer_take(&writer, &encoding, &why));
    return encoding;
}

/* RSAPublicKey of 2048 bits that ends in this byte, and an exponent element. */
static struct bytes rsa_info(uint8_t last_byte, struct bytes exponent)
{
    static uint8_t room[512];
    uint8_t modulus[257] = {0x00, 0xc0};
    struct der_writer writer = der_writer_in(room, sizeof(room));
    struct bytes encoding = {0};
    struct failure why = {0};
    size_t mark = der_writer_mark(&writer);

    modulus[sizeof(modulus) - 1] = last_byte;
    der_write_raw(&writer, exponent);
    der_write_element(&writer, DER_INTEGER,
        (struct bytes){.start = modulus, .length = sizeof(modulus)});
    der_write_head(&writer, DER_SEQUENCE, mark);
    assert_true(der_writer_take(&writer, &encoding, &why));
    return info_of(BYTES(0x06, 0x09, RSA_ENCRYPTION, 0x05, 0x00), encoding);
}

static void refuses(
    struct bytes der, enum failure_kind kind, const char *reason)
{
    struct public_key_parts parts = {0};
    struct failure why = {0};

    assert_false(read_parts(der, &parts, &why));
    assert_string_equal(why.reason, reason);
    assert_int_equal(why.kind, kind);
    assert_null(parts.algorithm);
}

static void numbers_that_are_no_rsa_key_are_refused(void **state)
{
    struct public_key_parts parts = {0};
    struct failure why = {0};

    (void)state;
    assert_true(
        read_parts(rsa_info(0x01, BYTES(0x02, 0x01, 0x03)), &parts, &why));
    refuses(rsa_info(0x00, BYTES(0x02, 0x01, 0x03)), FAILURE_UNSUITABLE,
        "the RSA modulus is even: it is no product of two primes");
    refuses(rsa_info(0x01, BYTES(0x02, 0x01, 0x01)), FAILURE_UNSUITABLE,
        "the RSA exponent must be odd and at least 3 (SP 800-56B, 6.2)");
    refuses(rsa_info(0x01, BYTES(0x02, 0x03, 0x01, 0x00, 0x00)),
        FAILURE_UNSUITABLE,
        "the RSA exponent must be odd and at least 3 (SP 800-56B, 6.2)");
    refuses(rsa_info(0x01, BYTES(0x02, 0x09, 1, 2, 3, 4, 5, 6, 7, 8, 9)),
        FAILURE_UNSUITABLE, "the RSA exponent has more than 64 bits");
    refuses(rsa_info(0x01, BYTES(0x02, 0x01, 0x81)), FAILURE_MALFORMED,
        "the RSA exponent is negative");
    refuses(rsa_info(0x01, BYTES(0x02, 0x01, 0x00)), FAILURE_MALFORMED,
        "the RSA exponent is zero");
}

static void parameters_of_another_form_are_refused(void **state)
{
    const struct bytes bits = BYTES(0x30, 0x00);

    (void)state;
    refuses(info_of(BYTES(0x06, 0x09, RSA_ENCRYPTION), bits),
        FAILURE_UNSUITABLE,
        "the parameters of an rsaEncryption key must be NULL");
    refuses(info_of(BYTES(0x06, 0x03, 0x2b, 0x65, 0x70, 0x05, 0x00), bits),
        FAILURE_UNSUITABLE,
        "the key's algorithm, id-Ed25519 with parameters, is not taken");
    refuses(info_of(BYTES(0x06, 0x04, 0x2a, 0x03, 0x04, 0x05), bits),
        FAILURE_UNSUITABLE, "the key's algorithm, 1.2.3.4.5, is not taken");
}

static void an_elliptic_curve_key_names_its_curve(void **state)
{
    struct public_key_parts parts = {0};
    struct failure why = {0};

    (void)state;
    assert_false(read_parts(
        info_of(BYTES(0x06, 0x07, EC_PUBLIC_KEY), BYTES(0x04)), &parts, &why));
    assert_non_null(strstr(why.reason, "names no curve"));
}

static void what_is_no_public_key_info_is_malformed(void **state)
{
    (void)state;
    refuses(BYTES(0x30, 0x0b, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03,
                0x01, 0x00, 0x00),
        FAILURE_MALFORMED,
        "bytes are left over after the public key at offset 12");
}

static void spare_bits_of_a_public_key_are_refused(void **state)
{
    (void)state;
    refuses(BYTES(0x30, 0x0b, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03,
                0x02, 0x01, 0x80),
        FAILURE_MALFORMED,
        "the public key has 1 spare bits; it is whole bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_openssl_finds_its_row),
        cmocka_unit_test(a_key_without_a_row_is_refused_by_name),
        cmocka_unit_test(
            incident26_explicit_curve_parameters_never_reach_openssl),
        cmocka_unit_test(numbers_that_are_no_rsa_key_are_refused),
        cmocka_unit_test(parameters_of_another_form_are_refused),
        cmocka_unit_test(an_elliptic_curve_key_names_its_curve),
        cmocka_unit_test(what_is_no_public_key_info_is_malformed),
        cmocka_unit_test(spare_bits_of_a_public_key_are_refused),
    };

    return cmocka_run_group_tests_name("spki", tests, NULL, NULL);
}
