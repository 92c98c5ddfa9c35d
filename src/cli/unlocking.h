#ifndef CLI_UNLOCKING_H
#define CLI_UNLOCKING_H

#include "cli/call.h"
#include "server/client.h"

/* A key of this authority (NULL: any) that can't sign, or NULL. */
const struct client_key *unusable_key(
    const struct client_state *state, const char *authority, bool *is_locked);

/* Fails as a key that can't sign says: "the authority is locked"
 * with its remedy (FAILURE_UNAVAILABLE), FAILURE_UNAUTHENTICATED where a given
 * passphrase did not open it. */
bool fail_locked(struct call *call, const struct client_key *key,
    bool is_locked, bool passphrase_was_given, struct failure *why);

/* What a command needs of the authority. */
struct client_need {
    bool signs;    /* the key of --ca, or of the one that issues, is open; a
                      passphrase is asked for on a terminal */
    bool ceremony; /* roots kept apart are opened too (server/client.h) */
};

/*
 * The command's way to the authority, by --passphrase-file,
 * --root-passphrase-file and --root-dir where the command has them.  Tells of
 * certificates that an interrupted command left behind.
 */
MUST_CHECK bool call_client(struct call *call, const struct place *place,
    const struct client_need *need, struct client **client,
    struct failure *why);

#endif
