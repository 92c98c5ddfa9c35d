#include "server/http/date.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "server/http/syntax.h"

#define SECONDS_A_DAY 86400

static const char days[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char *const long_days[] = {"Sunday", "Monday", "Tuesday",
    "Wednesday", "Thursday", "Friday", "Saturday"};

/* 1970-01-01 was a Thursday. */
static unsigned weekday_of(int64_t time)
{
    int64_t day = time / SECONDS_A_DAY - (time % SECONDS_A_DAY < 0 ? 1 : 0);

    return (unsigned)(((day + 4) % 7 + 7) % 7);
}

/* By hand: it stands in every answer, and snprintf would be a tenth of one. */
void http_date_print(int64_t time, char text[static HTTP_DATE_TEXT])
{
    static const char form[HTTP_DATE_TEXT] = "___, __ ___ ____ __:__:__ GMT";
    struct date date = date_of(time);

    memcpy(text, form, HTTP_DATE_TEXT);
    memcpy(text, days + (size_t)3 * weekday_of(time), 3);
    digits_put((uint64_t)date.day, text + 5, 2);
    memcpy(text + 8, months + 3 * ((size_t)date.month - 1), 3);
    digits_put((uint64_t)date.year, text + 12, 4);
    digits_put((uint64_t)date.hour, text + 17, 2);
    digits_put((uint64_t)date.minute, text + 20, 2);
    digits_put((uint64_t)date.second, text + 23, 2);
}

static bool read_name(
    struct bytes text, size_t at, const char *names, int *index)
{
    if (text.length - at < 3)
        return false;
    for (size_t i = 0; names[i] != '\0'; i += 3)
        if (memcmp(text.start + at, names + i, 3) == 0) {
            *index = (int)(i / 3);
            return true;
        }
    return false;
}

static int *number_of(struct date *date, char sign)
{
    switch (sign) {
    case 'd':
    case '_':
        return &date->day;
    case 'Y':
        return &date->year;
    case 'h':
        return &date->hour;
    case 'm':
        return &date->minute;
    case 's':
        return &date->second;
    default:
        return NULL;
    }
}

static bool read_byte(uint8_t byte, char sign, struct date *date)
{
    int *number = number_of(date, sign);

    if (number == NULL)
        return byte == (uint8_t)sign;
    if (sign == '_' && byte == ' ')
        return true;
    if (!http_is_digit(byte))
        return false;
    *number = *number * 10 + (byte - '0');
    return true;
}

/* A pattern is '@' a day's name, '#' a month's name, digits of the 'd'ay,
 * 'Y'ear, 'h'our, 'm'inute, 's'econd, '_' a digit of the day or a space; any
 * other sign is itself. */
static bool read_pattern(
    struct bytes text, const char *pattern, struct date *date)
{
    size_t at = 0;
    int weekday = 0;

    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '@' || *pattern == '#') {
            bool is_month = *pattern == '#';

            if (!read_name(text, at, is_month ? months : days,
                    is_month ? &date->month : &weekday))
                return false;
            at += 3;
        } else if (at == text.length ||
                   !read_byte(text.start[at++], *pattern, date)) {
            return false;
        }
    }
    date->month++;
    return at == text.length;
}

static bool read_rfc_850(struct bytes text, int64_t now, struct date *date)
{
    for (size_t i = 0; i < 7; i++) {
        size_t length = strlen(long_days[i]);

        if (text.length <= length ||
            memcmp(text.start, long_days[i], length) != 0 ||
            !read_pattern(http_slice(text, length, text.length - length),
                ", dd-#-YY hh:mm:ss GMT", date))
            continue;
        int year = date_of(now).year;
        date->year += year - year % 100;
        if (date->year > year + 50)
            date->year -= 100;
        return true;
    }
    return false;
}

bool http_date_read(struct bytes text, int64_t now, int64_t *time)
{
    struct date fixed = {0}, rfc_850 = {0}, c_library = {0};
    struct failure why = {0};

    if (read_pattern(text, "@, dd # YYYY hh:mm:ss GMT", &fixed))
        return date_to_time(&fixed, time, &why);
    if (read_rfc_850(text, now, &rfc_850))
        return date_to_time(&rfc_850, time, &why);
    return read_pattern(text, "@ # _d hh:mm:ss YYYY", &c_library) &&
           date_to_time(&c_library, time, &why);
}
