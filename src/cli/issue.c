#include <stdlib.h>

#include "cli/authorities.h"
#include "cli/issue_key.h"
#include "cli/issue_output.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "cli/terminal.h"
#include "cli/unlocking.h"
#include "x509/certificate.h"
#include "x509/request.h"

/* --- the authority and its keys ------------------------------------------ */

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

static bool open_client(struct call *call, const struct place *place,
    struct client **client, struct failure *why)
{
    SCOPED_DESCRIPTOR int passphrase = -1;
    SCOPED_STRUCT(client) *opened = NULL;
    struct client_options options = {.directory = place->directory,
        .credentials = getenv("CREDENTIALS_DIRECTORY")};

    if (!passphrase_given(call, "passphrase-file", &passphrase, why))
        return false;
    options.passphrase = passphrase;
    if (!client_open(&options, &opened, why) ||
        !make_usable(call, opened, passphrase >= 0, why))
        return false;
    if (client_recovered(opened) > 0)
        notice(call,
            "An earlier command was interrupted: %llu certificates that were "
            "signed but never delivered are revoked.",
            (unsigned long long)client_recovered(opened));
    *client = KEEP(client, &opened);
    return true;
}

/* --- issuing
 * --------------------------------------------------------------------------------
 */

/* The same idempotency key for another key gives the certificate of that other
 * key: it would not fit what we were asked for. */
static bool check_key(const struct issue_wish *wish,
    const struct client_issued *issued, struct failure *why)
{
    struct certificate certificate = {0};
    struct request request = {0};

    if (!certificate_read(issued->certificate, &certificate, why) ||
        !request_read(buffer_view(&wish->request), &request, why))
        return false;
    if (bytes_equal(certificate.tbs.key.whole, request.key.whole))
        return true;
    return fail_because(why, FAILURE_CONFLICT,
        "this --idempotency-key was used before, for another key");
}

static bool issue(struct call *call, struct client *client,
    struct issue_wish *wish, struct failure *why)
{
    RELEASED(client_issued) issued = {0};
    RELEASED(staged_key) staged = {0};

    if (wish->key_file != NULL &&
        (!issue_wish_make_request(wish, why) ||
            !stage_key(call, wish->key, wish->key_file, &staged, why)))
        return false;
    return client_issue(client, &wish->asked, &issued, why) &&
           check_key(wish, &issued, why) &&
           (wish->key_file == NULL || staged_key_settle(call, &staged, why)) &&
           issue_output(call, wish, &issued, why);
}

/* What can be checked without the keeper. */
static bool rehearse(struct call *call, const struct place *place,
    const struct issue_wish *wish, struct failure *why)
{
    SCOPED_STRUCT(configuration) *settings = NULL;
    const struct profile *profile = NULL;

    return place_read_settings(place, NULL, &settings, why) &&
           configuration_profile(
               settings, wish->asked.profile, &profile, why) &&
           issue_output_plan(call, wish, why);
}

bool run_issue(struct call *call, struct failure *why)
{
    RELEASED(issue_wish) wish = {0};
    SCOPED_STRUCT(client) *client = NULL;
    struct place place = {0};

    if (!issue_wish_read(call, &wish, why) || !call_place(call, &place, why))
        return false;
    if (call_given(call, "dry-run"))
        return rehearse(call, &place, &wish, why);
    return open_client(call, &place, &client, why) &&
           issue(call, client, &wish, why);
}
