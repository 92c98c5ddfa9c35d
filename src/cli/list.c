#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/certificate_row.h"
#include "base/clock.h"
#include "cli/authorities.h"
#include "cli/output.h"
#include "store/search.h"
#include "x509/certificate.h"

/*
 * With --search two walks, each in the order of issuance: what the index finds,
 * at once; then what has the text elsewhere, row by row.  A page goes on in the
 * walk that its --after was shown by.
 */
struct listing {
    struct certificate_filter filter;
    struct store *store;
    const char *search; /* or NULL */
    int64_t limit;      /* 0: none */
    int64_t after_id;
    bool after_is_found; /* by the index */
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

static bool take_after(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct listing *listing = context;

    listing->after_id = row->id;
    return listing->search == NULL ||
           search_finds(row, listing->search, &listing->after_is_found, why);
}

static bool find_after(
    struct call *call, struct listing *listing, struct failure *why)
{
    const char *after = call_text(call, "after");
    uint8_t contents[21] = {0};
    struct bytes serial = {.start = contents + 1};
    struct failure cause = {0};

    if (after == NULL)
        return true;
    if (!serial_read(after, contents + 1, &serial.length, &cause))
        return fail_usage(call, why, "--after: %s", cause.reason);
    /* X.690, 8.3: a zero where the number would look negative. */
    if (serial.length == 0 || (contents[1] & 0x80) != 0) {
        serial.start = contents;
        serial.length++;
    }
    return store_certificate_by_serial(
        listing->store, serial, take_after, listing, why);
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

/* --- rows ---------------------------------------------------------------- */

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

static bool show_row(struct listing *listing, const struct certificate_row *row,
    const struct facts *facts, struct failure *why)
{
    if (!print_row(listing, row, facts, why))
        return false;
    listing->is_full = listing->limit != 0 && listing->shown == listing->limit;
    return !listing->is_full;
}

/* --- walks --------------------------------------------------------------- */

/* What store_list_certificates would have kept to. */
static bool passes(
    const struct certificate_filter *filter, const struct certificate_row *row)
{
    return (!filter->by_status || row->status == filter->status) &&
           (!filter->by_end || (row->not_after > filter->not_after_from &&
                                   row->not_after <= filter->not_after_until));
}

static bool show_found(
    void *context, const struct certificate_row *row, struct failure *why)
{
    RELEASED(facts) facts = {0};
    struct listing *listing = context;

    return !passes(&listing->filter, row) ||
           (facts_read(row->der, row->sealed, &facts, why) &&
               show_row(listing, row, &facts, why));
}

static bool visit_found(void *context, int64_t id, struct failure *why)
{
    struct listing *listing = context;

    return store_certificate_by_id(
        listing->store, id, show_found, listing, why);
}

static bool visit_row(
    void *context, const struct certificate_row *row, struct failure *why)
{
    RELEASED(facts) facts = {0};
    struct listing *listing = context;
    bool is_shown = false;

    if (listing->search != NULL &&
        !search_finds(row, listing->search, &is_shown, why))
        return false;
    if (is_shown)
        return true;
    return facts_read(row->der, row->sealed, &facts, why) &&
           (!matches(&facts, listing->search) ||
               show_row(listing, row, &facts, why));
}

static bool walk_found(
    const struct place *place, struct listing *listing, struct failure *why)
{
    SCOPED_STRUCT(search) *search = NULL;
    struct failure none = {0};
    char path[PATH_ROOM];

    if (!place_path(place, "search.db", path, why))
        return false;
    if (!search_open(path, false, &search, &none))
        search = NULL;
    return search_certificates(search, listing->store, listing->search,
        listing->after_id, 0, visit_found, listing, why);
}

static bool walk_rows(struct listing *listing, struct failure *why)
{
    listing->filter.after_id = listing->after_id;
    return store_list_certificates(
        listing->store, &listing->filter, visit_row, listing, why);
}

static bool walk(
    const struct place *place, struct listing *listing, struct failure *why)
{
    if (listing->search != NULL &&
        (listing->after_id == 0 || listing->after_is_found)) {
        if (!walk_found(place, listing, why))
            return false;
        (void)fflush(stdout); /* the rest may take seconds */
        listing->after_id = 0;
    }
    return walk_rows(listing, why);
}

bool run_list(struct call *call, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    struct listing listing = {0};
    struct place place = {0};

    if (!read_listing(call, &listing, why) || !call_place(call, &place, why) ||
        !place_open_store(&place, &store, why))
        return false;
    listing.store = store;
    if (!find_after(call, &listing, why))
        return false;
    if (listing.json)
        (void)putchar('[');
    else
        (void)printf("%-34s  %-7s  %-20s  %-11s  %s\n", "SERIAL", "STATUS",
            "NOT AFTER", "PROFILE", "SUBJECT");
    if (!walk(&place, &listing, why) && !listing.is_full)
        return false;
    if (listing.json)
        (void)puts("]");
    return true;
}
