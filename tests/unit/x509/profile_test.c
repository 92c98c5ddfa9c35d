#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "support/path_desk.h"
#include "x509/chain/profile.h"
#include "x509/chain/profile_rule.h"
#include "x509/chain/public_suffix.h"

/* Leaf, authority, root; each test spoils one part. */
static struct draft drafts[3];
static struct path_desk desk;

static int good_path(void **state)
{
    clear_desk(state);
    path_desk_good(drafts, 3);
    return 0;
}

static void put(enum chain_profile profile)
{
    path_desk_put(&desk, drafts, 3);
    desk.question.profile = profile;
}

static void keeps(enum chain_profile profile)
{
    put(profile);
    assert_keeps(&desk, judge_profile);
}

static void breaks(enum chain_profile profile, size_t place, const char *words)
{
    put(profile);
    assert_fails(&desk, judge_profile, RULE_PROFILE, VERDICT_PROFILE_VIOLATED,
        place, words);
}

/* Both profiles have the rule, and without a profile nobody asks. */
static void both_break(size_t place, const char *words)
{
    breaks(CHAIN_RFC5280, place, words);
    breaks(CHAIN_WEBPKI, place, words);
    keeps(CHAIN_PLAIN);
}

static void the_forum_alone_breaks(size_t place, const char *words)
{
    breaks(CHAIN_WEBPKI, place, words);
    keeps(CHAIN_RFC5280);
    keeps(CHAIN_PLAIN);
}

static void a_good_path_keeps_every_profile(void **state)
{
    (void)state;
    keeps(CHAIN_PLAIN);
    keeps(CHAIN_RFC5280);
    keeps(CHAIN_WEBPKI);
    assert_tells(&desk, judge_profile, RULE_PROFILE,
        "serial-number (RFC 5280, 4.1.2.2): kept by 2 certificates");
}

/* --- the body ------------------------------------------------------------- */

static void a_serial_number_is_positive_and_short(void **state)
{
    (void)state;
    drafts[0].serial = BYTES(0);
    both_break(0, "serial-number (RFC 5280, 4.1.2.2): "
                  "CN=www.example.org,O=Example,C=DE has the serial number 0");
    drafts[0].serial = BYTES(0xff);
    both_break(0, "has a negative serial number");
    drafts[0].serial = BYTES(
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);
    keeps(CHAIN_RFC5280);
    drafts[0].serial = BYTES(0, 0x82, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
        15, 16, 17, 18, 19, 20, 21);
    both_break(0, "has a serial number of 21 bytes; 20 are the most");
}

static void the_serial_number_of_an_anchor_is_its_own(void **state)
{
    (void)state;
    drafts[2].serial = BYTES(0);
    keeps(CHAIN_RFC5280);
    keeps(CHAIN_WEBPKI);
}

static void extensions_are_of_version_3(void **state)
{
    (void)state;
    drafts[0].version = 1;
    both_break(0, "has extensions and says version 2, not 3");
}

static void an_issuer_has_a_name(void **state)
{
    (void)state;
    drafts[0].issuer = name("");
    both_break(0, "issuer-named (RFC 5280, 4.1.2.4)");
}

static void an_authority_has_a_subject(void **state)
{
    (void)state;
    drafts[1].subject = name("");
    add(&drafts[1], OID_SUBJECT_ALT_NAME, true, dns_names("a.example.org"));
    both_break(1, "is an authority without a subject");
}

/* --- identifiers of keys ---------------------------------------------------
 */

