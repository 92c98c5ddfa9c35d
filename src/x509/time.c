#include "x509/time.h"

#define UTC_TIME_DIGITS 12         /* YYMMDDHHMMSS */
#define GENERALIZED_TIME_DIGITS 14 /* YYYYMMDDHHMMSS */

static bool refuse_time(size_t offset, const char *rule, struct failure *why)
{
    return fail_because(
        why, FAILURE_MALFORMED, "%s, at offset %zu", rule, offset);
}

static bool are_digits_and_zulu(struct bytes text, size_t digits)
{
    if (text.length != digits + 1 || text.start[digits] != 'Z')
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (text.start[i] < '0' || text.start[i] > '9')
            return false;
    }
    return true;
}

/* Two digits; *place moves behind them. */
static int pair(const uint8_t **place)
{
    int value = ((*place)[0] - '0') * 10 + ((*place)[1] - '0');

    *place += 2;
    return value;
}

/* RFC 5280, 4.1.2.5.1: 50 to 99 are 19YY, 00 to 49 are 20YY. */
static int century_of(int year_in_century)
{
    return year_in_century >= 50 ? 1900 : 2000;
}

static struct date date_of_digits(const uint8_t *place, bool four_digit_year)
{
    struct date date = {0};

    date.year = four_digit_year ? pair(&place) * 100 : 0;
    int year_in_century = pair(&place);
    if (!four_digit_year)
        date.year = century_of(year_in_century);
    date.year += year_in_century;
    date.month = pair(&place);
    date.day = pair(&place);
    date.hour = pair(&place);
    date.minute = pair(&place);
    date.second = pair(&place);
    return date;
}

bool der_read_time(
    struct der_reader *reader, int64_t *time, struct failure *why)
{
    struct der_reader next = *reader;
    struct der_reader contents = {0};
    int64_t seconds = 0;

    bool generalized = der_peek(reader) == DER_GENERALIZED_TIME;
    if (!der_read(&next, generalized ? DER_GENERALIZED_TIME : DER_UTC_TIME,
            &contents, why))
        return false;

    struct bytes text = der_remaining(&contents);
    if (!are_digits_and_zulu(
            text, generalized ? GENERALIZED_TIME_DIGITS : UTC_TIME_DIGITS))
        return refuse_time(contents.position,
            generalized ? "a GeneralizedTime is not YYYYMMDDHHMMSSZ"
                        : "a UTCTime is not YYMMDDHHMMSSZ",
            why);

    struct date date = date_of_digits(text.start, generalized);
    if (date.second > 59)
        return refuse_time(
            contents.position, "a time has a second above 59", why);
    if (!date_to_time(&date, &seconds, why))
        return refuse_time(contents.position, "a time is on no calendar", why);

    *time = seconds;
    *reader = next;
    return true;
}

static uint8_t *put_pair(uint8_t *place, int value)
{
    place[0] = (uint8_t)('0' + value / 10);
    place[1] = (uint8_t)('0' + value % 10);
    return place + 2;
}

/* Without snprintf: a list may have a million times. */
uint8_t *time_put_digits(uint8_t *place, int64_t time, bool with_century)
{
    struct date date = date_of(time);

    if (with_century)
        place = put_pair(place, date.year / 100);
    place = put_pair(place, date.year % 100);
    place = put_pair(place, date.month);
    place = put_pair(place, date.day);
    place = put_pair(place, date.hour);
    place = put_pair(place, date.minute);
    place = put_pair(place, date.second);
    *place = 'Z';
    return place + 1;
}
