#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/crl_desk.h"
#include "x509/der_writer.h"
#include "x509/lint/lint_crl.h"

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

#define NONE ((struct bytes){0})

/* --- a list in parts: each test spoils one of a good one ------------------ */

struct parts {
    struct bytes version, algorithm, issuer, this_update, next_update;
    struct bytes entries; /* contents */
    bool has_entries;
    struct bytes extensions; /* contents */
    bool has_extensions;
    struct bytes algorithm_outside;
};

#define AUTHORITY_KEY                                                       \
    0x30, 0x0d, 0x06, 0x03, 0x55, 0x1d, 0x23, 0x04, 0x06, 0x30, 0x04, 0x80, \
        0x02, 0x01, 0x02
#define NUMBER \
    0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x14, 0x04, 0x03, 0x02, 0x01, 0x07
#define DELTA                                                               \
    0x30, 0x0d, 0x06, 0x03, 0x55, 0x1d, 0x1b, 0x01, 0x01, 0xff, 0x04, 0x03, \
        0x02, 0x01, 0x05
#define TIME_2026 \
    0x17, 0x0d, '2', '6', '0', '1', '0', '1', '0', '0', '0', '0', '0', '0', 'Z'
#define TIME_2025 \
    0x17, 0x0d, '2', '5', '0', '1', '0', '1', '0', '0', '0', '0', '0', '0', 'Z'
#define EXTENSION(...) AUTHORITY_KEY, NUMBER, __VA_ARGS__
#define ENTRY_HEAD(length, serial) 0x30, length, 0x02, 0x01, serial, TIME_2025
#define REASON(value)                                                       \
    0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, \
        0x01, value

static const uint8_t ecdsa_with_sha256[] = {
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
static const uint8_t ecdsa_with_sha384[] = {
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03};
static const uint8_t issuer_name[] = {0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06,
    0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'A'};
static const uint8_t this_update[] = {TIME_2026};
static const uint8_t next_update[] = {0x17, 0x0d, '2', '6', '0', '1', '0', '8',
    '0', '0', '0', '0', '0', '0', 'Z'};
static const uint8_t extensions[] = {AUTHORITY_KEY, NUMBER};
static const uint8_t entries[] = {ENTRY_HEAD(0x20, 0x05), REASON(4)};

#define VIEW(array) ((struct bytes){(array), sizeof(array)})

static struct parts good_parts(void)
{
    static const uint8_t version[] = {0x02, 0x01, 0x01};

    return (struct parts){.version = VIEW(version),
        .algorithm = VIEW(ecdsa_with_sha256),
        .issuer = VIEW(issuer_name),
        .this_update = VIEW(this_update),
        .next_update = VIEW(next_update),
        .entries = VIEW(entries),
        .has_entries = true,
        .extensions = VIEW(extensions),
        .has_extensions = true,
        .algorithm_outside = VIEW(ecdsa_with_sha256)};
}

static struct bytes encode(
    const struct parts *parts, uint8_t *room, size_t size)
{
    struct der_writer writer = der_writer_in(room, size);
    size_t end = der_writer_mark(&writer);
    struct bytes list = {0};
    struct failure why = {0};

    der_write_bit_string(&writer, BYTES(0x01), 0);
    der_write_raw(&writer, parts->algorithm_outside);
    size_t mark = der_writer_mark(&writer);
    if (parts->has_extensions) {
        der_write_element(&writer, DER_SEQUENCE, parts->extensions);
        der_write_head(&writer, DER_CONTEXT_HOLDING(0), mark);
    }
    if (parts->has_entries)
        der_write_element(&writer, DER_SEQUENCE, parts->entries);
    der_write_raw(&writer, parts->next_update);
    der_write_raw(&writer, parts->this_update);
    der_write_raw(&writer, parts->issuer);
    der_write_raw(&writer, parts->algorithm);
    der_write_raw(&writer, parts->version);
    der_write_head(&writer, DER_SEQUENCE, mark);
    der_write_head(&writer, DER_SEQUENCE, end);
    assert_true(der_writer_take(&writer, &list, &why));
    return list;
}

/* Rules that fired in any test. */
static const char *fired[64];
static size_t fired_count;

static bool has_fired(const char *rule)
{
    for (size_t i = 0; i < fired_count; i++) {
        if (strcmp(fired[i], rule) == 0)
            return true;
    }
    return false;
}

static void remember(const struct lint_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        if (!has_fired(report->findings[i].rule))
            fired[fired_count++] = report->findings[i].rule;
    }
}

