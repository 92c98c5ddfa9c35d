#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "x509/chain/extension_walk.h"
#include "x509/chain/name_constraints.h"
#include "x509/chain/policy_extension.h"
#include "x509/crl.h"

/*
 * The contract of chain/extension_walk.h: what it walked to the end, a rule
 * reads to the end.  Every byte of a value takes every value once; each time
 * the two are asked, and the walk may not say yes where the reader says no.
 */

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

#define SAMPLE_MAX 64

typedef bool walk(struct bytes value, struct failure *why);

/* --- the readers, each to its end ----------------------------------------- */

static bool read_policies(struct bytes value, struct failure *why)
{
    struct der_reader policies = {0};
    struct bytes policy = {0};

    if (!policies_read(value, &policies, why))
        return false;
    while (!der_at_end(&policies)) {
        if (!policies_next(&policies, &policy, why))
            return false;
    }
    return true;
}

static bool read_mappings(struct bytes value, struct failure *why)
{
    struct der_reader mappings = {0};
    struct bytes from = {0}, to = {0};

    if (!policy_mappings_read(value, &mappings, why))
        return false;
    while (!der_at_end(&mappings)) {
        if (!policy_mappings_next(&mappings, &from, &to, why))
            return false;
    }
    return true;
}

static bool read_constraints(struct bytes value, struct failure *why)
{
    struct policy_constraints constraints = {0};

    return policy_constraints_read(value, &constraints, why);
}

static bool read_inhibit(struct bytes value, struct failure *why)
{
    uint32_t after = 0;

    return inhibit_any_policy_read(value, &after, why);
}

/* A base that nothing can be held against is read, and the rule says so. */
static bool read_subtrees(struct der_reader subtrees, struct failure *why)
{
    struct general_name base = {0};

    while (!der_at_end(&subtrees)) {
        if (!name_constraints_next(&subtrees, &base, why))
            return why->kind == FAILURE_UNSUITABLE;
    }
    return true;
}

static bool read_name_constraints(struct bytes value, struct failure *why)
{
    struct name_constraints constraints = {0};

    return name_constraints_read(value, &constraints, why) &&
           read_subtrees(constraints.permitted, why) &&
           read_subtrees(constraints.excluded, why);
}

static bool read_names(struct der_reader names, struct failure *why)
{
    struct general_name name = {0};

    while (!der_at_end(&names)) {
        if (!general_name_next(&names, &name, why))
            return false;
    }
    return true;
}

static bool read_points(struct bytes value, struct failure *why)
{
    struct distribution_point point = {0};
    struct der_reader points = {0};

    if (!extension_distribution_points(value, &points, why))
        return false;
    while (!der_at_end(&points)) {
        if (!distribution_point_next(&points, &point, why) ||
            !read_names(point.name.names, why))
            return false;
    }
    return true;
}

/* --- the sweep ------------------------------------------------------------ */

static void assert_agree(walk *walk_value, walk *read_value, struct bytes value)
{
    struct failure unwalked = {0}, unread = {0};
    bool is_walked = walk_value(value, &unwalked);
    bool is_read = read_value == NULL || read_value(value, &unread);

    if (!is_walked)
        assert_int_equal(unwalked.kind, FAILURE_MALFORMED);
    if (is_walked && !is_read)
        fail_msg("walked, and not read: %s", unread.reason);
}

/* read_value NULL: no rule reads it. */
static void sweep(walk *walk_value, walk *read_value, struct bytes sample)
{
    uint8_t copy[SAMPLE_MAX];
    struct failure why = {0};

    assert_true(sample.length <= SAMPLE_MAX);
    if (!walk_value(sample, &why))
        fail_msg("%s", why.reason);
    assert_agree(walk_value, read_value, sample);
    memcpy(copy, sample.start, sample.length);
    for (size_t i = 0; i < sample.length; i++) {
        for (unsigned int byte = 0; byte <= UINT8_MAX; byte++) {
            copy[i] = (uint8_t)byte;
            assert_agree(
                walk_value, read_value, (struct bytes){copy, sample.length});
        }
        copy[i] = sample.start[i];
        assert_agree(walk_value, read_value, (struct bytes){copy, i});
    }
}

/* Payloads are elements themselves, so that a shorter length leaves one over.
 */
static void policies_that_are_walked_are_read(void **state)
{
    (void)state;
    sweep(walk_policies, read_policies,
        BYTES(0x30, 0x15, 0x30, 0x04, 0x06, 0x02, 0x2a, 0x03, 0x30, 0x0d, 0x06,
            0x02, 0x2a, 0x04, 0x30, 0x07, 0x30, 0x05, 0x06, 0x01, 0x2a, 0x0c,
            0x00));
    sweep(walk_policies, read_policies,
        BYTES(0x30, 0x0e, 0x30, 0x0c, 0x06, 0x01, 0x2a, 0x30, 0x07, 0x30, 0x05,
            0x06, 0x01, 0x2a, 0x05, 0x00));
    sweep(walk_policies, read_policies,
        BYTES(0x30, 0x10, 0x30, 0x0e, 0x06, 0x01, 0x2a, 0x30, 0x09, 0x30, 0x07,
            0x06, 0x01, 0x2a, 0x0c, 0x02, 0x05, 0x00));
}

