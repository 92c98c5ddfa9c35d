#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "crypto/openssl_scoped.h"
#include "support/certificate_inputs.h"
#include "support/crl_desk.h"
#include "support/x509v3_scoped.h"

DEFINE_SCOPED(ASN1_ENUMERATED, ASN1_ENUMERATED_free)
DEFINE_SCOPED(X509_CRL, X509_CRL_free)

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

/* --- lists that nobody signed --------------------------------------------- */

static void assert_unsigned(struct bytes der)
{
    struct crl crl = {0};
    struct failure why = {0};

    assert_false(crl_read(der, &crl, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason,
        "CRL signature missing: the bytes are a CRL's body that nobody has "
        "signed (RFC 5280, 5.1.1.3)");
}

static void kb051_an_unsigned_crl_is_named(void **state)
{
    RELEASED(buffer) body = BUFFER("body", CRL_DESK_MAX);
    RELEASED(buffer) wrapped = BUFFER("wrapped", CRL_DESK_MAX);
    struct crl_plan plan = crl_good_plan();
    struct crl crl = {0};
    struct failure why = {0};

    (void)state;
    crl_write_body(&plan, 3, &body);
    assert_unsigned(buffer_view(&body));
    /* In the outer SEQUENCE, with neither algorithm nor signature. */
    const uint8_t head[] = {
        0x30, 0x82, (uint8_t)(body.length >> 8), (uint8_t)body.length};
    assert_true(
        buffer_append(&wrapped, (struct bytes){head, sizeof(head)}, &why));
    assert_true(buffer_append(&wrapped, buffer_view(&body), &why));
    assert_unsigned(buffer_view(&wrapped));
    /* A draft can't be verified. */
    assert_true(crl_body_read(buffer_view(&body), &crl, &why));
    assert_false(crl_verify(&crl, NULL, &why));
    assert_non_null(strstr(why.reason, "CRL signature missing"));
}

static void kb051_an_empty_signature_is_none(void **state)
{
    RELEASED(buffer) list = BUFFER("list", CRL_DESK_MAX);
    SCOPED_DESCRIPTOR int descriptor = crl_new_file();
    SCOPED_STRUCT(crl_writer) *writer = NULL;
    struct crl_plan plan = crl_good_plan();
    struct crl_span tbs = {0}, whole = {0};
    struct failure why = {0};

    (void)state;
    assert_true(crl_writer_new(descriptor, &writer, &why));
    assert_true(crl_writer_finish(writer, &plan, &tbs, &why));
    assert_true(crl_seal(
        descriptor, &tbs, plan.algorithm, (struct bytes){0}, &whole, &why));
    crl_take_span(descriptor, &whole, &list);
    assert_unsigned(buffer_view(&list));
}

/* --- hostile bytes -------------------------------------------------------- */

static void a_list_cut_anywhere_is_refused(void **state)
{
    RELEASED(buffer) list = BUFFER("list", CRL_DESK_MAX);
    struct crl_plan plan = crl_good_plan();
    struct crl crl = {0};
    struct failure why = {0};

    (void)state;
    crl_write_list(&plan, 5, &list);
    for (size_t length = 0; length < list.length; length++) {
        assert_false(crl_read((struct bytes){list.start, length}, &crl, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
    assert_true(crl_read(buffer_view(&list), &crl, &why));
}

static void assert_change_is_refused(
    const char *bytes, const char *others, size_t length, const char *sentence)
{
    RELEASED(buffer) list = BUFFER("list", CRL_DESK_MAX);
    struct crl_plan plan = crl_good_plan();
    struct crl crl = {0};
    struct failure why = {0};

    crl_write_list(&plan, 5, &list);
    uint8_t *place = memmem(list.start, list.length, bytes, length);
    assert_non_null(place);
    memcpy(place, others, length);
    assert_false(crl_read(buffer_view(&list), &crl, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    if (strstr(why.reason, sentence) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", sentence, why.reason);
}

#define CHANGE(bytes, others, sentence) \
    assert_change_is_refused(bytes, others, sizeof(bytes) - 1, sentence)

static void every_part_and_every_entry_is_checked(void **state)
{
    (void)state;
    CHANGE("\x02\x01\x01\x30", "\x02\x01\x02\x30",
        "the CRL has version 3; there are 1 and 2");
    CHANGE("260101000000Z", "260001000000Z", "a time is on no calendar");
    CHANGE("\x0a\x01\x0a", "\x0a\x01\xff", "no ENUMERATED of 0 to 10");
    CHANGE("\x0a\x01\x0a", "\x02\x01\x0a", "tag 0x02 where 0x0a belongs");
    CHANGE("\x55\x1d\x15", "\x55\x1d\x18", "is no GeneralizedTime");
    CHANGE("\x55\x1d\x15", "\x55\x1d\x1d", "tag 0x0a where 0x30 belongs");
    CHANGE("\x55\x1d\x23", "\x55\x1d\x14",
        "the extension crlNumber is there twice");
}

/* --- verifying ------------------------------------------------------------ */

static void two_algorithms_that_differ_verify_nothing(void **state)
{
    RELEASED(buffer) list = BUFFER("list", CRL_DESK_MAX);
    struct crl_plan plan = crl_good_plan();
    struct crl crl = {0};
    struct failure why = {0};

    (void)state;
    crl_write_list(&plan, 1, &list);
    assert_true(crl_read(buffer_view(&list), &crl, &why));
    /* ecdsa-with-SHA384 beside the signature. */
    size_t last = (size_t)(crl.signature_algorithm.start - list.start) +
                  crl.signature_algorithm.length - 1;
    list.start[last] = 0x03;
    assert_true(crl_read(buffer_view(&list), &crl, &why));
    assert_false(crl_verify(&crl, NULL, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_non_null(strstr(why.reason, "(RFC 5280, 5.1.1.2)"));
}

/* --- extensions ----------------------------------------------------------- */

static void numbers_have_at_most_20_octets_and_no_sign(void **state)
{
    uint8_t encoding[2 + CRL_NUMBER_MAX + 1] = {0x02, CRL_NUMBER_MAX, 0x7f};
    struct bytes number = {0};
    struct failure why = {0};

    (void)state;
    assert_true(extension_crl_number(
        (struct bytes){encoding, 2 + CRL_NUMBER_MAX}, &number, &why));
    assert_int_equal(number.length, CRL_NUMBER_MAX);
    encoding[1]++;
    assert_false(extension_crl_number(
        (struct bytes){encoding, sizeof(encoding)}, &number, &why));
    assert_string_equal(why.reason,
        "the CRL number has 21 octets; at most 20 are allowed (RFC 5280, "
        "5.2.3)");
    assert_false(extension_crl_number(BYTES(0x02, 0x01, 0x80), &number, &why));
    assert_string_equal(
        why.reason, "the CRL number is negative (RFC 5280, 5.2.3)");
    assert_true(extension_crl_number(BYTES(0x02, 0x01, 0x00), &number, &why));
}

static void an_issuing_distribution_point_is_read_in_every_part(void **state)
{
    struct issuing_distribution_point point = {0};
    struct general_name name = {0};
    struct failure why = {0};

    (void)state;
    assert_true(extension_issuing_distribution_point(
        BYTES(0x30, 0x12, 0xa0, 0x06, 0xa0, 0x04, 0x86, 0x02, 'a', ':', 0x81,
            0x01, 0xff, 0x83, 0x02, 0x01, 0x06, 0x84, 0x01, 0xff),
        &point, &why));
    assert_true(point.only_users && point.indirect && point.has_reasons);
    assert_false(point.only_authorities || point.only_attributes);
    assert_int_equal(point.reasons, 1 << 5 | 1 << 6);
    assert_true(general_name_next(&point.name.names, &name, &why));
    assert_int_equal(name.kind, GENERAL_NAME_URI);
    assert_true(bytes_equal(name.value, BYTES('a', ':')));

    assert_true(extension_issuing_distribution_point(
        BYTES(0x30, 0x0b, 0xa0, 0x03, 0xa1, 0x01, 0x05, 0x82, 0x01, 0xff, 0x85,
            0x01, 0xff),
        &point, &why));
    assert_true(point.only_authorities && point.only_attributes);
    assert_true(der_at_end(&point.name.names));
    assert_true(bytes_equal(point.name.relative_name, BYTES(0x05)));
}

static void assert_point_is_refused(struct bytes value, const char *sentence)
{
    struct issuing_distribution_point point = {0};
    struct failure why = {0};

    assert_false(extension_issuing_distribution_point(value, &point, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    if (strstr(why.reason, sentence) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", sentence, why.reason);
}

static void a_distribution_point_of_another_form_is_refused(void **state)
{
    struct der_reader points = {0};
    struct failure why = {0};

    (void)state;
    assert_point_is_refused(
        BYTES(0x30, 0x03, 0x81, 0x01, 0x01), "neither 00 nor ff");
    assert_point_is_refused(BYTES(0x30, 0x02, 0x81, 0x00), "neither 00 nor ff");
    assert_point_is_refused(
        BYTES(0x30, 0x04, 0xa0, 0x02, 0xa0, 0x00), "names of a distribution");
    assert_point_is_refused(
        BYTES(0x30, 0x04, 0xa0, 0x02, 0xa1, 0x00), "is empty");
    assert_point_is_refused(BYTES(0x30, 0x02, 0x83, 0x00), "no BIT STRING");
    assert_point_is_refused(
        BYTES(0x30, 0x06, 0x82, 0x01, 0xff, 0x81, 0x01, 0xff), "left over");
    assert_false(
        extension_distribution_points(BYTES(0x30, 0x00), &points, &why));
    assert_non_null(strstr(why.reason, "list of distribution points is empty"));
}

/* --- a second opinion ----------------------------------------------------- */

static X509_CRL *read_with_openssl(struct bytes list)
{
    const unsigned char *place = list.start;
    SCOPED(X509_CRL) *crl = d2i_X509_CRL(NULL, &place, (long)list.length);

    return place == list.start + list.length ? KEEP(X509_CRL, &crl) : NULL;
}

/*
 * What OpenSSL's decoder lets pass and ours does not, or NULL.  Each is a list
 * that OpenSSL refuses later, when it is used, or that breaks DER.
 */
static const char *excuse(const struct failure *why)
{
    static const char *const excuses[] = {
        "a UTCTime is not YYMMDDHHMMSSZ", /* an offset, no seconds */
    };

    for (size_t i = 0; i < sizeof(excuses) / sizeof(*excuses); i++) {
        if (strstr(why->reason, excuses[i]) != NULL)
            return excuses[i];
    }
    return NULL;
}

static bool is_time(const ASN1_TIME *theirs, int64_t ours)
{
    struct tm parts = {0};

    if (theirs == NULL)
        return ours == 0;
    return ASN1_TIME_to_tm(theirs, &parts) == 1 && timegm(&parts) == ours;
}

static bool is_same_entry(
    const struct crl_entry *ours, const X509_REVOKED *theirs)
{
    SCOPED(openssl_bytes) *serial = NULL;
    int length =
        i2d_ASN1_INTEGER(X509_REVOKED_get0_serialNumber(theirs), &serial);
    SCOPED(ASN1_ENUMERATED) *reason =
        X509_REVOKED_get_ext_d2i(theirs, NID_crl_reason, NULL, NULL);

    return length == (int)ours->serial.length + 2 &&
           memcmp(serial + 2, ours->serial.start, ours->serial.length) == 0 &&
           is_time(
               X509_REVOKED_get0_revocationDate(theirs), ours->revoked_at) &&
           (reason == NULL ? CRL_REASON_ABSENT : ASN1_ENUMERATED_get(reason)) ==
               ours->reason;
}

static bool are_same_entries(const struct crl *ours, X509_CRL *theirs)
{
    STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(theirs);
    struct der_reader entries = ours->entries;
    struct crl_entry entry = {0};
    struct failure why = {0};
    int count = revoked == NULL ? 0 : sk_X509_REVOKED_num(revoked);

    for (int i = 0; i < count; i++) {
        if (der_at_end(&entries) || !crl_next_entry(&entries, &entry, &why) ||
            !is_same_entry(&entry, sk_X509_REVOKED_value(revoked, i)))
            return false;
    }
    return der_at_end(&entries);
}

static bool is_same_list(const struct crl *ours, X509_CRL *theirs)
{
    const unsigned char *issuer = NULL;
    size_t length = 0;

    return X509_CRL_get_version(theirs) == (long)ours->version &&
           X509_NAME_get0_der(X509_CRL_get_issuer(theirs), &issuer, &length) &&
           bytes_equal(ours->issuer, (struct bytes){issuer, length}) &&
           is_time(X509_CRL_get0_lastUpdate(theirs), ours->this_update) &&
           is_time(X509_CRL_get0_nextUpdate(theirs), ours->next_update) &&
           are_same_entries(ours, theirs);
}

static void assert_same_opinion(struct bytes list, size_t number)
{
    SCOPED(X509_CRL) *theirs = read_with_openssl(list);
    struct crl ours = {0};
    struct failure why = {0};
    bool is_read = crl_read(list, &ours, &why);

    if (is_read && theirs == NULL)
        fail_msg("list %zu: OpenSSL refuses what we read", number);
    if (!is_read && theirs != NULL && excuse(&why) == NULL)
        fail_msg("list %zu: %s", number, why.reason);
    if (is_read && theirs != NULL && !is_same_list(&ours, theirs))
        fail_msg("list %zu is another one to OpenSSL", number);
}

/* CHANCERY_SUITE_CRLS: what tests/support/extract_crls.py wrote. */
static void the_lists_of_strangers_are_read_as_openssl_does(void **state)
{
    RELEASED(certificate_inputs) inputs = {0};
    const char *path = getenv("CHANCERY_SUITE_CRLS");

    (void)state;
    if (path == NULL || path[0] == '\0') {
        print_message("no suites (CHANCERY_SUITE_CRLS is not set)\n");
        skip();
    }
    assert_true(inputs_add_records(&inputs, path) > 0);
    for (size_t i = 0; i < inputs.count; i++)
        assert_same_opinion(inputs.certificates[i], i);
    print_message("%zu lists compared\n", inputs.count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kb051_an_unsigned_crl_is_named),
        cmocka_unit_test(kb051_an_empty_signature_is_none),
        cmocka_unit_test(a_list_cut_anywhere_is_refused),
        cmocka_unit_test(every_part_and_every_entry_is_checked),
        cmocka_unit_test(two_algorithms_that_differ_verify_nothing),
        cmocka_unit_test(numbers_have_at_most_20_octets_and_no_sign),
        cmocka_unit_test(an_issuing_distribution_point_is_read_in_every_part),
        cmocka_unit_test(a_distribution_point_of_another_form_is_refused),
        cmocka_unit_test(the_lists_of_strangers_are_read_as_openssl_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
