#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/objects.h>

#include "crypto/openssl_scoped.h"
#include "x509/oid.h"

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

struct expected_row {
    enum oid oid;
    const char *dotted;
};

/* As the standards write them. */
static const struct expected_row expected[] = {
    {OID_COMMON_NAME, "2.5.4.3"},
    {OID_SURNAME, "2.5.4.4"},
    {OID_SERIAL_NUMBER, "2.5.4.5"},
    {OID_COUNTRY, "2.5.4.6"},
    {OID_LOCALITY, "2.5.4.7"},
    {OID_STATE, "2.5.4.8"},
    {OID_STREET, "2.5.4.9"},
    {OID_ORGANIZATION, "2.5.4.10"},
    {OID_ORGANIZATIONAL_UNIT, "2.5.4.11"},
    {OID_TITLE, "2.5.4.12"},
    {OID_GIVEN_NAME, "2.5.4.42"},
    {OID_INITIALS, "2.5.4.43"},
    {OID_PSEUDONYM, "2.5.4.65"},
    {OID_GENERATION_QUALIFIER, "2.5.4.44"},
    {OID_DN_QUALIFIER, "2.5.4.46"},
    {OID_EMAIL_ADDRESS, "1.2.840.113549.1.9.1"},
    {OID_DOMAIN_COMPONENT, "0.9.2342.19200300.100.1.25"},
    {OID_USER_ID, "0.9.2342.19200300.100.1.1"},
    {OID_ORGANIZATION_IDENTIFIER, "2.5.4.97"},
    {OID_POSTAL_CODE, "2.5.4.17"},
    {OID_BUSINESS_CATEGORY, "2.5.4.15"},
    {OID_JURISDICTION_LOCALITY, "1.3.6.1.4.1.311.60.2.1.1"},
    {OID_JURISDICTION_STATE, "1.3.6.1.4.1.311.60.2.1.2"},
    {OID_JURISDICTION_COUNTRY, "1.3.6.1.4.1.311.60.2.1.3"},
    {OID_NAME, "2.5.4.41"},
    {OID_UNSTRUCTURED_NAME, "1.2.840.113549.1.9.2"},
    {OID_SUBJECT_KEY_IDENTIFIER, "2.5.29.14"},
    {OID_KEY_USAGE, "2.5.29.15"},
    {OID_PRIVATE_KEY_USAGE_PERIOD, "2.5.29.16"},
    {OID_SUBJECT_ALT_NAME, "2.5.29.17"},
    {OID_ISSUER_ALT_NAME, "2.5.29.18"},
    {OID_BASIC_CONSTRAINTS, "2.5.29.19"},
    {OID_CRL_NUMBER, "2.5.29.20"},
    {OID_REASON_CODE, "2.5.29.21"},
    {OID_INVALIDITY_DATE, "2.5.29.24"},
    {OID_DELTA_CRL_INDICATOR, "2.5.29.27"},
    {OID_ISSUING_DISTRIBUTION_POINT, "2.5.29.28"},
    {OID_CERTIFICATE_ISSUER, "2.5.29.29"},
    {OID_NAME_CONSTRAINTS, "2.5.29.30"},
    {OID_CRL_DISTRIBUTION_POINTS, "2.5.29.31"},
    {OID_CERTIFICATE_POLICIES, "2.5.29.32"},
    {OID_POLICY_MAPPINGS, "2.5.29.33"},
    {OID_AUTHORITY_KEY_IDENTIFIER, "2.5.29.35"},
    {OID_POLICY_CONSTRAINTS, "2.5.29.36"},
    {OID_EXTENDED_KEY_USAGE, "2.5.29.37"},
    {OID_FRESHEST_CRL, "2.5.29.46"},
    {OID_INHIBIT_ANY_POLICY, "2.5.29.54"},
    {OID_AUTHORITY_INFO_ACCESS, "1.3.6.1.5.5.7.1.1"},
    {OID_SUBJECT_INFO_ACCESS, "1.3.6.1.5.5.7.1.11"},
    {OID_TLS_FEATURE, "1.3.6.1.5.5.7.1.24"},
    {OID_OCSP_NO_CHECK, "1.3.6.1.5.5.7.48.1.5"},
    {OID_SCT_LIST, "1.3.6.1.4.1.11129.2.4.2"},
    {OID_PRECERT_POISON, "1.3.6.1.4.1.11129.2.4.3"},
    {OID_AD_OCSP, "1.3.6.1.5.5.7.48.1"},
    {OID_AD_CA_ISSUERS, "1.3.6.1.5.5.7.48.2"},
    {OID_ANY_EXTENDED_KEY_USAGE, "2.5.29.37.0"},
    {OID_SERVER_AUTH, "1.3.6.1.5.5.7.3.1"},
    {OID_CLIENT_AUTH, "1.3.6.1.5.5.7.3.2"},
    {OID_CODE_SIGNING, "1.3.6.1.5.5.7.3.3"},
    {OID_EMAIL_PROTECTION, "1.3.6.1.5.5.7.3.4"},
    {OID_TIME_STAMPING, "1.3.6.1.5.5.7.3.8"},
    {OID_OCSP_SIGNING, "1.3.6.1.5.5.7.3.9"},
    {OID_ANY_POLICY, "2.5.29.32.0"},
    {OID_EXTENSION_REQUEST, "1.2.840.113549.1.9.14"},
    {OID_MS_EXTENSION_REQUEST, "1.3.6.1.4.1.311.2.1.14"},
    {OID_CHALLENGE_PASSWORD, "1.2.840.113549.1.9.7"},
};

