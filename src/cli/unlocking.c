#include "cli/unlocking.h"

#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/passphrase.h"
#include "cli/terminal.h"

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

static bool unlock_by_prompt(
    struct client *client, struct client_state *state, struct failure *why)
{
    SCOPED_DESCRIPTOR int passphrase = -1;

    return passphrase_ask(
               "Passphrase of the authority: ", false, &passphrase, why) &&
           client_unlock(client, passphrase, state, why);
}

static bool make_usable(struct call *call, struct client *client,
    bool passphrase_was_given, struct failure *why)
{
    const char *authority = call_text(call, "ca");
    struct client_state state = {0};
    bool is_locked = false;
    const struct client_key *key;

    if (!client_state(client, &state, why))
        return false;
    key = unusable_key(&state, authority, &is_locked);
    if (key == NULL)
        return true;
    if (is_locked && !passphrase_was_given && terminal_is_there()) {
        if (!unlock_by_prompt(client, &state, why))
            return false;
        passphrase_was_given = true;
        is_locked = false;
        key = unusable_key(&state, authority, &is_locked);
    }
    return key == NULL ||
           fail_locked(call, key, is_locked, passphrase_was_given, why);
}

bool call_client(struct call *call, const struct place *place,
    const struct client_need *need, struct client **client, struct failure *why)
{
    SCOPED_DESCRIPTOR int passphrase = -1;
    SCOPED_DESCRIPTOR int root_passphrase = -1;
    SCOPED_STRUCT(client) *opened = NULL;
    struct client_options options = {.directory = place->directory,
        .credentials = getenv("CREDENTIALS_DIRECTORY"),
        .ceremony = need->ceremony,
        .root_folder = call_text(call, "root-dir")};

    if (!passphrase_given(call, "passphrase-file", &passphrase, why) ||
        !passphrase_given(call, "root-passphrase-file", &root_passphrase, why))
        return false;
    options.passphrase = passphrase;
    options.root_passphrase = root_passphrase;
    if (!client_open(&options, &opened, why) ||
        (need->signs && !make_usable(call, opened, passphrase >= 0, why)))
        return false;
    if (client_recovered(opened) > 0)
        notice(call,
            "An earlier command was interrupted: %llu certificates that were "
            "signed but never delivered are revoked.",
            (unsigned long long)client_recovered(opened));
    *client = KEEP(client, &opened);
    return true;
}
