#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/authorities.h"
#include "authority/control_protocol.h"
#include "base/message.h"
#include "server/admin/call.h"
#include "server/admin/status.h"
#include "server/pages/roots.h"

/* --- authorities --------------------------------------------------------- */

static bool add_authority(struct admin_call *call,
    const struct authority_known *row, struct failure *why)
{
    char fingerprint[ROOT_FINGERPRINT];
    struct buffer *out = &call->out;

    return root_fingerprint(buffer_view(&row->certificate), fingerprint, why) &&
           html_print(out, why, "<section class=\"card\">\n<h2>%s</h2>\n<dl>\n",
               row->name) &&
           admin_fact(out, "State", authority_state_name(row->state), why) &&
           admin_fact(out, "Issues",
               row->issues ? "certificates"
                           : "nothing now: it is kept apart, or not in use",
               why) &&
           admin_fact(out, "Subject", row->facts.subject, why) &&
           admin_fact(out, "Issuer", row->facts.issuer, why) &&
           admin_fact(out, "Key", row->facts.key, why) &&
           admin_fact(out, "Good from", row->facts.not_before, why) &&
           admin_fact(out, "Good until", row->facts.not_after, why) &&
           html_print(out, why,
               "<dt>Serial</dt><dd class=\"hash\"><a "
               "href=\"/admin/certificates/%s\">%s</a></dd>\n"
               "<dt>SHA-256</dt><dd>",
               row->facts.serial, row->facts.serial) &&
           html_fingerprint(out, fingerprint, why) &&
           html_raw(out, "</dd></dl>\n</section>\n", why);
}

static bool add_all(struct admin_call *call,
    const struct authorities *authorities, struct failure *why)
{
    for (size_t i = 0; i < authorities->count; i++) {
        if (!add_authority(call, &authorities->rows[i], why))
            return false;
    }
    return true;
}

bool authorities_show(struct admin_call *call, struct failure *why)
{
    struct authorities *authorities = calloc(1, sizeof(*authorities));
    bool ok;

    if (authorities == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    ok = authorities_read(call->exchange->store, authorities, why) &&
         admin_begin(call, NULL, why) && add_all(call, authorities, why) &&
         admin_end(call, why);
    authorities_free(authorities);
    free(authorities);
    return ok;
}

/* --- lists and OCSP ------------------------------------------------------ */

static const struct admin_done done_rows[] = {
    {"published", "A new revocation list is made and published."},
    {NULL, NULL},
};

static bool add_list(struct admin_call *call,
    const struct authority_issuer *issuer, int kind, const char *name,
    struct failure *why)
{
    struct list_state list;

    return status_of_list(call->exchange, issuer, kind, &list, why) &&
           (!list.is_there ||
               html_print(&call->out, why,
                   "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td>"
                   "<td>%s <span class=\"%s\">%s</span></td><td>%lld</td>"
                   "</tr>\n",
                   issuer->name, name, list.made, list.next,
                   list.is_late ? "bad" : "good",
                   list.is_late ? "late" : "in force",
                   (long long)list.entries));
}

static bool add_lists_of(struct admin_call *call,
    const struct authority_issuer *issuer, struct failure *why)
{
    if (!add_list(call, issuer, CRL_COMPLETE, "complete", why) ||
        !add_list(call, issuer, CRL_DELTA, "delta", why))
        return false;
    for (int shard = 0; issuer->crl_shards > 1 && shard < issuer->crl_shards;
         shard++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "shard %d", shard);
        if (!add_list(call, issuer, shard, name, why))
            return false;
    }
    return true;
}

static bool add_publish(struct admin_call *call,
    const struct authority_issuer *issuer, struct failure *why)
{
    char path[160], button[128];

    if (issuer->state == AUTHORITY_RETIRED || !issuer->issues)
        return true;
    (void)snprintf(path, sizeof(path), "/admin/crl/%s/publish", issuer->name);
    (void)snprintf(
        button, sizeof(button), "Publish a new list of %s", issuer->name);
    return form_begin(call, path, why) && form_end(call, button, false, why);
}

typedef bool issuer_part(struct admin_call *call,
    const struct authority_issuer *issuer, struct failure *why);

static bool for_each(
    struct admin_call *call, issuer_part *add, struct failure *why)
{
    const struct authority *authority = call->exchange->authority;

    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (authority->issuers[i].der.length > 0 &&
            !add(call, &authority->issuers[i], why))
            return false;
    }
    return true;
}

static bool add_ocsp(struct admin_call *call, struct failure *why)
{
    struct buffer *out = &call->out;
    struct ocsp_state state;

    status_of_ocsp(call->exchange, &state);
    return html_raw(out, "<h2>OCSP</h2>\n", why) &&
           status_add_responders(out, call->exchange, why) &&
           html_print(out, why,
               "<dl><dt>Answers ready, when last counted</dt><dd>%zu</dd>\n",
               state.serials) &&
           admin_fact(out, "The first of them ends", state.earliest_end, why) &&
           (state.overdue == 0 ||
               html_print(out, why,
                   "<dt>Overdue</dt><dd class=\"warn\">%zu answers should have "
                   "been renewed by now</dd>\n",
                   state.overdue)) &&
           html_raw(out, "</dl>\n", why);
}

bool lists_show(struct admin_call *call, struct failure *why)
{
    return admin_begin(call, NULL, why) &&
           admin_tell_done(call, done_rows, why) &&
           html_raw(&call->out,
               "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
               "aria-label=\"Revocation lists\"><table>\n<thead><tr>"
               "<th scope=\"col\">Authority</th><th scope=\"col\">List</th>"
               "<th scope=\"col\">Made</th><th scope=\"col\">Next</th>"
               "<th scope=\"col\">Entries</th></tr></thead>\n<tbody>\n",
               why) &&
           for_each(call, add_lists_of, why) &&
           html_raw(&call->out, "</tbody>\n</table></div>\n", why) &&
           (!admin_may(call, BY_OPERATORS) ||
               for_each(call, add_publish, why)) &&
           add_ocsp(call, why) && admin_end(call, why);
}

static bool finish(
    struct exchange *exchange, json_t *facts, struct failure *why)
{
    (void)facts;
    return exchange_redirect(exchange, "/admin/crl?done=published", why);
}

bool lists_publish_now(struct admin_call *call, struct failure *why)
{
    if (strlen(call->argument) >= PROFILE_NAME_MAX)
        return fail_because(
            why, FAILURE_NOT_FOUND, "there is no authority of this name here");
    return message_add_text(
               &call->question, CONTROL_AUTHORITY, call->argument, why) &&
           call->exchange->verbs->ask(call->exchange, CONTROL_CRL,
               buffer_view(&call->question), finish, why);
}
