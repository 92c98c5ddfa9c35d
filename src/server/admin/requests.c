#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "authority/request_json.h"
#include "base/message.h"
#include "server/admin/call.h"
#include "server/admin/listing.h"

#define REQUESTS "/admin/requests"
#define PATH_ROOM_OF_REQUEST 128
#define WORDS_ROOM 400

static const struct admin_done done_rows[] = {
    {"approved", "Your approval is noted; the request waits for another one."},
    {"issued", "Approved: the certificate is issued."},
    {"denied", "The request is denied."},
    {NULL, NULL},
};

/* --- the queue --------------------------------------------------------------
 */

static bool add_row(
    struct listing *listing, const json_t *facts, struct failure *why)
{
    return html_print(listing->out, why,
        "<tr><th scope=\"row\"><a href=\"" REQUESTS "/%s\">%s</a></th>"
        "<td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
        json_text(facts, "id"),
        admin_title(
            json_text(facts, "subject"), json_object_get(facts, "names")),
        json_text(facts, "profile"), json_text(facts, "state"),
        json_text(facts, "actor"), json_text(facts, "asked_at"));
}

static bool visit(
    void *context, const struct request_row *row, struct failure *why)
{
    struct listing *listing = context;
    struct store *store = listing->call->exchange->store;
    SCOPED(json_t) *facts = NULL;

    return listing_takes(listing, row->number) &&
           request_details_to_json(store, row, &facts, why) &&
           add_row(listing, facts, why);
}

static bool add_filter(
    struct buffer *out, const char *state, struct failure *why)
{
    if (!html_raw(out,
            "<form method=\"get\" action=\"" REQUESTS "\" class=\"filter\">\n"
            "<label for=\"state\">State</label>\n"
            "<select id=\"state\" name=\"state\">\n",
            why))
        return false;
    for (int i = 0; i < REQUEST_STATES; i++) {
        const char *name = request_state_name((enum request_state)i);

        if (!form_option(out, name, name, strcmp(name, state) == 0, why))
            return false;
    }
    return form_option(out, "all", "all", strcmp("all", state) == 0, why) &&
           html_raw(out, "</select>\n<button>Show</button>\n</form>\n", why);
}

static bool walk(struct admin_call *call, struct listing *listing,
    const char *state, struct failure *why)
{
    struct request_filter filter = {.by_state = strcmp(state, "all") != 0};

    if (filter.by_state && !request_state_named(state, &filter.state, why))
        return false;
    filter.after_number = listing->after;
    filter.limit = LISTING_ROWS + 1;
    return store_list_requests(
               call->exchange->store, &filter, visit, listing, why) ||
           listing->is_full;
}

bool requests_list(struct admin_call *call, struct failure *why)
{
    const char *state = exchange_text(call->exchange, "state");
    struct listing listing;

    if (state[0] == '\0')
        state = "waiting";
    return admin_begin(call, NULL, why) && add_filter(&call->out, state, why) &&
           listing_begin(call, &listing,
               "<tr><th scope=\"col\">Subject or name</th><th "
               "scope=\"col\">Profile"
               "</th><th scope=\"col\">State</th><th scope=\"col\">Asked by"
               "</th><th scope=\"col\">Asked at</th></tr>",
               why) &&
           walk(call, &listing, state, why) &&
           listing_end(
               &listing, REQUESTS, "No request is in this state.", why) &&
           admin_end(call, why);
}

/* --- one --------------------------------------------------------------------
 */

static bool add_approvals(
    struct buffer *out, const json_t *facts, struct failure *why)
{
    const json_t *approvals = json_object_get(facts, "approvals");
    const json_t *approval = NULL;
    size_t index = 0;

    if (!html_print(out, why, "<dt>Approvals</dt><dd>%zu of %d",
            json_array_size(approvals),
            (int)json_integer_value(
                json_object_get(facts, "approvals_needed"))))
        return false;
    json_array_foreach(approvals, index, approval)
    {
        if (!html_print(out, why, "<br>%s, %s", json_text(approval, "actor"),
                json_text(approval, "at")))
            return false;
    }
    return html_raw(out, "</dd>\n", why);
}