static void assert_findings(
    const struct lint_report *report, const char *rule, const char *sentence)
{
    remember(report);
    if (rule == NULL) {
        if (report->count != 0)
            fail_msg("%s: %s", report->findings[0].rule,
                report->findings[0].sentence);
        return;
    }
    if (report->count != 1)
        fail_msg("%s: %zu findings, not 1", rule, report->count);
    assert_string_equal(report->findings[0].rule, rule);
    assert_string_equal(report->findings[0].sentence, sentence);
}

static unsigned int scope_of(const char *name)
{
    const struct lint_rule *rule = NULL;

    for (size_t i = 0; name != NULL && (rule = lint_crl_rule_at(i)) != NULL;
         i++) {
        if (strcmp(rule->name, name) == 0)
            return rule->scope;
    }
    return LINT_SCOPES;
}

/* Of its scope exactly this rule fires, and says this; NULL: of all none does.
 */
static void assert_breaks(
    const struct parts *parts, const char *rule, const char *sentence)
{
    uint8_t room[1024];
    struct lint_report report;

    (void)lint_crl_encoded(
        encode(parts, room, sizeof(room)), NULL, scope_of(rule), &report);
    assert_findings(&report, rule, sentence);
}

/* --- the list ------------------------------------------------------------- */

static void a_good_list_breaks_no_rule(void **state)
{
    struct parts parts = good_parts();
    RELEASED(buffer) body = BUFFER("body", CRL_DESK_MAX);
    struct crl_plan plan = crl_good_plan();
    struct lint_report report;
    struct crl crl = {0};
    struct failure why = {0};

    (void)state;
    assert_breaks(&parts, NULL, NULL);
    parts.has_entries = false;
    assert_breaks(&parts, NULL, NULL);
    /* ... and none of ours does, as a draft. */
    plan.freshest = "http://pki.example/crl/issuing-delta.crl";
    crl_write_body(&plan, 2000, &body);
    assert_true(crl_body_read(buffer_view(&body), &crl, &why));
    assert_true(lint_crl(&crl, NULL, &report));
    assert_findings(&report, NULL, NULL);
}

static void the_fields_are_judged(void **state)
{
    struct parts good = good_parts(), parts = good;

    (void)state;
    parts.version = NONE;
    assert_breaks(
        &parts, "crl-version-2", "the version is 1, not 2: extensions need it");
    parts = good;
    parts.algorithm_outside = VIEW(ecdsa_with_sha384);
    assert_breaks(&parts, "crl-signature-algorithms",
        "the signature algorithm inside the list is not the one beside its "
        "signature");
    parts = good;
    parts.issuer = BYTES(0x30, 0x00);
    assert_breaks(&parts, "crl-issuer-present",
        "the issuer is empty: nobody can find its certificate");
    parts = good;
    parts.next_update = NONE;
    assert_breaks(&parts, "crl-next-update-present",
        "nextUpdate is missing: nobody knows how long the list may be "
        "believed");
    parts = good;
    parts.next_update = parts.this_update;
    assert_breaks(
        &parts, "crl-next-update-later", "nextUpdate is not after thisUpdate");
    parts = good;
    parts.next_update = BYTES(0x18, 0x0f, '2', '0', '2', '6', '0', '1', '0',
        '2', '0', '0', '0', '0', '0', '0', 'Z');
    assert_breaks(&parts, "crl-dates-encoding",
        "nextUpdate is not written as UTCTime through 2049 and "
        "GeneralizedTime from 2050");
    parts = good;
    parts.next_update = BYTES(0x17, 0x0d, '2', '7', '0', '1', '0', '3', '0',
        '0', '0', '0', '0', '0', 'Z');
    assert_breaks(&parts, "crl-next-update-soon",
        "nextUpdate is more than 366 days after thisUpdate");
    parts = good;
    parts.entries = NONE;
    assert_breaks(&parts, "crl-entries-present",
        "revokedCertificates is there and empty; without entries it is left "
        "out");
}

