#ifndef SERVER_HTTP_DATE_H
#define SERVER_HTTP_DATE_H

#include "base/bytes.h"

/* "Sun, 06 Nov 1994 08:49:37 GMT" and its zero (RFC 9110, 5.6.7). */
#define HTTP_DATE_TEXT 30
void http_date_print(int64_t time, char text[static HTTP_DATE_TEXT]);

/* All three forms of RFC 9110, 5.6.7, exactly as they are written there; the
 * name of the day is not compared with the date.  now is for the two digits of
 * a year in RFC 850's form: what lies more than 50 years ahead is past. */
MUST_CHECK bool http_date_read(struct bytes text, int64_t now, int64_t *time);

#endif
