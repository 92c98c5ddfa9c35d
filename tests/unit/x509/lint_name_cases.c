#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/lint_draft.h"
#include "unit/x509/lint_cases.h"

static void a_certificate_has_a_name_of_some_kind(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.subject = name("");
    take_away(&draft, OID_SUBJECT_ALT_NAME);
    assert_breaks(&draft, "subject-present",
        "it has neither a subject nor a subjectAltName");
}

static void an_authority_has_a_subject(void **state)
{
    struct draft draft = good_subordinate();

    (void)state;
    draft.subject = name("");
    add(&draft, OID_SUBJECT_ALT_NAME, true, dns_names("ca.example.org"));
    assert_breaks(&draft, "authority-named", "an authority's subject is empty");
}

static void kb090_a_subject_that_matches_its_issuer_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.subject = name("CN=issuing  AUTHORITY ,O=example");
    assert_breaks(&draft, "subject-differs",
        "the subject is its issuer's name: it would be taken for "
        "self-signed");
}

static void kb038_string_types_that_others_can_not_read_are_refused(
    void **state)
{
    static const struct {
        unsigned int tag;
        const char *sentence;
    } types[] = {
        {DER_BMP_STRING,
            "commonName is a BMPString, neither PrintableString nor "
            "UTF8String"},
        {DER_TELETEX_STRING,
            "commonName is a TeletexString, neither PrintableString nor "
            "UTF8String"},
        {DER_UNIVERSAL_STRING,
            "commonName is a UniversalString, neither PrintableString nor "
            "UTF8String"},
        {DER_IA5_STRING,
            "commonName is a IA5String, neither PrintableString nor "
            "UTF8String"},
    };
    struct draft draft = good_leaf();

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        draft.subject = name_of(OID_COMMON_NAME, types[i].tag, text("wwww"));
        assert_breaks(&draft, "string-types", types[i].sentence);
    }
    draft.subject =
        name_of(OID_EMAIL_ADDRESS, DER_IA5_STRING, text("a@example.org"));
    assert_breaks(&draft, NULL, NULL);
}

static void a_string_keeps_to_the_alphabet_of_its_type(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.subject =
        name_of(OID_COMMON_NAME, DER_PRINTABLE_STRING, text("*.example.org"));
    assert_breaks(&draft, "string-alphabet",
        "commonName \"*.example.org\" holds what its string type does not");
    draft.subject =
        name_of(OID_EMAIL_ADDRESS, DER_IA5_STRING, text("\xc3\xa4@b.example"));
    assert_breaks(&draft, "string-alphabet",
        "emailAddress \"\xc3\xa4@b.example\" holds what its string type does "
        "not");
    draft.subject = name_of(OID_COMMON_NAME, DER_UTF8_STRING, BYTES('a', 0xff));
    assert_breaks(&draft, "string-alphabet",
        "commonName \"a\\x{ff}\" holds what its string type does not");
}

static void incident30_a_zero_or_control_in_a_name_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.subject =
        name_of(OID_COMMON_NAME, DER_UTF8_STRING, BYTES('a', 0, '.', 'b'));
    assert_breaks(&draft, "string-controls",
        "commonName \"a\\u{0}.b\" holds a control character");
    draft.subject =
        name_of(OID_COMMON_NAME, DER_UTF8_STRING, BYTES('a', 0xc2, 0x85));
    assert_breaks(&draft, "string-controls",
        "commonName \"a\\u{85}\" holds a control character");
    draft.subject = name_of(
        OID_COMMON_NAME, DER_UTF8_STRING, BYTES(0xc3, 0x85, 0xc2, 0xa0));
    assert_breaks(&draft, NULL, NULL);
}

