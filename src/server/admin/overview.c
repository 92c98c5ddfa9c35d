#include <stdio.h>
#include <string.h>

#include "authority/ending.h"
#include "authority/pause.h"
#include "server/admin/chart.h"
#include "server/admin/status.h"
#include "store/store_requests.h"

#define DAY_S INT64_C(86400)
#define ISSUED_DAYS 14
/* What a page counts at most; beyond it says "more than". */
#define COUNTED_MAX 20000

/* --- warnings ------------------------------------------------------------ */

static bool warn_of_issuer(struct admin_call *call,
    const struct key_states *keys, const struct authority_issuer *issuer,
    struct failure *why)
{
    const char *reason = "";
    struct list_state list;

    if (!status_of_list(call->exchange, issuer, CRL_COMPLETE, &list, why))
        return false;
    if (issuer->state == AUTHORITY_ACTIVE && issuer->issues &&
        !key_states_usable(keys, issuer, &reason) &&
        !html_print(&call->out, why,
            "<p class=\"note bad\">The key of %s can't be used: %s. Nothing is "
            "issued by it; status is answered all the same.</p>\n",
            issuer->name, reason))
        return false;
    return !list.is_there || !list.is_late ||
           html_print(&call->out, why,
               "<p class=\"note bad\">The revocation list of %s has ended: "
               "<a href=\"/admin/crl\">publish a new one</a>.</p>\n",
               issuer->name);
}

/* The first profile whose certificates it would have to cut (kb 64). */
static bool warn_of_end(struct admin_call *call,
    const struct authority_issuer *issuer, struct failure *why)
{
    const struct configuration *settings =
        call->exchange->authority->configuration;
    const struct tbs_certificate *tbs = &issuer->certificate.tbs;
    char until[CLOCK_TEXT];

    if (issuer->state != AUTHORITY_ACTIVE)
        return true;
    clock_print(tbs->not_after, until);
    for (size_t i = 0; i < settings->profile_count; i++) {
        const struct profile *profile = &settings->profiles[i];

        if (profile->is_authority == !issuer->issues &&
            ends_soon(tbs->not_before, tbs->not_after, profile, clock_now()))
            return html_print(&call->out, why,
                "<p class=\"note warn\">%s ends %s, too soon for what profile "
                "%s issues: give it a new key in time (chancery ca rollover)."
                "</p>\n",
                issuer->name, until, profile->name);
    }
    return true;
}

/* Who can't sign in any more can't be told so here. */
#define OWN_AHEAD_S (30 * DAY_S)

static bool warn_of_own_end(struct admin_call *call, struct failure *why)
{
    struct certificate certificate = {0};
    char until[CLOCK_TEXT];

    if (!certificate_read(call->exchange->certificate_der, &certificate, why))
        return false;
    clock_print(certificate.tbs.not_after, until);
    return certificate.tbs.not_after > clock_now() + OWN_AHEAD_S ||
           html_print(&call->out, why,
               "<p class=\"note warn\">Your own certificate ends %s: an "
               "administrator gives you another one with chancery admin "
               "add.</p>\n",
               until);
}

static bool warn_of_answers(struct admin_call *call, struct failure *why)
{
    struct ocsp_state state;

    status_of_ocsp(call->exchange, &state);
    return state.overdue == 0 ||
           html_print(&call->out, why,
               "<p class=\"note bad\">%zu OCSP answers should have been "
               "renewed by now: <a href=\"/admin/crl\">look</a>.</p>\n",
               state.overdue);
}

static bool warn_of_pause(void *context, const char *profile, const char *actor,
    const char *reason, int64_t at, struct failure *why)
{
    struct admin_call *call = context;
    char since[CLOCK_TEXT];

    clock_print(at, since);
    return html_print(&call->out, why,
        "<p class=\"note warn\">Paused: %s, since %s by %s%s%s</p>\n",
        strcmp(profile, PAUSE_ALL) == 0 ? "all profiles" : profile, since,
        actor, reason[0] == '\0' ? "" : ": ", reason);
}

