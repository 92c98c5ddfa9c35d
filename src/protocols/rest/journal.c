#include <string.h>

#include "authority/event.h"
#include "authority/event_json.h"
#include "protocols/rest/operation.h"
#include "store/search.h"

struct listing {
    struct rest_call *call;
    struct rest_page page;
    const char *kind, *object, *actor; /* NULL: any */
};

static bool is_wanted(const char *wanted, const char *text)
{
    return wanted == NULL || strcmp(wanted, text) == 0;
}

static bool visit(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct listing *listing = context;

    if (!rest_page_looks(&listing->page, event->seq))
        return false;
    return !is_wanted(listing->kind, event->kind) ||
           !is_wanted(listing->object, event->object) ||
           !is_wanted(listing->actor, event->actor) ||
           rest_page_add(&listing->page, event_to_json(event, false),
               strlen(event->detail) + 512, why);
}

/* The index knows all events of an object: those of earlier pages are passed
 * over. */
static bool visit_number(void *context, int64_t seq, struct failure *why)
{
    struct listing *listing = context;

    return seq <= listing->page.after ||
           store_journal_event(
               listing->call->exchange->store, seq, visit, listing, why);
}

static bool walk(struct listing *listing, struct failure *why)
{
    struct exchange *exchange = listing->call->exchange;

    return listing->object != NULL && exchange->search != NULL
               ? search_events(exchange->search, exchange->store,
                     listing->object, visit_number, listing, why)
               : store_list_journal(
                     exchange->store, listing->page.after, visit, listing, why);
}

static bool check_kind(
    struct rest_call *call, const char *kind, struct failure *why)
{
    enum event_kind known = EVENT_KINDS;

    return kind == NULL || event_named(kind, &known) ||
           blame_field(&call->problem.blame, why, "kind", "unknown-word", kind,
               "a kind of event; docs/journal.md lists them");
}

bool rest_list_journal(struct rest_call *call, struct failure *why)
{
    struct listing listing = {.call = call,
        .kind = rest_query(call, "kind"),
        .object = rest_query(call, "object"),
        .actor = rest_query(call, "actor")};
    bool ok;

    if (!check_kind(call, listing.kind, why) ||
        !rest_page_begin(call, &listing.page, why))
        return false;
    ok = (walk(&listing, why) || listing.page.is_full) &&
         rest_page_answer(call, &listing.page, "events", why);
    rest_page_free(&listing.page);
    return ok;
}
