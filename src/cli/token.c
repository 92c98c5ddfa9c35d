#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "authority/people.h"
#include "base/clock.h"
#include "cli/authorities.h"
#include "cli/output.h"
#include "cli/people.h"

#define TOKEN_PREFIX "chy_"
#define LIFETIME_PRESET "30d"

/* --- create -------------------------------------------------------------- */

static bool write_question(struct call *call, const char *sha256,
    struct buffer *message, struct failure *why)
{
    const char *lifetime = call_text(call, "lifetime");
    const char *role = call_text(call, "role");
    struct failure cause = {0};
    int64_t lifetime_s = 0;

    if (role == NULL)
        return fail_usage(
            call, why, "--role is needed: operator, approver or auditor");
    if (!duration_read(
            lifetime == NULL ? LIFETIME_PRESET : lifetime, &lifetime_s, &cause))
        return fail_usage(call, why, "--lifetime: %s", cause.reason);
    return add_name_and_dry(call, message, why) &&
           message_add_text(message, CONTROL_ROLE, role, why) &&
           message_add_number(
               message, CONTROL_LIFETIME, (uint64_t)lifetime_s, why) &&
           message_add_text(message, CONTROL_HASH, sha256, why) &&
           add_rights(call, message, why);
}

/* Lists as arrays, in place of what the clerk says. */
static bool set_facts(json_t *facts, const char *token, struct failure *why)
{
    bool ok = json_object_set_new(facts, "profiles",
                  words_to_json(json_text(facts, "profiles"))) == 0 &&
              json_object_set_new(facts, "not_open",
                  words_to_json(json_text(facts, "not_open"))) == 0 &&
              json_object_set_new(facts, "names",
                  words_to_json(json_text(facts, "names"))) == 0 &&
              (token == NULL ||
                  json_object_set_new(facts, "token", json_string(token)) == 0);

    return ok || fail_because(why, FAILURE_INTERNAL, "out of memory");
}

static bool tell(const json_t *facts, const char *token, struct failure *why)
{
    if (token == NULL)
        (void)printf("Nothing is changed; this would be:\n");
    if (!print_shown(json_text(facts, "name"), why))
        return false;
    (void)printf(", %s\n  profiles  %s\n  names     %s\n  until     %s\n",
        json_text(facts, "role"), words_or_none(json_text(facts, "profiles")),
        words_or_none(json_text(facts, "names")),
        json_text(facts, "expires_at"));
    return token == NULL || show_once("The token", token, why);
}

bool run_token_create(struct call *call, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("question", CONTROL_FRAME_MAX);
    char token[SECRET_TEXT_ROOM], sha256[SHA256_TEXT];
    const char *shown = call_given(call, "dry-run") ? NULL : token;
    SCOPED(json_t) *facts = NULL;
    bool ok = new_secret(TOKEN_PREFIX, token, sha256, why) &&
              write_question(call, sha256, &message, why) &&
              ask_about_people(
                  call, CONTROL_TOKEN_MAKE, buffer_view(&message), &facts, why);

    if (ok)
        note_rights(call, facts, "token");
    if (ok && call->json)
        ok = set_facts(facts, shown, why) && output_json(facts, why);
    else if (ok)
        ok = tell(facts, shown, why);
    wipe(token, sizeof(token));
    return ok;
}

bool run_token_revoke(struct call *call, struct failure *why)
{
    return end_by_name(call, CONTROL_TOKEN_END, why);
}

/* --- list ---------------------------------------------------------------- */

static const char *state_of(const struct token_row *row)
{
    if (row->ended_at != 0)
        return "ended";
    return row->expires_at > clock_now() ? "active" : "expired";
}

struct listing {
    bool json, all;
    json_t *array;
    size_t count;
};

static json_t *token_to_json(const struct token_row *row)
{
    return json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:s,s:o,s:o}", "name", row->name,
        "role", role_name(role_from_store(row->role)), "state", state_of(row),
        "profiles", words_to_json(row->profiles), "names",
        words_to_json(row->names), "made_at", json_of_time(row->made_at),
        "made_by", row->made_by, "expires_at", json_of_time(row->expires_at),
        "ended_at", json_of_time(row->ended_at));
}

static bool print_token(const struct token_row *row, struct failure *why)
{
    bool is_dim = row->ended_at != 0;
    char until[CLOCK_TEXT];

    clock_print(row->expires_at, until);
    (void)printf("%s%-9s  %-7s  %-20s  ",
        is_dim ? colour_begin(stdout, COLOUR_DIM) : "",
        role_name(role_from_store(row->role)), state_of(row), until);
    if (!print_shown(row->name, why))
        return false;
    return printf("  profiles %s; names %s%s\n", words_or_none(row->profiles),
               words_or_none(row->names),
               is_dim ? colour_end(stdout, COLOUR_DIM) : "") >= 0;
}

static bool list_one(
    void *context, const struct token_row *row, struct failure *why)
{
    struct listing *listing = context;

    if (row->ended_at != 0 && !listing->all)
        return true;
    if (listing->count++ == 0 && !listing->json)
        (void)printf("%-9s  %-7s  %-20s  NAME\n", "ROLE", "STATE", "UNTIL");
    if (!listing->json)
        return print_token(row, why);
    return json_array_append_new(listing->array, token_to_json(row)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

bool run_token_list(struct call *call, struct failure *why)
{
    SCOPED(json_t) *array = json_array();
    struct listing listing = {
        .json = call->json, .all = call_given(call, "all"), .array = array};
    SCOPED_STRUCT(store) *store = NULL;
    struct place place = {0};

    if (!call_place(call, &place, why) ||
        !place_open_store(&place, &store, why) ||
        !store_list_tokens(store, list_one, &listing, why))
        return false;
    if (call->json)
        return output_json(array, why);
    if (listing.count == 0)
        notice(call, "No tokens.");
    return true;
}