static void an_attribute_is_no_longer_than_x520_lets_it(void **state)
{
    static const struct {
        enum oid type;
        unsigned int tag;
        size_t most;
        const char *sentence;
    } limits[] = {
        {OID_COMMON_NAME, DER_UTF8_STRING, 64,
            "commonName has 65 characters, at most 64 may be"},
        {OID_ORGANIZATION, DER_UTF8_STRING, 64,
            "organizationName has 65 characters, at most 64 may be"},
        {OID_ORGANIZATIONAL_UNIT, DER_PRINTABLE_STRING, 64,
            "organizationalUnitName has 65 characters, at most 64 may be"},
        {OID_LOCALITY, DER_UTF8_STRING, 128,
            "localityName has 129 characters, at most 128 may be"},
        {OID_STATE, DER_UTF8_STRING, 128,
            "stateOrProvinceName has 129 characters, at most 128 may be"},
        {OID_STREET, DER_UTF8_STRING, 128,
            "streetAddress has 129 characters, at most 128 may be"},
        {OID_SERIAL_NUMBER, DER_PRINTABLE_STRING, 64,
            "serialNumber has 65 characters, at most 64 may be"},
        {OID_TITLE, DER_UTF8_STRING, 64,
            "title has 65 characters, at most 64 may be"},
        {OID_PSEUDONYM, DER_UTF8_STRING, 128,
            "pseudonym has 129 characters, at most 128 may be"},
        {OID_POSTAL_CODE, DER_UTF8_STRING, 40,
            "postalCode has 41 characters, at most 40 may be"},
        {OID_BUSINESS_CATEGORY, DER_UTF8_STRING, 128,
            "businessCategory has 129 characters, at most 128 may be"},
        {OID_EMAIL_ADDRESS, DER_IA5_STRING, 255,
            "emailAddress has 256 characters, at most 255 may be"},
        {OID_DOMAIN_COMPONENT, DER_IA5_STRING, 63,
            "domainComponent has 64 characters, at most 63 may be"},
        {OID_USER_ID, DER_UTF8_STRING, 256,
            "userId has 257 characters, at most 256 may be"},
    };
    char longest[512];
    struct draft draft;

    (void)state;
    memset(longest, 'x', sizeof(longest));
    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        struct bytes value = {
            .start = (const uint8_t *)longest, .length = limits[i].most};

        draft = good_leaf();
        draft.subject = name_of(limits[i].type, limits[i].tag, value);
        assert_breaks(&draft, NULL, NULL);
        value.length++;
        draft.subject = name_of(limits[i].type, limits[i].tag, value);
        assert_breaks(&draft, "attribute-lengths", limits[i].sentence);
    }
}

static void lengths_are_counted_in_characters(void **state)
{
    char wide[64 * 4 + 1] = {0};
    struct draft draft = good_leaf();

    (void)state;
    for (size_t i = 0; i < 64; i++)
        memcpy(wide + 4 * i, "\U0001f600", 4);
    draft.subject = name_of(OID_COMMON_NAME, DER_UTF8_STRING, text(wide));
    assert_breaks(&draft, NULL, NULL);
    draft.subject =
        name_of(OID_COMMON_NAME, DER_UTF8_STRING, (struct bytes){0});
    assert_breaks(&draft, "attribute-empty", "commonName is empty");
    draft.subject = name_of(OID_COMMON_NAME, DER_PRINTABLE_STRING,
        text("1234567890123456789012345678901234567890123456789012345678901234"
             "5"));
    assert_breaks(&draft, "attribute-lengths",
        "commonName has 65 characters, at most 64 may be");
}

static void a_relative_name_has_an_attribute(void **state)
{
    static const uint8_t empty[] = {0x30, 0x02, 0x31, 0x00};
    struct draft draft = good_leaf();

    (void)state;
    draft.subject = (struct bytes){.start = empty, .length = sizeof(empty)};
    assert_breaks(&draft, "relative-names",
        "the subject is not well-formed: a relative name has no attribute "
        "(X.501, 9.3)");
}

static void a_country_is_two_letters(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.subject = name_of(OID_COUNTRY, DER_PRINTABLE_STRING, text("USA"));
    assert_breaks(&draft, "country",
        "the country \"USA\" is not the two letters of ISO 3166");
    draft.subject = name_of(OID_COUNTRY, DER_PRINTABLE_STRING, text("U1"));
    assert_breaks(&draft, "country",
        "the country \"U1\" is not the two letters of ISO 3166");
}

int lint_name_cases(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(
            a_certificate_has_a_name_of_some_kind, clear_desk),
        cmocka_unit_test_setup(an_authority_has_a_subject, clear_desk),
        cmocka_unit_test_setup(
            kb090_a_subject_that_matches_its_issuer_is_refused, clear_desk),
        cmocka_unit_test_setup(
            kb038_string_types_that_others_can_not_read_are_refused,
            clear_desk),
        cmocka_unit_test_setup(
            a_string_keeps_to_the_alphabet_of_its_type, clear_desk),
        cmocka_unit_test_setup(
            incident30_a_zero_or_control_in_a_name_is_refused, clear_desk),
        cmocka_unit_test_setup(
            an_attribute_is_no_longer_than_x520_lets_it, clear_desk),
        cmocka_unit_test_setup(lengths_are_counted_in_characters, clear_desk),
        cmocka_unit_test_setup(a_relative_name_has_an_attribute, clear_desk),
        cmocka_unit_test_setup(a_country_is_two_letters, clear_desk),
    };

    return cmocka_run_group_tests_name(
        "lint of the subject", tests, NULL, NULL);
}
