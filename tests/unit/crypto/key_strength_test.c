#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/rand.h>

#include "crypto/key_strength.h"
#include "crypto/openssl_scoped.h"

#define KEYS_PER_CLASS 10
#define FRESH_KEYS 2000

static const char *const curves[] = {"p256", "p384", "p521"};

#define CURVES (sizeof(curves) / sizeof(*curves))

/* A key that isn't RSA. */
struct encoded_key {
    uint8_t bytes[2592];
    struct public_key_parts parts;
};

static void encode(EVP_PKEY *key, const char *row, struct encoded_key *encoded)
{
    SCOPED(openssl_bytes) *point = NULL;
    size_t length = sizeof(encoded->bytes);

    assert_non_null(key);
    if (key_algorithm_named(row)->kind == KEY_KIND_EC) {
        length = EVP_PKEY_get1_encoded_public_key(key, &point);
        assert_in_range(length, 1, sizeof(encoded->bytes));
        memcpy(encoded->bytes, point, length);
    } else {
        assert_int_equal(
            EVP_PKEY_get_raw_public_key(key, encoded->bytes, &length), 1);
    }
    encoded->parts =
        (struct public_key_parts){.algorithm = key_algorithm_named(row),
            .bits = {encoded->bytes, length}};
}

static void make_point(const char *row, struct encoded_key *encoded)
{
    SCOPED(EVP_PKEY) *key = EVP_EC_gen(key_algorithm_named(row)->group);

    encode(key, row, encoded);
}

static void make_ed25519(struct encoded_key *encoded)
{
    SCOPED(EVP_PKEY) *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

    encode(key, "ed25519", encoded);
}

static void assert_refused(
    const struct encoded_key *key, enum key_strength_rule rule)
{
    const struct key_strength_test *test = &key_strength_tests()[rule];
    struct failure why = {0};
    char ending[120];

    (void)snprintf(
        ending, sizeof(ending), " (test %s, %s)", test->name, test->reference);
    assert_false(key_strength_check(&key->parts, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_true(strlen(why.reason) > strlen(ending));
    assert_string_equal(
        why.reason + strlen(why.reason) - strlen(ending), ending);
}

static void assert_taken(const struct encoded_key *key)
{
    struct failure why = {0};

    assert_true(key_strength_check(&key->parts, &why));
    assert_int_equal(why.kind, FAILURE_NONE);
}

static void every_test_has_a_name_of_its_own_and_a_reference(void **state)
{
    const struct key_strength_test *tests = key_strength_tests();

    (void)state;
    for (size_t i = 0; i < KEY_STRENGTH_RULES; i++) {
        assert_non_null(tests[i].name);
        assert_non_null(tests[i].reference);
        for (size_t other = 0; other < i; other++)
            assert_string_not_equal(tests[i].name, tests[other].name);
    }
    assert_null(tests[KEY_STRENGTH_RULES].name);
}

static void properties07_fresh_points_are_taken(void **state)
{
    struct encoded_key key;

    (void)state;
    for (size_t i = 0; i < FRESH_KEYS; i++) {
        make_point(i % 10 == 9 ? curves[i % CURVES] : "p256", &key);
        assert_taken(&key);
    }
}

static void properties07_fresh_ed25519_keys_are_taken(void **state)
{
    struct encoded_key key;

    (void)state;
    for (size_t i = 0; i < FRESH_KEYS; i++) {
        make_ed25519(&key);
        assert_taken(&key);
    }
}

static void properties07_points_off_their_curve_are_refused(void **state)
{
    struct encoded_key key;

    (void)state;
    for (size_t i = 0; i < CURVES * KEYS_PER_CLASS; i++) {
        make_point(curves[i % CURVES], &key);
        key.bytes[key.parts.bits.length - 1] ^= 1;
        assert_refused(&key, KEY_STRENGTH_EC_ON_CURVE);
    }
}

/* What an invalid-curve attack sends: a point of another curve's equation. */
static void properties07_points_of_another_curve_are_refused(void **state)
{
    struct encoded_key key;

    (void)state;
    for (size_t i = 0; i < KEYS_PER_CLASS; i++) {
        SCOPED(EVP_PKEY) *other = EVP_EC_gen("secp256k1");

        encode(other, "p256", &key);
        assert_refused(&key, KEY_STRENGTH_EC_ON_CURVE);
    }
}

static void properties07_coordinates_beyond_the_field_are_refused(void **state)
{
    struct encoded_key key;

    (void)state;
    for (size_t i = 0; i < CURVES * KEYS_PER_CLASS; i++) {
        size_t coordinate;

        make_point(curves[i % CURVES], &key);
        coordinate = (key.parts.bits.length - 1) / 2;
        memset(key.bytes + 1 + (i & 1) * coordinate, 0xff, coordinate);
        assert_refused(&key, KEY_STRENGTH_EC_ON_CURVE);
    }
}

static void properties07_the_point_at_infinity_is_refused(void **state)
{
    struct encoded_key key = {.bytes = {0}};

    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        const struct key_algorithm *algorithm = key_algorithm_named(curves[i]);

        key.parts = (struct public_key_parts){
            .algorithm = algorithm, .bits = {key.bytes, 1}};
        assert_refused(&key, KEY_STRENGTH_EC_NOT_INFINITY);
        /* Zeros in the room of a point are no way to write infinity. */
        key.bytes[0] = 0x04;
        key.parts.bits.length = algorithm->public_length;
        assert_refused(&key, KEY_STRENGTH_EC_ON_CURVE);
        key.bytes[0] = 0x00;
        assert_refused(&key, KEY_STRENGTH_EC_UNCOMPRESSED_POINT);
    }
}

static void properties07_points_in_another_form_are_refused(void **state)
{
    static const uint8_t forms[] = {
        0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x0a, 0x84, 0xff};
    struct encoded_key key;

    (void)state;
    for (size_t i = 0; i < sizeof(forms); i++) {
        make_point("p256", &key);
        key.bytes[0] = forms[i];
        assert_refused(&key, KEY_STRENGTH_EC_UNCOMPRESSED_POINT);
        key.bytes[0] = 0x02 | (key.bytes[64] & 1);
        key.parts.bits.length = 33;
        assert_refused(&key, KEY_STRENGTH_EC_UNCOMPRESSED_POINT);
    }
}

static void points_of_another_length_are_refused(void **state)
{
    static const size_t lengths[] = {0, 2, 33, 64, 66, 97, 133};
    struct encoded_key key;

    (void)state;
    make_point("p256", &key);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        key.parts.bits.length = lengths[i];
        assert_refused(&key, KEY_STRENGTH_EC_UNCOMPRESSED_POINT);
    }
}

