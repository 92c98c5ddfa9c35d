#include "authority/query.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/store_requests.h"
#include "x509/certificate.h"

/* --- patterns ------------------------------------------------------------ */

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

/* Goes back to the last star alone: time is at most the product of both
 * lengths. */
bool query_matches(const char *pattern, struct bytes text)
{
    const char *star = NULL;
    size_t at = 0;
    size_t from = 0;

    while (at < text.length) {
        if (*pattern == '*') {
            star = pattern++;
            from = at;
        } else if (*pattern != '\0' &&
                   lower((uint8_t)*pattern) == lower(text.start[at])) {
            pattern++;
            at++;
        } else if (star != NULL) {
            pattern = star + 1;
            at = ++from;
        } else
            return false;
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static bool has_form(const struct query_term *term, const char *text)
{
    return query_matches(term->text, bytes_of_text(text));
}

/* --- authorities --------------------------------------------------------- */

#define AUTHORITIES_MAX 64
#define NAME_ROOM 64

struct names_of_authorities {
    int64_t ids[AUTHORITIES_MAX];
    char names[AUTHORITIES_MAX][NAME_ROOM];
    size_t count;
};

static bool take_authority(
    void *context, const struct authority_row *row, struct failure *why)
{
    struct names_of_authorities *known = context;

    if (known->count == AUTHORITIES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE, "more than %d authorities",
            AUTHORITIES_MAX);
    known->ids[known->count] = row->id;
    (void)snprintf(known->names[known->count++], NAME_ROOM, "%s", row->name);
    return true;
}

static const char *name_of_authority(
    const struct names_of_authorities *known, int64_t id)
{
    for (size_t i = 0; i < known->count; i++) {
        if (known->ids[i] == id)
            return known->names[i];
    }
    return "";
}

/* A name with a slip of the pen would find nothing, and say so as if there
 * were nothing to revoke. */
static bool check_authorities(const struct query *query,
    const struct names_of_authorities *known, struct failure *why)
{
    for (size_t i = 0; i < query->count; i++) {
        const struct query_term *term = &query->terms[i];
        bool is_known = term->field != QUERY_AUTHORITY;

        for (size_t j = 0; !is_known && j < known->count; j++)
            is_known = has_form(term, known->names[j]);
        if (!is_known)
            return fail_because(why, FAILURE_NOT_FOUND,
                "there is no authority \"%.60s\"", term->text);
    }
    return true;
}

/* --- names of a certificate ---------------------------------------------- */

static bool general_name_has_form(const struct query_term *term,
    const struct general_name *name, bool *matches, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("a name as text", CERTIFICATE_MAX * 4);
    struct bytes shown;
    const uint8_t *colon;

    if (!general_name_print(name, &text, why))
        return false;
    shown = buffer_view(&text);
    colon = memchr(shown.start, ':', shown.length);
    *matches = query_matches(term->text, shown);
    if (*matches || colon == NULL)
        return true;
    colon++;
    shown.length -= (size_t)(colon - shown.start);
    shown.start = colon;
    *matches = query_matches(term->text, shown);
    return true;
}

static bool alternative_has_form(const struct query_term *term,
    struct der_reader extensions, bool *matches, struct failure *why)
{
    struct extension found = {0};
    struct der_reader names = {0};
    bool is_there = false;

    if (!extensions_find(
            extensions, OID_SUBJECT_ALT_NAME, &found, &is_there, why))
        return false;
    if (!is_there)
        return true;
    if (!extension_general_names(found.value, &names, why))
        return false;
    while (!*matches && !der_at_end(&names)) {
        struct general_name name = {0};

        if (!general_name_next(&names, &name, why) ||
            !general_name_has_form(term, &name, matches, why))
            return false;
    }
    return true;
}

static bool common_name_has_form(const struct query_term *term,
    struct bytes subject, bool *matches, struct failure *why)
{
    struct name_walk walk = {0};

    if (!name_walk_start(subject, &walk, why))
        return false;
    while (!*matches && !name_walk_at_end(&walk)) {
        RELEASED(buffer) text = BUFFER("a common name", CERTIFICATE_MAX * 4);
        struct name_attribute attribute = {0};

        if (!name_walk_next(&walk, &attribute, why))
            return false;
        if (attribute.type != OID_COMMON_NAME)
            continue;
        if (!name_attribute_append_text(&attribute, &text, why))
            return false;
        *matches = query_matches(term->text, buffer_view(&text));
    }
    return true;
}

static bool subject_has_form(const struct query_term *term,
    struct bytes subject, bool *matches, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("a subject", CERTIFICATE_MAX * 4);

    if (!name_print(subject, &text, why))
        return false;
    *matches = query_matches(term->text, buffer_view(&text));
    return true;
}

static bool name_has_form(const struct query_term *term,
    const struct tbs_certificate *tbs, bool *matches, struct failure *why)
{
    *matches = false;
    return alternative_has_form(term, tbs->extensions, matches, why) &&
           (*matches ||
               common_name_has_form(term, tbs->subject, matches, why)) &&
           (*matches || subject_has_form(term, tbs->subject, matches, why));
}

/* --- rows ---------------------------------------------------------------- */

struct walking {
    struct store *store;
    struct query_walk *walk;
    struct names_of_authorities known;
    certificate_visitor *visit;
    void *context;
};

struct approvers {
    const struct query_term *term;
    bool matches;
};

static bool take_approver(void *context, const char *who, const char *actor,
    int64_t at, struct failure *why)
{
    struct approvers *approvers = context;

    (void)at;
    (void)why;
    approvers->matches = approvers->matches ||
                         has_form(approvers->term, actor) ||
                         has_form(approvers->term, who);
    return true;
}

static bool approver_has_form(const struct walking *walking,
    const struct query_term *term, int64_t request, bool *matches,
    struct failure *why)
{
    struct approvers approvers = {.term = term};

    *matches = false;
    if (request == 0)
        return true;
    if (!store_list_approvals(
            walking->store, request, take_approver, &approvers, why))
        return false;
    *matches = approvers.matches;
    return true;
}

static const char *status_of(const struct certificate_row *row)
{
    if (row->status != CERTIFICATE_VALID)
        return row->status == CERTIFICATE_HELD ? "held" : "revoked";
    return row->not_after < clock_now() ? "expired" : "valid";
}

/* A draft that was never sealed has no outer form: it is read as what it is. */
static bool read_body(const struct certificate_row *row,
    struct tbs_certificate *tbs, struct failure *why)
{
    struct certificate certificate = {0};

    if (!row->sealed)
        return tbs_certificate_read(row->der, tbs, why);
    if (!certificate_read(row->der, &certificate, why))
        return false;
    *tbs = certificate.tbs;
    return true;
}

static bool name_of_row_has_form(const struct query_term *term,
    const struct certificate_row *row, bool *matches, struct failure *why)
{
    struct tbs_certificate tbs = {0};

    return read_body(row, &tbs, why) && name_has_form(term, &tbs, matches, why);
}

static bool is_between(const struct query_term *term, int64_t time)
{
    return time >= term->from && time <= term->until;
}

static bool term_matches(const struct walking *walking,
    const struct query_term *term, const struct certificate_row *row,
    bool *matches, struct failure *why)
{
    char serial[SERIAL_TEXT];

    switch (term->field) {
    case QUERY_PROFILE:
        *matches = has_form(term, row->profile);
        return true;
    case QUERY_NAME:
        return name_of_row_has_form(term, row, matches, why);
    case QUERY_ACTOR:
        *matches = has_form(term, row->actor);
        return true;
    case QUERY_APPROVER:
        return approver_has_form(walking, term, row->request, matches, why);
    case QUERY_AUTHORITY:
        *matches =
            has_form(term, name_of_authority(&walking->known, row->authority));
        return true;
    case QUERY_SERIAL:
        serial_print(row->serial, serial);
        *matches = has_form(term, serial);
        return true;
    case QUERY_STATUS:
        *matches = has_form(term, status_of(row));
        return true;
    case QUERY_ISSUED:
        *matches = is_between(term, row->issued_at);
        return true;
    case QUERY_NOT_AFTER:
        *matches = is_between(term, row->not_after);
        return true;
    }
    return fail_because(why, FAILURE_INTERNAL, "a query has no such field");
}

static bool row_matches(const struct walking *walking,
    const struct certificate_row *row, bool *matches, struct failure *why)
{
    const struct query *query = walking->walk->query;

    *matches = true;
    for (size_t i = 0; *matches && i < query->count; i++) {
        if (!term_matches(walking, &query->terms[i], row, matches, why))
            return false;
        *matches = *matches != query->terms[i].is_not;
    }
    return true;
}

static bool is_of_authority(
    const struct certificate_row *row, bool *is, struct failure *why)
{
    struct tbs_certificate tbs = {0};
    struct basic_constraints basic = {0};
    struct extension found = {0};
    bool is_there = false;

    if (!read_body(row, &tbs, why) ||
        !extensions_find(
            tbs.extensions, OID_BASIC_CONSTRAINTS, &found, &is_there, why) ||
        (is_there && !extension_basic_constraints(found.value, &basic, why)))
        return false;
    *is = basic.is_authority;
    return true;
}

static bool take_found(struct walking *walking,
    const struct certificate_row *row, struct failure *why)
{
    struct query_walk *walk = walking->walk;
    bool is_authority = false;

    if (walk->to_revoke && !is_of_authority(row, &is_authority, why))
        return false;
    if (is_authority) {
        walk->authorities_left_out++;
        return true;
    }
    walk->found++;
    return walking->visit(walking->context, row, why);
}

/* False without a reason ends the store's walk: query_walk tells it by
 * has_reached. */
static bool take_row(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct walking *walking = context;
    struct query_walk *walk = walking->walk;
    bool matches = false;

    if (walk->until_id != 0 && row->id > walk->until_id)
        return false;
    if ((walk->limit != 0 && walk->found == walk->limit)) {
        walk->has_reached = false;
        return false;
    }
    if ((!walk->to_revoke || row->status != CERTIFICATE_REVOKED) &&
        (!row_matches(walking, row, &matches, why) ||
            (matches && !take_found(walking, row, why))))
        return false;
    walk->last_id = row->id;
    return true;
}

/* --- the store's filter -------------------------------------------------- */

static bool is_exact(const struct query_term *term)
{
    return !term->is_not && strchr(term->text, '*') == NULL;
}

static void narrow(int64_t *from, int64_t *until, const struct query_term *term)
{
    if (term->from > *from)
        *from = term->from;
    if (term->until < *until)
        *until = term->until;
}

/* Only what the store can leave out early; each row is tested all the same. */
static struct certificate_filter filter_of(const struct query_walk *walk)
{
    struct certificate_filter filter = {.after_id = walk->after_id};
    int64_t issued_from = INT64_MIN;
    int64_t issued_until = INT64_MAX;

    for (size_t i = 0; i < walk->query->count; i++) {
        const struct query_term *term = &walk->query->terms[i];

        if (term->field == QUERY_ISSUED)
            narrow(&issued_from, &issued_until, term);
        if (term->field == QUERY_STATUS && is_exact(term) &&
            strcmp(term->text, "held") == 0) {
            filter.by_status = true;
            filter.status = CERTIFICATE_HELD;
        }
    }
    filter.issued_from = issued_from > 0 ? issued_from : 0;
    filter.issued_until = issued_until < INT64_MAX ? issued_until : 0;
    return filter;
}

bool query_walk(struct store *store, struct query_walk *walk,
    certificate_visitor *visit, void *context, struct failure *why)
{
    struct walking walking = {
        .store = store, .walk = walk, .visit = visit, .context = context};
    const struct certificate_filter filter = filter_of(walk);

    walk->found = 0;
    walk->authorities_left_out = 0;
    walk->last_id = walk->after_id;
    walk->has_reached = true;
    *why = (struct failure){0};
    if (!store_list_authorities(store, take_authority, &walking.known, why) ||
        !check_authorities(walk->query, &walking.known, why))
        return false;
    return store_list_certificates(store, &filter, take_row, &walking, why) ||
           why->kind == FAILURE_NONE;
}
