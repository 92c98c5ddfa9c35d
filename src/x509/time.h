#ifndef X509_TIME_H
#define X509_TIME_H

#include "base/clock.h"
#include "x509/der.h"

/* RFC 5280, 4.1.2.5: UTCTime (1950 to 2049) or GeneralizedTime, Z, seconds
 * present, no fraction.  Others write GeneralizedTime before 2050 too; it is
 * read, and never written; so is the year 0000. */
MUST_CHECK bool der_read_time(
    struct der_reader *reader, int64_t *time, struct failure *why);

/* 1950-01-01T00:00:00Z, 2050-01-01T00:00:00Z: between them a time is UTCTime
 * (4.1.2.5, 5.1.2.4). */
#define UTC_TIME_FROM INT64_C(-631152000)
#define UTC_TIME_BEFORE INT64_C(2524608000)

static inline bool time_is_utc(int64_t time)
{
    return time >= UTC_TIME_FROM && time < UTC_TIME_BEFORE;
}

/* YYYYMMDDHHMMSSZ, or YYMMDDHHMMSSZ without a century, as far as it is filled:
 * the place behind it is returned.  No head, no zero. */
#define TIME_DIGITS_MAX 15
uint8_t *time_put_digits(uint8_t *place, int64_t time, bool with_century);

/* 0001-01-01T00:00:00Z, the first that is written: not every calendar has a
 * year 0000. */
#define TIME_FIRST INT64_C(-62135596800)
/* 99991231235959Z: no well-defined end (4.1.2.5). */
#define TIME_WITHOUT_END INT64_C(253402300799)

#endif
