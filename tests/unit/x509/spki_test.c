#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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
    static const char *const groups[] = {"P-256", "P-384", "P-521", "P-224",
        "P-192", "secp256k1", "brainpoolP256r1", "brainpoolP384r1",
        "brainpoolP512r1", "sect283k1", "sect571r1", "P-256"};

    (void)state;
    for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
        struct public_key_parts parts = {0};
        struct failure why = {0};
        SCOPED(EVP_PKEY) *key = make_ec(groups[i]);

        assert_non_null(key);
        assert_int_equal(
            EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit"), 1);
        assert_false(parts_of_key(key, &parts, &why));
        assert_int_equal(why.kind, FAILURE_UNSUITABLE);
        assert_string_equal(why.reason,
            "the elliptic-curve key has explicit parameters; only named curves "
            "are taken: ECDSA P-256, ECDSA P-384, ECDSA P-521 (test "
            "ec-named-curve, RFC 5480, 2.1.1)");
        assert_null(parts.algorithm);
    }
}

/* A SubjectPublicKeyInfo of an algorithm's contents and bits. */
static struct bytes info_of(struct bytes algorithm, struct bytes bits)
{
    static uint8_t room[1200];
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

/* A key of the kind of CVE-2022-0778: the number of its field, 697, is 17 * 41,
 * and the compressed generator asks for a square root modulo it, which OpenSSL
 * before 3.0.2 could seek without end. */
static void incident26_a_composite_field_never_reaches_openssl(void **state)
{
    const struct bytes algorithm = BYTES(0x06, 0x07, EC_PUBLIC_KEY, 0x30, 0x28,
        0x02, 0x01, 0x01, 0x30, 0x0d, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
        0x01, 0x01, 0x02, 0x02, 0x02, 0xb9, 0x30, 0x08, 0x04, 0x02, 0x02, 0xb7,
        0x04, 0x02, 0x00, 0x17, 0x04, 0x03, 0x03, 0x00, 0x08, 0x02, 0x02, 0x02,
        0xb9, 0x02, 0x01, 0x01);
    struct public_key_parts parts = {0};
    struct failure why = {0};

    (void)state;
    assert_false(
        read_parts(info_of(algorithm, BYTES(0x03, 0x00, 0x08)), &parts, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_non_null(strstr(why.reason, "explicit parameters"));
    assert_non_null(strstr(why.reason, "(test ec-named-curve, "));
}

/* RSAPublicKey with a modulus of so many bits that ends in this byte, and an
 * exponent element. */
static struct bytes rsa_info_of(
    unsigned int bits, uint8_t last_byte, struct bytes exponent)
{
    static uint8_t room[1100];
    uint8_t modulus[1 + 1024] = {0};
    size_t length = 1 + (bits + 7) / 8;
    struct der_writer writer = der_writer_in(room, sizeof(room));
    struct bytes encoding = {0};
    struct failure why = {0};
    size_t mark = der_writer_mark(&writer);
    size_t sign = bits % 8 == 0 ? 0 : 1;

    assert_in_range(length, 2, sizeof(modulus));
    modulus[1] = (uint8_t)(1U << (bits - 1) % 8);
    modulus[length - 1] = last_byte;
    der_write_raw(&writer, exponent);
    der_write_element(&writer, DER_INTEGER,
        (struct bytes){.start = modulus + sign, .length = length - sign});
    der_write_head(&writer, DER_SEQUENCE, mark);
    assert_true(der_writer_take(&writer, &encoding, &why));
    return info_of(BYTES(0x06, 0x09, RSA_ENCRYPTION, 0x05, 0x00), encoding);
}

static struct bytes rsa_info(uint8_t last_byte, struct bytes exponent)
{
    return rsa_info_of(2048, last_byte, exponent);
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
        "the RSA modulus is even, no product of two large primes; make a new "
        "key (test rsa-odd-modulus, SP 800-89, 5.3.3)");
    refuses(rsa_info(0x01, BYTES(0x02, 0x01, 0x01)), FAILURE_UNSUITABLE,
        "the RSA exponent is not an odd number above 1; make a key with 65537 "
        "(test rsa-exponent, FIPS 186-5, A.1.1)");
    refuses(rsa_info(0x01, BYTES(0x02, 0x03, 0x01, 0x00, 0x00)),
        FAILURE_UNSUITABLE,
        "the RSA exponent is not an odd number above 1; make a key with 65537 "
        "(test rsa-exponent, FIPS 186-5, A.1.1)");
    refuses(rsa_info(0x01, BYTES(0x02, 0x09, 1, 2, 3, 4, 5, 6, 7, 8, 9)),
        FAILURE_UNSUITABLE,
        "the RSA exponent has more than 64 bits; make a key with 65537 (test "
        "rsa-exponent, FIPS 186-5, A.1.1)");
    refuses(rsa_info(0x01, BYTES(0x02, 0x01, 0x81)), FAILURE_MALFORMED,
        "the RSA exponent is negative");
    refuses(rsa_info(0x01, BYTES(0x02, 0x01, 0x00)), FAILURE_MALFORMED,
        "the RSA exponent is zero");
}

static void check_rsa_size(unsigned int bits)
{
    const struct bytes f4 = BYTES(0x02, 0x03, 0x01, 0x00, 0x01);
    struct bytes info = rsa_info_of(bits, 0x01, f4);
    struct public_key_parts parts = {0};
    struct failure why = {0};
    char reason[FAILURE_REASON_ROOM] = "";

    if (bits == 2048 || bits == 3072 || bits == 4096) {
        assert_true(read_parts(info, &parts, &why));
        assert_int_equal(parts.algorithm->bits, bits);
        return;
    }
    (void)snprintf(reason, sizeof(reason),
        "an RSA key of %u bits is not taken; these are: RSA 2048, RSA 3072, "
        "RSA 4096 (test rsa-size, Baseline Requirements 6.1.5)",
        bits);
    refuses(info, FAILURE_UNSUITABLE, reason);
}

static void kb054_every_size_of_rsa_keys_is_taken_or_refused_with_the_sizes(
    void **state)
{
    static const unsigned int odd[] = {
        513, 1023, 1025, 2045, 2047, 2049, 2050, 3071, 3073, 4095, 4097, 8191};

    (void)state;
    for (unsigned int bits = 1024; bits <= 8192; bits += 8)
        check_rsa_size(bits);
    for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++)
        check_rsa_size(odd[i]);
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
    assert_non_null(strstr(why.reason, "(test ec-named-curve, "));
    /* implicitCurve, RFC 3279, 2.3.5 */
    assert_false(read_parts(
        info_of(BYTES(0x06, 0x07, EC_PUBLIC_KEY, 0x05, 0x00), BYTES(0x04)),
        &parts, &why));
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
        cmocka_unit_test(incident26_a_composite_field_never_reaches_openssl),
        cmocka_unit_test(numbers_that_are_no_rsa_key_are_refused),
        cmocka_unit_test(
            kb054_every_size_of_rsa_keys_is_taken_or_refused_with_the_sizes),
        cmocka_unit_test(parameters_of_another_form_are_refused),
        cmocka_unit_test(an_elliptic_curve_key_names_its_curve),
        cmocka_unit_test(what_is_no_public_key_info_is_malformed),
        cmocka_unit_test(spare_bits_of_a_public_key_are_refused),
    };

    return cmocka_run_group_tests_name("spki", tests, NULL, NULL);
}
