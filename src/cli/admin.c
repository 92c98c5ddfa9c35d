#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "authority/people.h"
#include "base/clock.h"
#include "cli/admin_add.h"
#include "cli/authorities.h"
#include "cli/output.h"
#include "cli/passphrase.h"

/* --- add ----------------------------------------------------------------- */

bool run_admin_add(struct call *call, struct failure *why)
{
    SCOPED_DESCRIPTOR int passphrase = -1;
    SCOPED_STRUCT(client) *client = NULL;
    SCOPED(json_t) *facts = NULL;
    struct admin_wish wish = {.name = call->options.operands[0],
        .role = call_text(call, "role"),
        .certificate = call_text(call, "certificate"),
        .p12_out = call_text(call, "p12-out"),
        .link = call_given(call, "link"),
        .local_user = call_text(call, "local-user"),
        .dry = call_given(call, "dry-run")};
    struct place place = {0};

    if (wish.role == NULL)
        return fail_usage(call, why,
            "--role is needed: administrator, operator, approver or auditor");
    if (!admin_wish_check(call, &wish, why) ||
        !passphrase_given(call, "passphrase-file", &passphrase, why))
        return false;
    wish.p12_passphrase = passphrase;
    return call_place(call, &place, why) && open_client(&place, &client, why) &&
           admin_add(call, client, &wish, &facts, why) &&
           (call->json ? output_json(facts, why) : admin_tell(facts, why));
}

bool run_admin_revoke(struct call *call, struct failure *why)
{
    return end_by_name(call, CONTROL_PERSON_END, why);
}

/* --- list ---------------------------------------------------------------- */

static const char *state_of(const struct person_row *row)
{
    if (row->ended_at != 0)
        return "ended";
    return person_has_way_in(row, clock_now()) ? "active" : "expired";
}

static json_t *text_or_null(const char *text)
{
    return *text == '\0' ? json_null() : json_string(text);
}

static json_t *person_to_json(const struct person_row *row)
{
    return json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:s,s:o}", "name",
        row->name, "role", role_name(role_from_store(row->role)), "state",
        state_of(row), "certificate_sha256",
        text_or_null(row->certificate_sha256), "certificate_not_after",
        json_of_time(row->certificate_not_after), "local_user",
        row->local_user < 0 ? json_null() : json_integer(row->local_user),
        "link_until", json_of_time(row->link_until), "added_at",
        json_of_time(row->added_at), "added_by", row->added_by, "ended_at",
        json_of_time(row->ended_at));
}

static void print_way(const char *before, const char *way, int64_t until)
{
    char when[CLOCK_TEXT];

    clock_print(until, when);
    (void)printf("%s%s until %s", before, way, when);
}

static void print_ways(const struct person_row *row)
{
    const char *before = "";

    if (row->certificate_sha256[0] != '\0') {
        (void)printf("certificate %.16s...", row->certificate_sha256);
        print_way("", "", row->certificate_not_after);
        before = ", ";
    }
    if (row->local_user >= 0) {
        (void)printf("%slocal user %lld", before, (long long)row->local_user);
        before = ", ";
    }
    if (row->link_sha256[0] != '\0')
        print_way(before, "link", row->link_until);
}

struct listing {
    bool json, all;
    json_t *array;
    size_t count;
};

static bool print_person(const struct person_row *row, struct failure *why)
{
    bool is_dim = row->ended_at != 0;

    (void)printf("%s%-13s  %-7s  ",
        is_dim ? colour_begin(stdout, COLOUR_DIM) : "",
        role_name(role_from_store(row->role)), state_of(row));
    if (!print_shown(row->name, why))
        return false;
    (void)printf("  ");
    print_ways(row);
    return printf("%s\n", is_dim ? colour_end(stdout, COLOUR_DIM) : "") >= 0;
}

static bool list_one(
    void *context, const struct person_row *row, struct failure *why)
{
    struct listing *listing = context;

    if (row->ended_at != 0 && !listing->all)
        return true;
    if (listing->count++ == 0 && !listing->json)
        (void)printf("%-13s  %-7s  %s\n", "ROLE", "STATE", "NAME  KNOWN BY");
    if (!listing->json)
        return print_person(row, why);
    return json_array_append_new(listing->array, person_to_json(row)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

bool run_admin_list(struct call *call, struct failure *why)
{
    SCOPED(json_t) *array = json_array();
    struct listing listing = {
        .json = call->json, .all = call_given(call, "all"), .array = array};
    SCOPED_STRUCT(store) *store = NULL;
    struct place place = {0};

    if (!call_place(call, &place, why) ||
        !place_open_store(&place, &store, why) ||
        !store_list_people(store, list_one, &listing, why))
        return false;
    if (call->json)
        return output_json(array, why);
    notice(call, "root and the owner of %s administer it as well.",
        place.directory);
    return true;
}
