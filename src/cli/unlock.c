#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/authorities.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "cli/terminal.h"
#include "cli/unlocking.h"
#include "server/client.h"

static const char opens_by_itself[] =
    "The authority is unlocked: DIR/keys/unlock opens its keys whenever a "
    "command needs them.";
static const char stays_open[] =
    "The authority is unlocked until `chancery lock` or the next start of the "
    "machine.";

static bool tell(struct call *call, bool locked, bool by_itself,
    const char *sentence, struct failure *why)
{
    SCOPED(json_t) *value = NULL;

    if (!call->json)
        return puts(sentence) >= 0 || output_finish(why);
    value = json_pack("{s:b, s:b}", "locked", (int)locked, "unlocks_by_itself",
        (int)by_itself);
    return output_json(value, why);
}

static bool has_file(const struct place *place, const char *name)
{
    struct failure unasked = {0};
    char path[PATH_ROOM];

    return place_path(place, name, path, &unasked) && access(path, F_OK) == 0;
}

static bool remove_marker(const struct place *place, struct failure *why)
{
    char path[PATH_ROOM], folder[PATH_ROOM];

    if (!place_path(place, "keys/locked", path, why) ||
        !place_path(place, "keys", folder, why))
        return false;
    if (unlink(path) != 0)
        return errno == ENOENT || fail_in_file(why, "removing", path);
    return folder_sync(folder, why);
}

static bool write_marker(const struct place *place, struct failure *why)
{
    static const char text[] =
        "Made by chancery lock; chancery unlock takes it away.\n";
    char path[PATH_ROOM];

    if (!place_path(place, "keys/locked", path, why) ||
        !file_write(path, bytes_of_text(text), 0600, FILE_REPLACE, why))
        return false;
    if (geteuid() == 0 && lchown(path, place->owner, place->group) != 0)
        return fail_in_file(why, "giving to its owner", path);
    return true;
}

/* --- unlock -------------------------------------------------------------- */

static bool ask_passphrase(
    struct call *call, int *passphrase, struct failure *why)
{
    if (*passphrase >= 0)
        return true;
    if (terminal_is_there())
        return passphrase_ask("Passphrase: ", false, passphrase, why);
    advise(call, "give --passphrase-file FILE");
    return fail_because(why, FAILURE_UNAVAILABLE,
        "the authority is locked, and no passphrase was given");
}

static bool check_usable(struct call *call, const struct client_state *state,
    bool passphrase_was_given, struct failure *why)
{
    bool is_locked = false;
    const struct client_key *key = unusable_key(state, NULL, &is_locked);

    return key == NULL ||
           fail_locked(call, key, is_locked, passphrase_was_given, why);
}

/* What would open them at the next start opens them now. */
static bool open_unlock_file(
    const struct place *place, int *passphrase, struct failure *why)
{
    char path[PATH_ROOM];

    return place_path(place, "keys/unlock", path, why) &&
           file_open(path, O_RDONLY, 0, passphrase, why);
}

/* Somebody holds the keys already; they may still be closed. */
static bool unlock_served(struct call *call, const struct place *place,
    const struct client_options *options, int *passphrase, struct failure *why)
{
    SCOPED_STRUCT(client) *client = NULL;
    struct client_state state = {0};
    bool is_locked = false;

    if (!client_open(options, &client, why) ||
        !client_state(client, &state, why))
        return false;
    if (unusable_key(&state, NULL, &is_locked) == NULL)
        return true;
    if (*passphrase < 0 && has_file(place, "keys/unlock") &&
        !open_unlock_file(place, passphrase, why))
        return false;
    return ask_passphrase(call, passphrase, why) &&
           client_unlock(client, *passphrase, &state, why) &&
           check_usable(call, &state, true, why);
}

static bool prove_open(struct call *call, const struct client_options *options,
    struct failure *why)
{
    SCOPED_STRUCT(client) *client = NULL;
    struct client_state state = {0};

    return client_open(options, &client, why) &&
           client_state(client, &state, why) &&
           check_usable(call, &state, options->passphrase >= 0, why);
}

/* The marker comes back when the keys don't open: what fails changes
 * nothing. */
static bool unlock_by_file(struct call *call, const struct place *place,
    const struct client_options *options, struct failure *why)
{
    bool was_locked = has_file(place, "keys/locked");
    struct failure unrestored = {0};

    if (!remove_marker(place, why))
        return false;
    if (prove_open(call, options, why))
        return true;
    if (was_locked && !write_marker(place, &unrestored))
        advise(call, "keys/locked could not be put back: %.160s",
            unrestored.reason);
    return false;
}

static bool unlock_and_stay(struct call *call, const struct place *place,
    struct client_options *options, int *passphrase, struct failure *why)
{
    if (!ask_passphrase(call, passphrase, why))
        return false;
    options->passphrase = *passphrase;
    return client_stay_unlocked(options, why) && remove_marker(place, why);
}

bool run_unlock(struct call *call, struct failure *why)
{
    SCOPED_DESCRIPTOR int passphrase = -1;
    struct place place = {0};
    struct client_options options = {.directory = place.directory,
        .credentials = getenv("CREDENTIALS_DIRECTORY")};
    bool by_itself;

    if (!call_place(call, &place, why) ||
        !passphrase_given(call, "passphrase-file", &passphrase, why))
        return false;
    options.passphrase = passphrase;
    by_itself = has_file(&place, "keys/unlock");
    if (call_given(call, "dry-run"))
        return tell(call, has_file(&place, "keys/locked"), by_itself,
            by_itself ? "DIR/keys/unlock would open the keys."
                      : "The keys would be opened, until `chancery lock`.",
            why);
    if (client_is_served(&place)) {
        if (!unlock_served(call, &place, &options, &passphrase, why) ||
            !remove_marker(&place, why))
            return false;
        return tell(call, false, by_itself,
            by_itself ? opens_by_itself : stays_open, why);
    }
    if (by_itself)
        return unlock_by_file(call, &place, &options, why) &&
               tell(call, false, true, opens_by_itself, why);
    return unlock_and_stay(call, &place, &options, &passphrase, why) &&
           tell(call, false, false, stays_open, why);
}

/* --- lock
 * ----------------------------------------------------------------------------
 */

static bool lock_served(const struct place *place, struct failure *why)
{
    SCOPED_STRUCT(client) *client = NULL;
    struct client_options options = {
        .directory = place->directory, .passphrase = -1};
    struct client_state state = {0};

    return client_open(&options, &client, why) &&
           client_lock(client, &state, why);
}

bool run_lock(struct call *call, struct failure *why)
{
    struct place place = {0};
    bool by_itself;

    if (!call_place(call, &place, why))
        return false;
    by_itself = has_file(&place, "keys/unlock");
    if (call_given(call, "dry-run"))
        return tell(call, has_file(&place, "keys/locked"), by_itself,
            "The keys would be closed, and nothing issued until `chancery "
            "unlock`.",
            why);
    /* The marker first: whoever starts in between finds it. */
    if (!write_marker(&place, why) ||
        (client_is_served(&place) && !lock_served(&place, why)))
        return false;
    return tell(call, true, by_itself,
        by_itself
            ? "The authority is locked: nothing is issued until `chancery "
              "unlock`. DIR/keys/unlock is still there; whoever may read it "
              "can open the keys."
            : "The authority is locked: nothing is issued until `chancery "
              "unlock`, which needs the passphrase.",
        why);
}