static void the_extensions_are_judged(void **state)
{
    static const struct {
        const uint8_t bytes[64];
        size_t length;
        const char *rule, *sentence;
    } cases[] = {
#define CASE(title, says, ...) \
    {{__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), title, says}
        CASE("crl-authority-key-identifier",
            "authorityKeyIdentifier is missing", NUMBER),
        CASE("crl-number", "crlNumber is missing", AUTHORITY_KEY),
        CASE("crl-number",
            "crlNumber: the CRL number is negative (RFC 5280, 5.2.3)",
            AUTHORITY_KEY, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x14, 0x04, 0x03,
            0x02, 0x01, 0x80),
        CASE("crl-authority-key-identifier",
            "authorityKeyIdentifier names no key", NUMBER, 0x30, 0x09, 0x06,
            0x03, 0x55, 0x1d, 0x23, 0x04, 0x02, 0x30, 0x00),
        CASE("crl-authority-key-identifier-alone",
            "authorityKeyIdentifier has a certificate's issuer or serial "
            "beside the key",
            NUMBER, 0x30, 0x10, 0x06, 0x03, 0x55, 0x1d, 0x23, 0x04, 0x09, 0x30,
            0x07, 0x80, 0x02, 0x01, 0x02, 0x82, 0x01, 0x05),
        CASE("crl-extensions-not-critical", "crlNumber is critical",
            AUTHORITY_KEY, 0x30, 0x0d, 0x06, 0x03, 0x55, 0x1d, 0x14, 0x01, 0x01,
            0xff, 0x04, 0x03, 0x02, 0x01, 0x07),
        CASE("crl-delta",
            "deltaCRLIndicator is not critical: who does not know it takes the "
            "delta for the whole",
            EXTENSION(0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x1b, 0x04, 0x03,
                0x02, 0x01, 0x05)),
        CASE("crl-distribution-point-critical",
            "issuingDistributionPoint is not critical: who does not know it "
            "takes the part for the whole",
            EXTENSION(0x30, 0x0c, 0x06, 0x03, 0x55, 0x1d, 0x1c, 0x04, 0x05,
                0x30, 0x03, 0x81, 0x01, 0xff)),
        CASE("crl-distribution-point", "issuingDistributionPoint is empty",
            EXTENSION(0x30, 0x0c, 0x06, 0x03, 0x55, 0x1d, 0x1c, 0x01, 0x01,
                0xff, 0x04, 0x02, 0x30, 0x00)),
        CASE("crl-distribution-point",
            "issuingDistributionPoint says that the list has certificates of "
            "2 kinds only",
            EXTENSION(0x30, 0x12, 0x06, 0x03, 0x55, 0x1d, 0x1c, 0x01, 0x01,
                0xff, 0x04, 0x08, 0x30, 0x06, 0x81, 0x01, 0xff, 0x82, 0x01,
                0xff)),
        CASE("crl-distribution-point", "issuingDistributionPoint can't be read",
            EXTENSION(0x30, 0x0d, 0x06, 0x03, 0x55, 0x1d, 0x1c, 0x01, 0x01,
                0xff, 0x04, 0x03, 0x02, 0x01, 0x05)),
        CASE("crl-extensions-known",
            "an extension is critical and unknown: nobody may use the list",
            EXTENSION(0x30, 0x0b, 0x06, 0x02, 0x2a, 0x03, 0x01, 0x01, 0xff,
                0x04, 0x02, 0x05, 0x00)),
        CASE("crl-freshest", "a delta has freshestCRL, which names one",
            EXTENSION(DELTA, 0x30, 0x11, 0x06, 0x03, 0x55, 0x1d, 0x2e, 0x04,
                0x0a, 0x30, 0x08, 0x30, 0x06, 0xa2, 0x04, 0x86, 0x02, 'a',
                ':')),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct parts parts = good_parts();

        parts.extensions = (struct bytes){cases[i].bytes, cases[i].length};
        assert_breaks(&parts, cases[i].rule, cases[i].sentence);
    }
}

static void a_list_for_leaves_lasts_ten_days(void **state)
{
    struct parts parts = good_parts();

    (void)state;
    parts.extensions = BYTES(EXTENSION(0x30, 0x0f, 0x06, 0x03, 0x55, 0x1d, 0x1c,
        0x01, 0x01, 0xff, 0x04, 0x05, 0x30, 0x03, 0x81, 0x01, 0xff));
    assert_breaks(&parts, NULL, NULL);
    parts.next_update = BYTES(0x17, 0x0d, '2', '6', '0', '1', '1', '2', '0',
        '0', '0', '0', '0', '0', 'Z');
    assert_breaks(&parts, "crl-next-update-soon",
        "nextUpdate is more than 10 days after thisUpdate");
}

