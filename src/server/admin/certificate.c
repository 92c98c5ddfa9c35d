#include "server/admin/certificate.h"

#include <stdio.h>
#include <string.h>

#include "authority/history.h"
#include "authority/issuer_chain.h"
#include "authority/lists.h"
#include "authority/serial_number.h"
#include "server/pages/certificate_links.h"

static const struct admin_done done_rows[] = {
    {"revoked", "Revoked: the revocation list says so already, and OCSP within "
                "seconds."},
    {"revoked-no-list",
        "Revoked. A new revocation list could not be made: publish one on the "
        "page of the lists when its key is open, or others do not hear of it."},
    {"revoked-already", "It was revoked already; nothing was changed."},
    {"held", "On hold: it counts as revoked until it is released."},
    {"released", "Released: it is good again."},
    {NULL, NULL},
};

void certificate_path(const char *serial, const char *behind,
    char path[static CERTIFICATE_PATH_ROOM])
{
    (void)snprintf(path, CERTIFICATE_PATH_ROOM,
        "/admin/certificates/%.64s%.100s", serial, behind);
}

bool certificate_find(
    struct admin_call *call, certificate_visitor *visit, struct failure *why)
{
    struct store *store = call->exchange->store;
    struct serial_number number = {0};

    return serial_number_find(store, call->argument, &number, why) &&
           store_certificate_by_serial(
               store, serial_number_view(&number), visit, call, why);
}

const struct authority_issuer *certificate_authority(
    const struct authority *authority, const struct certificate_row *row)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (bytes_equal(buffer_view(&authority->issuers[i].der), row->der))
            return &authority->issuers[i];
    }
    return NULL;
}

/* --- facts ------------------------------------------------------------------
 */

static bool add_status(
    struct buffer *out, const json_t *facts, struct failure *why)
{
    const char *status = json_text(facts, "status");
    bool is_out = json_text(facts, "revoked_at")[0] != '\0';

    return html_print(out, why,
               "<dt>Status</dt><dd><span class=\"%s\">%s</span>",
               strcmp(status, "valid") == 0 ? "good" : "bad", status) &&
           (!is_out || html_print(out, why, " since %s, reason: %s",
                           json_text(facts, "revoked_at"),
                           json_text(facts, "reason"))) &&
           html_raw(out, "</dd>\n", why);
}

bool certificate_facts(struct admin_call *call,
    const struct certificate_row *row, const struct facts *facts,
    struct failure *why)
{
    struct buffer *out = &call->out;
    SCOPED(json_t) *told = certificate_row_to_json(row, facts);

    if (told == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return html_raw(out, "<dl>\n", why) && add_status(out, told, why) &&
           admin_fact(out, "Subject", facts->subject, why) &&
           admin_names(out, facts->names, why) &&
           admin_fact(out, "Issuer", facts->issuer, why) &&
           admin_fact(out, "Profile", row->profile, why) &&
           admin_fact(out, "Key", facts->key, why) &&
           admin_fact(out, "Good from", facts->not_before, why) &&
           admin_fact(out, "Good until", facts->not_after, why) &&
           admin_fact(out, "Issued at", json_text(told, "issued_at"), why) &&
           admin_fact(out, "Asked by", row->actor, why) &&
           html_print(out, why, "<dt>Serial</dt><dd class=\"hash\">%s</dd>\n",
               facts->serial) &&
           (row->sealed ||
               admin_fact(out, "Delivered",
                   "no: it was signed and never put together", why)) &&
           html_raw(out, "</dl>\n", why);
}

/* --- what may be done ---------------------------------------------------- */

static bool add_form(struct admin_call *call, const char *serial,
    const char *verb, const char *button, struct failure *why)
{
    char path[CERTIFICATE_PATH_ROOM];

    certificate_path(serial, verb, path);
    return form_begin(call, path, why) && form_end(call, button, false, why);
}

static bool add_revoke(
    struct admin_call *call, const char *serial, struct failure *why)
{
    char path[CERTIFICATE_PATH_ROOM];

