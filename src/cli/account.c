#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "cli/authorities.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "cli/people.h"
#include "crypto/password.h"
#include "store/store_people.h"

/* --- add ----------------------------------------------------------------- */

static bool take_password(struct call *call, struct secret *password,
    bool *is_given, struct failure *why)
{
    SCOPED_DESCRIPTOR int descriptor = -1;

    if (!passphrase_given(call, "passphrase-file", &descriptor, why))
        return false;
    *is_given = descriptor >= 0;
    return *is_given ? descriptor_read_secret(
                           descriptor, "the account's password", password, why)
                     : new_password(password, why);
}

/* Hashed here: the password itself goes nowhere. */
static bool write_question(struct call *call, const struct secret *password,
    struct buffer *message, struct failure *why)
{
    char hash[PASSWORD_ENCODED_ROOM];

    return password_hash(password, hash, why) &&
           add_name_and_dry(call, message, why) &&
           message_add_text(message, CONTROL_HASH, hash, why) &&
           add_rights(call, message, why);
}

static json_t *facts_in_json(const json_t *facts, const struct secret *shown)
{
    json_t *value =
        json_pack("{s:s,s:o,s:o,s:o,s:O}", "name", json_text(facts, "name"),
            "profiles", words_to_json(json_text(facts, "profiles")), "not_open",
            words_to_json(json_text(facts, "not_open")), "names",
            words_to_json(json_text(facts, "names")), "dry_run",
            json_object_get(facts, "dry_run"));

    if (shown != NULL)
        (void)json_object_set_new(value, "password",
            json_stringn((const char *)shown->start, shown->length));
    return value;
}

static bool tell(
    const json_t *facts, const struct secret *shown, struct failure *why)
{
    if (json_is_true(json_object_get(facts, "dry_run")))
        (void)printf("Nothing is changed; this would be:\n");
    if (!print_shown(json_text(facts, "name"), why))
        return false;
    (void)printf("\n  profiles  %s\n  names     %s\n",
        words_or_none(json_text(facts, "profiles")),
        words_or_none(json_text(facts, "names")));
    return shown == NULL ||
           printf("The password, shown only this once:\n%.*s\n",
               (int)shown->length, (const char *)shown->start) >= 0;
}

bool run_account_add(struct call *call, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("question", CONTROL_FRAME_MAX);
    RELEASED(secret) password = {0};
    SCOPED(json_t) *facts = NULL;
    SCOPED(json_t) *value = NULL;
    const struct secret *shown = NULL;
    bool is_given = false;

    if (!take_password(call, &password, &is_given, why) ||
        !write_question(call, &password, &message, why) ||
        !ask_about_people(
            call, CONTROL_ACCOUNT_ADD, buffer_view(&message), &facts, why))
        return false;
    note_rights(call, facts, "account");
    if (!is_given && !call_given(call, "dry-run"))
        shown = &password;
    if (!call->json)
        return tell(facts, shown, why);
    value = facts_in_json(facts, shown);
    return output_json(value, why);
}

bool run_account_revoke(struct call *call, struct failure *why)
{
    return end_by_name(call, CONTROL_ACCOUNT_END, why);
}

/* --- list ---------------------------------------------------------------- */

struct listing {
    bool json, all;
    json_t *array;
    size_t count;
};

static json_t *account_to_json(const struct account_row *row)
{
    return json_pack("{s:s,s:s,s:o,s:o,s:o,s:s,s:o}", "name", row->name,
        "state", row->ended_at == 0 ? "active" : "ended", "profiles",
        words_to_json(row->profiles), "names", words_to_json(row->names),
        "made_at", json_of_time(row->made_at), "made_by", row->made_by,
        "ended_at", json_of_time(row->ended_at));
}

static bool print_account(const struct account_row *row, struct failure *why)
{
    bool is_dim = row->ended_at != 0;

    (void)printf("%s%-6s  ", is_dim ? colour_begin(stdout, COLOUR_DIM) : "",
        is_dim ? "ended" : "active");
    if (!print_shown(row->name, why))
        return false;
    return printf("  profiles %s; names %s%s\n", words_or_none(row->profiles),
               words_or_none(row->names),
               is_dim ? colour_end(stdout, COLOUR_DIM) : "") >= 0;
}

static bool list_one(
    void *context, const struct account_row *row, struct failure *why)
{
    struct listing *listing = context;

    if (row->ended_at != 0 && !listing->all)
        return true;
    if (listing->count++ == 0 && !listing->json)
        (void)printf("%-6s  NAME\n", "STATE");
    if (!listing->json)
        return print_account(row, why);
    return json_array_append_new(listing->array, account_to_json(row)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

bool run_account_list(struct call *call, struct failure *why)
{
    SCOPED(json_t) *array = json_array();
    struct listing listing = {
        .json = call->json, .all = call_given(call, "all"), .array = array};
    SCOPED_STRUCT(store) *store = NULL;
    struct place place = {0};

    if (!call_place(call, &place, why) ||
        !place_open_store(&place, &store, why) ||
        !store_list_accounts(store, list_one, &listing, why))
        return false;
    if (call->json)
        return output_json(array, why);
    if (listing.count == 0)
        notice(call, "No accounts.");
    return true;
}