static bool add_facts(
    struct buffer *out, const json_t *facts, struct failure *why)
{
    return html_raw(out, "<dl>\n", why) &&
           admin_fact(out, "State", json_text(facts, "state"), why) &&
           admin_fact(out, "Subject", json_text(facts, "subject"), why) &&
           admin_names(out, json_object_get(facts, "names"), why) &&
           html_print(out, why,
               "<dt>Profile</dt><dd><a href=\"/admin/profiles/%s\">%s</a>"
               "</dd>\n",
               json_text(facts, "profile"), json_text(facts, "profile")) &&
           admin_hash(out, "Version of the profile",
               json_text(facts, "profile_sha256"), why) &&
           admin_hash(
               out, "Key, SHA-256", json_text(facts, "key_sha256"), why) &&
           admin_fact(out, "Lint", json_text(facts, "lint"), why) &&
           admin_fact(out, "Asked by", json_text(facts, "actor"), why) &&
           admin_fact(out, "Asked at", json_text(facts, "asked_at"), why) &&
           add_approvals(out, facts, why) &&
           admin_fact(out, "Decided at", json_text(facts, "decided_at"), why) &&
           admin_fact(out, "Reason", json_text(facts, "reason"), why) &&
           html_print(out, why,
               "<dt>Number</dt><dd class=\"hash\">%s</dd>\n</dl>\n",
               json_text(facts, "id"));
}

static bool add_decisions(
    struct admin_call *call, const char *id, struct failure *why)
{
    static const struct form_field reason = {.id = "reason",
        .name = "reason",
        .label = "Reason for denying it",
        .hint = "Who asked reads it.",
        .is_required = true,
        .length_max = WORDS_ROOM - 1};
    char approve[PATH_ROOM_OF_REQUEST], deny[PATH_ROOM_OF_REQUEST];

    (void)snprintf(approve, sizeof(approve), REQUESTS "/%s/approve", id);
    (void)snprintf(deny, sizeof(deny), REQUESTS "/%s/deny", id);
    return html_raw(&call->out, "<h2>Decide</h2>\n", why) &&
           form_begin(call, approve, why) &&
           form_end(call, "Approve", false, why) &&
           form_begin(call, deny, why) && form_line(call, &reason, why) &&
           form_end(call, "Deny", true, why);
}

static bool link_certificate(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct admin_call *call = context;
    char serial[SERIAL_TEXT];

    serial_print(row->serial, serial);
    return html_print(&call->out, why,
        "<p><a href=\"/admin/certificates/%s\">The certificate that was "
        "issued</a></p>\n",
        serial);
}

static bool show(
    void *context, const struct request_row *row, struct failure *why)
{
    struct admin_call *call = context;
    SCOPED(json_t) *facts = NULL;

    if (!request_details_to_json(call->exchange->store, row, &facts, why) ||
        !add_facts(&call->out, facts, why))
        return false;
    if (row->certificate != 0)
        return store_certificate_by_id(call->exchange->store, row->certificate,
            link_certificate, call, why);
    return row->state != REQUEST_WAITING || !admin_may(call, BY_APPROVERS) ||
           add_decisions(call, row->id, why);
}

bool requests_show(struct admin_call *call, struct failure *why)
{
    return admin_begin(call, NULL, why) &&
           admin_tell_done(call, done_rows, why) &&
           (store_request_by_id(
                call->exchange->store, call->argument, show, call, why) ||
               (why->kind == FAILURE_NOT_FOUND &&
                   fail_because(why, FAILURE_NOT_FOUND,
                       "no request has the number \"%.40s\"",
                       call->argument))) &&
           admin_end(call, why);
}

/* --- decisions ----------------------------------------------------------- */

static bool go_back(struct exchange *exchange, const json_t *facts,
    const char *word, struct failure *why)
{
    char path[PATH_ROOM_OF_REQUEST];

    (void)snprintf(path, sizeof(path), REQUESTS "/%.40s?done=%s",
        json_text(facts, "id"), word);
    return exchange_redirect(exchange, path, why);
}

static bool finish_approve(
    struct exchange *exchange, json_t *facts, struct failure *why)
{
    return go_back(exchange, facts,
        json_is_true(json_object_get(facts, "issued")) ? "issued" : "approved",
        why);
}

static bool finish_deny(
    struct exchange *exchange, json_t *facts, struct failure *why)
{
    return go_back(exchange, facts, "denied", why);
}

bool requests_approve(struct admin_call *call, struct failure *why)
{
    return message_add_text(&call->question, CONTROL_ID, call->argument, why) &&
           call->exchange->verbs->ask(call->exchange, CONTROL_APPROVE,
               buffer_view(&call->question), finish_approve, why);
}

bool requests_deny(struct admin_call *call, struct failure *why)
{
    char words[WORDS_ROOM];

    if (!form_take(call, "reason", true, words, sizeof(words)))
        return requests_show(call, why);
    return message_add_text(&call->question, CONTROL_ID, call->argument, why) &&
           message_add_text(&call->question, CONTROL_WORDS, words, why) &&
           call->exchange->verbs->ask(call->exchange, CONTROL_DENY,
               buffer_view(&call->question), finish_deny, why);
}
