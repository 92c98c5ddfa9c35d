#include <stdio.h>
#include <unistd.h>

#include "cli/authorities.h"
#include "cli/keys_output.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "cli/terminal.h"
#include "server/founding.h"

static bool find_authority(struct call *call, const struct place *place,
    char name[static PROFILE_NAME_MAX], bool *is_root, struct failure *why)
{
    RELEASED(authorities) authorities = {0};
    SCOPED_STRUCT(store) *store = NULL;
    const struct authority_known *found = NULL;

    if (!place_open_store(place, &store, why) ||
        !authorities_read(store, &authorities, why) ||
        !authorities_find(&authorities, call_text(call, "ca"), &found, why))
        return false;
    (void)snprintf(name, PROFILE_NAME_MAX, "%s", found->name);
    *is_root = !found->issues;
    return true;
}

/* Stays -1 where a file in DIR opens the key. */
static bool old_passphrase(struct call *call, const struct place *place,
    bool is_root, int *descriptor, struct failure *why)
{
    char path[PATH_ROOM];

    if (!passphrase_given(call, "passphrase-file", descriptor, why) ||
        !place_path(
            place, is_root ? "keys/unlock-root" : "keys/unlock", path, why))
        return false;
    if (*descriptor >= 0 || access(path, F_OK) == 0)
        return true;
    if (terminal_is_there())
        return passphrase_ask("Present passphrase: ", false, descriptor, why);
    advise(call, "give --passphrase-file FILE");
    return fail_because(why, FAILURE_UNAVAILABLE,
        "the key is locked: no file in DIR holds its passphrase");
}

static bool new_passphrase(
    struct call *call, int *descriptor, struct failure *why)
{
    bool is_random = call_given(call, "random");

    if (is_random && call_given(call, "new-passphrase-file"))
        return fail_usage(
            call, why, "--random and --new-passphrase-file exclude each other");
    if (is_random)
        return true;
    if (!passphrase_given(call, "new-passphrase-file", descriptor, why))
        return false;
    if (*descriptor >= 0)
        return true;
    if (!terminal_is_there())
        return fail_usage(call, why,
            "the new passphrase is not given: --new-passphrase-file FILE, or "
            "--random");
    return passphrase_ask("New passphrase: ", true, descriptor, why);
}

static bool tell(
    struct call *call, const char *name, const char *done, struct failure *why)
{
    SCOPED(json_t) *value = NULL;
    bool is_random = call_given(call, "random");

    if (call->json) {
        value = json_pack("{s:s, s:b, s:b}", "authority", name, "changed",
            (int)!call_given(call, "dry-run"), "unlocks_by_itself",
            (int)is_random);
        return output_json(value, why);
    }
    (void)printf("The key of %s %s encrypted with %s.\n", name, done,
        is_random ? "a random passphrase, kept beside it: it opens by itself"
                  : "the new passphrase: keep it, nothing else opens the key");
    return true;
}

bool run_keys_passphrase(struct call *call, struct failure *why)
{
    SCOPED_DESCRIPTOR int present = -1;
    SCOPED_DESCRIPTOR int next = -1;
    char name[PROFILE_NAME_MAX];
    struct place place = {0};
    bool is_root = false;

    if (!call_place(call, &place, why) ||
        !find_authority(call, &place, name, &is_root, why) ||
        !old_passphrase(call, &place, is_root, &present, why) ||
        !new_passphrase(call, &next, why))
        return false;
    if (call_given(call, "dry-run"))
        return tell(call, name, "would be", why);
    if (!change_passphrase(&place, NULL, name, is_root, present, next, why))
        return false;
    keys_tell_passphrase(call, name);
    return tell(call, name, "is now", why);
}
