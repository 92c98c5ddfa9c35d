#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/lint_draft.h"
#include "unit/x509/lint_cases.h"

static void an_extension_that_can_not_be_read_is_a_finding(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    add(&draft, OID_BASIC_CONSTRAINTS, true, BYTES(0x31, 0x00));
    assert_breaks(&draft, "extensions-readable",
        "an extension can't be read: tag 0x31 where 0x30 belongs, at offset "
        "0");
}

static void an_extension_stands_once(void **state)
{
    struct draft draft = good_leaf(), root = good_root();
    struct tbs_certificate issuer = read_draft(&root);
    struct tbs_certificate tbs = read_draft(&draft);

    (void)state;
    /* tbs_certificate_read would not let it pass. */
    add(&draft, OID_KEY_USAGE, true, usage(KEY_USAGE_DIGITAL_SIGNATURE));
    tbs.extensions = der_reader_of(encoded_parts(&draft));
    assert_findings(&tbs, &issuer, "extensions-once",
        "the extension keyUsage stands twice");
}

static void identifiers_and_addresses_are_not_critical(void **state)
{
    static const enum oid types[] = {
        OID_SUBJECT_KEY_IDENTIFIER, OID_AUTHORITY_KEY_IDENTIFIER};
    static const char *const sentences[] = {"subjectKeyIdentifier is critical",
        "authorityKeyIdentifier is critical"};
    static const char *const rules[] = {"subject-key-identifier-not-critical",
        "authority-key-identifier-not-critical"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct draft draft = good_leaf();

        part(&draft, types[i])->critical = true;
        assert_breaks(&draft, rules[i], sentences[i]);
    }
}

static void the_issuers_key_is_named(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    take_away(&draft, OID_AUTHORITY_KEY_IDENTIFIER);
    assert_breaks(&draft, "authority-key-identifier-key",
        "the keyIdentifier of authorityKeyIdentifier is missing");
    add(&draft, OID_AUTHORITY_KEY_IDENTIFIER, false, BYTES(0x30, 0x00));
    assert_breaks(&draft, "authority-key-identifier-key",
        "the keyIdentifier of authorityKeyIdentifier is missing");
}

static void the_key_that_is_named_is_the_issuers(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    part(&draft, OID_AUTHORITY_KEY_IDENTIFIER)->value =
        issuer_identifier(LEAF_KEY);
    assert_breaks(&draft, "authority-key-identifier-matches",
        "authorityKeyIdentifier is not the subjectKeyIdentifier of the "
        "issuer's certificate");
}

static void an_authority_has_a_key_identifier(void **state)
{
    struct draft draft = good_subordinate();

    (void)state;
    take_away(&draft, OID_SUBJECT_KEY_IDENTIFIER);
    assert_breaks(&draft, "subject-key-identifier",
        "an authority's subjectKeyIdentifier is missing");
    draft = good_leaf();
    take_away(&draft, OID_SUBJECT_KEY_IDENTIFIER);
    assert_breaks(&draft, NULL, NULL);
}

static void a_key_identifier_is_that_of_the_key(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    part(&draft, OID_SUBJECT_KEY_IDENTIFIER)->value =
        own_identifier(ISSUER_KEY);
    assert_breaks(&draft, "subject-key-identifier-derived",
        "subjectKeyIdentifier is not that of the public key");
}

static void kb045_an_authority_says_so_critically(void **state)
{
    struct draft draft = good_subordinate();

    (void)state;
    part(&draft, OID_BASIC_CONSTRAINTS)->critical = false;
    assert_breaks(&draft, "basic-constraints-critical",
        "an authority's basicConstraints is not critical");
}

static void kb045_authorities_sign_and_leaves_do_not(void **state)
{
    struct draft draft = good_subordinate();

    (void)state;
    part(&draft, OID_KEY_USAGE)->value = usage(KEY_USAGE_CRL_SIGN);
    assert_breaks(
        &draft, "authority-signs", "an authority's keyUsage lacks keyCertSign");
    part(&draft, OID_KEY_USAGE)->value = usage(KEY_USAGE_CERT_SIGN);
    assert_breaks(&draft, "authority-signs-crls",
        "an authority's keyUsage lacks cRLSign");
    draft = good_leaf();
    part(&draft, OID_KEY_USAGE)->value =
        usage(KEY_USAGE_CERT_SIGN | KEY_USAGE_DIGITAL_SIGNATURE);
    assert_breaks(&draft, "leaf-does-not-sign",
        "keyUsage has keyCertSign though this is no authority");
}

