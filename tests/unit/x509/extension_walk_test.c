#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "x509/chain/extension_walk.h"

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

typedef bool walk(struct bytes value, struct failure *why);

/* Whole, it is read; shorter by any number of bytes, or longer, it is not. */
static void assert_walked_to_its_end(walk *walk_value, struct bytes value)
{
    struct failure why = {0};
    uint8_t longer[128] = {0};

    assert_true(walk_value(value, &why));
    for (size_t length = 0; length < value.length; length++) {
        assert_false(walk_value((struct bytes){value.start, length}, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
    memcpy(longer, value.start, value.length);
    assert_false(walk_value((struct bytes){longer, value.length + 1}, &why));
}

static void assert_refused(
    walk *walk_value, struct bytes value, const char *reason)
{
    struct failure why = {0};

    assert_false(walk_value(value, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason, reason);
}

static void policies_are_walked_with_their_qualifiers(void **state)
{
    (void)state;
    assert_walked_to_its_end(
        walk_policies, BYTES(0x30, 0x15, 0x30, 0x04, 0x06, 0x02, 0x2a, 0x03,
                           0x30, 0x0d, 0x06, 0x02, 0x2a, 0x04, 0x30, 0x07, 0x30,
                           0x05, 0x06, 0x01, 0x2a, 0x0c, 0x00));
    assert_refused(walk_policies, BYTES(0x30, 0x00),
        "a list is empty at offset 2; it has at least one element");
    assert_refused(walk_policies,
        BYTES(0x30, 0x07, 0x30, 0x05, 0x06, 0x01, 0x2a, 0x30, 0x00),
        "a list is empty at offset 9; it has at least one element");
}

static void policy_mappings_are_pairs(void **state)
{
    (void)state;
    assert_walked_to_its_end(walk_policy_mappings,
        BYTES(0x30, 0x08, 0x30, 0x06, 0x06, 0x01, 0x2a, 0x06, 0x01, 0x2b));
    assert_refused(walk_policy_mappings,
        BYTES(0x30, 0x05, 0x30, 0x03, 0x06, 0x01, 0x2a),
        "an element is cut off at offset 7");
}

static void policy_constraints_are_small_numbers(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_walked_to_its_end(walk_policy_constraints,
        BYTES(0x30, 0x06, 0x80, 0x01, 0x00, 0x81, 0x01, 0x05));
    assert_true(walk_policy_constraints(BYTES(0x30, 0x00), &why));
    assert_refused(walk_policy_constraints, BYTES(0x30, 0x03, 0x80, 0x01, 0xff),
        "the number at offset 4 is not one from 0 to 2147483647");
    assert_refused(walk_policy_constraints,
        BYTES(0x30, 0x04, 0x80, 0x02, 0x00, 0x01),
        "the number at offset 4 is not one from 0 to 2147483647");
    assert_walked_to_its_end(walk_inhibit_any_policy, BYTES(0x02, 0x01, 0x03));
}

static void subtrees_are_walked_in_both_lists(void **state)
{
    (void)state;
    assert_walked_to_its_end(walk_name_constraints,
        BYTES(0x30, 0x12, 0xa0, 0x05, 0x30, 0x03, 0x82, 0x01, 'a', 0xa1, 0x09,
            0x30, 0x07, 0x82, 0x02, '.', 'b', 0x80, 0x01, 0x00));
    assert_refused(walk_name_constraints, BYTES(0x30, 0x02, 0xa0, 0x00),
        "a list is empty at offset 4; it has at least one element");
    assert_refused(walk_name_constraints,
        BYTES(0x30, 0x06, 0xa0, 0x04, 0x30, 0x02, 0x8a, 0x00),
        "tag 0x8a is no general name (RFC 5280, 4.2.1.6)");
}

static void distribution_points_have_names_reasons_and_issuers(void **state)
{
    (void)state;
    assert_walked_to_its_end(walk_distribution_points,
        BYTES(0x30, 0x15, 0x30, 0x13, 0xa0, 0x05, 0xa0, 0x03, 0x86, 0x01, 'u',
            0x81, 0x02, 0x01, 0x60, 0xa2, 0x06, 0xa4, 0x04, 0x30, 0x02, 0x31,
            0x00));
    assert_walked_to_its_end(walk_distribution_points,
        BYTES(0x30, 0x0e, 0x30, 0x0c, 0xa0, 0x0a, 0xa1, 0x08, 0x30, 0x06, 0x06,
            0x01, 0x2a, 0x0c, 0x01, 'a'));
    assert_refused(walk_distribution_points,
        BYTES(0x30, 0x06, 0x30, 0x04, 0x81, 0x02, 0x08, 0x00),
        "the reasons at offset 6 are no BIT STRING");
}

/* Nothing may stand behind what a distribution point's name holds. */
static void a_name_of_a_distribution_point_ends_where_it_ends(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_refused(walk_distribution_points,
        BYTES(0x30, 0x0b, 0x30, 0x09, 0xa0, 0x07, 0xa0, 0x03, 0x86, 0x01, 'u',
            0x05, 0x00),
        "bytes are left over after the name of a distribution point at "
        "offset 11");
    assert_refused(walk_distribution_points,
        BYTES(0x30, 0x10, 0x30, 0x0e, 0xa0, 0x0c, 0xa1, 0x08, 0x30, 0x06, 0x06,
            0x01, 0x2a, 0x0c, 0x01, 'a', 0x05, 0x00),
        "bytes are left over after the name of a distribution point at "
        "offset 16");
    assert_refused(walk_distribution_points,
        BYTES(0x30, 0x10, 0x30, 0x0e, 0xa0, 0x0c, 0xa1, 0x0a, 0x30, 0x08, 0x06,
            0x01, 0x2a, 0x0c, 0x01, 'a', 0x05, 0x00),
        "bytes are left over after an attribute at offset 16");
    assert_false(walk_distribution_points(
        BYTES(0x30, 0x0e, 0x30, 0x0c, 0xa0, 0x0a, 0xa1, 0x08, 0x30, 0x06, 0x06,
            0x01, 0x2a, 0x0c, 0x02, 'a'),
        &why));
    assert_false(walk_distribution_points(
        BYTES(0x30, 0x06, 0x30, 0x04, 0xa0, 0x02, 0xa2, 0x00), &why));
}

static bool are_reasons(struct bytes contents)
{
    uint8_t point[16] = {0x30, 0, 0x30, 0, 0x81, 0};
    struct failure why = {0};

    point[1] = (uint8_t)(contents.length + 4);
    point[3] = (uint8_t)(contents.length + 2);
    point[5] = (uint8_t)contents.length;
    memcpy(point + 6, contents.start, contents.length);
    return walk_distribution_points(
        (struct bytes){point, contents.length + 6}, &why);
}

/* X.690, 8.6.2: at most seven bits are spare, and none of no bits. */
static void reasons_are_at_most_32_bits(void **state)
{
    (void)state;
    assert_true(are_reasons(BYTES(0x00)));
    assert_false(are_reasons(BYTES(0x01)));
    assert_true(are_reasons(BYTES(0x07, 0x80)));
    assert_false(are_reasons(BYTES(0x08, 0x00)));
    assert_true(are_reasons(BYTES(0x00, 0x7f, 0x80, 0x00, 0x00)));
    assert_false(are_reasons(BYTES(0x00, 0x7f, 0x80, 0x00, 0x00, 0x00)));
    assert_false(are_reasons((struct bytes){(const uint8_t *)"", 0}));
}

static void access_features_and_no_check_are_walked(void **state)
{
    (void)state;
    assert_walked_to_its_end(walk_access,
        BYTES(0x30, 0x08, 0x30, 0x06, 0x06, 0x01, 0x2a, 0x86, 0x01, 'u'));
    assert_walked_to_its_end(
        walk_tls_feature, BYTES(0x30, 0x03, 0x02, 0x01, 0x05));
    assert_walked_to_its_end(walk_ocsp_no_check, BYTES(0x05, 0x00));
    assert_refused(walk_ocsp_no_check, BYTES(0x05, 0x01, 0x00),
        "bytes are left over after id-pkix-ocsp-nocheck at offset 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies_are_walked_with_their_qualifiers),
        cmocka_unit_test(policy_mappings_are_pairs),
        cmocka_unit_test(policy_constraints_are_small_numbers),
        cmocka_unit_test(subtrees_are_walked_in_both_lists),
        cmocka_unit_test(distribution_points_have_names_reasons_and_issuers),
        cmocka_unit_test(a_name_of_a_distribution_point_ends_where_it_ends),
        cmocka_unit_test(reasons_are_at_most_32_bits),
        cmocka_unit_test(access_features_and_no_check_are_walked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
