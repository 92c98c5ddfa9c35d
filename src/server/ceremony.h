#ifndef SERVER_CEREMONY_H
#define SERVER_CEREMONY_H

#include "authority/profile.h"
#include "server/place.h"
#include "store/store.h"

/*
 * The command's part of changing authorities: keys are made through the keys
 * role, the store is changed by the clerk, and files follow the store.
 *
 *     keys/NAME.key, .crt           of one that issues, or is to
 *     keys/root/NAME.key, .crt      of one that is kept apart (or --root-dir)
 *     keys/retired/NAME.key, .crt   signs its lists alone; without .crt nothing
 *     publish/ca/NAME.cer           publish/ca/NAME-cross-N.cer
 *     publish/roots.pem             publish/intermediates.pem
 *
 * A kill anywhere leaves a state that the same command, or the next one that
 * changes authorities, finishes.
 */
struct ceremony {
    struct place place;
    const char *program;     /* of ourselves; NULL: /proc/self/exe */
    const char *root_folder; /* --root-dir; NULL: DIR/keys/root */
    /* For keys that are made: descriptors, or -1: keys/unlock, unlock-root. */
    int passphrase, root_passphrase;
};

/* A file to open a new key by is there, or was given.  FAILURE_UNAVAILABLE. */
MUST_CHECK bool ceremony_has_passphrase(
    const struct ceremony *ceremony, bool kept_apart, struct failure *why);

struct ceremony_key {
    const char *name;
    bool kept_apart;
    const struct key_algorithm *algorithm;
    struct bytes subject; /* of the request */
};

/*
 * Makes NAME.key and appends a request that it signed.  A NAME.key that an
 * interrupted command left there is taken, if the passphrase opens it
 * (FAILURE_CONFLICT otherwise); *is_new tells which it was.  Holds DIR's lock
 * meanwhile: FAILURE_UNAVAILABLE while somebody serves DIR.
 */
MUST_CHECK bool ceremony_make_key(const struct ceremony *ceremony,
    const struct ceremony_key *key, struct buffer *request, bool *is_new,
    struct failure *why);

/* Takes away a key that the store knows nothing of any more. */
MUST_CHECK bool ceremony_remove_key(const struct ceremony *ceremony,
    const char *name, bool kept_apart, struct failure *why);

/* Makes the files as the store says.  Idempotent; with nothing to do it only
 * reads.  A folder of roots that is not here is passed over. */
MUST_CHECK bool ceremony_settle(
    const struct ceremony *ceremony, struct failure *why);

/* --- what ceremony.c and ceremony_settle.c share ------------------------- */

/* DIR/lock, waited for; FAILURE_UNAVAILABLE says how to stop who serves. */
MUST_CHECK bool ceremony_lock(
    const struct ceremony *ceremony, int *lock, struct failure *why);
MUST_CHECK bool ceremony_folder(const struct ceremony *ceremony,
    bool kept_apart, char path[static PATH_ROOM], struct failure *why);

#endif