static void a_leaf_limits_no_path(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    add(&draft, OID_BASIC_CONSTRAINTS, true,
        element(DER_SEQUENCE, BYTES(DER_INTEGER, 1, 0)));
    assert_breaks(&draft, "path-length",
        "basicConstraints limits the path though this is no authority "
        "that signs");
}

static void key_usage_is_there_critical_and_not_empty(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    part(&draft, OID_KEY_USAGE)->critical = false;
    assert_breaks(&draft, "key-usage-critical", "keyUsage is not critical");
    draft = good_leaf();
    part(&draft, OID_KEY_USAGE)->value = BYTES(DER_BIT_STRING, 1, 0);
    assert_breaks(&draft, "key-usage-bits", "keyUsage has no bit set");
    take_away(&draft, OID_KEY_USAGE);
    assert_breaks(&draft, "key-usage-present",
        "keyUsage is missing: the key would be good for all");
}

static void key_usage_is_what_the_key_can_do(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    part(&draft, OID_KEY_USAGE)->value =
        usage(KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT);
    assert_breaks(&draft, "key-usage-fits",
        "keyUsage has a bit that a key of ECDSA P-256 can't fulfil");
    part(&draft, OID_KEY_USAGE)->value = usage(KEY_USAGE_KEY_AGREEMENT);
    assert_breaks(&draft, NULL, NULL);
}

static void incident04_an_empty_list_of_purposes_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    part(&draft, OID_EXTENDED_KEY_USAGE)->value = BYTES(0x30, 0x00);
    assert_breaks(&draft, "extended-key-usage-present",
        "extendedKeyUsage can't be read: extKeyUsage is empty; it names at "
        "least one purpose (RFC 5280, 4.2.1.12)");
}

static void a_purpose_stands_once(void **state)
{
    struct draft draft = good_leaf();
    struct bytes purpose =
        element(DER_OBJECT_IDENTIFIER, oid_contents(OID_CLIENT_AUTH));

    (void)state;
    part(&draft, OID_EXTENDED_KEY_USAGE)->value =
        element(DER_SEQUENCE, joined(purpose, purpose));
    assert_breaks(&draft, "extended-key-usage-once",
        "the purpose 1.3.6.1.5.5.7.3.2 stands twice");
}

static void alternative_names_are_critical_when_they_are_all_there_is(
    void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    part(&draft, OID_SUBJECT_ALT_NAME)->critical = true;
    assert_breaks(&draft, "subject-alt-name-not-critical",
        "subjectAltName is critical though there is a subject");
    draft.subject = name("");
    assert_breaks(&draft, NULL, NULL);
    part(&draft, OID_SUBJECT_ALT_NAME)->critical = false;
    assert_breaks(&draft, "subject-alt-name-critical",
        "subjectAltName is not critical though the subject is empty");
}

static void incident32_more_than_1000_names_are_refused(void **state)
{
    static uint8_t many[1001 * 7];
    struct bytes one = element(DER_CONTEXT(2), text("a.b00"));
    struct draft draft = good_leaf();

    (void)state;
    for (size_t i = 0; i < 1001; i++) {
        uint8_t *last = many + (i + 1) * one.length;

        memcpy(last - one.length, one.start, one.length);
        last[-1] = (uint8_t)('a' + i % 26);
        last[-2] = (uint8_t)('a' + i / 26 % 26);
        last[-5] = (uint8_t)('a' + i / 676);
    }
    part(&draft, OID_SUBJECT_ALT_NAME)->value = element(DER_SEQUENCE,
        (struct bytes){.start = many, .length = 1000 * one.length});
    assert_breaks(&draft, NULL, NULL);
    part(&draft, OID_SUBJECT_ALT_NAME)->value = element(DER_SEQUENCE,
        (struct bytes){.start = many, .length = 1001 * one.length});
    assert_breaks(&draft, "subject-alt-name-count",
        "subjectAltName holds 1001 names, at most 1000 may be");
    part(&draft, OID_SUBJECT_ALT_NAME)->value = BYTES(0x30, 0x00);
    assert_breaks(&draft, "subject-alt-name-count",
        "subjectAltName can't be read: the list of names is empty; it has at "
        "least one (RFC 5280, 4.2.1.6)");
}