static void who_is_not_self_signed_says_by_which_key_it_is_signed(void **state)
{
    (void)state;
    take_away(&drafts[0], OID_AUTHORITY_KEY_IDENTIFIER);
    both_break(0, "authority-key-identifier (RFC 5280, 4.2.1.1)");
    path_desk_good(drafts, 3);
    take_away(&drafts[1], OID_AUTHORITY_KEY_IDENTIFIER);
    both_break(1, "does not say by which key it is signed");
    /* Its names are one, and the key above it is another. */
    path_desk_good(drafts, 3);
    drafts[1].subject = drafts[2].subject;
    drafts[0].issuer = drafts[1].subject;
    take_away(&drafts[1], OID_AUTHORITY_KEY_IDENTIFIER);
    both_break(1, "does not say by which key it is signed");
    /* An anchor that somebody else signed. */
    path_desk_good(drafts, 3);
    drafts[2].issuer = name("CN=Elsewhere");
    both_break(2, "does not say by which key it is signed");
}

static void key_identifiers_agree(void **state)
{
    (void)state;
    part(&drafts[0], OID_AUTHORITY_KEY_IDENTIFIER)->value =
        issuer_identifier(ISSUER_KEY);
    both_break(0, "issuer-key-identifier (RFC 5280, 4.2.1.2)");
    part(&drafts[0], OID_AUTHORITY_KEY_IDENTIFIER)->value =
        element(DER_SEQUENCE, joined(element(DER_CONTEXT(0), BYTES(1)),
                                  element(DER_CONTEXT(2), BYTES(7))));
    both_break(0, "with one of issuer and serial number alone");
}

static void an_authority_has_a_key_identifier(void **state)
{
    (void)state;
    take_away(&drafts[1], OID_SUBJECT_KEY_IDENTIFIER);
    both_break(1, "is an authority without subjectKeyIdentifier");
    path_desk_good(drafts, 3);
    take_away(&drafts[2], OID_SUBJECT_KEY_IDENTIFIER);
    both_break(2, "is an authority without subjectKeyIdentifier");
    path_desk_good(drafts, 3);
    take_away(&drafts[0], OID_SUBJECT_KEY_IDENTIFIER);
    keeps(CHAIN_RFC5280);
}

/* --- which extensions are critical ------------------------------------------
 */

static void some_extensions_are_never_critical(void **state)
{
    struct bytes access;

    (void)state;
    part(&drafts[0], OID_AUTHORITY_KEY_IDENTIFIER)->critical = true;
    both_break(0, "has authorityKeyIdentifier marked critical");
    path_desk_good(drafts, 3);
    part(&drafts[2], OID_SUBJECT_KEY_IDENTIFIER)->critical = true;
    both_break(2, "has subjectKeyIdentifier marked critical");
    path_desk_good(drafts, 3);
    access = element(DER_SEQUENCE,
        element(DER_SEQUENCE,
            joined(element(DER_OBJECT_IDENTIFIER, oid_contents(OID_AD_OCSP)),
                element(DER_CONTEXT(6), text("http://a.example/")))));
    add(&drafts[0], OID_AUTHORITY_INFO_ACCESS, false, access);
    keeps(CHAIN_WEBPKI);
    part(&drafts[0], OID_AUTHORITY_INFO_ACCESS)->critical = true;
    both_break(0, "has authorityInfoAccess marked critical");
    take_away(&drafts[0], OID_AUTHORITY_INFO_ACCESS);
    add(&drafts[0], OID_SUBJECT_INFO_ACCESS, true, access);
    both_break(0, "has subjectInfoAccess marked critical");
}

static void some_extensions_are_always_critical(void **state)
{
    (void)state;
    add(&drafts[1], OID_POLICY_CONSTRAINTS, false,
        element(DER_SEQUENCE, element(DER_CONTEXT(0), BYTES(3))));
    the_forum_alone_breaks(1, "has policyConstraints that is not critical");
    take_away(&drafts[1], OID_POLICY_CONSTRAINTS);
    add(&drafts[1], OID_INHIBIT_ANY_POLICY, false,
        element(DER_INTEGER, BYTES(3)));
    both_break(1, "has inhibitAnyPolicy that is not critical");
    path_desk_good(drafts, 3);
    part(&drafts[2], OID_BASIC_CONSTRAINTS)->critical = false;
    both_break(2, "is an authority whose basicConstraints is not critical");
}