static void pairs_of_policies_that_are_walked_are_read(void **state)
{
    (void)state;
    sweep(walk_policy_mappings, read_mappings,
        BYTES(0x30, 0x0a, 0x30, 0x08, 0x06, 0x01, 0x2a, 0x06, 0x03, 0x2b, 0x05,
            0x00));
}

static void numbers_of_certificates_that_are_walked_are_read(void **state)
{
    (void)state;
    sweep(walk_policy_constraints, read_constraints,
        BYTES(0x30, 0x08, 0x80, 0x01, 0x00, 0x81, 0x03, 0x01, 0x05, 0x00));
    sweep(walk_policy_constraints, read_constraints,
        BYTES(0x30, 0x06, 0x80, 0x04, 0x7f, 0xff, 0xff, 0xff));
    sweep(walk_policy_constraints, read_constraints,
        BYTES(0x30, 0x04, 0x81, 0x02, 0x00, 0x80));
    sweep(walk_inhibit_any_policy, read_inhibit,
        BYTES(0x02, 0x03, 0x01, 0x05, 0x00));
}

static void subtrees_that_are_walked_are_read(void **state)
{
    (void)state;
    sweep(walk_name_constraints, read_name_constraints,
        BYTES(0x30, 0x1b, 0xa0, 0x0d, 0x30, 0x0b, 0x82, 0x01, 0x61, 0x80, 0x01,
            0x00, 0x81, 0x03, 0x01, 0x05, 0x00, 0xa1, 0x0a, 0x30, 0x03, 0x82,
            0x01, 0x62, 0x30, 0x03, 0x82, 0x01, 0x63));
    sweep(walk_name_constraints, read_name_constraints,
        BYTES(0x30, 0x0c, 0xa1, 0x0a, 0x30, 0x08, 0x82, 0x01, 0x61, 0x80, 0x03,
            0x00, 0x80, 0x00));
}

static void distribution_points_that_are_walked_are_read(void **state)
{
    (void)state;
    sweep(walk_distribution_points, read_points,
        BYTES(0x30, 0x18, 0x30, 0x16, 0xa0, 0x08, 0xa0, 0x06, 0x86, 0x01, 0x61,
            0x86, 0x01, 0x62, 0x81, 0x02, 0x01, 0x02, 0xa2, 0x06, 0x82, 0x01,
            0x61, 0x82, 0x01, 0x62));
    sweep(walk_distribution_points, NULL,
        BYTES(0x30, 0x15, 0x30, 0x13, 0xa0, 0x11, 0xa1, 0x0f, 0x30, 0x05, 0x06,
            0x01, 0x2a, 0x0c, 0x00, 0x30, 0x06, 0x06, 0x01, 0x2a, 0x0c, 0x01,
            0x41));
    sweep(walk_distribution_points, NULL,
        BYTES(0x30, 0x0f, 0x30, 0x0d, 0xa0, 0x0b, 0xa1, 0x09, 0x30, 0x07, 0x06,
            0x01, 0x2a, 0x0c, 0x02, 0x05, 0x00));
    sweep(walk_distribution_points, read_points,
        BYTES(0x30, 0x05, 0x30, 0x03, 0x81, 0x01, 0x00));
}

static void lists_that_no_rule_reads_are_walked_all_the_same(void **state)
{
    (void)state;
    sweep(walk_access, NULL,
        BYTES(0x30, 0x0a, 0x30, 0x08, 0x06, 0x01, 0x2a, 0x86, 0x03, 0x61, 0x05,
            0x00));
    sweep(walk_tls_feature, NULL,
        BYTES(0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x11));
    sweep(walk_ocsp_no_check, NULL, BYTES(0x05, 0x00));
}

/* --- what is refused, and where --------------------------------------------
 */

