#include <string.h>

#include "authority/certificate_row.h"
#include "authority/history.h"
#include "authority/lists.h"
#include "authority/serial_number.h"
#include "base/clock.h"
#include "protocols/rest/certificates.h"
#include "x509/pem.h"

/* --- which are meant ----------------------------------------------------- */

struct listing {
    struct rest_call *call;
    struct rest_page page;
    struct certificate_filter filter;
    const char *search; /* NULL: none */
    bool is_indexed;    /* the walk is the index's: rows fit the search */
};

static void choose_status(struct certificate_filter *filter, const char *status)
{
    if (status == NULL || strcmp(status, "all") == 0)
        return;
    filter->by_status = true;
    if (strcmp(status, "revoked") == 0) {
        filter->status = CERTIFICATE_REVOKED;
    } else if (strcmp(status, "held") == 0) {
        filter->status = CERTIFICATE_HELD;
    } else {
        bool is_valid = strcmp(status, "valid") == 0;

        filter->by_end = true;
        filter->not_after_from = is_valid ? clock_now() - 1 : INT64_MIN;
        filter->not_after_until = is_valid ? INT64_MAX : clock_now() - 1;
    }
}

static bool choose_expiring(struct rest_call *call,
    struct certificate_filter *filter, struct failure *why)
{
    const char *expiring = rest_query(call, "expiring");
    const char *status = rest_query(call, "status");
    int64_t within_s = 0;

    if (expiring == NULL)
        return true;
    if (status != NULL && strcmp(status, "valid") != 0)
        return blame_field(&call->problem.blame, why, "expiring",
            "valid-ones-only", status, "status left out, or valid");
    if (!duration_read(expiring, &within_s, why))
        return rest_blame(
            call, "expiring", "duration", expiring, "90d, 24h, 30m, 2w, 10y");
    choose_status(filter, "valid");
    filter->not_after_until = clock_now() + within_s;
    return true;
}

static const struct authority_issuer *issuer_named(
    const struct authority *authority, const char *name)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (strcmp(authority->issuers[i].name, name) == 0)
            return &authority->issuers[i];
    }
    return NULL;
}

static bool choose_authority(struct rest_call *call,
    struct certificate_filter *filter, struct failure *why)
{
    const char *name = rest_query(call, "authority");
    const struct authority_issuer *issuer;

    if (name == NULL)
        return true;
    issuer = issuer_named(call->exchange->authority, name);
    if (issuer == NULL) {
        (void)rest_blame(call, "authority", "unknown-authority", name,
            "one that GET /authorities lists");
        return fail_because(why, FAILURE_NOT_FOUND,
            "there is no authority \"%.64s\" here", name);
    }
    filter->authority = issuer->id;
    return true;
}

static bool choose(
    struct rest_call *call, struct listing *listing, struct failure *why)
{
    struct certificate_filter *filter = &listing->filter;

    *listing =
        (struct listing){.call = call, .search = rest_query(call, "search")};
    choose_status(filter, rest_query(call, "status"));
    filter->profile = rest_query(call, "profile");
    return choose_expiring(call, filter, why) &&
           choose_authority(call, filter, why);
}

/* --- the walk ------------------------------------------------------------ */

/* Every row is looked at here, and not by SQL, so that a page has a bound when
 * few of many rows fit. */
static bool passes(
    const struct certificate_filter *filter, const struct certificate_row *row)
{
    return (!filter->by_status || row->status == filter->status) &&
           (!filter->by_end ||
               (row->not_after > filter->not_after_from &&
                   row->not_after <= filter->not_after_until)) &&
           (filter->profile == NULL ||
               strcmp(filter->profile, row->profile) == 0) &&
           (filter->authority == 0 || filter->authority == row->authority);
}

/* What a row's encoding grows to in JSON, about. */
static size_t weight_of(const struct certificate_row *row)
{
    return row->der.length + 512;
}

static bool add_row(struct rest_page *page, const struct certificate_row *row,
    struct failure *why)
{
    RELEASED(facts) facts = {0};

