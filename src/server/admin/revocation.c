#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "authority/revoke.h"
#include "base/message.h"
#include "server/admin/blast.h"
#include "server/admin/certificate.h"

#define WORDS_ROOM 400

/* --- what it would touch ------------------------------------------------- */

static bool add_others(
    struct buffer *out, const struct blast *blast, struct failure *why)
{
    if (blast->other_count == 0)
        return true;
    if (!html_raw(out, "<ul>\n", why))
        return false;
    for (size_t i = 0; i < blast->other_count; i++) {
        char path[CERTIFICATE_PATH_ROOM];

        certificate_path(blast->others[i].serial, "", path);
        if (!html_print(out, why,
                "<li><a class=\"hash\" href=\"%s\">%s</a> has %s</li>\n", path,
                blast->others[i].serial, blast->others[i].what))
            return false;
    }
    return html_raw(out, "</ul>\n", why);
}

static bool add_below(
    struct buffer *out, const struct blast *blast, struct failure *why)
{
    return !blast->is_authority ||
           html_print(out, why,
               "<p class=\"note bad\"><b>It is the certificate of an "
               "authority.</b> %zu good certificates were issued below it, and "
               "none of them is believed any more once it is revoked.</p>\n",
               blast->below);
}

static bool add_blast(
    struct admin_call *call, const struct blast *blast, struct failure *why)
{
    struct buffer *out = &call->out;

    return html_raw(out, "<h2>What it would touch</h2>\n", why) &&
           add_below(out, blast, why) &&
           html_print(out, why,
               "<p>Other good certificates of the same key: <b>%zu</b>. Others "
               "with one of its names: <b>%zu</b>.</p>\n",
               blast->same_key, blast->same_name) &&
           add_others(out, blast, why) &&
           (!blast->is_cut ||
               html_print(out, why,
                   "<p>Of all certificates the newest %d were looked at.</p>\n",
                   BLAST_ROWS_MAX)) &&
           (blast->same_key == 0 ||
               html_raw(out,
                   "<p class=\"note warn\">A key that is in wrong hands takes "
                   "all of them with it: revoke each.</p>\n",
                   why));
}

/* --- the form ------------------------------------------------------------ */

static const enum revocation_reason offered[] = {REASON_UNSPECIFIED,
    REASON_KEY_COMPROMISE, REASON_AFFILIATION_CHANGED, REASON_SUPERSEDED,
    REASON_CESSATION_OF_OPERATION, REASON_PRIVILEGE_WITHDRAWN,
    REASON_CA_COMPROMISE};

static bool add_reasons(
    struct admin_call *call, const char *given, struct failure *why)
{
    if (!html_raw(&call->out,
            "<label for=\"reason\">Reason, as the list will say it</label>\n"
            "<select id=\"reason\" name=\"reason\">\n",
            why))
        return false;
    for (size_t i = 0; i < sizeof(offered) / sizeof(*offered); i++) {
        const char *name = revocation_reason_name(offered[i]);

        if (!form_option(&call->out, name, name, strcmp(name, given) == 0, why))
            return false;
    }
    return html_raw(&call->out, "</select>\n", why);
}

static bool add_form(
    struct admin_call *call, const char *serial, struct failure *why)
{
    static const struct form_field words = {.id = "words",
        .name = "words",
        .label = "Why, in words",
        .hint = "It stays in the journal.",
        .is_required = true,
        .length_max = WORDS_ROOM - 1};
    char path[CERTIFICATE_PATH_ROOM];

    certificate_path(serial, "/revoke", path);
    return html_raw(&call->out, "<h2>Revoke it</h2>\n", why) &&
           form_begin(call, path, why) &&
           add_reasons(call, exchange_text(call->exchange, "reason"), why) &&
           form_line(call, &words, why) &&
           html_raw(&call->out,
               "<p class=\"note warn\">A revocation is for good. What may turn "
               "out to be a mistake is put on hold instead.</p>\n",
               why) &&
           form_end(call, "Revoke it for good", true, why);
}

static bool show(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct admin_call *call = context;
    RELEASED(facts) facts = {0};
    struct blast blast;

    if (!facts_read(row->der, row->sealed, &facts, why) ||
        !certificate_facts(call, row, &facts, why))
        return false;
    if (row->status == CERTIFICATE_REVOKED)
        return html_raw(&call->out, "<p>It is revoked already.</p>\n", why);
    return blast_measure(call->exchange, row, &blast, why) &&
           add_blast(call, &blast, why) && add_form(call, facts.serial, why);
}

bool revocation_show(struct admin_call *call, struct failure *why)
{
    return admin_begin(call, NULL, why) && certificate_find(call, show, why) &&
           admin_end(call, why);
}

/* --- what is done -------------------------------------------------------- */

static bool go_back(struct exchange *exchange, const json_t *facts,
    const char *word, struct failure *why)
{
    char path[CERTIFICATE_PATH_ROOM], behind[64];

    (void)snprintf(behind, sizeof(behind), "?done=%s", word);
    certificate_path(json_text(facts, "serial"), behind, path);
    return exchange_redirect(exchange, path, why);
}

/* A list that could not be made is said: others don't hear of it (kb 101). */
static bool finish_revoke(
    struct exchange *exchange, json_t *facts, struct failure *why)
{
    if (!json_is_true(json_object_get(facts, "changed")))
        return go_back(exchange, facts, "revoked-already", why);
    return go_back(exchange, facts,
        json_is_null(json_object_get(facts, "list")) ? "revoked-no-list"
                                                     : "revoked",
        why);
}

static bool finish_hold(
    struct exchange *exchange, json_t *facts, struct failure *why)
{
    return go_back(exchange, facts, "held", why);
}

static bool finish_release(
    struct exchange *exchange, json_t *facts, struct failure *why)
{
    return go_back(exchange, facts, "released", why);
}

/* The serial is the whole one, also where its first digits were given. */
static bool name_serial(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct admin_call *call = context;

    return message_add(&call->question, CONTROL_SERIAL, row->serial, why);
}

static bool ask(struct admin_call *call, uint16_t message,
    exchange_finish_ask *finish, struct failure *why)
{
    return certificate_find(call, name_serial, why) &&
           call->exchange->verbs->ask(call->exchange, message,
               buffer_view(&call->question), finish, why);
}

bool revocation_do(struct admin_call *call, struct failure *why)
{
    enum revocation_reason reason = REASON_UNSPECIFIED;
    char words[WORDS_ROOM];

    if (!form_take(call, "words", true, words, sizeof(words)))
        return revocation_show(call, why);
    return revocation_reason_read(
               exchange_text(call->exchange, "reason"), &reason, why) &&
           message_add_number(
               &call->question, CONTROL_REASON, (uint64_t)reason, why) &&
           message_add_text(&call->question, CONTROL_WORDS, words, why) &&
           ask(call, CONTROL_REVOKE, finish_revoke, why);
}

bool revocation_hold(struct admin_call *call, struct failure *why)
{
    return ask(call, CONTROL_HOLD, finish_hold, why);
}

bool revocation_release(struct admin_call *call, struct failure *why)
{
    return ask(call, CONTROL_UNHOLD, finish_release, why);
}
