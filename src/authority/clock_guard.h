#ifndef AUTHORITY_CLOCK_GUARD_H
#define AUTHORITY_CLOCK_GUARD_H

#include <pthread.h>

#include "store/store.h"

/*
 * No certificate is dated by a clock that can't be right (kb 4, properties 6):
 * one that is behind the last time the journal knows, or one that jumped while
 * the keeper ran, as CLOCK_BOOTTIME shows.  Either stops issuance, with a
 * reason, until a person says that the clock is right
 * (`chancery doctor --accept-clock`).  Revocation goes on.
 */
struct clock_guard {
    pthread_mutex_t lock;
    int64_t latest_ms; /* the latest time that was journalled */
    int64_t stored_ms; /* of it, what the store knows */
    int64_t offset_ms; /* now less the time since the machine started */
    bool has_jumped;
    int64_t jump_ms;
};

/* The store's number: the latest time the journal was written at, or the time
 * a person accepted. */
#define CLOCK_LATEST_MS "clock-latest-ms"

/* Corrections in small steps are daily life. */
#define CLOCK_BEHIND_MAX_MS 5000
#define CLOCK_JUMP_MAX_MS (5 * 60 * 1000)

MUST_CHECK bool clock_guard_start(
    struct clock_guard *guard, struct store *store, struct failure *why);
void clock_guard_end(struct clock_guard *guard);

/* FAILURE_UNAVAILABLE says what is wrong with the clock, and how to go on. */
MUST_CHECK bool clock_guard_check(
    struct clock_guard *guard, struct failure *why);

enum clock_trouble { CLOCK_RIGHT, CLOCK_BEHIND, CLOCK_JUMPED };
/* *ahead_ms: by how much the clock is before the time that may be written down:
 * the latest one known, or the one without the jump.  0 when it is right. */
enum clock_trouble clock_guard_look(
    struct clock_guard *guard, int64_t *ahead_ms);

/* For the writer, in its transaction: remembers the time, at most once a
 * second.  A clock that is wrong is not remembered. */
MUST_CHECK bool clock_guard_note(
    struct clock_guard *guard, struct store *store, struct failure *why);

/* The clock is right as it is, says a person.  In the writer's transaction. */
MUST_CHECK bool clock_guard_accept(
    struct clock_guard *guard, struct store *store, struct failure *why);

#endif