/* --- what an authority is ---------------------------------------------------
 */

static void an_authority_says_that_it_is_one(void **state)
{
    (void)state;
    take_away(&drafts[2], OID_BASIC_CONSTRAINTS);
    both_break(2, "basicConstraints does not say that it may");
    path_desk_good(drafts, 3);
    part(&drafts[2], OID_BASIC_CONSTRAINTS)->value =
        element(DER_SEQUENCE, (struct bytes){0});
    both_break(2, "basicConstraints does not say that it may");
    path_desk_good(drafts, 3);
    part(&drafts[2], OID_KEY_USAGE)->value = usage(KEY_USAGE_CRL_SIGN);
    both_break(2, "is an authority whose keyUsage lacks keyCertSign");
    path_desk_good(drafts, 3);
    part(&drafts[0], OID_KEY_USAGE)->value =
        usage(KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_CERT_SIGN);
    both_break(0, "has keyCertSign though it is no authority");
}

static void a_path_length_is_an_authoritys(void **state)
{
    (void)state;
    add(&drafts[0], OID_BASIC_CONSTRAINTS, true,
        element(DER_SEQUENCE, BYTES(DER_INTEGER, 1, 0)));
    both_break(0, "limits the path though it is no authority");
    path_desk_good(drafts, 3);
    /* An authority in the leaf's place, which signs nothing. */
    add(&drafts[0], OID_BASIC_CONSTRAINTS, true,
        element(DER_SEQUENCE, BYTES(DER_BOOLEAN, 1, 0xff, DER_INTEGER, 1, 0)));
    breaks(CHAIN_RFC5280, 0, "limits the path though its keyUsage lacks");
}

static void an_authority_may_stand_where_a_leaf_does_outside_the_web(
    void **state)
{
    (void)state;
    add(&drafts[0], OID_BASIC_CONSTRAINTS, true,
        element(DER_SEQUENCE, BYTES(DER_BOOLEAN, 1, 0xff)));
    the_forum_alone_breaks(0, "server-is-no-authority (CA/Browser Forum BR, "
                              "7.1.2.7.8)");
}

/* --- constraints of names ----------------------------------------------------
 */

static struct bytes permitted(const char *host)
{
    return element(DER_SEQUENCE,
        element(DER_CONTEXT_HOLDING(0),
            element(DER_SEQUENCE, element(DER_CONTEXT(2), text(host)))));
}

static void name_constraints_are_critical_but_on_the_web(void **state)
{
    (void)state;
    add(&drafts[1], OID_NAME_CONSTRAINTS, false, permitted("example.org"));
    breaks(CHAIN_RFC5280, 1, "has nameConstraints that is not critical");
    keeps(CHAIN_WEBPKI);
    part(&drafts[1], OID_NAME_CONSTRAINTS)->critical = true;
    keeps(CHAIN_RFC5280);
}

static void name_constraints_are_an_authoritys_and_constrain(void **state)
{
    (void)state;
    add(&drafts[0], OID_NAME_CONSTRAINTS, true, permitted("example.org"));
    both_break(0, "has nameConstraints though it is no authority");
    path_desk_good(drafts, 3);
    add(&drafts[1], OID_NAME_CONSTRAINTS, true,
        element(DER_SEQUENCE, (struct bytes){0}));
    both_break(1, "has nameConstraints that constrain nothing");
    part(&drafts[1], OID_NAME_CONSTRAINTS)->value = permitted(".example.org");
    both_break(1, "constrains DNS names by one that begins with a dot");
}

/* --- names
 * -------------------------------------------------------------------- */