static bool add_warnings(
    struct admin_call *call, const struct key_states *keys, struct failure *why)
{
    const struct authority *authority = call->exchange->authority;

    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        if (issuer->der.length > 0 && issuer->state != AUTHORITY_RETIRED &&
            !(warn_of_issuer(call, keys, issuer, why) &&
                warn_of_end(call, issuer, why)))
            return false;
    }
    return warn_of_own_end(call, why) && warn_of_answers(call, why) &&
           store_list_pauses(call->exchange->store, warn_of_pause, call, why);
}

/* --- counting ------------------------------------------------------------ */

static bool count_request(
    void *context, const struct request_row *row, struct failure *why)
{
    size_t *count = context;

    (void)row;
    (void)why;
    (*count)++;
    return true;
}

static bool add_counts(struct admin_call *call, struct failure *why)
{
    const struct request_filter waiting = {
        .by_state = true, .state = REQUEST_WAITING, .limit = COUNTED_MAX};
    struct store *store = call->exchange->store;
    int64_t certificates = 0;
    size_t count = 0;

    return store_list_requests(store, &waiting, count_request, &count, why) &&
           store_count_certificates(store, &certificates, why) &&
           html_print(&call->out, why,
               "<dl>\n<dt>Requests that wait</dt><dd><a "
               "href=\"/admin/requests\">%s%zu</a></dd>\n"
               "<dt>Certificates</dt><dd><a href=\"/admin/certificates\">%lld"
               "</a></dd>\n</dl>\n",
               count == COUNTED_MAX ? "more than " : "", count,
               (long long)certificates);
}

/* --- authorities --------------------------------------------------------- */

static bool add_list_cell(struct admin_call *call,
    const struct authority_issuer *issuer, struct failure *why)
{
    struct list_state list;

    if (!status_of_list(call->exchange, issuer, CRL_COMPLETE, &list, why))
        return false;
    return list.is_there
               ? html_print(&call->out, why,
                     "<td><span class=\"%s\">%s</span> %s</td>",
                     list.is_late ? "bad" : "good",
                     list.is_late ? "ended" : "until", list.next)
               : html_raw(&call->out, "<td class=\"warn\">none yet</td>", why);
}

static bool add_issuer(struct admin_call *call, const struct key_states *keys,
    const struct authority_issuer *issuer, struct failure *why)
{
    char until[CLOCK_TEXT];
    const char *reason = "";
    bool is_usable = key_states_usable(keys, issuer, &reason);

    clock_print(issuer->certificate.tbs.not_after, until);
    return html_print(&call->out, why,
               "<tr><th scope=\"row\">%s</th><td>%s</td><td>", issuer->name,
               until) &&
           (issuer->issues
                   ? html_print(&call->out, why, "<span class=\"%s\">%s</span>",
                         is_usable ? "good" : "bad",
                         is_usable ? "usable" : reason)
                   : html_raw(&call->out, "kept apart", why)) &&
           html_raw(&call->out, "</td>", why) &&
           add_list_cell(call, issuer, why) &&
           html_raw(&call->out, "</tr>\n", why);
}

static bool add_authorities(
    struct admin_call *call, const struct key_states *keys, struct failure *why)
{
    const struct authority *authority = call->exchange->authority;

    if (!html_raw(&call->out,
            "<h2>Authorities</h2>\n<div class=\"scroll\" tabindex=\"0\" "
            "role=\"region\" aria-label=\"Authorities\"><table>\n<thead><tr>"
            "<th scope=\"col\">Name</th><th scope=\"col\">Good until</th>"
            "<th scope=\"col\">Key</th><th scope=\"col\">Revocation list</th>"
            "</tr></thead>\n<tbody>\n",
            why))
        return false;
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (authority->issuers[i].der.length > 0 &&
            !add_issuer(call, keys, &authority->issuers[i], why))
            return false;
    }
    return html_raw(&call->out, "</tbody>\n</table></div>\n", why) &&
           status_add_responders(&call->out, call->exchange, why);
}

/* --- expiries ------------------------------------------------------------ */

static const int ahead_days[] = {1, 7, 14, 30};
#define AHEAD (sizeof(ahead_days) / sizeof(*ahead_days))

struct expiring {
    int64_t now;
    struct chart *chart;
    size_t rows;
};

