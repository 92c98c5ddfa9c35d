#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/algorithm.h"
#include "support/lint_draft.h"
#include "unit/x509/lint_cases.h"

static void the_version_is_3(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.version = 1;
    assert_breaks(
        &draft, "version-3", "the version is 2, not 3: extensions need it");
}

static void a_serial_is_positive(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.serial =
        BYTES(0x80, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    assert_breaks(
        &draft, "serial-positive", "the serial number is not positive");
}

static void a_serial_has_16_to_20_octets(void **state)
{
    static const uint8_t octets[21] = {1};
    struct draft draft = good_leaf();

    (void)state;
    draft.serial = (struct bytes){.start = octets, .length = 20};
    assert_breaks(&draft, NULL, NULL);
    draft.serial.length = 21;
    assert_breaks(&draft, "serial-longest",
        "the serial number has 21 octets, at most 20 may be");
    draft.serial.length = 16;
    assert_breaks(&draft, NULL, NULL);
    draft.serial.length = 15;
    assert_breaks(&draft, "serial-random",
        "the serial number has 15 octets: 128 random bits need 16");
    draft.serial.length = 7;
    assert_breaks(&draft, "serial-shortest",
        "the serial number has 7 octets, at least 8 must be");
}

static void a_signature_algorithm_without_a_row_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    /* sha1WithRSAEncryption */
    draft.algorithm = BYTES(0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
        0xf7, 0x0d, 0x01, 0x01, 0x05, 0x05, 0x00);
    assert_breaks(&draft, "signature-algorithm",
        "the signature algorithm is none that we sign with");
}

static void a_key_without_a_row_is_refused(void **state)
{
    struct draft draft = good_leaf();
    struct der_reader reader = der_reader_of(draft.key), contents, inside;
    struct bytes bits = {0};
    struct bytes algorithm = {0};
    struct failure why = {0};
    uint8_t tag = 0;

    (void)state;
    assert_true(der_read(&reader, DER_SEQUENCE, &contents, &why));
    assert_true(der_read_any(&contents, &tag, &inside, &algorithm, &why));
    bits = der_remaining(&contents);
    /* id-ecPublicKey, secp256k1 */
    draft.key = element(DER_SEQUENCE,
        joined(BYTES(0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                   0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a),
            bits));
    struct draft root = good_root();
    struct tbs_certificate issuer = read_draft(&root);
    struct tbs_certificate tbs = read_draft(&draft);
    struct lint_report report;

    assert_false(lint_draft(&tbs, &issuer, NULL, &report));
    remember(&report);
    assert_int_equal(report.count, 1);
    assert_string_equal(report.findings[0].rule, "key-algorithm");
}

static void an_issuer_without_a_name_is_refused(void **state)
{
    struct draft draft = good_leaf(), root = good_root();
    struct tbs_certificate issuer, tbs;

    (void)state;
    draft.issuer = root.subject = root.issuer = name("");
    issuer = read_draft(&root);
    tbs = read_draft(&draft);
    assert_findings(
        &tbs, &issuer, "issuer-present", "the issuer's name is empty");
}

static void the_issuers_name_is_its_subject_byte_for_byte(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.issuer = name("CN=issuing authority,O=Example");
    assert_breaks(&draft, "issuer-matches",
        "the issuer's name is not the subject of the issuer's certificate, "
        "byte for byte");
}

static void kb004_an_end_at_the_beginning_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.validity = times(YEAR_2026, YEAR_2026);
    assert_breaks(&draft, "dates-ordered",
        "it ends (2026-01-01T00:00:00Z) before it begins "
        "(2026-01-01T00:00:00Z)");
}

static void times_have_the_form_of_their_year(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.validity = joined(element(DER_UTC_TIME, text("260101000000Z")),
        element(DER_GENERALIZED_TIME, text("20260401000000Z")));
    assert_breaks(&draft, "dates-encoding",
        "notAfter is not written as UTCTime, as through 2049");
    draft.validity =
        joined(element(DER_GENERALIZED_TIME, text("20260101000000Z")),
            element(DER_UTC_TIME, text("260401000000Z")));
    assert_breaks(&draft, "dates-encoding",
        "notBefore is not written as UTCTime, as through 2049");
}

static void a_root_may_end_after_2049_in_the_other_form(void **state)
{
    struct draft root = good_root();
    struct tbs_certificate tbs;

    (void)state;
    root.validity = times(YEAR_2026, YEAR_2026 + 30 * 365 * DAY_S);
    tbs = read_draft(&root);
    assert_findings(&tbs, NULL, NULL, NULL);
}

static void kb064_a_certificate_lives_within_its_issuer(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.validity = times(YEAR_2026 - 2 * DAY_S, YEAR_2026);
    assert_breaks(&draft, "dates-nested",
        "it begins (2025-12-30T00:00:00Z) before its issuer does "
        "(2025-12-31T00:00:00Z)");
    draft.validity = times(YEAR_2026, YEAR_2026 + 3651 * DAY_S);
    assert_breaks(&draft, "dates-nested",
        "it ends (2035-12-31T00:00:00Z) after its issuer does "
        "(2035-12-30T00:00:00Z)");
}

int lint_body_cases(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_version_is_3, clear_desk),
        cmocka_unit_test_setup(a_serial_is_positive, clear_desk),
        cmocka_unit_test_setup(a_serial_has_16_to_20_octets, clear_desk),
        cmocka_unit_test_setup(
            a_signature_algorithm_without_a_row_is_refused, clear_desk),
        cmocka_unit_test_setup(a_key_without_a_row_is_refused, clear_desk),
        cmocka_unit_test_setup(an_issuer_without_a_name_is_refused, clear_desk),
        cmocka_unit_test_setup(
            the_issuers_name_is_its_subject_byte_for_byte, clear_desk),
        cmocka_unit_test_setup(
            kb004_an_end_at_the_beginning_is_refused, clear_desk),
        cmocka_unit_test_setup(times_have_the_form_of_their_year, clear_desk),
        cmocka_unit_test_setup(
            a_root_may_end_after_2049_in_the_other_form, clear_desk),
        cmocka_unit_test_setup(
            kb064_a_certificate_lives_within_its_issuer, clear_desk),
    };

    return cmocka_run_group_tests_name("lint of the body", tests, NULL, NULL);
}
