#ifndef SERVER_PLACE_H
#define SERVER_PLACE_H

#include <sys/types.h>

#include "base/file.h"

/*
 * DIR: the folder an authority lives in, and what lies where in it.
 *
 *     chancery.yaml  chancery.db  sign.log  lock  control.sock
 *     keys/NAME.key  keys/NAME.crt  keys/unlock        what issues
 *     keys/root/NAME.key  .crt      keys/unlock-root   roots kept apart
 *     keys/locked                                      until `unlock`
 *     publish/roots.pem  publish/ca/NAME.cer
 *
 * It is built whole in DIR/.init-building, which one rename makes
 * DIR/.init-ready: from then on the authority exists, and whoever opens DIR
 * next moves the parts to their places, however often it is interrupted.
 */
#define PLACE_BUILDING ".init-building"
#define PLACE_READY ".init-ready"

struct place {
    char directory[PATH_ROOM]; /* absolute */
    uid_t owner;
    gid_t group;
};

/*
 * Opens DIR of a set-up authority, and finishes an interrupted set-up.
 * FAILURE_NOT_FOUND: no authority is there; the reason names `chancery init`.
 */
MUST_CHECK bool place_open(
    const char *directory, struct place *place, struct failure *why);

/* Is there an authority, or anything that init must not touch (a folder keys/
 * with key files alone is no reason, so that existing keys can be used)?
 * FAILURE_CONFLICT names what was found. */
MUST_CHECK bool place_check_unused(const char *directory, struct failure *why);

/* Moves what was built to its places.  Idempotent. */
MUST_CHECK bool place_settle(const char *directory, struct failure *why);

/* The path without links and dots; DIR must be there. */
MUST_CHECK bool place_resolve(
    const char *directory, char path[static PATH_ROOM], struct failure *why);

/* DIR/NAME. */
MUST_CHECK bool place_path(const struct place *place, const char *name,
    char path[static PATH_ROOM], struct failure *why);

/*
 * Takes DIR/lock, which one keeper holds for as long as it lives: children that
 * get the descriptor hold it too.  *lock is -1 when another holds it.
 */
MUST_CHECK bool place_lock(
    const struct place *place, int *lock, struct failure *why);

#endif
