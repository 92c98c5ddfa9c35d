#include "base/clock.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

#define SECONDS_PER_DAY 86400
#define YEAR_0_BEGINS INT64_C(-62167219200)
#define YEAR_9999_ENDS INT64_C(253402300799)

/* No time that is set is this one: it stands for the machine's clock. */
#define THE_MACHINES INT64_MIN

static _Atomic int64_t time_set = THE_MACHINES;

static int64_t machine_ms(clockid_t clock)
{
    struct timespec now = {0};

    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
    int64_t set = atomic_load(&time_set);

    return set == THE_MACHINES ? machine_ms(CLOCK_REALTIME) : set * 1000;
}

int64_t clock_now(void)
{
    int64_t set = atomic_load(&time_set);
    struct timespec now = {0};

    if (set != THE_MACHINES)
        return set;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

int64_t clock_monotonic_ms(void)
{
    return machine_ms(CLOCK_MONOTONIC);
}

int clock_ms_until(int64_t monotonic_ms)
{
    int64_t left = monotonic_ms - clock_monotonic_ms();

    if (left < 0)
        return 0;
    return left > INT_MAX ? INT_MAX : (int)left;
}

int64_t clock_boot_ms(void)
{
    return machine_ms(CLOCK_BOOTTIME);
}

int64_t clock_thread_cpu_ms(void)
{
    return machine_ms(CLOCK_THREAD_CPUTIME_ID);
}

static int64_t within_the_calendar(int64_t time)
{
    if (time < YEAR_0_BEGINS)
        return YEAR_0_BEGINS;
    return time > YEAR_9999_ENDS ? YEAR_9999_ENDS : time;
}

void clock_set(int64_t now)
{
    atomic_store(&time_set, within_the_calendar(now));
}

void clock_follow_the_machine(void)
{
    atomic_store(&time_set, THE_MACHINES);
}

/*
 * Both ways count in eras of 400 years, which have 146097 days each, from March
 * of the year -400, an era before anything they are given: with years that
 * begin in March the leap day is the last of its year, and 865565 days lie
 * between -0400-03-01 and 1970-01-01.
 */
#define YEARS_PER_ERA 400
#define DAYS_PER_ERA 146097
#define DAYS_BEFORE_1970 865565

static int64_t days_of(int year, int month, int day)
{
    int64_t march_year = YEARS_PER_ERA + (month > 2 ? year : year - 1);
    int64_t era = march_year / YEARS_PER_ERA;
    int64_t year_of_era = march_year % YEARS_PER_ERA;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;

    return era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 -
           year_of_era / 100 + day_of_year - DAYS_BEFORE_1970;
}

static void set_day(struct date *date, int64_t days)
{
    int64_t from_march = days + DAYS_BEFORE_1970;
    int64_t era = from_march / DAYS_PER_ERA;
    int64_t day_of_era = from_march % DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                              day_of_era / 146096) /
                          365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;

    date->day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    date->month = (int)((month_from_march + 2) % 12 + 1);
    date->year =
        (int)((era - 1) * YEARS_PER_ERA + year_of_era + (date->month <= 2));
}

struct date date_of(int64_t time)
{
    int64_t since_year_0 = within_the_calendar(time) - YEAR_0_BEGINS;
    int64_t days = since_year_0 / SECONDS_PER_DAY;
    int second_of_day = (int)(since_year_0 % SECONDS_PER_DAY);
    struct date date = {.hour = second_of_day / 3600,
        .minute = second_of_day / 60 % 60,
        .second = second_of_day % 60};

    set_day(&date, days + YEAR_0_BEGINS / SECONDS_PER_DAY);
    return date;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : days[month - 1];
}

bool date_to_time(const struct date *date, int64_t *time, struct failure *why)
{
    if (date->year < 0 || date->year > 9999)
        return fail_because(why, FAILURE_MALFORMED,
            "year %d is not between 0 and 9999", date->year);
    if (date->month < 1 || date->month > 12)
        return fail_because(
            why, FAILURE_MALFORMED, "there is no month %d", date->month);
    if (date->day < 1 || date->day > days_in_month(date->year, date->month))
        return fail_because(why, FAILURE_MALFORMED, "%04d-%02d has no day %d",
            date->year, date->month, date->day);
    if (date->hour < 0 || date->hour > 23 || date->minute < 0 ||
        date->minute > 59 || date->second < 0 || date->second > 59)
        return fail_because(why, FAILURE_MALFORMED,
            "%02d:%02d:%02d is not a time of day (00:00:00 to 23:59:59)",
            date->hour, date->minute, date->second);

    *time = days_of(date->year, date->month, date->day) * SECONDS_PER_DAY +
            date->hour * 3600 + date->minute * 60 + date->second;
    return true;
}