static void alternative_names_have_the_form_of_their_kind(void **state)
{
    static const struct {
        unsigned int tag;
        const char *good, *bad;
        const char *rule;
    } kinds[] = {
        {DER_CONTEXT(2), "*.example.org", "a_b.example.org",
            "subject-alt-name-dns"},
        {DER_CONTEXT(2), "localhost", "10.0.0.1", "subject-alt-name-dns"},
        {DER_CONTEXT(2), "a-b", "-ab", "subject-alt-name-dns"},
        {DER_CONTEXT(2), "a.b", "a.b.", "subject-alt-name-dns"},
        {DER_CONTEXT(7), "1234", "12345", "subject-alt-name-ip"},
        {DER_CONTEXT(7), "1234567890123456", "12345678", "subject-alt-name-ip"},
        {DER_CONTEXT(1), "a@example.org", "a", "subject-alt-name-email"},
        {DER_CONTEXT(6), "urn:example:a", "example", "subject-alt-name-uri"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        struct draft draft = good_leaf(), root = good_root();
        struct tbs_certificate issuer = read_draft(&root), tbs;
        struct lint_report report;

        part(&draft, OID_SUBJECT_ALT_NAME)->value =
            element(DER_SEQUENCE, element(kinds[i].tag, text(kinds[i].good)));
        assert_breaks(&draft, NULL, NULL);
        part(&draft, OID_SUBJECT_ALT_NAME)->value =
            element(DER_SEQUENCE, element(kinds[i].tag, text(kinds[i].bad)));
        tbs = read_draft(&draft);
        assert_false(lint_draft(&tbs, &issuer, NULL, &report));
        remember(&report);
        assert_int_equal(report.count, 1);
        assert_string_equal(report.findings[0].rule, kinds[i].rule);
        (void)clear_desk(state);
    }
}

int lint_extension_cases(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(
            an_extension_that_can_not_be_read_is_a_finding, clear_desk),
        cmocka_unit_test_setup(an_extension_stands_once, clear_desk),
        cmocka_unit_test_setup(
            identifiers_and_addresses_are_not_critical, clear_desk),
        cmocka_unit_test_setup(the_issuers_key_is_named, clear_desk),
        cmocka_unit_test_setup(
            the_key_that_is_named_is_the_issuers, clear_desk),
        cmocka_unit_test_setup(an_authority_has_a_key_identifier, clear_desk),
        cmocka_unit_test_setup(a_key_identifier_is_that_of_the_key, clear_desk),
        cmocka_unit_test_setup(
            kb045_an_authority_says_so_critically, clear_desk),
        cmocka_unit_test_setup(
            kb045_authorities_sign_and_leaves_do_not, clear_desk),
        cmocka_unit_test_setup(a_leaf_limits_no_path, clear_desk),
        cmocka_unit_test_setup(
            key_usage_is_there_critical_and_not_empty, clear_desk),
        cmocka_unit_test_setup(key_usage_is_what_the_key_can_do, clear_desk),
        cmocka_unit_test_setup(
            incident04_an_empty_list_of_purposes_is_refused, clear_desk),
        cmocka_unit_test_setup(a_purpose_stands_once, clear_desk),
        cmocka_unit_test_setup(
            alternative_names_are_critical_when_they_are_all_there_is,
            clear_desk),
        cmocka_unit_test_setup(
            incident32_more_than_1000_names_are_refused, clear_desk),
        cmocka_unit_test_setup(
            alternative_names_have_the_form_of_their_kind, clear_desk),
    };

    return cmocka_run_group_tests_name(
        "lint of the extensions", tests, NULL, NULL);
}
