#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "authority/request_json.h"
#include "authority/requests.h"
#include "base/clock.h"
#include "base/message.h"
#include "cli/authorities.h"
#include "cli/output.h"
#include "cli/unlocking.h"
#include "x509/request.h"

/* --- list ---------------------------------------------------------------- */

struct listing {
    bool json;
    json_t *array;
    size_t count;
};

static bool list_one(
    void *context, const struct request_row *row, struct failure *why)
{
    SCOPED(json_t) *value = NULL;
    struct listing *listing = context;
    const char *subject;
    char asked[CLOCK_TEXT];

    if (!request_to_json(row, &value, why))
        return false;
    listing->count++;
    if (listing->json)
        return json_array_append(listing->array, value) == 0 ||
               fail_because(why, FAILURE_INTERNAL, "out of memory");
    clock_print(row->asked_at, asked);
    subject = json_string_value(json_object_get(value, "subject"));
    if (listing->count == 1)
        (void)printf("%-26s  %-9s  %-20s  %-12s  %s\n", "ID", "STATE",
            "ASKED AT", "PROFILE", "SUBJECT");
    (void)printf("%-26s  %-9s  %-20s  %-12s  ", row->id,
        request_state_name(row->state), asked, row->profile);
    return print_shown(*subject == '\0' ? "(empty)" : subject, why) &&
           putchar('\n') >= 0;
}

bool run_requests_list(struct call *call, struct failure *why)
{
    SCOPED(json_t) *array = json_array();
    struct listing listing = {.json = call->json, .array = array};
    const char *state = call_text(call, "state");
    struct request_filter filter = {.by_state = state != NULL};
    SCOPED_STRUCT(store) *store = NULL;
    struct place place = {0};

    if (state != NULL && !request_state_named(state, &filter.state, why)) {
        call->is_usage = true;
        return false;
    }
    if (!call_place(call, &place, why) ||
        !place_open_store(&place, &store, why) ||
        !store_list_requests(store, &filter, list_one, &listing, why))
        return false;
    if (call->json)
        return output_json(array, why);
    if (listing.count == 0)
        notice(call, "No requests.");
    return true;
}

/* --- show ---------------------------------------------------------------- */

static bool print_line(const char *name, const char *value, struct failure *why)
{
    (void)printf("%-16s ", name);
    return print_shown(value, why) && putchar('\n') >= 0;
}

static bool print_approvals(const json_t *approvals, struct failure *why)
{
    const json_t *approval = NULL;
    size_t index = 0;

    json_array_foreach(approvals, index, approval)
    {
        (void)printf("%-16s %s, ", index == 0 ? "approved by" : "",
            json_string_value(json_object_get(approval, "at")));
        if (!print_shown(
                json_string_value(json_object_get(approval, "actor")), why))
            return false;
        (void)putchar('\n');
    }
    return true;
}

static bool print_names(const json_t *names, struct failure *why)
{
    const json_t *name = NULL;
    size_t index = 0;

    json_array_foreach(names, index, name)
    {
        if (!print_line(
                index == 0 ? "names" : "", json_string_value(name), why))
            return false;
    }
    return true;
}

static bool print_decision(const struct request_row *row, struct failure *why)
{
    char decided[CLOCK_TEXT];

    if (row->decided_at == 0)
        return true;
    clock_print(row->decided_at, decided);
    (void)printf("%-16s %s\n", "decided at", decided);
    return row->reason[0] == '\0' || print_line("reason", row->reason, why);
}

static bool print_request(
    const struct request_row *row, const json_t *facts, struct failure *why)
{
    const char *subject = json_string_value(json_object_get(facts, "subject"));
    char asked[CLOCK_TEXT];

    clock_print(row->asked_at, asked);
    (void)printf("%-16s %s\n%-16s %s\n", "id", row->id, "state",
        request_state_name(row->state));
    if (!print_line("subject", *subject == '\0' ? "(empty)" : subject, why) ||
        !print_names(json_object_get(facts, "names"), why))
        return false;
    (void)printf("%-16s %s\n%-16s %s\n%-16s %s\n", "profile", row->profile,
        "profile sha256", row->profile_sha256, "key sha256", row->key_sha256);
    if (!print_line(
            "lint", json_string_value(json_object_get(facts, "lint")), why) ||
        !print_line("asked by", row->actor, why))
        return false;
    (void)printf("%-16s %s\n%-16s %d\n", "asked at", asked, "approvals needed",
        row->approvals_needed);
    return print_approvals(json_object_get(facts, "approvals"), why) &&
           print_decision(row, why);
}