static void who_has_no_subject_is_named_critically(void **state)
{
    (void)state;
    drafts[0].subject = name("");
    both_break(0, "has no subject, and its subjectAltName is not critical");
    part(&drafts[0], OID_SUBJECT_ALT_NAME)->critical = true;
    keeps(CHAIN_RFC5280);
    keeps(CHAIN_WEBPKI);
    take_away(&drafts[0], OID_SUBJECT_ALT_NAME);
    both_break(0, "has neither a subject nor subjectAltName");
}

static void who_has_a_subject_is_not_named_critically_on_the_web(void **state)
{
    (void)state;
    part(&drafts[0], OID_SUBJECT_ALT_NAME)->critical = true;
    the_forum_alone_breaks(0, "its subjectAltName is critical all the same");
}

static void an_alternative_name_is_well_formed(void **state)
{
    (void)state;
    part(&drafts[0], OID_SUBJECT_ALT_NAME)->value =
        dns_names("foo_bar.example.org");
    both_break(0, "has an underscore, which no host name may have");
    part(&drafts[0], OID_SUBJECT_ALT_NAME)->value = dns_names("192.0.2.1");
    both_break(0, "is wrongly named: the DNS name \"192.0.2.1\"");
    part(&drafts[0], OID_SUBJECT_ALT_NAME)->value = element(
        DER_SEQUENCE, element(DER_CONTEXT(7), BYTES(192, 0, 2, 0, 255)));
    both_break(0, "an IP address has 4 or 16 bytes");
}

static void a_server_has_alternative_names(void **state)
{
    (void)state;
    take_away(&drafts[0], OID_SUBJECT_ALT_NAME);
    the_forum_alone_breaks(0, "has no subjectAltName");
}

static void name_server(const char *common_name, struct bytes names)
{
    path_desk_good(drafts, 3);
    drafts[0].subject =
        name_of(OID_COMMON_NAME, DER_UTF8_STRING, text(common_name));
    part(&drafts[0], OID_SUBJECT_ALT_NAME)->value = names;
}

static void a_wildcard_is_for_no_public_suffix_on_the_web(void **state)
{
    static const char *const suffixes[] = {
        "*.com", "*.co.uk", "*.s3.amazonaws.com", "*.CO.uk"};

    (void)state;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
        name_server(suffixes[i], dns_names(suffixes[i]));
        the_forum_alone_breaks(0, "has a wildcard for a public suffix: *.");
    }
    name_server("*.example.co.uk", dns_names("*.example.co.uk"));
    keeps(CHAIN_WEBPKI);
}

