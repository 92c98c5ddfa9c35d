#ifndef AUTHORITY_LOCKOUT_H
#define AUTHORITY_LOCKOUT_H

#include <stddef.h>
#include <stdint.h>

#include "authority/doors.h"

/*
 * How often a wrong password came for one account from one address.  Not
 * locked by itself: the doors'.
 *
 * Entries are found by a keyed hash, so that nobody chooses who shares a set.
 * The table has room for more tries than can be checked within the window; a
 * set that is full loses the entry that was quiet longest.
 */
#define LOCKOUT_KEY_BYTES 16
#define LOCKOUT_WAYS 8
#define LOCKOUT_SETS 2048

struct lockout_entry {
    uint8_t key[LOCKOUT_KEY_BYTES];
    int64_t tries_ms[DOOR_TRIES_MAX]; /* 0: none; in no order */
};

struct lockout {
    struct lockout_entry entries[LOCKOUT_SETS][LOCKOUT_WAYS];
};

/* Milliseconds until the next try is looked at; 0: now.  now_ms grows, and is
 * never 0. */
int64_t lockout_wait_ms(struct lockout *lockout,
    const uint8_t key[static LOCKOUT_KEY_BYTES], int64_t now_ms);
/* Counts a try, before it is known to be wrong: many at once are many. */
void lockout_count(struct lockout *lockout,
    const uint8_t key[static LOCKOUT_KEY_BYTES], int64_t now_ms);
/* It was right: the tries before it are forgiven. */
void lockout_forgive(
    struct lockout *lockout, const uint8_t key[static LOCKOUT_KEY_BYTES]);

#endif
