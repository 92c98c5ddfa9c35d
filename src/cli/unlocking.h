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

#endif
