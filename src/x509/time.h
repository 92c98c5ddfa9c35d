#ifndef X509_TIME_H
#define X509_TIME_H

#include "base/clock.h"
#include "x509/der.h"

/* RFC 5280, 4.1.2.5: UTCTime (1950 to 2049) or GeneralizedTime, Z, seconds
 * present, no fraction.  Others write GeneralizedTime before 2050 too; it is
 * read, and never written; so is the year 0000. */
MUST_CHECK bool der_read_time(
    struct der_reader *reader, int64_t *time, struct failure *why);

/* 99991231235959Z: no well-defined end (4.1.2.5). */
#define TIME_WITHOUT_END INT64_C(253402300799)

#endif