static void an_extension_that_is_there_twice_is_named(void **state)
{
    struct parts parts = good_parts();
    uint8_t room[1024];
    struct lint_report report;

    (void)state;
    parts.extensions = BYTES(EXTENSION(NUMBER));
    assert_false(lint_crl_encoded(
        encode(&parts, room, sizeof(room)), NULL, LINT_SCOPES, &report));
    remember(&report);
    assert_int_equal(report.count, 2);
    assert_string_equal(report.findings[0].rule, "crl-readable");
    assert_string_equal(report.findings[1].rule, "crl-extensions-once");
    assert_string_equal(report.findings[1].sentence,
        "the extension crlNumber is there twice (RFC 5280, 4.2)");
}

static void the_entries_are_judged(void **state)
{
    static const struct {
        const uint8_t bytes[80];
        size_t length;
        const char *rule, *sentence;
    } cases[] = {
        CASE("crl-entry-serial",
            "the entry -01 has a serial that is no positive number of at most "
            "20 octets",
            ENTRY_HEAD(0x12, 0xff)),
        CASE("crl-entry-not-later",
            "the entry 05 was revoked after the list's thisUpdate", 0x30, 0x12,
            0x02, 0x01, 0x05, 0x17, 0x0d, '2', '6', '0', '1', '0', '1', '0',
            '0', '0', '0', '0', '1', 'Z'),
        CASE("crl-entry-date-encoding",
            "the entry 05 has a time that is not UTCTime through 2049 and "
            "GeneralizedTime from 2050",
            0x30, 0x14, 0x02, 0x01, 0x05, 0x18, 0x0f, '2', '0', '2', '5', '0',
            '1', '0', '1', '0', '0', '0', '0', '0', '1', 'Z'),
        CASE("crl-entry-reason",
            "the entry 05, and 1 more, has a reason that says nothing: "
            "unspecified is left out, and others than 1 to 6 and 8 to 10 have "
            "no meaning",
            ENTRY_HEAD(0x20, 0x05), REASON(0), ENTRY_HEAD(0x20, 0x06),
            REASON(7)),
        CASE("crl-entry-removal",
            "the entry 05 has the reason removeFromCRL outside a delta",
            ENTRY_HEAD(0x20, 0x05), REASON(8)),
        CASE("crl-entry-reason-for-servers",
            "the entry 05 has a reason other than keyCompromise, cACompromise, "
            "affiliationChanged, superseded, cessationOfOperation and "
            "privilegeWithdrawn",
            ENTRY_HEAD(0x20, 0x05), REASON(6)),
        CASE("crl-entry-not-critical",
            "the entry 05 has a critical reasonCode or invalidityDate",
            ENTRY_HEAD(0x23, 0x05), 0x30, 0x0f, 0x30, 0x0d, 0x06, 0x03, 0x55,
            0x1d, 0x15, 0x01, 0x01, 0xff, 0x04, 0x03, 0x0a, 0x01, 0x01),
        CASE("crl-entry-issuer",
            "the entry 05 has a certificateIssuer that is not critical, or in "
            "a "
            "list that is not indirect",
            ENTRY_HEAD(0x26, 0x05), 0x30, 0x12, 0x30, 0x10, 0x06, 0x03, 0x55,
            0x1d, 0x1d, 0x01, 0x01, 0xff, 0x04, 0x06, 0x30, 0x04, 0x86, 0x02,
            'a', ':'),
        CASE("crl-entry-extensions-present",
            "the entry 05 has extensions, but none in them",
            ENTRY_HEAD(0x14, 0x05), 0x30, 0x00),
        CASE("crl-entry-extensions-known",
            "the entry 05 has an extension that is critical and unknown: "
            "nobody "
            "may use the list",
            ENTRY_HEAD(0x21, 0x05), 0x30, 0x0d, 0x30, 0x0b, 0x06, 0x02, 0x2a,
            0x03, 0x01, 0x01, 0xff, 0x04, 0x02, 0x05, 0x00),
        CASE("crl-entries-once", "the entry 05 is there twice",
            ENTRY_HEAD(0x12, 0x05), ENTRY_HEAD(0x12, 0x06),
            ENTRY_HEAD(0x12, 0x05)),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct parts parts = good_parts();

        parts.entries = (struct bytes){cases[i].bytes, cases[i].length};
        assert_breaks(&parts, cases[i].rule, cases[i].sentence);
    }
}

/* --- beside the issuer's certificate -------------------------------------- */