#define EXPECTED_COUNT (sizeof(expected) / sizeof(*expected))

static void every_row_is_what_openssl_makes_of_its_number(void **state)
{
    (void)state;
    assert_int_equal(EXPECTED_COUNT, OID_CHALLENGE_PASSWORD);
    for (size_t i = 0; i < EXPECTED_COUNT; i++) {
        ASN1_OBJECT *object = OBJ_txt2obj(expected[i].dotted, 1);
        const struct oid_row *row = oid_row(expected[i].oid);

        assert_non_null(object);
        assert_int_equal(expected[i].oid, i + 1);
        assert_int_equal(row->oid, expected[i].oid);
        assert_int_equal(row->contents.length, OBJ_length(object));
        assert_memory_equal(
            row->contents.start, OBJ_get0_data(object), OBJ_length(object));
        ASN1_OBJECT_free(object);
    }
}

static void every_row_is_found_by_its_contents_and_its_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXPECTED_COUNT; i++) {
        const struct oid_row *row = oid_row(expected[i].oid);

        assert_int_equal(oid_of(row->contents), row->oid);
        assert_true(bytes_equal(oid_contents(row->oid), row->contents));
        assert_int_equal(oid_named(row->name), row->oid);
        if (row->short_name != NULL)
            assert_int_equal(oid_named(row->short_name), row->oid);
    }
}

static void every_row_prints_and_reads_as_its_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXPECTED_COUNT; i++) {
        struct bytes contents = oid_contents(expected[i].oid);
        char text[OID_TEXT] = "";
        uint8_t read[32] = {0};
        size_t length = 0;
        struct failure why = {0};

        assert_true(oid_print(contents, text, &why));
        assert_string_equal(text, expected[i].dotted);
        assert_true(oid_read(text, read, sizeof(read), &length, &why));
        assert_true(bytes_equal(
            contents, (struct bytes){.start = read, .length = length}));
    }
}

static void what_is_no_row_is_unknown(void **state)
{
    (void)state;
    assert_int_equal(oid_of((struct bytes){0}), OID_UNKNOWN);
    assert_int_equal(oid_of(BYTES(0x55)), OID_UNKNOWN);
    assert_int_equal(oid_of(BYTES(0x55, 0x05, 0x03)), OID_UNKNOWN);
    assert_int_equal(oid_of(BYTES(0x56, 0x04, 0x03)), OID_UNKNOWN);
    assert_int_equal(oid_named("nothing"), OID_UNKNOWN);
    assert_int_equal(oid_contents(OID_UNKNOWN).length, 0);
}

