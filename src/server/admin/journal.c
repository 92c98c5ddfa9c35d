#include <string.h>

#include "authority/event.h"
#include "authority/event_json.h"
#include "server/admin/listing.h"
#include "store/search.h"

#define JOURNAL "/admin/journal"

struct journal_wanted {
    struct listing listing;
    const char *kind, *object; /* "": any */
};

static bool add_form(struct admin_call *call,
    const struct journal_wanted *wanted, struct failure *why)
{
    struct buffer *out = &call->out;

    if (!html_raw(out,
            "<form method=\"get\" action=\"" JOURNAL "\" class=\"filter\">\n"
            "<div><label for=\"kind\">Kind</label>\n<select id=\"kind\" "
            "name=\"kind\">\n<option value=\"\">all</option>\n",
            why))
        return false;
    for (int i = 0; i < EVENT_KINDS; i++) {
        const char *name = event_name((enum event_kind)i);

        if (!form_option(out, name, name, strcmp(name, wanted->kind) == 0, why))
            return false;
    }
    return html_print(out, why,
        "</select></div>\n<div><label for=\"object\">About: a serial, a "
        "request's number, a name</label>\n<input id=\"object\" "
        "name=\"object\" autocomplete=\"off\" maxlength=\"127\" "
        "value=\"%s\"></div>\n<div><button>Show</button></div>\n</form>\n",
        wanted->object);
}

/* --- the walk ------------------------------------------------------------ */

static bool add_detail(
    struct buffer *out, const struct journal_event *event, struct failure *why)
{
    enum event_kind kind = EVENT_KINDS;
    const char *meaning =
        event_named(event->kind, &kind) ? event_meaning(kind) : "";

    return html_print(out, why,
        "<td>%s<details><summary>Details</summary>"
        "<code>%s</code></details></td></tr>\n",
        meaning, event->detail);
}

static bool add_row(
    struct buffer *out, const struct journal_event *event, struct failure *why)
{
    char at[MOMENT_TEXT];

    moment_print(event->at_ms, at);
    return html_print(out, why,
               "<tr><td>%lld</td><td>%s</td><th scope=\"row\">%s</th>"
               "<td>%s</td><td>%s</td>",
               (long long)event->seq, at, event->kind, event->actor,
               event->object) &&
           add_detail(out, event, why);
}

static bool visit(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct journal_wanted *wanted = context;

    if (!listing_looks(&wanted->listing, event->seq))
        return false;
    if ((wanted->kind[0] != '\0' && strcmp(wanted->kind, event->kind) != 0) ||
        (wanted->object[0] != '\0' &&
            strcmp(wanted->object, event->object) != 0))
        return true;
    listing_has(&wanted->listing);
    return add_row(wanted->listing.out, event, why);
}

/* The index knows all events of an object: those of earlier pages are passed
 * over. */
static bool visit_number(void *context, int64_t seq, struct failure *why)
{
    struct journal_wanted *wanted = context;

    return seq <= wanted->listing.after ||
           store_journal_event(
               wanted->listing.call->exchange->store, seq, visit, wanted, why);
}

static bool walk(struct journal_wanted *wanted, struct failure *why)
{
    struct exchange *exchange = wanted->listing.call->exchange;

    return wanted->object[0] != '\0' && exchange->search != NULL
               ? search_events(exchange->search, exchange->store,
                     wanted->object, visit_number, wanted, why)
               : store_list_journal(exchange->store, wanted->listing.after,
                     visit, wanted, why);
}

/* Without a filter the newest events come first to mind: a link leads there. */
static bool add_newest(struct admin_call *call, struct failure *why)
{
    uint8_t hash[SHA256_BYTES];
    int64_t last = 0;

    if (!store_journal_head(call->exchange->store, &last, hash, why))
        return false;
    return html_print(&call->out, why,
        "<p>%lld events. <a href=\"" JOURNAL
        "?after=%lld\">The newest</a></p>\n",
        (long long)last,
        (long long)(last > LISTING_ROWS ? last - LISTING_ROWS : 0));
}

bool journal_show(struct admin_call *call, struct failure *why)
{
    struct journal_wanted wanted = {
        .kind = exchange_text(call->exchange, "kind"),
        .object = exchange_text(call->exchange, "object")};

    return admin_begin(call, NULL, why) && add_form(call, &wanted, why) &&
           add_newest(call, why) &&
           listing_begin(call, &wanted.listing,
               "<tr><th scope=\"col\">No.</th><th scope=\"col\">When</th>"
               "<th scope=\"col\">What</th><th scope=\"col\">Who</th>"
               "<th scope=\"col\">About</th><th scope=\"col\">Meaning</th>"
               "</tr>",
               why) &&
           (walk(&wanted, why) || wanted.listing.is_full) &&
           listing_end(
               &wanted.listing, JOURNAL, "No event is like this.", why) &&
           admin_end(call, why);
}
