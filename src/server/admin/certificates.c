#include <string.h>

#include "authority/certificate_row.h"
#include "base/clock.h"
#include "server/admin/listing.h"
#include "store/search.h"

#define CERTIFICATES "/admin/certificates"

/* What is looked for. */
struct wanted {
    struct listing listing;
    const char *search, *status, *profile;
    int64_t ends_until; /* 0: whenever */
    bool is_indexed;    /* the walk is the index's: rows fit the search */
};

static const char *const statuses[] = {
    "all", "valid", "revoked", "held", "expired", NULL};
static const char *const ends[] = {"", "1d", "7d", "14d", "30d", "90d", NULL};

/* --- the form --------------------------------------------------------------
 */

static bool add_options(struct buffer *out, const char *const *values,
    const char *given, const char *empty, struct failure *why)
{
    for (; *values != NULL; values++) {
        if (!form_option(out, *values, **values == '\0' ? empty : *values,
                strcmp(*values, given) == 0, why))
            return false;
    }
    return true;
}

static bool add_profiles(
    struct admin_call *call, const char *given, struct failure *why)
{
    const struct configuration *settings =
        call->exchange->authority->configuration;

    if (!form_option(&call->out, "", "any", given[0] == '\0', why))
        return false;
    for (size_t i = 0; i < settings->profile_count; i++) {
        const char *name = settings->profiles[i].name;

        if (!form_option(&call->out, name, name, strcmp(name, given) == 0, why))
            return false;
    }
    return true;
}

static bool add_form(
    struct admin_call *call, const struct wanted *wanted, struct failure *why)
{
    struct buffer *out = &call->out;
    const char *expiring = exchange_text(call->exchange, "expiring");

    return html_print(out, why,
               "<form method=\"get\" action=\"" CERTIFICATES
               "\" class=\"filter\">\n<div><label for=\"search\">Name, serial "
               "or SHA-256</label>\n<input id=\"search\" name=\"search\" "
               "type=\"search\" maxlength=\"%d\" value=\"%s\"></div>\n",
               SEARCH_TEXT_MAX, wanted->search) &&
           html_raw(out,
               "<div><label for=\"status\">Status</label>\n"
               "<select id=\"status\" name=\"status\">\n",
               why) &&
           add_options(out, statuses, wanted->status, "", why) &&
           html_raw(out,
               "</select></div>\n<div><label for=\"profile\">Profile</label>\n"
               "<select id=\"profile\" name=\"profile\">\n",
               why) &&
           add_profiles(call, wanted->profile, why) &&
           html_raw(out,
               "</select></div>\n<div><label for=\"expiring\">Ends within"
               "</label>\n<select id=\"expiring\" name=\"expiring\">\n",
               why) &&
           add_options(out, ends, expiring, "any time", why) &&
           html_raw(out,
               "</select></div>\n<div><button>Search</button></div>\n"
               "</form>\n",
               why);
}

/* --- the walk ---------------------------------------------------------------
 */

static bool passes(
    const struct wanted *wanted, const struct certificate_row *row)
{
    return (strcmp(wanted->status, "all") == 0 ||
               strcmp(wanted->status, certificate_row_status(row)) == 0) &&
           (wanted->profile[0] == '\0' ||
               strcmp(wanted->profile, row->profile) == 0) &&
           (wanted->ends_until == 0 ||
               (row->not_after >= clock_now() &&
                   row->not_after <= wanted->ends_until));
}

static const char *class_of(const char *status)
{
    if (strcmp(status, "valid") == 0)
        return "good";
    return strcmp(status, "expired") == 0 ? "quiet" : "bad";
}

static bool add_row(struct wanted *wanted, const struct certificate_row *row,
    struct failure *why)
{
    RELEASED(facts) facts = {0};
    const char *status = certificate_row_status(row);

    listing_has(&wanted->listing);
    return facts_read(row->der, row->sealed, &facts, why) &&
           html_print(wanted->listing.out, why,
               "<tr><th scope=\"row\"><a href=\"" CERTIFICATES
               "/%s\">%s</a></th><td><span class=\"%s\">%s</span></td>"
               "<td>%s</td><td>%s</td><td class=\"hash\">%s</td></tr>\n",
               facts.serial, admin_title(facts.subject, facts.names),
               class_of(status), status, row->profile, facts.not_after,
               facts.serial);
}

static bool visit(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct wanted *wanted = context;
    bool is_found = true;

    if (!listing_looks(&wanted->listing, row->id))
        return false;
    if (!passes(wanted, row))
        return true;
    if (wanted->search[0] != '\0' && !wanted->is_indexed &&
        !search_finds(row, wanted->search, &is_found, why))
        return false;
    return !is_found || add_row(wanted, row, why);
}

static bool visit_number(void *context, int64_t id, struct failure *why)
{
    struct wanted *wanted = context;

    return store_certificate_by_id(
        wanted->listing.call->exchange->store, id, visit, wanted, why);
}

/* Without the index the rows are looked at one by one, a page at a time. */
static bool walk(struct wanted *wanted, struct failure *why)
{
    struct exchange *exchange = wanted->listing.call->exchange;
    struct certificate_filter rows = {.after_id = wanted->listing.after,
        .by_status = strcmp(wanted->status, "revoked") == 0 ||
                     strcmp(wanted->status, "held") == 0,
        .status = strcmp(wanted->status, "held") == 0 ? CERTIFICATE_HELD
                                                      : CERTIFICATE_REVOKED};

    wanted->is_indexed = exchange->search != NULL;
    if (wanted->search[0] != '\0' && wanted->is_indexed)
        return search_certificates(exchange->search, exchange->store,
            wanted->search, wanted->listing.after, 0, visit_number, wanted,
            why);
    return store_list_certificates(exchange->store, &rows, visit, wanted, why);
}

static bool choose(
    struct admin_call *call, struct wanted *wanted, struct failure *why)
{
    const char *status = exchange_text(call->exchange, "status");
    const char *expiring = exchange_text(call->exchange, "expiring");
    int64_t within_s = 0;

    *wanted = (struct wanted){.search = exchange_text(call->exchange, "search"),
        .status = status[0] == '\0' ? "all" : status,
        .profile = exchange_text(call->exchange, "profile")};
    if (expiring[0] == '\0')
        return true;
    if (!duration_read(expiring, &within_s, why))
        return false;
    wanted->ends_until = clock_now() + within_s;
    return true;
}

/* They come in the order of issuance; ids are given one after the other. */
static bool add_newest(struct admin_call *call, struct failure *why)
{
    int64_t count = 0;

    return store_count_certificates(call->exchange->store, &count, why) &&
           (count <= LISTING_ROWS ||
               html_print(&call->out, why,
                   "<p>%lld certificates, the oldest first. <a "
                   "href=\"" CERTIFICATES "?after=%lld\">The newest</a></p>\n",
                   (long long)count, (long long)(count - LISTING_ROWS)));
}

bool certificates_list(struct admin_call *call, struct failure *why)
{
    struct wanted wanted;

    return choose(call, &wanted, why) && admin_begin(call, NULL, why) &&
           add_form(call, &wanted, why) && add_newest(call, why) &&
           listing_begin(call, &wanted.listing,
               "<tr><th scope=\"col\">Subject or name</th><th scope=\"col\">"
               "Status</th><th scope=\"col\">Profile</th><th scope=\"col\">"
               "Ends</th><th scope=\"col\">Serial</th></tr>",
               why) &&
           (walk(&wanted, why) || wanted.listing.is_full) &&
           listing_end(&wanted.listing, CERTIFICATES,
               "No certificate is like this.", why) &&
           admin_end(call, why);
}