static void names_are_found_in_any_case(void **state)
{
    (void)state;
    assert_int_equal(oid_named("cn"), OID_COMMON_NAME);
    assert_int_equal(oid_named("SUBJECTALTNAME"), OID_SUBJECT_ALT_NAME);
}

static void arcs_of_uuids_are_printed_and_read(void **state)
{
    static const char uuid[] = "2.25.340282366920938463463374607431768211455";
    char text[OID_TEXT] = "";
    uint8_t contents[32] = {0};
    size_t length = 0;
    struct failure why = {0};

    (void)state;
    assert_true(oid_read(uuid, contents, sizeof(contents), &length, &why));
    assert_int_equal(length, 20);
    assert_true(oid_print(
        (struct bytes){.start = contents, .length = length}, text, &why));
    assert_string_equal(text, uuid);
}

static void a_first_arc_of_2_has_any_second(void **state)
{
    char text[OID_TEXT] = "";
    struct failure why = {0};

    (void)state;
    assert_true(oid_print(BYTES(0x88, 0x37), text, &why));
    assert_string_equal(text, "2.999");
    assert_true(oid_print(BYTES(0x4f), text, &why));
    assert_string_equal(text, "1.39");
    assert_true(oid_print(BYTES(0x50), text, &why));
    assert_string_equal(text, "2.0");
}

static void text_that_is_no_number_is_refused_with_the_rule(void **state)
{
    static const char *const refusals[][2] = {
        {"", "\"\" is no object identifier: wanted are numbers joined by dots"},
        {"1", "\"1\" is no object identifier: there are at least two arcs"},
        {"1.", "\"1.\" is no object identifier: wanted are numbers joined by "
               "dots"},
        {"1.2.", "\"1.2.\" is no object identifier: wanted are numbers joined "
                 "by dots"},
        {"1.2x", "\"1.2x\" is no object identifier: wanted are numbers joined "
                 "by dots"},
        {"3.1", "\"3.1\" is no object identifier: the first arc is 0, 1 or 2"},
        {"1.40", "\"1.40\" is no object identifier: the second arc is at most "
                 "39 below 0 and 1"},
        {"1.02", "\"1.02\" is no object identifier: an arc starts with a "
                 "needless 0"},
        {"1.2.340282366920938463463374607431768211456",
            "\"1.2.340282366920938463463374607431768211456\" is no object "
            "identifier: an arc is above 128 bits"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        uint8_t contents[32] = {0};
        size_t length = 77;
        struct failure why = {0};

        assert_false(oid_read(
            refusals[i][0], contents, sizeof(contents), &length, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_string_equal(why.reason, refusals[i][1]);
        assert_int_equal(length, 77);
    }
}

static void numbers_longer_than_the_room_are_refused(void **state)
{
    uint8_t contents[2] = {0};
    char text[OID_TEXT] = "";
    size_t length = 0;
    struct failure why = {0};
    const uint8_t wide[100] = {[0] = 0x55, [99] = 1};

    (void)state;
    assert_false(
        oid_read("2.5.4.3", contents, sizeof(contents), &length, &why));
    assert_string_equal(
        why.reason, "an object identifier takes more than 2 bytes");
    assert_false(oid_print(
        (struct bytes){.start = wide, .length = sizeof(wide)}, text, &why));
    assert_string_equal(
        why.reason, "an object identifier is longer than 127 characters");
    assert_false(oid_print(
        BYTES(0x55, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
        text, &why));
    assert_string_equal(
        why.reason, "an object identifier has an arc of more than 128 bits");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_what_openssl_makes_of_its_number),
        cmocka_unit_test(every_row_is_found_by_its_contents_and_its_names),
        cmocka_unit_test(every_row_prints_and_reads_as_its_number),
        cmocka_unit_test(what_is_no_row_is_unknown),
        cmocka_unit_test(names_are_found_in_any_case),
        cmocka_unit_test(arcs_of_uuids_are_printed_and_read),
        cmocka_unit_test(a_first_arc_of_2_has_any_second),
        cmocka_unit_test(text_that_is_no_number_is_refused_with_the_rule),
        cmocka_unit_test(numbers_longer_than_the_room_are_refused),
    };

    return cmocka_run_group_tests_name("oid", tests, NULL, NULL);
}