struct showing {
    struct call *call;
    struct store *store;
    int64_t number;
    json_t *facts;
};

static bool show_one(
    void *context, const struct request_row *row, struct failure *why)
{
    struct showing *showing = context;

    return request_details_to_json(showing->store, row, &showing->facts, why) &&
           (showing->call->json || print_request(row, showing->facts, why));
}

bool run_requests_show(struct call *call, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    struct showing showing = {.call = call};
    struct place place = {0};
    bool ok;

    if (!call_place(call, &place, why) ||
        !place_open_store(&place, &store, why))
        return false;
    showing.store = store;
    ok = store_request_by_id(
        store, call->options.operands[0], show_one, &showing, why);
    if (!ok && why->kind == FAILURE_NOT_FOUND)
        (void)fail_because(why, FAILURE_NOT_FOUND,
            "no request has the id \"%.40s\"; it is in the answer that who "
            "asked got",
            call->options.operands[0]);
    ok = ok && (!call->json || output_json(showing.facts, why));
    json_decref(showing.facts);
    return ok;
}

/* --- approve, deny, withdraw --------------------------------------------- */

static bool decide(
    struct call *call, uint16_t verb, json_t **facts, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 4096);
    SCOPED_STRUCT(client) *client = NULL;
    const struct client_need need = {.signs = verb == CONTROL_APPROVE};
    const char *reason = call_text(call, "reason");
    struct place place = {0};

    return message_add_text(
               &question, CONTROL_ID, call->options.operands[0], why) &&
           (reason == NULL ||
               message_add_text(&question, CONTROL_WORDS, reason, why)) &&
           call_place(call, &place, why) &&
           call_client(call, &place, &need, &client, why) &&
           client_call(client, verb, buffer_view(&question), -1, facts, why);
}

/* What can be seen without the keeper: that it waits. */
static bool rehearse(struct call *call, struct failure *why)
{
    notice(call, "Nothing is changed; this is the request:");
    return run_requests_show(call, why);
}

static int number_of(const json_t *facts, const char *key)
{
    return (int)json_integer_value(json_object_get(facts, key));
}

static bool tell_approval(
    struct call *call, const json_t *facts, struct failure *why)
{
    if (call->json)
        return output_json(facts, why);
    if (json_is_true(json_object_get(facts, "issued")))
        (void)puts("Approved and issued; who asked fetches it with `chancery "
                   "requests fetch`.");
    else
        (void)printf("Approved: %d of %d approvals.\n",
            number_of(facts, "approvals"), number_of(facts, "needed"));
    return true;
}

bool run_requests_approve(struct call *call, struct failure *why)
{
    SCOPED(json_t) *facts = NULL;

    if (call_given(call, "dry-run"))
        return rehearse(call, why);
    return decide(call, CONTROL_APPROVE, &facts, why) &&
           tell_approval(call, facts, why);
}

static bool run_ending(
    struct call *call, uint16_t verb, const char *sentence, struct failure *why)
{
    SCOPED(json_t) *facts = NULL;

    if (call_given(call, "dry-run"))
        return rehearse(call, why);
    if (!decide(call, verb, &facts, why))
        return false;
    if (call->json)
        return output_json(facts, why);
    return puts(sentence) >= 0 ||
           fail_because(why, FAILURE_UNAVAILABLE, "standard output is closed");
}

bool run_requests_deny(struct call *call, struct failure *why)
{
    if (call_text(call, "reason") == NULL)
        return fail_usage(
            call, why, "--reason TEXT is needed: who asked will read why");
    return run_ending(call, CONTROL_DENY, "Denied.", why);
}

bool run_requests_withdraw(struct call *call, struct failure *why)
{
    return run_ending(call, CONTROL_WITHDRAW, "Withdrawn.", why);
}