static void assert_breaks_below(const struct tbs_certificate *issuer,
    const char *rule, const char *sentence)
{
    struct parts parts = good_parts();
    uint8_t room[1024];
    struct lint_report report;

    (void)lint_crl_encoded(
        encode(&parts, room, sizeof(room)), issuer, LINT_SCOPES, &report);
    assert_findings(&report, rule, sentence);
}

static void a_list_fits_the_certificate_that_verifies_it(void **state)
{
    static const uint8_t right[] = {0x30, 0x0b, 0x06, 0x03, 0x55, 0x1d, 0x0e,
        0x04, 0x04, 0x04, 0x02, 0x01, 0x02, 0x30, 0x0b, 0x06, 0x03, 0x55, 0x1d,
        0x0f, 0x04, 0x04, 0x03, 0x02, 0x01, 0x06};
    static const uint8_t other_key[] = {0x30, 0x0b, 0x06, 0x03, 0x55, 0x1d,
        0x0e, 0x04, 0x04, 0x04, 0x02, 0x01, 0x03};
    static const uint8_t no_crl_sign[] = {0x30, 0x0b, 0x06, 0x03, 0x55, 0x1d,
        0x0f, 0x04, 0x04, 0x03, 0x02, 0x02, 0x04};
    static const uint8_t other_name[] = {0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08,
        0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'B'};
    struct tbs_certificate issuer = {.subject = VIEW(issuer_name)};

    (void)state;
    issuer.extensions = der_reader_of(VIEW(right));
    assert_breaks_below(&issuer, NULL, NULL);
    issuer.extensions = der_reader_of(VIEW(other_key));
    assert_breaks_below(&issuer, "crl-authority-key-identifier-matches",
        "authorityKeyIdentifier is not the subjectKeyIdentifier of the "
        "certificate that is to verify the list");
    issuer.extensions = der_reader_of(VIEW(no_crl_sign));
    assert_breaks_below(&issuer, "crl-issuer-signs",
        "the certificate that is to verify the list has a keyUsage without "
        "cRLSign");
    issuer.extensions = der_reader_of(VIEW(right));
    issuer.subject = VIEW(other_name);
    assert_breaks_below(&issuer, "crl-issuer-matches",
        "the issuer is not the subject of the certificate that is to verify "
        "the list");
}

static void empty_extensions_are_named(void **state)
{
    struct parts parts = good_parts();
    uint8_t room[1024];
    struct lint_report report;

    (void)state;
    parts.extensions = NONE;
    assert_false(lint_crl_encoded(
        encode(&parts, room, sizeof(room)), NULL, LINT_SCOPES, &report));
    remember(&report);
    assert_string_equal(report.findings[0].rule, "crl-extensions-present");
}

static void rules_of_the_baseline_requirements_do_not_bind_our_drafts(
    void **state)
{
    struct parts parts = good_parts();
    uint8_t room[1024];
    struct lint_report report;
    struct crl crl = {0};
    struct failure why = {0};

    (void)state;
    parts.entries = BYTES(ENTRY_HEAD(0x20, 0x05), REASON(6));
    assert_true(crl_read(encode(&parts, room, sizeof(room)), &crl, &why));
    assert_true(lint_crl(&crl, NULL, &report));
    assert_false(lint_crl_in(&crl, NULL, LINT_BR, &report));
    assert_findings(&report, "crl-entry-reason-for-servers",
        "the entry 05 has a reason other than keyCompromise, cACompromise, "
        "affiliationChanged, superseded, cessationOfOperation and "
        "privilegeWithdrawn");
}

/* The last test: each rule has a case that breaks it. */
static void every_rule_has_fired(void **state)
{
    const struct lint_rule *rule = NULL;

    (void)state;
    for (size_t i = 0; (rule = lint_crl_rule_at(i)) != NULL; i++) {
        if (!has_fired(rule->name))
            fail_msg("no case breaks %s", rule->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_list_breaks_no_rule),
        cmocka_unit_test(the_fields_are_judged),
        cmocka_unit_test(the_extensions_are_judged),
        cmocka_unit_test(a_list_for_leaves_lasts_ten_days),
        cmocka_unit_test(an_extension_that_is_there_twice_is_named),
        cmocka_unit_test(the_entries_are_judged),
        cmocka_unit_test(a_list_fits_the_certificate_that_verifies_it),
        cmocka_unit_test(empty_extensions_are_named),
        cmocka_unit_test(
            rules_of_the_baseline_requirements_do_not_bind_our_drafts),
        cmocka_unit_test(every_rule_has_fired),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
