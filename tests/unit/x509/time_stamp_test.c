#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signed_fixture.h"
#include "x509/pkcs7.h"
#include "x509/time_stamp.h"

/* The TSTInfo of a file that holds a token, a copy. */
static void read_info(const char *name, struct buffer *info)
{
    RELEASED(buffer) file = SIGNED_BUFFER();
    struct pkcs7 pkcs7 = {0};
    struct failure why = {0};

    read_signed(name, &file);
    assert_true(pkcs7_read(buffer_view(&file), &pkcs7, &why));
    assert_true(buffer_append(info, pkcs7.content, &why));
}

static void the_fields_of_a_stamp_are_views_of_it(void **state)
{
    RELEASED(buffer) info = SIGNED_BUFFER();
    struct time_stamp stamp = {0};
    struct failure why = {0};

    (void)state;
    read_info("token.der", &info);
    assert_true(time_stamp_read(buffer_view(&info), &stamp, &why));
    assert_int_equal(stamp.imprint.length, 32);
    assert_true(stamp.time > INT64_C(1767225600));
    assert_true(stamp.has_nonce);
    assert_false(stamp.has_critical_extension);
}

static void a_stamp_that_ends_early_is_refused_wherever_it_ends(void **state)
{
    RELEASED(buffer) info = SIGNED_BUFFER();
    struct time_stamp stamp = {0};

    (void)state;
    read_info("token.der", &info);
    for (size_t length = 0; length < info.length; length++) {
        struct failure why = {0};

        assert_false(time_stamp_read(
            (struct bytes){.start = info.start, .length = length}, &stamp,
            &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
}

/* --- genTime -------------------------------------------------------------- */

/* A TSTInfo with this time, and with what follows it. */
static void write_info(const char *time, struct bytes rest, struct buffer *info)
{
    static const uint8_t head[] = {0x02, 0x01, 0x01, 0x06, 0x02, 0x2a, 0x03,
        0x30, 0x11, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
        0x04, 0x02, 0x01, 0x04, 0x02, 0xaa, 0xbb, 0x02, 0x01, 0x05};
    struct failure why = {0};
    size_t length = sizeof(head) + 2 + strlen(time) + rest.length;

    assert_true(length < 0x80);
    buffer_clear(info);
    assert_true(buffer_append_byte(info, DER_SEQUENCE, &why));
    assert_true(buffer_append_byte(info, (uint8_t)length, &why));
    assert_true(buffer_append(info, (struct bytes){head, sizeof(head)}, &why));
    assert_true(buffer_append_byte(info, DER_GENERALIZED_TIME, &why));
    assert_true(buffer_append_byte(info, (uint8_t)strlen(time), &why));
    assert_true(buffer_append_text(info, time, &why));
    assert_true(buffer_append(info, rest, &why));
}

static void a_fraction_of_a_second_is_dropped(void **state)
{
    static const char *const times[] = {
        "20260301000000Z", "20260301000000.5Z", "20260301000000.000001Z"};
    RELEASED(buffer) info = SIGNED_BUFFER();

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        struct time_stamp stamp = {0};
        struct failure why = {0};

        write_info(times[i], (struct bytes){0}, &info);
        if (!time_stamp_read(buffer_view(&info), &stamp, &why))
            fail_msg("%s: %s", times[i], why.reason);
        assert_int_equal(stamp.time, STAMPED_AT);
    }
}

/* RFC 3161, 2.4.2. */
static void a_time_in_another_form_is_refused(void **state)
{
    static const char *const times[] = {"", "Z", "20260301000000",
        "20260301000000.Z", "20260301000000.50Z", "20260301000000,5Z",
        "20260301000000.5aZ", "20260301000000+0100", "202603010000Z",
        "20261301000000Z"};
    RELEASED(buffer) info = SIGNED_BUFFER();

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        struct time_stamp stamp = {0};
        struct failure why = {0};

        write_info(times[i], (struct bytes){0}, &info);
        assert_false(time_stamp_read(buffer_view(&info), &stamp, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
}

/* --- optional fields ------------------------------------------------------ */

static void a_critical_extension_is_told(void **state)
{
    static const uint8_t rest[] = {0xa1, 0x0b, 0x30, 0x09, 0x06, 0x02, 0x2a,
        0x04, 0x01, 0x01, 0xff, 0x04, 0x00};
    RELEASED(buffer) info = SIGNED_BUFFER();
    struct time_stamp stamp = {0};
    struct failure why = {0};

    (void)state;
    write_info("20260301000000Z", (struct bytes){rest, sizeof(rest)}, &info);
    if (!time_stamp_read(buffer_view(&info), &stamp, &why))
        fail_msg("%s", why.reason);
    assert_true(stamp.has_critical_extension);
}

static void what_follows_the_fields_is_refused(void **state)
{
    static const uint8_t rest[] = {0x05, 0x00};
    RELEASED(buffer) info = SIGNED_BUFFER();
    struct time_stamp stamp = {0};
    struct failure why = {0};

    (void)state;
    write_info("20260301000000Z", (struct bytes){rest, sizeof(rest)}, &info);
    assert_false(time_stamp_read(buffer_view(&info), &stamp, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
}

static void another_version_than_1_is_refused_by_number(void **state)
{
    RELEASED(buffer) info = SIGNED_BUFFER();
    struct time_stamp stamp = {0};
    struct failure why = {0};

    (void)state;
    write_info("20260301000000Z", (struct bytes){0}, &info);
    info.start[4] = 2;
    assert_false(time_stamp_read(buffer_view(&info), &stamp, &why));
    assert_string_equal(
        why.reason, "the time-stamp has version 2; 1 is the only one");
}

/* --- answers -------------------------------------------------------------- */

static void an_answer_holds_its_token(void **state)
{
    RELEASED(buffer) file = SIGNED_BUFFER();
    struct time_stamp_response response = {0};
    struct failure why = {0};

    (void)state;
    read_signed("answer.tsr", &file);
    assert_true(time_stamp_is_response(buffer_view(&file)));
    assert_true(time_stamp_response_read(buffer_view(&file), &response, &why));
    assert_int_equal(response.status, 0);
    assert_true(pkcs7_is_content_info(response.token));
}

static void a_rejection_has_no_token(void **state)
{
    static const uint8_t rejection[] = {
        0x30, 0x09, 0x30, 0x07, 0x02, 0x01, 0x02, 0x03, 0x02, 0x05, 0x20};
    const struct bytes der = {rejection, sizeof(rejection)};
    struct time_stamp_response response = {0};
    struct failure why = {0};

    (void)state;
    assert_true(time_stamp_is_response(der));
    assert_true(time_stamp_response_read(der, &response, &why));
    assert_int_equal(response.status, 2);
    assert_int_equal(response.token.length, 0);
}

/* Two sequences and a number begin many things. */
static void certificates_lists_and_requests_are_no_answers(void **state)
{
    static const char *const names[] = {"root.crt", "signer.crt",
        "attached.der", "../input/request.der", "../input/inter.crl"};
    RELEASED(buffer) file = SIGNED_BUFFER();

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        read_signed(names[i], &file);
        assert_false(time_stamp_is_response(buffer_view(&file)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fields_of_a_stamp_are_views_of_it),
        cmocka_unit_test(a_stamp_that_ends_early_is_refused_wherever_it_ends),
        cmocka_unit_test(a_fraction_of_a_second_is_dropped),
        cmocka_unit_test(a_time_in_another_form_is_refused),
        cmocka_unit_test(a_critical_extension_is_told),
        cmocka_unit_test(what_follows_the_fields_is_refused),
        cmocka_unit_test(another_version_than_1_is_refused_by_number),
        cmocka_unit_test(an_answer_holds_its_token),
        cmocka_unit_test(a_rejection_has_no_token),
        cmocka_unit_test(certificates_lists_and_requests_are_no_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
