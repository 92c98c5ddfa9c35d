#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/authorities.h"
#include "cli/certificate_row.h"
#include "cli/output.h"

struct listing {
    struct certificate_filter filter;
    const char *search; /* or NULL */
    int64_t limit;      /* 0: none */
    int64_t shown;
    bool is_full; /* the walk was ended at the limit */
    bool json;
};

/* --- options ------------------------------------------------------------- */

static bool apply_status(struct call *call, const char *status,
    struct certificate_filter *filter, struct failure *why)
{
    filter->by_status = true;
    if (strcmp(status, "all") == 0) {
        filter->by_status = false;
    } else if (strcmp(status, "valid") == 0) {
        filter->by_end = true;
        filter->not_after_from = clock_now() - 1;
        filter->not_after_until = INT64_MAX;
    } else if (strcmp(status, "expired") == 0) {
        filter->by_end = true;
        filter->not_after_from = INT64_MIN;
        filter->not_after_until = clock_now() - 1;
    } else if (strcmp(status, "revoked") == 0) {
        filter->status = CERTIFICATE_REVOKED;
    } else if (strcmp(status, "held") == 0) {
        filter->status = CERTIFICATE_HELD;
    } else {
        return fail_usage(
            call, why, "--status takes valid, revoked, expired, held or all");
    }
    return true;
}

static bool apply_expiring(struct call *call, const char *expiring,
    struct certificate_filter *filter, struct failure *why)
{
    struct failure cause = {0};
    int64_t within_s = 0;

    if (filter->by_end ||
        (filter->by_status && filter->status != CERTIFICATE_VALID))
        return fail_usage(call, why,
            "--expiring is about valid certificates: leave --status out");
    if (!duration_read(expiring, &within_s, &cause))
        return fail_usage(call, why, "--expiring: %s", cause.reason);
    filter->by_status = true;
    filter->status = CERTIFICATE_VALID;
    filter->by_end = true;
    filter->not_after_from = clock_now() - 1;
    filter->not_after_until = clock_now() + within_s;
    return true;
}

static bool read_limit(
    struct call *call, const char *text, int64_t *limit, struct failure *why)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 9 || text[digits] != 0 || *text == '0')
        return fail_usage(call, why, "--limit takes a number from 1");
    *limit = strtol(text, NULL, 10);
    return true;
}

static bool read_listing(
    struct call *call, struct listing *listing, struct failure *why)
{
    const char *status = call_text(call, "status");
    const char *expiring = call_text(call, "expiring");
    const char *limit = call_text(call, "limit");

    listing->json = call->json;
    listing->search = call_text(call, "search");
    return (status == NULL ||
               apply_status(call, status, &listing->filter, why)) &&
           (expiring == NULL ||
               apply_expiring(call, expiring, &listing->filter, why)) &&
           (limit == NULL || read_limit(call, limit, &listing->limit, why));
}

/* --- rows
 * ---------------------------------------------------------------------------
 */

static bool matches(const struct facts *facts, const char *search)
{
    const json_t *name = NULL;
    size_t index = 0;

    if (search == NULL || strcasestr(facts->subject, search) != NULL ||
        strcasestr(facts->serial, search) != NULL)
        return true;
    json_array_foreach(facts->names, index, name)
    {
        if (strcasestr(json_string_value(name), search) != NULL)
            return true;
    }
    return false;
}

static enum colour colour_of(const char *status)
{
    if (strcmp(status, "valid") == 0)
        return COLOUR_GREEN;
    return strcmp(status, "expired") == 0 ? COLOUR_DIM : COLOUR_RED;
}

/* What a person knows it by: the subject, or else its first name. */
static const char *title_of(const struct facts *facts)
{
    const char *name = json_string_value(json_array_get(facts->names, 0));

    return *facts->subject != 0 || name == NULL ? facts->subject : name;
}

static bool print_line(const struct certificate_row *row,
    const struct facts *facts, struct failure *why)
{
    const char *status = certificate_row_status(row);
    enum colour colour = colour_of(status);

    (void)printf("%-34s  %s%-7s%s  %-20s  %-11s  ", facts->serial,
        colour_begin(stdout, colour), status, colour_end(stdout, colour),
        facts->not_after, row->profile);
    return print_shown(title_of(facts), why) && putchar('\n') >= 0;
}

static bool print_row(struct listing *listing,
    const struct certificate_row *row, const struct facts *facts,
    struct failure *why)
{
    SCOPED(json_t) *value = NULL;

    listing->shown++;
    if (!listing->json)
        return print_line(row, facts, why);
    (void)fputs(listing->shown == 1 ? "" : ",", stdout);
    value = certificate_row_to_json(row, facts);
    return output_json(value, why);
}

static bool visit(
    void *context, const struct certificate_row *row, struct failure *why)
{
    RELEASED(facts) facts = {0};
    struct listing *listing = context;

    if (!facts_read(row->der, row->sealed, &facts, why))
        return false;
    if (!matches(&facts, listing->search))
        return true;
    if (!print_row(listing, row, &facts, why))
        return false;
    listing->is_full = listing->limit != 0 && listing->shown == listing->limit;
    return !listing->is_full;
}

bool run_list(struct call *call, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    struct listing listing = {0};
    struct place place = {0};

    if (!read_listing(call, &listing, why) || !call_place(call, &place, why) ||
        !place_open_store(&place, &store, why))
        return false;
    if (listing.json)
        (void)putchar('[');
    else
        (void)printf("%-34s  %-7s  %-20s  %-11s  %s\n", "SERIAL", "STATUS",
            "NOT AFTER", "PROFILE", "SUBJECT");
    if (!store_list_certificates(
            store, &listing.filter, visit, &listing, why) &&
        !listing.is_full)
        return false;
    if (listing.json)
        (void)puts("]");
    return true;
}
