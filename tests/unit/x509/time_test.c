#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "x509/time.h"

static bool read_time(
    unsigned int tag, const char *text, int64_t *time, struct failure *why)
{
    uint8_t encoding[64] = {(uint8_t)tag, (uint8_t)strlen(text)};
    struct der_reader reader = der_reader_of(
        (struct bytes){.start = encoding, .length = 2 + strlen(text)});

    memcpy(encoding + 2, text, strlen(text));
    return der_read_time(&reader, time, why);
}

static void times_of_both_forms_are_read(void **state)
{
    const struct {
        unsigned int tag;
        const char *text;
        int64_t time;
    } rows[] = {
        {DER_UTC_TIME, "700101000000Z", 0},
        {DER_UTC_TIME, "500101000000Z", INT64_C(-631152000)},
        {DER_UTC_TIME, "491231235959Z", INT64_C(2524607999)},
        {DER_UTC_TIME, "000229120000Z", INT64_C(951825600)},
        {DER_GENERALIZED_TIME, "20500101000000Z", INT64_C(2524608000)},
        {DER_GENERALIZED_TIME, "19700101000001Z", 1},
        {DER_GENERALIZED_TIME, "99991231235959Z", TIME_WITHOUT_END},
        {DER_GENERALIZED_TIME, "00000101000000Z", INT64_C(-62167219200)},
        {DER_GENERALIZED_TIME, "00000229000000Z", INT64_C(-62162121600)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct failure why = {0};
        int64_t time = 77;

        assert_true(read_time(rows[i].tag, rows[i].text, &time, &why));
        assert_true(time == rows[i].time);
    }
}

#define NOT_UTC "a UTCTime is not YYMMDDHHMMSSZ, at offset 2"
#define NOT_GENERALIZED "a GeneralizedTime is not YYYYMMDDHHMMSSZ, at offset 2"
#define NO_DATE "a time is on no calendar, at offset 2"

static void what_is_not_one_form_is_refused(void **state)
{
    const struct {
        unsigned int tag;
        const char *text;
        const char *reason;
    } rows[] = {
        {DER_UTC_TIME, "", NOT_UTC},
        {DER_UTC_TIME, "7001010000Z", NOT_UTC},
        {DER_UTC_TIME, "700101000000", NOT_UTC},
        {DER_UTC_TIME, "700101000000z", NOT_UTC},
        {DER_UTC_TIME, "700101000000+0000", NOT_UTC},
        {DER_UTC_TIME, "19700101000000Z", NOT_UTC},
        {DER_UTC_TIME, "7x0101000000Z", NOT_UTC},
        {DER_UTC_TIME, "70 101000000Z", NOT_UTC},
        {DER_UTC_TIME, "-70101000000Z", NOT_UTC},
        {DER_GENERALIZED_TIME, "700101000000Z", NOT_GENERALIZED},
        {DER_GENERALIZED_TIME, "20500101000000.5Z", NOT_GENERALIZED},
        {DER_GENERALIZED_TIME, "20500101000000", NOT_GENERALIZED},
        {DER_GENERALIZED_TIME, "205001010000Z", NOT_GENERALIZED},
        {DER_GENERALIZED_TIME, "00000230000000Z", NO_DATE},
        {DER_UTC_TIME, "700101000060Z",
            "a time has a second above 59, at offset 2"},
        {DER_UTC_TIME, "161231235960Z",
            "a time has a second above 59, at offset 2"},
        {DER_UTC_TIME, "700101006000Z", NO_DATE},
        {DER_UTC_TIME, "700101240000Z", NO_DATE},
        {DER_UTC_TIME, "700001000000Z", NO_DATE},
        {DER_UTC_TIME, "701301000000Z", NO_DATE},
        {DER_UTC_TIME, "700100000000Z", NO_DATE},
        {DER_UTC_TIME, "700230000000Z", NO_DATE},
        {DER_UTC_TIME, "010229000000Z", NO_DATE},
        {DER_GENERALIZED_TIME, "21000229000000Z", NO_DATE},
        {DER_INTEGER, "1", "tag 0x02 where 0x17 belongs, at offset 0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct failure why = {0};
        int64_t time = 77;

        assert_false(read_time(rows[i].tag, rows[i].text, &time, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_string_equal(why.reason, rows[i].reason);
        assert_true(time == 77);
    }
}

static void a_time_is_passed_when_it_was_read(void **state)
{
    static const uint8_t encoding[] = "\x17\x0d"
                                      "700101000000Z\x05";
    struct der_reader reader = der_reader_of(
        (struct bytes){.start = encoding, .length = sizeof(encoding)});
    struct failure why = {0};
    int64_t time = 77;

    (void)state;
    assert_true(der_read_time(&reader, &time, &why));
    assert_int_equal(der_peek(&reader), DER_NULL);
    assert_false(der_read_time(&reader, &time, &why));
    assert_int_equal(der_peek(&reader), DER_NULL);
}

static void a_time_is_written_in_digits_with_its_century_or_without(
    void **state)
{
    const struct {
        int64_t time;
        const char *digits;
    } rows[] = {{TIME_FIRST, "00010101000000Z"},
        {INT64_C(1795913264), "20261129004744Z"},
        {TIME_WITHOUT_END, "99991231235959Z"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t digits[TIME_DIGITS_MAX];

        assert_ptr_equal(time_put_digits(digits, rows[i].time, true),
            digits + TIME_DIGITS_MAX);
        assert_memory_equal(digits, rows[i].digits, TIME_DIGITS_MAX);
        assert_ptr_equal(time_put_digits(digits, rows[i].time, false),
            digits + TIME_DIGITS_MAX - 2);
        assert_memory_equal(digits, rows[i].digits + 2, TIME_DIGITS_MAX - 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_both_forms_are_read),
        cmocka_unit_test(what_is_not_one_form_is_refused),
        cmocka_unit_test(a_time_is_passed_when_it_was_read),
        cmocka_unit_test(
            a_time_is_written_in_digits_with_its_century_or_without),
    };

    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