    return facts_read(row->der, row->sealed, &facts, why) &&
           rest_page_add(
               page, certificate_row_to_json(row, &facts), weight_of(row), why);
}

static bool visit(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct listing *listing = context;
    bool is_found = true;

    if (!rest_page_looks(&listing->page, row->id))
        return false;
    if (!passes(&listing->filter, row))
        return true;
    if (listing->search != NULL && !listing->is_indexed &&
        !search_finds(row, listing->search, &is_found, why))
        return false;
    return !is_found || add_row(&listing->page, row, why);
}

static bool visit_number(void *context, int64_t id, struct failure *why)
{
    struct listing *listing = context;

    return store_certificate_by_id(
        listing->call->exchange->store, id, visit, listing, why);
}

static bool walk(struct listing *listing, struct failure *why)
{
    struct exchange *exchange = listing->call->exchange;
    struct certificate_filter rows = {.after_id = listing->page.after};

    listing->is_indexed = exchange->search != NULL;
    if (listing->search != NULL && listing->is_indexed)
        return search_certificates(exchange->search, exchange->store,
            listing->search, listing->page.after, 0, visit_number, listing,
            why);
    if (listing->filter.by_status &&
        listing->filter.status != CERTIFICATE_VALID) {
        rows.by_status = true;
        rows.status = listing->filter.status;
    }
    return store_list_certificates(exchange->store, &rows, visit, listing, why);
}

bool rest_list_certificates(struct rest_call *call, struct failure *why)
{
    struct listing listing;
    bool ok;

    if (!choose(call, &listing, why) ||
        !rest_page_begin(call, &listing.page, why))
        return false;
    ok = (walk(&listing, why) || listing.page.is_full) &&
         rest_page_answer(call, &listing.page, "certificates", why);
    rest_page_free(&listing.page);
    return ok;
}

/* --- one ----------------------------------------------------------------- */

bool rest_find_certificate(struct rest_call *call,
    certificate_visitor *visit_one, void *context, struct failure *why)
{
    struct store *store = call->exchange->store;
    struct serial_number number = {0};

    if (!serial_number_find(store, call->argument, &number, why)) {
        if (why->kind == FAILURE_CONFLICT)
            call->problem.type = "ambiguous";
        return why->kind == FAILURE_MALFORMED
                   ? rest_blame(call, "serial", "hexadecimal", call->argument,
                         "a serial in hexadecimal, of at most 20 bytes")
                   : false;
    }
    return store_certificate_by_serial(
        store, serial_number_view(&number), visit_one, context, why);
}

static bool answer_details(struct rest_call *call,
    const struct certificate_row *row, struct failure *why)
{
    RELEASED(facts) facts = {0};
    SCOPED(json_t) *value = NULL;

    if (!facts_read(row->der, row->sealed, &facts, why))
        return false;
    value = certificate_row_to_json(row, &facts);
    if (value == NULL ||
        json_object_set_new(value, "certificate",
            row->sealed ? certificate_to_json(row->der) : json_null()) != 0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return rest_answer_facts(call, value, why);
}

static bool show_row(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct rest_call *call = context;
    enum rest_form form = FORM_JSON;

    if (!rest_choose_form(call, &form, why))
        return false;
    if (form == FORM_JSON)
        return answer_details(call, row, why);
    if (!row->sealed)
        return fail_because(why, FAILURE_NOT_FOUND,
            "this certificate was never put together: only its draft is here");
    return rest_answer_certificate(call, form, row->der,
        authority_by_id(call->exchange->authority, row->authority), why);
}

bool rest_show_certificate(struct rest_call *call, struct failure *why)
{
    return rest_find_certificate(call, show_row, call, why);
}

/* --- history ------------------------------------------------------------- */

static bool show_history(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct rest_call *call = context;
    struct exchange *exchange = call->exchange;
    SCOPED(json_t) *history = NULL;

    return history_read(
               exchange->search, exchange->store, row, &history, why) &&
           rest_answer_facts(call, history, why);
}

bool rest_show_history(struct rest_call *call, struct failure *why)
{
    return rest_find_certificate(call, show_history, call, why);
}
