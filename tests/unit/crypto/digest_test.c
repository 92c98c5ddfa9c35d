#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/digest.h"

static void sha256_of_parts_is_that_of_the_whole(void **state)
{
    const struct bytes parts[] = {
        bytes_of_text("a"), bytes_of_text(""), bytes_of_text("bc")};
    const struct bytes whole = bytes_of_text("abc");
    uint8_t digest[SHA256_BYTES];
    uint8_t other[SHA256_BYTES];
    struct failure why = {0};

    (void)state;
    assert_true(sha256(parts, 3, digest, &why));
    assert_true(sha256(&whole, 1, other, &why));
    assert_memory_equal(digest, other, SHA256_BYTES);
}

/* FIPS 180-2, B.1. */
static void sha256_text_is_lower_case_hexadecimal(void **state)
{
    char text[SHA256_TEXT];
    struct failure why = {0};

    (void)state;
    assert_true(sha256_text(bytes_of_text("abc"), text, &why));
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223"
                              "b00361a396177a9cb410ff61f20015ad");
}

/* RFC 7093, section 2 (1). */
static void a_key_identifier_is_the_left_160_bits(void **state)
{
    static const uint8_t expected[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf,
        0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61,
        0xa3};
    uint8_t identifier[KEY_IDENTIFIER_BYTES];
    struct failure why = {0};

    (void)state;
    assert_true(key_identifier(bytes_of_text("abc"), identifier, &why));
    assert_memory_equal(identifier, expected, sizeof(expected));
}

static void a_digest_is_fetched_once(void **state)
{
    const EVP_MD *first = NULL;
    const EVP_MD *second = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(digest_named("SHA384", &first, &why));
    assert_true(digest_named("SHA384", &second, &why));
    assert_ptr_equal(first, second);
    assert_int_equal(EVP_MD_get_size(first), 48);
}

static void a_digest_that_is_not_ours_is_refused(void **state)
{
    const EVP_MD *digest = NULL;
    struct failure why = {0};

    (void)state;
    assert_false(digest_named("MD5", &digest, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason, "the digest MD5 is not one of ours");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_parts_is_that_of_the_whole),
        cmocka_unit_test(sha256_text_is_lower_case_hexadecimal),
        cmocka_unit_test(a_key_identifier_is_the_left_160_bits),
        cmocka_unit_test(a_digest_is_fetched_once),
        cmocka_unit_test(a_digest_that_is_not_ours_is_refused),
    };

    return cmocka_run_group_tests_name("digests", tests, NULL, NULL);
}