/* Each counts in every span that it ends in. */
static bool count_expiry(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct expiring *expiring = context;

    (void)why;
    expiring->rows++;
    if (row->status == CERTIFICATE_REVOKED)
        return true;
    for (size_t i = 0; i < AHEAD; i++) {
        if (row->not_after <= expiring->now + ahead_days[i] * DAY_S)
            expiring->chart->bars[i].value++;
    }
    return true;
}

static bool add_expiries(struct admin_call *call, struct failure *why)
{
    struct chart chart = {.id = "expiries",
        .title = "Certificates that end within so many days",
        .label_head = "Within",
        .value_head = "Certificates",
        .count = AHEAD,
        .each = 1};
    struct expiring expiring = {clock_now(), &chart, 0};
    const struct certificate_filter filter = {.by_end = true,
        .not_after_from = expiring.now - 1,
        .not_after_until = expiring.now + 30 * DAY_S,
        .limit = COUNTED_MAX};

    for (size_t i = 0; i < AHEAD; i++)
        (void)snprintf(chart.bars[i].label, sizeof(chart.bars[i].label),
            "%d day%s", ahead_days[i], ahead_days[i] == 1 ? "" : "s");
    return store_list_certificates(
               call->exchange->store, &filter, count_expiry, &expiring, why) &&
           chart_print(&call->out, &chart, why) &&
           (expiring.rows < COUNTED_MAX ||
               html_print(&call->out, why,
                   "<p>Only the first %d are counted.</p>\n", COUNTED_MAX));
}

/* --- issuance ------------------------------------------------------------ */

struct first_row {
    int64_t id, issued_at; /* id 0: there is none */
};

static bool take_first(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct first_row *first = context;

    (void)why;
    *first = (struct first_row){row->id, row->issued_at};
    return true;
}

/* Ids and times of issuance grow together, so a day's first row is found by
 * halving, however many there are. */
static bool count_before(
    struct store *store, int64_t time, int64_t *count, struct failure *why)
{
    int64_t low = 0, high = 0;

    if (!store_count_certificates(store, &high, why))
        return false;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        struct certificate_filter filter = {.after_id = middle, .limit = 1};
        struct first_row first = {0};

        if (!store_list_certificates(store, &filter, take_first, &first, why))
            return false;
        if (first.id != 0 && first.issued_at < time)
            low = middle + 1;
        else
            high = middle;
    }
    *count = low;
    return true;
}

static bool add_issuance(struct admin_call *call, struct failure *why)
{
    struct chart chart = {.id = "issued",
        .title = "Issued each day, the last two weeks (UTC)",
        .label_head = "Day",
        .value_head = "Certificates",
        .count = ISSUED_DAYS,
        .each = 3};
    int64_t today = clock_now() / DAY_S;
    int64_t before = 0, next = 0;

    if (!count_before(call->exchange->store, (today - ISSUED_DAYS + 1) * DAY_S,
            &before, why))
        return false;
    for (int i = 0; i < ISSUED_DAYS; i++) {
        int64_t day = today - ISSUED_DAYS + 1 + i;
        struct date date = date_of(day * DAY_S);

        (void)snprintf(chart.bars[i].label, sizeof(chart.bars[i].label),
            "%02d-%02d", date.month, date.day);
        if (!count_before(call->exchange->store, (day + 1) * DAY_S, &next, why))
            return false;
        chart.bars[i].value = next - before;
        before = next;
    }
    return chart_print(&call->out, &chart, why);
}

static bool add_charts(struct admin_call *call, struct failure *why)
{
    return html_raw(&call->out,
               "<h2>Ahead and behind</h2>\n<div class=\"charts\">\n", why) &&
           add_expiries(call, why) && add_issuance(call, why) &&
           html_raw(&call->out,
               "</div>\n<p><a href=\"/admin/certificates?status=valid&amp;"
               "expiring=30d\">Those that end within 30 days</a></p>\n",
               why);
}

bool overview_show(struct admin_call *call, struct failure *why)
{
    RELEASED(key_states) keys = {0};

    return key_states_read(call->exchange->authority, &keys, why) &&
           admin_begin(call, NULL, why) && add_warnings(call, &keys, why) &&
           add_counts(call, why) && add_authorities(call, &keys, why) &&
           add_charts(call, why) && admin_end(call, why);
}
