#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>

#include "crypto/openssl_scoped.h"
#include "crypto/public_key.h"

struct point {
    uint8_t bytes[133];
    struct public_key_parts parts;
};

static void point_of(EVP_PKEY *key, const char *name, struct point *point)
{
    SCOPED(openssl_bytes) *encoded = NULL;
    size_t length = EVP_PKEY_get1_encoded_public_key(key, &encoded);

    assert_in_range(length, 1, sizeof(point->bytes));
    memcpy(point->bytes, encoded, length);
    point->parts = (struct public_key_parts){
        .algorithm = key_algorithm_named(name), .bits = {point->bytes, length}};
}

static void assert_refused(
    const struct public_key_parts *parts, const char *reason)
{
    EVP_PKEY *key = NULL;
    struct failure why = {0};

    assert_false(public_key_make(parts, &key, &why));
    assert_null(key);
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason, reason);
}

static void a_point_gives_the_key_it_came_from(void **state)
{
    static const char *const names[] = {"p256", "p384", "p521"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        SCOPED(EVP_PKEY) *key =
            EVP_EC_gen(key_algorithm_named(names[i])->group);
        SCOPED(EVP_PKEY) *made = NULL;
        struct point point = {0};
        struct failure why = {0};

        point_of(key, names[i], &point);
        assert_int_equal(
            point.parts.bits.length, point.parts.algorithm->public_length);
        assert_true(public_key_make(&point.parts, &made, &why));
        assert_int_equal(EVP_PKEY_eq(key, made), 1);
    }
}

static void a_point_in_another_form_is_refused(void **state)
{
    SCOPED(EVP_PKEY) *key = EVP_EC_gen("P-256");
    struct point point = {0};
    struct public_key_parts parts;

    (void)state;
    point_of(key, "p256", &point);
    parts = point.parts;
    point.bytes[0] = 0x02 | (point.bytes[64] & 1);
    parts.bits.length = 33;
    assert_refused(&parts,
        point.bytes[0] == 0x02
            ? "the point of the ECDSA P-256 key is in form 0x02; only the "
              "uncompressed form 0x04 is taken"
            : "the point of the ECDSA P-256 key is in form 0x03; only the "
              "uncompressed form 0x04 is taken");
    parts.bits.length = 65;
    point.bytes[0] = 0x06;
    assert_refused(&parts, "the point of the ECDSA P-256 key is in form 0x06; "
                           "only the uncompressed form 0x04 is taken");
    point.bytes[0] = 0x00;
    parts.bits.length = 1;
    assert_refused(
        &parts, "the point of the ECDSA P-256 key is the point at infinity");
    parts.bits.length = 0;
    assert_refused(&parts, "the ECDSA P-256 key has no point");
}

static void a_point_of_another_length_is_refused(void **state)
{
    SCOPED(EVP_PKEY) *key = EVP_EC_gen("P-384");
    struct point point = {0};

    (void)state;
    point_of(key, "p384", &point);
    point.parts.bits.length--;
    assert_refused(
        &point.parts, "the point of the ECDSA P-384 key has 96 bytes, not 97");
    point.parts.algorithm = key_algorithm_named("p256");
    assert_refused(
        &point.parts, "the point of the ECDSA P-256 key has 96 bytes, not 65");
}

static void a_point_off_its_curve_is_refused(void **state)
{
    SCOPED(EVP_PKEY) *key = EVP_EC_gen("P-256");
    struct point point = {0};

    (void)state;
    point_of(key, "p256", &point);
    point.bytes[64] ^= 1;
    assert_refused(
        &point.parts, "the point of the ECDSA P-256 key is not on its curve");
    memset(point.bytes + 1, 0xff, 64);
    assert_refused(
        &point.parts, "the point of the ECDSA P-256 key is not on its curve");
}

static void a_raw_key_has_its_length(void **state)
{
    uint8_t raw[32] = {9};
    struct public_key_parts parts = {
        .algorithm = key_algorithm_named("ed25519"), .bits = {raw, 32}};
    SCOPED(EVP_PKEY) *made = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(public_key_make(&parts, &made, &why));
    assert_true(EVP_PKEY_is_a(made, "ED25519"));
    parts.bits.length = 31;
    assert_refused(&parts, "the Ed25519 key has 31 bytes, not 32");
}

static struct public_key_parts rsa_parts(
    uint8_t modulus[static 256], const uint8_t *exponent, size_t length)
{
    memset(modulus, 0xff, 256);
    return (struct public_key_parts){
        .algorithm = key_algorithm_named("rsa2048"),
        .modulus = {modulus, 256},
        .exponent = {exponent, length}};
}

static void an_rsa_key_is_made_of_its_numbers(void **state)
{
    static const uint8_t exponent[] = {1, 0, 1};
    uint8_t modulus[256];
    struct public_key_parts parts = rsa_parts(modulus, exponent, 3);
    SCOPED(EVP_PKEY) *made = NULL;
    SCOPED(BIGNUM) *number = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(public_key_make(&parts, &made, &why));
    assert_int_equal(EVP_PKEY_get_bits(made), 2048);
    assert_true(EVP_PKEY_get_bn_param(made, OSSL_PKEY_PARAM_RSA_E, &number));
    assert_true(BN_is_word(number, 65537));
}

static void an_rsa_key_that_is_none_is_refused(void **state)
{
    static const uint8_t ones[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    static const uint8_t even[] = {1, 0, 0};
    uint8_t modulus[256];
    struct public_key_parts parts = rsa_parts(modulus, ones, 9);

    (void)state;
    assert_refused(
        &parts, "the exponent of the RSA key is longer than 64 bits");
    parts.exponent = (struct bytes){ones, 1};
    assert_refused(
        &parts, "the exponent of the RSA key is not an odd number above 1");
    parts.exponent = (struct bytes){even, 3};
    assert_refused(
        &parts, "the exponent of the RSA key is not an odd number above 1");
    parts.exponent = (struct bytes){0};
    assert_refused(
        &parts, "the exponent of the RSA key is not an odd number above 1");
    modulus[255] = 0xfe;
    assert_refused(&parts, "the modulus of the RSA key is even");
    modulus[0] = 0x7f;
    assert_refused(
        &parts, "the modulus of the RSA 2048 key has not exactly 2048 bits");
    parts.modulus.length = 257;
    assert_refused(
        &parts, "the modulus of the RSA 2048 key has not exactly 2048 bits");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_gives_the_key_it_came_from),
        cmocka_unit_test(a_point_in_another_form_is_refused),
        cmocka_unit_test(a_point_of_another_length_is_refused),
        cmocka_unit_test(a_point_off_its_curve_is_refused),
        cmocka_unit_test(a_raw_key_has_its_length),
        cmocka_unit_test(an_rsa_key_is_made_of_its_numbers),
        cmocka_unit_test(an_rsa_key_that_is_none_is_refused),
    };

    return cmocka_run_group_tests_name("public keys", tests, NULL, NULL);
}