static void what_is_left_over_inside_a_list_is_named(void **state)
{
    static const struct {
        walk *walk_value;
        struct bytes value;
        const char *reason;
    } rows[] = {
        {walk_policies,
            {(const uint8_t *)"\x30\x09\x30\x07\x06\x01\x2a\x30\x00\x05\x00",
                11},
            "bytes are left over after a policy at offset 9"},
        {walk_policy_mappings,
            {(const uint8_t *)"\x30\x0a\x30\x08\x06\x01\x2a\x06\x01\x2b\x05"
                              "\x00",
                12},
            "bytes are left over after a policy mapping at offset 10"},
        {walk_policy_constraints, {(const uint8_t *)"\x30\x02\x05\x00", 4},
            "bytes are left over after policyConstraints at offset 2"},
        {walk_policy_constraints, {(const uint8_t *)"\x30\x02\x80\x00", 4},
            "the number at offset 4 is not one from 0 to 2147483647"},
        {walk_policy_constraints,
            {(const uint8_t *)"\x30\x07\x81\x05\x01\x00\x00\x00\x00", 9},
            "the number at offset 4 is not one from 0 to 2147483647"},
        {walk_name_constraints, {(const uint8_t *)"\x30\x02\x05\x00", 4},
            "bytes are left over after nameConstraints at offset 2"},
        {walk_distribution_points,
            {(const uint8_t *)"\x30\x05\x30\x03\x81\x01\x07", 7},
            "the reasons at offset 6 are no BIT STRING"},
        {walk_distribution_points,
            {(const uint8_t
                     *)"\x30\x0a\x30\x08\x81\x06\x00\x01\x01\x01\x01\x01",
                12},
            "the reasons at offset 6 are no BIT STRING"},
        {walk_distribution_points,
            {(const uint8_t *)"\x30\x04\x30\x02\x81\x00", 6},
            "the reasons at offset 6 are no BIT STRING"},
        {walk_access,
            {(const uint8_t *)"\x30\x0a\x30\x08\x06\x01\x2a\x86\x01\x61\x05"
                              "\x00",
                12},
            "bytes are left over after an access description at offset 10"},
    };
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_false(rows[i].walk_value(rows[i].value, &why));
        assert_string_equal(why.reason, rows[i].reason);
    }
}

/* RFC 5280, 4.2.1.11: SkipCerts.  A larger number than any path is no other
 * than the largest, whatever follows. */
static void a_number_beyond_every_path_stays_the_largest(void **state)
{
    struct policy_constraints constraints = {0};
    struct failure why = {0};
    uint32_t after = 0;

    (void)state;
    assert_true(policy_constraints_read(
        BYTES(0x30, 0x06, 0x80, 0x04, 0x7f, 0xff, 0xff, 0xff), &constraints,
        &why));
    assert_true(constraints.has_explicit);
    assert_false(constraints.has_mapping);
    assert_int_equal(constraints.explicit_after, SKIP_CERTIFICATES_MAX);
    assert_true(inhibit_any_policy_read(
        BYTES(0x02, 0x03, 0x10, 0x00, 0x00), &after, &why));
    assert_int_equal(after, SKIP_CERTIFICATES_MAX);
    assert_true(inhibit_any_policy_read(BYTES(0x02, 0x01, 0x07), &after, &why));
    assert_int_equal(after, 7);
    assert_false(
        inhibit_any_policy_read(BYTES(0x02, 0x01, 0x80), &after, &why));
    assert_string_equal(why.reason,
        "a number of certificates is negative (RFC 5280, 4.2.1.11)");
}

/* RFC 5280, 4.2.1.4: id-qt-cps and id-qt-unotice. */
static void only_two_qualifiers_are_known(void **state)
{
    uint8_t policies[] = {0x30, 0x13, 0x30, 0x11, 0x06, 0x01, 0x2a, 0x30, 0x0c,
        0x30, 0x0a, 0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 2, 1};
    struct bytes value = {policies, sizeof(policies)};

    (void)state;
    for (unsigned int byte = 0; byte <= UINT8_MAX; byte++) {
        policies[20] = (uint8_t)byte;
        assert_int_equal(
            policy_qualifiers_are_known(value), byte == 1 || byte == 2);
    }
    policies[20] = 1;
    for (size_t i = 0; i < 20; i++) {
        policies[i] ^= 0x11;
        /* 6 is the policy's own; without the list at 7 there is none. */
        if (i != 6 && i != 7)
            assert_false(policy_qualifiers_are_known(value));
        policies[i] ^= 0x11;
    }
    assert_false(policy_qualifiers_are_known(BYTES(0x30, 0x0a, 0x30, 0x08, 0x06,
        0x01, 0x2a, 0x30, 0x03, 0x06, 0x01, 0x2a)));
    assert_false(policy_qualifiers_are_known(BYTES(
        0x30, 0x0a, 0x30, 0x08, 0x06, 0x01, 0x2a, 0x30, 0x03, 0x30, 0x01, 5)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies_that_are_walked_are_read),
        cmocka_unit_test(pairs_of_policies_that_are_walked_are_read),
        cmocka_unit_test(numbers_of_certificates_that_are_walked_are_read),
        cmocka_unit_test(subtrees_that_are_walked_are_read),
        cmocka_unit_test(distribution_points_that_are_walked_are_read),
        cmocka_unit_test(lists_that_no_rule_reads_are_walked_all_the_same),
        cmocka_unit_test(what_is_left_over_inside_a_list_is_named),
        cmocka_unit_test(a_number_beyond_every_path_stays_the_largest),
        cmocka_unit_test(only_two_qualifiers_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
