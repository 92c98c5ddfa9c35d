#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/path_desk.h"
#include "x509/chain/profile.h"

/* Where the rules of the profiles end: what just keeps them, beside what just
 * breaks them (profile_test.c). */
static struct draft drafts[3];
static struct path_desk desk;

static int good_path(void **state)
{
    clear_desk(state);
    path_desk_good(drafts, 3);
    return 0;
}

static void keeps(enum chain_profile profile)
{
    path_desk_put(&desk, drafts, 3);
    desk.question.profile = profile;
    assert_keeps(&desk, judge_profile);
}

static void breaks(enum chain_profile profile, size_t place, const char *words)
{
    path_desk_put(&desk, drafts, 3);
    desk.question.profile = profile;
    assert_fails(&desk, judge_profile, RULE_PROFILE, VERDICT_PROFILE_VIOLATED,
        place, words);
}

static void version_1_is_kept_by_who_has_no_extensions(void **state)
{
    (void)state;
    drafts[0].version = 0;
    drafts[0].part_count = 0;
    keeps(CHAIN_RFC5280);
}

static struct bytes limited(void)
{
    return element(
        DER_SEQUENCE, BYTES(DER_BOOLEAN, 1, 0xff, DER_INTEGER, 1, 3));
}

static void an_authority_that_may_sign_may_limit_the_path(void **state)
{
    (void)state;
    part(&drafts[1], OID_BASIC_CONSTRAINTS)->value = limited();
    keeps(CHAIN_RFC5280);
    keeps(CHAIN_WEBPKI);
}

static void without_key_usage_a_limit_breaks_no_rule_of_key_usage(void **state)
{
    (void)state;
    add(&drafts[0], OID_BASIC_CONSTRAINTS, true, limited());
    take_away(&drafts[0], OID_KEY_USAGE);
    keeps(CHAIN_RFC5280);
}

static void who_says_that_it_is_no_authority_issues_nothing(void **state)
{
    (void)state;
    part(&drafts[1], OID_BASIC_CONSTRAINTS)->value =
        element(DER_SEQUENCE, (struct bytes){0});
    breaks(CHAIN_RFC5280, 1, "basicConstraints does not say that it may");
}

static void an_anchor_that_is_no_root_may_have_what_roots_may_not(void **state)
{
    const struct bytes purposes = element(DER_SEQUENCE,
        element(DER_OBJECT_IDENTIFIER, BYTES(0x2b, 6, 1, 5, 5, 7, 3, 1)));

    (void)state;
    add(&drafts[2], OID_EXTENDED_KEY_USAGE, false, purposes);
    breaks(CHAIN_WEBPKI, 2, "is a root with extendedKeyUsage");
    drafts[2].issuer = name("CN=Above");
    add(&drafts[2], OID_AUTHORITY_KEY_IDENTIFIER, false,
        element(DER_SEQUENCE, element(DER_CONTEXT(0), BYTES(1, 2, 3))));
    keeps(CHAIN_WEBPKI);
}

static void an_empty_authority_key_identifier_names_no_root(void **state)
{
    (void)state;
    add(&drafts[2], OID_AUTHORITY_KEY_IDENTIFIER, false,
        element(DER_SEQUENCE, (struct bytes){0}));
    breaks(CHAIN_WEBPKI, 2, "does not say by which key it is signed");
    breaks(CHAIN_RFC5280, 2, "does not say by which key it is signed");
}

static void name_server(const char *common_name, struct bytes names)
{
    path_desk_good(drafts, 3);
    drafts[0].subject =
        name_of(OID_COMMON_NAME, DER_UTF8_STRING, text(common_name));
    part(&drafts[0], OID_SUBJECT_ALT_NAME)->value = names;
}

/* The URL standard: what ends in a number is an address, however written. */
static void a_last_label_of_zero_and_x_is_like_an_address(void **state)
{
    const struct bytes four =
        element(DER_SEQUENCE, element(DER_CONTEXT(7), BYTES(192, 0, 2, 1)));
    const char *const like[] = {"example.0x1", "example.0X1"};
    const char *const other[] = {
        "example.0yx", "example.0x", "example.a1", "example.x0x"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        name_server(like[i], four);
        breaks(CHAIN_WEBPKI, 0, "which is none of subjectAltName");
    }
    for (size_t i = 0; i < 4; i++) {
        name_server(other[i], four);
        keeps(CHAIN_WEBPKI);
    }
}

static void a_long_wildcard_is_told_in_part(void **state)
{
    char long_name[] =
        "*.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        ".bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
        ".cccccccccccccccccccccccccccccccccccccccccccccccccccccc"
        ".dddddddddddddddddddddddddddddddddddddddddd.example.org";

    (void)state;
    name_server(long_name, dns_names(long_name));
    keeps(CHAIN_WEBPKI);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, good_path)
    const struct CMUnitTest tests[] = {
        TEST(version_1_is_kept_by_who_has_no_extensions),
        TEST(an_authority_that_may_sign_may_limit_the_path),
        TEST(without_key_usage_a_limit_breaks_no_rule_of_key_usage),
        TEST(who_says_that_it_is_no_authority_issues_nothing),
        TEST(an_anchor_that_is_no_root_may_have_what_roots_may_not),
        TEST(an_empty_authority_key_identifier_names_no_root),
        TEST(a_last_label_of_zero_and_x_is_like_an_address),
        TEST(a_long_wildcard_is_told_in_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