    certificate_path(serial, "/revoke", path);
    return html_print(&call->out, why,
        "<p><a class=\"button quiet\" href=\"%s\">Revoke it, after a look at "
        "what it is for</a></p>\n",
        path);
}

static bool add_acts(struct admin_call *call, const struct certificate_row *row,
    const char *serial, struct failure *why)
{
    if (!admin_may(call, BY_OPERATORS) || row->status == CERTIFICATE_REVOKED)
        return true;
    if (!html_raw(&call->out, "<h2>Revocation</h2>\n", why) ||
        !add_revoke(call, serial, why))
        return false;
    return row->status == CERTIFICATE_HELD
               ? add_form(call, serial, "/release", "Release the hold", why)
               : add_form(call, serial, "/hold", "Put it on hold", why);
}

/* --- files and history --------------------------------------------------- */

static bool add_files(struct admin_call *call,
    const struct certificate_row *row, struct failure *why)
{
    const struct authority *authority = call->exchange->authority;
    const struct authority_issuer *issuer =
        authority_by_id(authority, row->authority);
    struct bytes chain[ISSUER_CHAIN_MAX];
    size_t count = 0;

    if (!row->sealed)
        return true;
    if (issuer != NULL && !issuer_chain(authority, issuer, chain, &count, why))
        return false;
    return html_raw(&call->out,
               "<h2>Files</h2>\n<details><summary>Download</summary>\n", why) &&
           certificate_links(&call->out, row->der, chain, count, why) &&
           html_raw(&call->out, "</details>\n", why);
}

static bool add_event(
    struct buffer *out, const json_t *event, struct failure *why)
{
    return html_print(out, why,
        "<tr><td>%s</td><th scope=\"row\">%s</th><td>%s</td><td>%s</td></tr>\n",
        json_text(event, "at"), json_text(event, "kind"),
        json_text(event, "actor"), json_text(event, "meaning"));
}

static bool add_lists(
    struct buffer *out, const json_t *lists, struct failure *why)
{
    const json_t *list = NULL;
    size_t index = 0;

    json_array_foreach(lists, index, list)
    {
        if (!html_print(out, why, "<p>The %s list of %s carries it.</p>\n",
                json_text(list, "list"), json_text(list, "made")))
            return false;
    }
    return true;
}

static bool add_history(struct admin_call *call,
    const struct certificate_row *row, struct failure *why)
{
    struct exchange *exchange = call->exchange;
    SCOPED(json_t) *history = NULL;
    const json_t *event = NULL;
    size_t index = 0;

    if (!history_read(exchange->search, exchange->store, row, &history, why) ||
        !html_raw(&call->out,
            "<h2>History</h2>\n<div class=\"scroll\" tabindex=\"0\" "
            "role=\"region\" aria-label=\"History\"><table>\n<thead><tr>"
            "<th scope=\"col\">When</th><th scope=\"col\">What</th>"
            "<th scope=\"col\">Who</th><th scope=\"col\">Meaning</th></tr>"
            "</thead>\n<tbody>\n",
            why))
        return false;
    json_array_foreach(json_object_get(history, "events"), index, event)
    {
        if (!add_event(&call->out, event, why))
            return false;
    }
    return html_raw(&call->out, "</tbody>\n</table></div>\n", why) &&
           add_lists(&call->out, json_object_get(history, "lists"), why);
}

static bool show(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct admin_call *call = context;
    RELEASED(facts) facts = {0};

    return facts_read(row->der, row->sealed, &facts, why) &&
           certificate_facts(call, row, &facts, why) &&
           add_acts(call, row, facts.serial, why) &&
           add_files(call, row, why) && add_history(call, row, why);
}

bool certificates_show(struct admin_call *call, struct failure *why)
{
    return admin_begin(call, NULL, why) &&
           admin_tell_done(call, done_rows, why) &&
           certificate_find(call, show, why) && admin_end(call, why);
}