static void raw_keys_of_another_length_are_refused(void **state)
{
    static const char *const rows[] = {
        "ed25519", "mldsa44", "mldsa65", "mldsa87"};
    struct encoded_key key = {.bytes = {0}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct key_algorithm *algorithm = key_algorithm_named(rows[i]);

        key.parts = (struct public_key_parts){
            .algorithm = algorithm, .bits = {key.bytes, 0}};
        assert_refused(&key, KEY_STRENGTH_RAW_LENGTH);
        key.parts.bits.length = algorithm->public_length - 1;
        assert_refused(&key, KEY_STRENGTH_RAW_LENGTH);
        key.parts.bits.length = algorithm->public_length + 1;
        assert_refused(&key, KEY_STRENGTH_RAW_LENGTH);
    }
}

static void any_bytes_of_its_length_are_a_key_of_ml_dsa(void **state)
{
    struct encoded_key key;

    (void)state;
    assert_int_equal(RAND_bytes(key.bytes, sizeof(key.bytes)), 1);
    key.parts =
        (struct public_key_parts){.algorithm = key_algorithm_named("mldsa87"),
            .bits = {key.bytes, sizeof(key.bytes)}};
    assert_taken(&key);
}

/* y little-endian, as in the 2^255 - 19 of RFC 8032. */
static void take_y(uint8_t first, uint8_t fill, uint8_t last, uint8_t sign,
    struct encoded_key *key)
{
    memset(key->bytes, fill, 32);
    key->bytes[0] = first;
    key->bytes[31] = (uint8_t)(last | sign);
    key->parts = (struct public_key_parts){
        .algorithm = key_algorithm_named("ed25519"), .bits = {key->bytes, 32}};
}

/* All numbers of 255 bits that are not below the field's prime. */
static void properties07_ed25519_keys_beyond_the_field_are_refused(void **state)
{
    struct encoded_key key;

    (void)state;
    for (unsigned int first = 0xed; first <= 0xff; first++) {
        take_y((uint8_t)first, 0xff, 0x7f, 0x00, &key);
        assert_refused(&key, KEY_STRENGTH_ED25519_CANONICAL);
        take_y((uint8_t)first, 0xff, 0x7f, 0x80, &key);
        assert_refused(&key, KEY_STRENGTH_ED25519_CANONICAL);
    }
}

