#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#include "base/bytes.h"

/*
 * The only source of now.  Everything else asks here; tests set it.
 * Times are seconds since 1970-01-01T00:00:00Z, without leap seconds.
 */
int64_t clock_now(void);
int64_t clock_now_ms(void); /* milliseconds since 1970 */

/* Milliseconds that only grow, for deadlines; not affected by clock_set. */
int64_t clock_monotonic_ms(void);
/* Milliseconds until then, at least 0, as poll(2) wants them. */
int clock_ms_until(int64_t monotonic_ms);

/* Milliseconds since the machine started, sleep included. */
int64_t clock_boot_ms(void);

/* What this thread has computed, in milliseconds: for limits on work. */
int64_t clock_thread_cpu_ms(void);

/* From here on now stands still at this time.  For tests. */
void clock_set(int64_t now);
void clock_follow_the_machine(void);

struct date {
    int year; /* 0 (1 BC) to 9999 */
    int month, day, hour, minute, second;
};

/* Proleptic Gregorian calendar, all years 0 to 9999; a time outside them
 * becomes the nearest within.  A second 60 is refused: leap seconds are not
 * counted. */
struct date date_of(int64_t time);
MUST_CHECK bool date_to_time(
    const struct date *date, int64_t *time, struct failure *why);

/* "2026-11-21T00:47:03Z" and its zero. */
#define CLOCK_TEXT 24
void clock_print(int64_t time, char text[static CLOCK_TEXT]);

/* RFC 3339 (with Z or an offset, a fraction is dropped), or seconds since
 * 1970. */
MUST_CHECK bool clock_read(
    const char *text, int64_t *time, struct failure *why);

/* "90d", "24h", "30m", "45s", "2w", "10y" (365 days each): seconds. */
MUST_CHECK bool duration_read(
    const char *text, int64_t *seconds, struct failure *why);
/* The largest unit that fits exactly: "90d". */
#define DURATION_TEXT 24
void duration_print(int64_t seconds, char text[static DURATION_TEXT]);

#endif
