#ifndef AUTHORITY_ROOM_H
#define AUTHORITY_ROOM_H

#include "base/failure.h"

/*
 * Room on the disk (properties 19).  Issuance stops while there is still some
 * left, so that no record is ever cut short; revocation goes on, at last in the
 * 8 MiB that DIR/reserve keeps for it.  Issuance never uses these: where the
 * reserve is given up, or never found room, as much more must be left for it.
 * When there is room again, the reserve is filled at the next start.
 *
 * Of 8 MiB: it is kept.  Of one byte: it was given up, and the journal doesn't
 * tell it yet.  Empty: that is told, or there never was one.
 */
#define ROOM_RESERVE_BYTES (8 * 1024 * 1024)
#define ROOM_LEAST_BYTES (2 * 1024 * 1024)
/* What the roles write before any of them can ask for room. */
#define ROOM_START_BYTES (512 * 1024)

/* All zero: none is kept, and every question is answered with yes. */
struct room {
    bool is_kept;
    int reserve;
};

/* For the parent, before it starts a role: gives up DIR/reserve when not even
 * their start would find room.  Does nothing to what is no reserve. */
void room_make_for_start(const char *directory);

/* Opens DIR/reserve and fills it, where there is room for it.  To be called
 * before the keeper opens what grows, and before it locks itself in. */
MUST_CHECK bool room_start(
    struct room *room, const char *directory, struct failure *why);
void room_end(struct room *room);

/* For issuance.  FAILURE_UNAVAILABLE says how little is left. */
MUST_CHECK bool room_check(struct room *room, struct failure *why);

/* For what must go on, one at a time: gives up the reserve when little is left.
 * True while the journal doesn't tell that it was; room_told says it does. */
bool room_make(struct room *room);
void room_told(struct room *room);

/* The reserve is there (or none is kept). */
bool room_is_filled(const struct room *room);

#endif