/* Whether somebody without the private key makes a signature that holds for
 * one message of 64: R is the neutral point and S zero. */
static bool can_be_forged(const struct encoded_key *key)
{
    SCOPED(EVP_PKEY) *public_key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, 32);
    uint8_t signature[64] = {0x01};

    assert_non_null(public_key);
    for (uint8_t message = 0; message < 64; message++) {
        SCOPED(EVP_MD_CTX) *verification = EVP_MD_CTX_new();

        assert_int_equal(
            EVP_DigestVerifyInit(verification, NULL, NULL, NULL, public_key),
            1);
        if (EVP_DigestVerify(
                verification, signature, sizeof(signature), &message, 1) == 1)
            return true;
    }
    return false;
}

/* The eight points whose order divides 8, by y, with either sign of x. */
static void properties07_ed25519_keys_of_small_order_are_refused(void **state)
{
    static const char *const small[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    };
    struct encoded_key key;

    (void)state;
    for (size_t i = 0; i < 2 * sizeof(small) / sizeof(*small); i++) {
        take_y(0x00, 0x00, 0x00, 0x00, &key);
        assert_int_equal(
            OPENSSL_hexstr2buf_ex(key.bytes, 32, NULL, small[i / 2], '\0'), 1);
        key.bytes[31] = (uint8_t)(key.bytes[31] | (i & 1) << 7);
        assert_true(can_be_forged(&key));
        assert_refused(&key, KEY_STRENGTH_ED25519_SMALL_ORDER);
    }
    make_ed25519(&key);
    assert_false(can_be_forged(&key));
}

static void properties07_ed25519_keys_off_their_curve_are_refused(void **state)
{
    static const uint8_t off[] = {2, 7, 8, 11, 12, 13, 17, 20, 22, 31, 34, 36};
    static const uint8_t on[] = {3, 4, 5, 6, 9, 10, 14, 15, 16, 18, 19, 21};
    struct encoded_key key;

    (void)state;
    for (size_t i = 0; i < 2 * sizeof(off); i++) {
        take_y(off[i / 2], 0x00, 0x00, (uint8_t)((i & 1) << 7), &key);
        assert_refused(&key, KEY_STRENGTH_ED25519_ON_CURVE);
    }
    for (size_t i = 0; i < 2 * sizeof(on); i++) {
        take_y(on[i / 2], 0x00, 0x00, (uint8_t)((i & 1) << 7), &key);
        assert_taken(&key);
    }
}

static void a_refusal_tells_what_is_wrong_and_what_to_do(void **state)
{
    struct encoded_key key;
    struct failure why = {0};

    (void)state;
    make_point("p256", &key);
    key.bytes[64] ^= 1;
    assert_false(key_strength_check(&key.parts, &why));
    assert_string_equal(why.reason,
        "the point of the ECDSA P-256 key is not on its curve, so that "
        "signatures may tell the private key; make a new key (test "
        "ec-on-curve, SP 800-56A, 5.6.2.3.3)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_test_has_a_name_of_its_own_and_a_reference),
        cmocka_unit_test(properties07_fresh_points_are_taken),
        cmocka_unit_test(properties07_fresh_ed25519_keys_are_taken),
        cmocka_unit_test(properties07_points_off_their_curve_are_refused),
        cmocka_unit_test(properties07_points_of_another_curve_are_refused),
        cmocka_unit_test(properties07_coordinates_beyond_the_field_are_refused),
        cmocka_unit_test(properties07_the_point_at_infinity_is_refused),
        cmocka_unit_test(properties07_points_in_another_form_are_refused),
        cmocka_unit_test(points_of_another_length_are_refused),
        cmocka_unit_test(raw_keys_of_another_length_are_refused),
        cmocka_unit_test(any_bytes_of_its_length_are_a_key_of_ml_dsa),
        cmocka_unit_test(
            properties07_ed25519_keys_beyond_the_field_are_refused),
        cmocka_unit_test(properties07_ed25519_keys_of_small_order_are_refused),
        cmocka_unit_test(properties07_ed25519_keys_off_their_curve_are_refused),
        cmocka_unit_test(a_refusal_tells_what_is_wrong_and_what_to_do),
    };

    return cmocka_run_group_tests_name("key_strength", tests, NULL, NULL);
}