static void a_common_name_is_one_of_the_names_letter_by_letter(void **state)
{
    static const struct {
        const char *common_name, *host;
    } rows[] = {
        {"WWW.example.org", "www.example.org"},
        {"other.example.org", "www.example.org"},
        {"b\xc3\xbc"
         "cher.example",
            "xn--bcher-kva.example"},
        {"example.org", "www.example.org"},
        {"Example", "www.example.org"},
        {"www.example.org ", "www.example.org"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        name_server(rows[i].common_name, dns_names(rows[i].host));
        the_forum_alone_breaks(0, "which is none of subjectAltName");
    }
    name_server("*.example.org", dns_names("*.example.org"));
    keeps(CHAIN_WEBPKI);
    /* What the wildcard is for. */
    name_server("example.org", dns_names("*.example.org"));
    keeps(CHAIN_WEBPKI);
}

static void an_address_as_common_name_has_one_text(void **state)
{
    static const char *const fours[] = {"0xC0000201", "192.000.002.001",
        "3221225985", "192.0.2.2", "0xC0.0.2.1"};
    struct bytes four, six;

    (void)state;
    for (size_t i = 0; i < sizeof(fours) / sizeof(*fours); i++) {
        four =
            element(DER_SEQUENCE, element(DER_CONTEXT(7), BYTES(192, 0, 2, 1)));
        name_server(fours[i], four);
        the_forum_alone_breaks(0, "which is none of subjectAltName");
    }
    name_server("192.0.2.1", four);
    keeps(CHAIN_WEBPKI);
    six = element(DER_SEQUENCE,
        element(DER_CONTEXT(7),
            BYTES(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa)));
    name_server("2001:db8::A", six);
    the_forum_alone_breaks(0, "which is none of subjectAltName");
    name_server("2001:db8:0:0:0:0:0:a", six);
    the_forum_alone_breaks(0, "which is none of subjectAltName");
    name_server("2001:db8::a", six);
    keeps(CHAIN_WEBPKI);
    /* No client takes a domain for an address. */
    name_server("example.org", six);
    keeps(CHAIN_WEBPKI);
    name_server("0xa.b", six);
    keeps(CHAIN_WEBPKI);
}

static void a_public_suffix_is_known_by_its_list(void **state)
{
    (void)state;
    assert_true(is_public_suffix(text("com")));
    assert_true(is_public_suffix(text("Co.UK")));
    assert_true(is_public_suffix(text("unknown-tld")));
    assert_false(is_public_suffix(text("example.com")));
    assert_false(is_public_suffix(text("example.co.uk")));
}

/* --- purposes, keys and points
 * ------------------------------------------------ */

static void a_server_says_what_it_is_for_on_the_web(void **state)
{
    (void)state;
    take_away(&drafts[0], OID_EXTENDED_KEY_USAGE);
    the_forum_alone_breaks(0, "has no extendedKeyUsage");
    path_desk_good(drafts, 3);
    part(&drafts[0], OID_EXTENDED_KEY_USAGE)->critical = true;
    the_forum_alone_breaks(0, "has a critical extendedKeyUsage");
    path_desk_good(drafts, 3);
    part(&drafts[0], OID_EXTENDED_KEY_USAGE)->value =
        element(DER_SEQUENCE, element(DER_OBJECT_IDENTIFIER,
                                  oid_contents(OID_ANY_EXTENDED_KEY_USAGE)));
    the_forum_alone_breaks(0, "has anyExtendedKeyUsage");
    path_desk_good(drafts, 3);
    add(&drafts[2], OID_EXTENDED_KEY_USAGE, false,
        part(&drafts[0], OID_EXTENDED_KEY_USAGE)->value);
    the_forum_alone_breaks(2, "is a root with extendedKeyUsage");
}

static void a_root_on_the_web_names_its_own_key_alone(void **state)
{
    struct bytes own, issuer;

    (void)state;
    own = element(DER_SEQUENCE, element(DER_CONTEXT(0), BYTES(1, 2, 3)));
    add(&drafts[2], OID_AUTHORITY_KEY_IDENTIFIER, false,
        issuer_identifier(ISSUER_KEY));
    keeps(CHAIN_WEBPKI);
    part(&drafts[2], OID_AUTHORITY_KEY_IDENTIFIER)->value = own;
    the_forum_alone_breaks(
        2, "authorityKeyIdentifier is not its subjectKeyIdentifier");
    issuer = element(DER_CONTEXT_HOLDING(1),
        element(DER_CONTEXT_HOLDING(4), drafts[2].subject));
    part(&drafts[2], OID_AUTHORITY_KEY_IDENTIFIER)->value = element(
        DER_SEQUENCE, joined(element(DER_CONTEXT(0), BYTES(1, 2, 3)),
                          joined(issuer, element(DER_CONTEXT(2), BYTES(7)))));
    the_forum_alone_breaks(2, "has an issuer or a serial number");
}

static void key_usage_has_a_bit(void **state)
{
    (void)state;
    part(&drafts[0], OID_KEY_USAGE)->value = element(DER_BIT_STRING, BYTES(0));
    both_break(0, "has a keyUsage without a bit");
}

static void a_policy_stands_once(void **state)
{
    struct bytes one;

    (void)state;
    one = element(DER_SEQUENCE, element(DER_OBJECT_IDENTIFIER, BYTES(0x2a, 3)));
    add(&drafts[0], OID_CERTIFICATE_POLICIES, false,
        element(DER_SEQUENCE, joined(one, one)));
    both_break(0, "has the same policy twice");
    part(&drafts[0], OID_CERTIFICATE_POLICIES)->value =
        element(DER_SEQUENCE, one);
    keeps(CHAIN_WEBPKI);
}

static void a_distribution_point_has_a_name_or_an_issuer(void **state)
{
    (void)state;
    add(&drafts[0], OID_CRL_DISTRIBUTION_POINTS, false,
        element(DER_SEQUENCE,
            element(DER_SEQUENCE, element(DER_CONTEXT(1), BYTES(6, 0x40)))));
    both_break(0, "has a distribution point without a name");
}

/* --- docs/verdicts.md
 * ----------------------------------------------------- */

static void assert_page_has(const char *page, const struct profile_rule *rule)
{
    char row[300];

    (void)snprintf(row, sizeof(row), "\n| %s | %s | %s%s%s |\n", rule->name,
        rule->reference,
        (rule->profiles & PROFILE_RFC5280) != 0 ? "rfc5280" : "",
        rule->profiles == PROFILE_BOTH ? ", " : "",
        (rule->profiles & PROFILE_WEBPKI) != 0 ? "webpki" : "");
    if (strstr(page, row) == NULL)
        fail_msg("docs/verdicts.md lacks the row%s", row);
}

static void the_page_of_verdicts_has_every_rule_of_the_profiles(void **state)
{
    static const struct profile_rule *const tables[] = {
        profile_rules_of_rfc5280, profile_rules_of_extensions,
        profile_rules_of_names, profile_rules_of_webpki};
    RELEASED(buffer) file = BUFFER("docs/verdicts.md", 256 * 1024);
    const char *page = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(file_read(PROJECT_FOLDER "/docs/verdicts.md", &file, &why));
    assert_true(buffer_as_text(&file, &page, &why));
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
        for (const struct profile_rule *rule = tables[i]; rule->name != NULL;
             rule++)
            assert_page_has(page, rule);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, good_path)
    const struct CMUnitTest tests[] = {
        TEST(the_page_of_verdicts_has_every_rule_of_the_profiles),
        TEST(a_good_path_keeps_every_profile),
        TEST(a_serial_number_is_positive_and_short),
        TEST(the_serial_number_of_an_anchor_is_its_own),
        TEST(extensions_are_of_version_3),
        TEST(an_issuer_has_a_name),
        TEST(an_authority_has_a_subject),
        TEST(who_is_not_self_signed_says_by_which_key_it_is_signed),
        TEST(key_identifiers_agree),
        TEST(an_authority_has_a_key_identifier),
        TEST(some_extensions_are_never_critical),
        TEST(some_extensions_are_always_critical),
        TEST(an_authority_says_that_it_is_one),
        TEST(a_path_length_is_an_authoritys),
        TEST(an_authority_may_stand_where_a_leaf_does_outside_the_web),
        TEST(name_constraints_are_critical_but_on_the_web),
        TEST(name_constraints_are_an_authoritys_and_constrain),
        TEST(who_has_no_subject_is_named_critically),
        TEST(who_has_a_subject_is_not_named_critically_on_the_web),
        TEST(an_alternative_name_is_well_formed),
        TEST(a_server_has_alternative_names),
        TEST(a_wildcard_is_for_no_public_suffix_on_the_web),
        TEST(a_common_name_is_one_of_the_names_letter_by_letter),
        TEST(an_address_as_common_name_has_one_text),
        TEST(a_public_suffix_is_known_by_its_list),
        TEST(a_server_says_what_it_is_for_on_the_web),
        TEST(a_root_on_the_web_names_its_own_key_alone),
        TEST(key_usage_has_a_bit),
        TEST(a_policy_stands_once),
        TEST(a_distribution_point_has_a_name_or_an_issuer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