/* By hand, since it stands in every line of the log. */
void clock_print(int64_t time, char text[static CLOCK_TEXT])
{
    static const char form[] = "____-__-__T__:__:__Z";
    struct date date = date_of(time);

    memcpy(text, form, sizeof(form));
    digits_put((uint64_t)date.year, text, 4);
    digits_put((uint64_t)date.month, text + 5, 2);
    digits_put((uint64_t)date.day, text + 8, 2);
    digits_put((uint64_t)date.hour, text + 11, 2);
    digits_put((uint64_t)date.minute, text + 14, 2);
    digits_put((uint64_t)date.second, text + 17, 2);
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* Exactly count digits. */
static bool take_digits(const char **text, int count, int *number)
{
    int value = 0;

    for (int i = 0; i < count; i++, ++*text) {
        if (!is_digit(**text))
            return false;
        value = value * 10 + (**text - '0');
    }
    *number = value;
    return true;
}

/* Exactly this character; of a letter either case (RFC 3339, 5.6). */
static bool take(const char **text, char wanted)
{
    bool letter = wanted >= 'A' && wanted <= 'Z';

    if (**text != wanted && !(letter && **text == wanted - 'A' + 'a'))
        return false;
    ++*text;
    return true;
}

/* RFC 3339, 5.6: full-date "T" partial-time, its fraction passed over. */
static bool take_date_and_time(const char **text, struct date *date)
{
    bool taken = take_digits(text, 4, &date->year) && take(text, '-') &&
                 take_digits(text, 2, &date->month) && take(text, '-') &&
                 take_digits(text, 2, &date->day) && take(text, 'T') &&
                 take_digits(text, 2, &date->hour) && take(text, ':') &&
                 take_digits(text, 2, &date->minute) && take(text, ':') &&
                 take_digits(text, 2, &date->second);

    if (!taken || !take(text, '.'))
        return taken;
    if (!is_digit(**text))
        return false;
    while (is_digit(**text))
        ++*text;
    return true;
}

/* RFC 3339, 5.6: time-offset, "Z" or for example "+02:00". */
static bool take_offset(const char **text, int64_t *offset_seconds)
{
    int64_t sign = **text == '-' ? -1 : 1;
    int hours = 0, minutes = 0;

    if (take(text, 'Z')) {
        *offset_seconds = 0;
        return true;
    }
    if (!(take(text, '+') || take(text, '-')) ||
        !take_digits(text, 2, &hours) || !take(text, ':') ||
        !take_digits(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *offset_seconds = sign * (hours * 3600 + minutes * 60);
    return true;
}

/* Decimal digits up to the end or a character that is none, at least one; the
 * value stays at most this. */
static bool take_number(const char **text, int64_t most, int64_t *number)
{
    int64_t value = 0;

    if (!is_digit(**text))
        return false;
    for (; is_digit(**text); ++*text) {
        if (value > (most - (**text - '0')) / 10)
            return false;
        value = value * 10 + (**text - '0');
    }
    *number = value;
    return true;
}

static bool is_seconds(const char *text)
{
    size_t sign = text[0] == '-' ? 1 : 0;
    size_t digits = strspn(text + sign, "0123456789");

    return digits > 0 && text[sign + digits] == '\0';
}

static bool outside_the_calendar(const char *text, struct failure *why)
{
    return fail_because(why, FAILURE_MALFORMED,
        "the time \"%.40s\" is not within the years 0 to 9999", text);
}

static bool read_seconds(const char *text, int64_t *time, struct failure *why)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    int64_t value = 0;

    if (!take_number(&digits, YEAR_9999_ENDS, &value))
        return outside_the_calendar(text, why);
    if (text[0] == '-')
        value = -value;
    if (value < YEAR_0_BEGINS)
        return outside_the_calendar(text, why);
    *time = value;
    return true;
}

bool clock_read(const char *text, int64_t *time, struct failure *why)
{
    const char *rest = text;
    struct date date = {0};
    int64_t offset_seconds = 0, value = 0;

    if (is_seconds(text))
        return read_seconds(text, time, why);
    if (!take_date_and_time(&rest, &date) ||
        !take_offset(&rest, &offset_seconds) || *rest != '\0')
        return fail_because(why, FAILURE_MALFORMED,
            "\"%.40s\" is not a time: write 2026-11-21T00:47:03Z or seconds "
            "since 1970",
            text);
    if (!date_to_time(&date, &value, why))
        return false;

    value -= offset_seconds;
    if (value != within_the_calendar(value))
        return outside_the_calendar(text, why);
    *time = value;
    return true;
}

struct duration_unit {
    char letter;
    int64_t seconds;
};

/* The largest first. */
static const struct duration_unit duration_units[] = {
    {'y', 365 * SECONDS_PER_DAY},
    {'w', 7 * SECONDS_PER_DAY},
    {'d', SECONDS_PER_DAY},
    {'h', 3600},
    {'m', 60},
    {'s', 1},
};
#define UNIT_COUNT (sizeof(duration_units) / sizeof(duration_units[0]))

/* Nothing in a calendar that ends with 9999 lasts longer. */
#define DURATION_MAX (INT64_C(9999) * 365 * SECONDS_PER_DAY)

bool duration_read(const char *text, int64_t *seconds, struct failure *why)
{
    const char *rest = text;
    int64_t number = 0;
    size_t unit = 0;

    if (strspn(text, "0123456789") > 0 &&
        !take_number(&rest, DURATION_MAX, &number))
        return fail_because(why, FAILURE_MALFORMED,
            "the duration \"%.40s\" is above 9999y", text);
    while (unit < UNIT_COUNT && duration_units[unit].letter != *rest)
        unit++;
    if (rest == text || unit == UNIT_COUNT || rest[1] != '\0')
        return fail_because(why, FAILURE_MALFORMED,
            "\"%.40s\" is not a duration: write a number and one of s, m "
            "(minutes), h, d, w, y, as in 90d",
            text);
    if (number > DURATION_MAX / duration_units[unit].seconds)
        return fail_because(why, FAILURE_MALFORMED,
            "the duration \"%.40s\" is above 9999y", text);
    *seconds = number * duration_units[unit].seconds;
    return true;
}

void duration_print(int64_t seconds, char text[static DURATION_TEXT])
{
    size_t unit = 0;

    if (seconds == 0)
        unit = UNIT_COUNT - 1;
    while (seconds % duration_units[unit].seconds != 0)
        unit++;
    (void)snprintf(text, DURATION_TEXT, "%lld%c",
        (long long)(seconds / duration_units[unit].seconds),
        duration_units[unit].letter);
}
