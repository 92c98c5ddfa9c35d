#include "cli/unlocking.h"

#include <string.h>

/* "locked", alone or with what was found on the way. */
static bool says_locked(const char *reason)
{
    size_t length = strlen("locked");

    return strncmp(reason, "locked", length) == 0 &&
           (reason[length] == 0 || reason[length] == ':');
}

const struct client_key *unusable_key(
    const struct client_state *state, const char *authority, bool *is_locked)
{
    for (size_t i = 0; i < state->key_count; i++) {
        if (authority != NULL && strcmp(state->keys[i].name, authority) != 0)
            continue;
        if (!state->keys[i].is_usable) {
            *is_locked = says_locked(state->keys[i].why);
            return &state->keys[i];
        }
    }
    return NULL;
}

bool fail_locked(struct call *call, const struct client_key *key,
    bool is_locked, bool passphrase_was_given, struct failure *why)
{
    if (is_locked) {
        advise(call, "run chancery unlock, or give --passphrase-file FILE");
        return fail_because(
            why, FAILURE_UNAVAILABLE, "the authority is locked");
    }
    return fail_because(why,
        passphrase_was_given ? FAILURE_UNAUTHENTICATED : FAILURE_UNAVAILABLE,
        "the key of %s can't be used: %.160s", key->name, key->why);
}
