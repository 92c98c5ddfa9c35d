#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "base/clock.h"

#define FIRST_SECOND INT64_C(-62167219200)
#define LAST_SECOND INT64_C(253402300799)

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static struct date day_after(struct date date)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int last = days[date.month - 1] + (date.month == 2 && is_leap(date.year));

    if (date.day < last) {
        date.day++;
        return date;
    }
    date.day = 1;
    date.month = date.month % 12 + 1;
    date.year += date.month == 1;
    return date;
}

static bool same_date(struct date a, struct date b)
{
    return a.year == b.year && a.month == b.month && a.day == b.day &&
           a.hour == b.hour && a.minute == b.minute && a.second == b.second;
}

/* Walks the calendar with the rule of leap years alone. */
static void every_day_from_year_0_to_9999_follows_the_day_before(void **state)
{
    struct date expected = {.year = 0, .month = 1, .day = 1};
    struct failure why = {0};
    int64_t time = FIRST_SECOND, counted = 0;
    size_t wrong = 0;

    (void)state;
    for (; time <= LAST_SECOND; time += 86400) {
        bool right = date_to_time(&expected, &counted, &why);

        wrong +=
            !right || counted != time || !same_date(date_of(time), expected);
        expected = day_after(expected);
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(time - 1, LAST_SECOND);
    assert_int_equal(expected.year, 10000);
}

static void the_c_library_agrees_on_a_sample(void **state)
{
    struct failure why = {0};
    int64_t time = FIRST_SECOND;

    (void)state;
    for (; time <= LAST_SECOND; time += 86400 * 97 + 45296) {
        time_t moment = (time_t)time;
        struct date date = date_of(time);
        struct tm theirs = {0};
        int64_t again = 0;

        assert_non_null(gmtime_r(&moment, &theirs));
        assert_int_equal(date.year, theirs.tm_year + 1900);
        assert_int_equal(date.month, theirs.tm_mon + 1);
        assert_int_equal(date.day, theirs.tm_mday);
        assert_int_equal(date.hour, theirs.tm_hour);
        assert_int_equal(date.minute, theirs.tm_min);
        assert_int_equal(date.second, theirs.tm_sec);
        assert_true(date_to_time(&date, &again, &why));
        assert_int_equal(again, timegm(&theirs));
    }
}

static void a_time_outside_the_calendar_becomes_the_nearest_within(void **state)
{
    char text[CLOCK_TEXT];

    (void)state;
    clock_print(INT64_MIN, text);
    assert_string_equal(text, "0000-01-01T00:00:00Z");
    clock_print(FIRST_SECOND - 1, text);
    assert_string_equal(text, "0000-01-01T00:00:00Z");
    clock_print(LAST_SECOND + 1, text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
    clock_print(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
}

static void refuse_date(struct date date, const char *reason)
{
    struct failure why = {0};
    int64_t time = 5;

    assert_false(date_to_time(&date, &time, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason, reason);
    assert_int_equal(time, 5);
}

static void a_date_that_is_not_in_the_calendar_is_refused(void **state)
{
    (void)state;
    refuse_date((struct date){-1, 12, 31, 0, 0, 0},
        "year -1 is not between 0 and 9999");
    refuse_date((struct date){10000, 1, 1, 0, 0, 0},
        "year 10000 is not between 0 and 9999");
    refuse_date((struct date){2026, 0, 1, 0, 0, 0}, "there is no month 0");
    refuse_date((struct date){2026, 13, 1, 0, 0, 0}, "there is no month 13");
    refuse_date((struct date){2026, 1, 0, 0, 0, 0}, "2026-01 has no day 0");
    refuse_date((struct date){2026, 4, 31, 0, 0, 0}, "2026-04 has no day 31");
    refuse_date((struct date){1900, 2, 29, 0, 0, 0}, "1900-02 has no day 29");
    refuse_date((struct date){2100, 2, 29, 0, 0, 0}, "2100-02 has no day 29");
    refuse_date((struct date){2024, 2, 30, 0, 0, 0}, "2024-02 has no day 30");
    refuse_date((struct date){0, 2, 30, 0, 0, 0}, "0000-02 has no day 30");
    refuse_date((struct date){2026, 1, 1, 24, 0, 0},
        "24:00:00 is not a time of day (00:00:00 to 23:59:59)");
    refuse_date((struct date){2016, 12, 31, 23, 59, 60},
        "23:59:60 is not a time of day (00:00:00 to 23:59:59)");
    refuse_date((struct date){2026, 1, 1, 0, -1, 0},
        "00:-1:00 is not a time of day (00:00:00 to 23:59:59)");
}

static void expect_time(const char *text, int64_t expected)
{
    struct failure why = {0};
    int64_t time = 0;

    assert_true(clock_read(text, &time, &why));
    assert_int_equal(time, expected);
}

static void a_time_is_read_in_the_forms_of_rfc_3339(void **state)
{
    (void)state;
    expect_time("1970-01-01T00:00:00Z", 0);
    expect_time("2000-02-29T12:00:00Z", 951825600);
    expect_time("2026-11-21T00:47:03Z", 1795222023);
    expect_time("2026-11-21t00:47:03z", 1795222023);
    expect_time("2026-11-21T00:47:03.999999999Z", 1795222023);
    expect_time("2026-11-21T02:47:03+02:00", 1795222023);
    expect_time("2026-11-20T19:17:03-05:30", 1795222023);
    expect_time("2026-11-21T00:47:03-00:00", 1795222023);
    expect_time("0001-01-01T00:00:00Z", INT64_C(-62135596800));
    expect_time("0000-02-29T00:00:00Z", FIRST_SECOND + INT64_C(59) * 86400);
    expect_time("0000-01-01T00:00:00Z", FIRST_SECOND);
    expect_time("9999-12-31T23:59:59Z", LAST_SECOND);
}

static void a_time_is_read_as_seconds_since_1970(void **state)
{
    (void)state;
    expect_time("0", 0);
    expect_time("1795222023", 1795222023);
    expect_time("-1", -1);
    expect_time("253402300799", LAST_SECOND);
    expect_time("-62167219200", FIRST_SECOND);
}

static void a_time_that_was_printed_reads_the_same(void **state)
{
    int64_t time = FIRST_SECOND;

    (void)state;
    for (; time <= LAST_SECOND; time += INT64_C(86400) * 365 + 54321) {
        char text[CLOCK_TEXT];

        clock_print(time, text);
        expect_time(text, time);
    }
}

static void refuse_time(const char *text, const char *reason)
{
    struct failure why = {0};
    int64_t time = 5;

    assert_false(clock_read(text, &time, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason, reason);
    assert_int_equal(time, 5);
}

static void anything_else_is_not_a_time(void **state)
{
    static const char *const texts[] = {"", "-", "today", "2026-11-21",
        "2026-11-21T00:47Z", "2026-11-21T00:47:03", "2026-11-21 00:47:03Z",
        "2026-11-21T00:47:03.Z", "2026-11-21T00:47:03+0200",
        "2026-11-21T00:47:03+24:00", "2026-11-21T00:47:03+02:60",
        "2026-11-21T00:47:03Z ", " 2026-11-21T00:47:03Z", "26-11-21T00:47:03Z",
        "2026-1-21T00:47:03Z", "+5", "5s", "0x10", "1e9"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct failure why = {0};
        int64_t time = 5;

        assert_false(clock_read(texts[i], &time, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
    refuse_time("today", "\"today\" is not a time: write 2026-11-21T00:47:03Z "
                         "or seconds since 1970");
    refuse_time("2026-02-29T00:00:00Z", "2026-02 has no day 29");
}

static void a_time_read_lies_within_the_calendar(void **state)
{
    (void)state;
    refuse_time("253402300800",
        "the time \"253402300800\" is not within the years 0 to 9999");
    refuse_time("-62167219201",
        "the time \"-62167219201\" is not within the years 0 to 9999");
    refuse_time("99999999999999999999",
        "the time \"99999999999999999999\" is not within the years 0 to 9999");
    refuse_time("0000-01-01T00:00:00+00:01",
        "the time \"0000-01-01T00:00:00+00:01\" is not within the years 0 to "
        "9999");
    refuse_time("9999-12-31T23:59:59-00:01",
        "the time \"9999-12-31T23:59:59-00:01\" is not within the years 0 to "
        "9999");
}

static void a_set_clock_stands_still(void **state)
{
    int64_t before = clock_monotonic_ms();

    (void)state;
    clock_set(1795222023);
    assert_int_equal(clock_now(), 1795222023);
    assert_int_equal(clock_now_ms(), INT64_C(1795222023000));
    assert_true(clock_monotonic_ms() >= before);
    assert_true(clock_monotonic_ms() < before + 60000);
    clock_set(INT64_MIN);
    assert_int_equal(clock_now(), FIRST_SECOND);
    clock_follow_the_machine();
}

static void a_time_that_has_passed_is_not_waited_for(void **state)
{
    int left = clock_ms_until(clock_monotonic_ms() + 60000);

    (void)state;
    assert_true(left > 0 && left <= 60000);
    assert_int_equal(clock_ms_until(clock_monotonic_ms()), 0);
    assert_int_equal(clock_ms_until(INT64_MIN + INT64_MAX / 2), 0);
    assert_int_equal(clock_ms_until(INT64_MAX), INT_MAX);
}

static void the_machines_clock_is_followed_otherwise(void **state)
{
    struct timespec machine = {0};

    (void)state;
    assert_int_equal(clock_gettime(CLOCK_REALTIME, &machine), 0);
    assert_true(clock_now() >= machine.tv_sec);
    assert_true(clock_now() <= machine.tv_sec + 60);
    assert_true(clock_now_ms() / 1000 >= machine.tv_sec);
    assert_true(clock_now_ms() / 1000 <= machine.tv_sec + 60);
}

static void a_duration_prints_as_the_largest_unit_that_fits(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } samples[] = {{"90d", 7776000}, {"1d", 86400}, {"30m", 1800}, {"45s", 45},
        {"2w", 1209600}, {"10y", 315360000}, {"0s", 0}, {"61s", 61},
        {"25h", 90000}, {"9999y", INT64_C(315328464000)}};

    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct failure why = {0};
        char text[DURATION_TEXT];
        int64_t seconds = -1;

        assert_true(duration_read(samples[i].text, &seconds, &why));
        assert_int_equal(seconds, samples[i].seconds);
        duration_print(seconds, text);
        assert_string_equal(text, samples[i].text);
    }
}

static void equal_durations_print_alike(void **state)
{
    struct failure why = {0};
    char text[DURATION_TEXT];
    int64_t seconds = 0;

    (void)state;
    assert_true(duration_read("0024h", &seconds, &why));
    duration_print(seconds, text);
    assert_string_equal(text, "1d");
    duration_print(-7776000, text);
    assert_string_equal(text, "-90d");
    duration_print(INT64_MIN, text);
    assert_string_equal(text, "-9223372036854775808s");
}

static void anything_else_is_not_a_duration(void **state)
{
    static const char *const texts[] = {"", "d", "90", "90 d", "-1d", "+1d",
        "1.5h", "1h30m", "90D", "90dd", "90M", " 90d", "90d "};
    struct failure why = {0};
    int64_t seconds = 5;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(duration_read(texts[i], &seconds, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
    assert_string_equal(why.reason,
        "\"90d \" is not a duration: write a number and one of s, m "
        "(minutes), h, d, w, y, as in 90d");
    assert_int_equal(seconds, 5);
}

static void a_duration_above_9999_years_is_refused(void **state)
{
    static const char *const texts[] = {"10000y", "521377w", "315328464001s",
        "9223372036854775807y", "99999999999999999999s"};
    struct failure why = {0};
    int64_t seconds = 5;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(duration_read(texts[i], &seconds, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
    assert_string_equal(
        why.reason, "the duration \"99999999999999999999s\" is above 9999y");
    assert_int_equal(seconds, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_from_year_0_to_9999_follows_the_day_before),
        cmocka_unit_test(the_c_library_agrees_on_a_sample),
        cmocka_unit_test(
            a_time_outside_the_calendar_becomes_the_nearest_within),
        cmocka_unit_test(a_date_that_is_not_in_the_calendar_is_refused),
        cmocka_unit_test(a_time_is_read_in_the_forms_of_rfc_3339),
        cmocka_unit_test(a_time_is_read_as_seconds_since_1970),
        cmocka_unit_test(a_time_that_was_printed_reads_the_same),
        cmocka_unit_test(anything_else_is_not_a_time),
        cmocka_unit_test(a_time_read_lies_within_the_calendar),
        cmocka_unit_test(a_set_clock_stands_still),
        cmocka_unit_test(a_time_that_has_passed_is_not_waited_for),
        cmocka_unit_test(the_machines_clock_is_followed_otherwise),
        cmocka_unit_test(a_duration_prints_as_the_largest_unit_that_fits),
        cmocka_unit_test(equal_durations_print_alike),
        cmocka_unit_test(anything_else_is_not_a_duration),
        cmocka_unit_test(a_duration_above_9999_years_is_refused),
    };

    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
