#include <string.h>

#include "store/search_parts.h"
#include "store/search_terms.h"

struct filling {
    struct search *search;
    int64_t most;
    int64_t count;
    int64_t certificate; /* the one whose terms are being added */
    struct search_taken taken;
    bool is_full;
};

static bool add(struct search *search, enum search_statement which,
    int64_t segment, struct bytes key, int64_t number, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!search_statement(search, which, &statement, why))
        return false;
    if (!bind_number(statement, 1, segment) || !bind_bytes(statement, 2, key) ||
        !bind_number(statement, 3, number))
        return fail_in_store(&search->file, "add to", why);
    return store_run(&search->file, statement, "add to", why);
}

static bool set_taken(struct search *search, const char *name,
    const struct search_taken *taken, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    const struct bytes hash = {taken->hash, sizeof(taken->hash)};

    if (!search_statement(search, SEARCH_SET_TAKEN, &statement, why))
        return false;
    if (!bind_text(statement, 1, name) ||
        !bind_number(statement, 2, taken->number) ||
        !bind_bytes(statement, 3, hash))
        return fail_in_store(&search->file, "add to", why);
    return store_run(&search->file, statement, "add to", why);
}

/* --- certificates -------------------------------------------------------- */

static bool add_term(void *context, struct bytes term, struct failure *why)
{
    const struct filling *filling = context;

    return add(filling->search, SEARCH_ADD_TERM,
        filling->certificate / SEGMENT_CERTIFICATES, term, filling->certificate,
        why);
}

/* Only the last one's hash is asked for. */
static bool take_certificate(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct filling *filling = context;

    filling->certificate = row->id;
    filling->taken.number = row->id;
    filling->count++;
    if (!search_terms(row, add_term, filling, why))
        return false;
    return filling->count < filling->most ||
           sha256(&row->der, 1, filling->taken.hash, why);
}

static bool hash_certificate(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct search_taken *taken = context;

    return sha256(&row->der, 1, taken->hash, why);
}

static bool take_certificates(
    struct filling *filling, struct store *store, struct failure *why)
{
    struct certificate_filter filter = {.limit = filling->most};

    if (!search_taken(filling->search, TAKEN_CERTIFICATE, &filling->taken, why))
        return false;
    filter.after_id = filling->taken.number;
    if (!store_list_certificates(
            store, &filter, take_certificate, filling, why))
        return false;
    if (filling->count == 0)
        return true;
    filling->is_full = filling->count == filling->most;
    if (!filling->is_full &&
        !store_certificate_by_id(store, filling->taken.number, hash_certificate,
            &filling->taken, why))
        return false;
    return set_taken(filling->search, TAKEN_CERTIFICATE, &filling->taken, why);
}

/* --- events -------------------------------------------------------------- */

/* The walk has no limit: it is ended by a failure that is none. */
static bool take_event(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct filling *filling = context;

    if (filling->count == filling->most) {
        filling->is_full = true;
        return false;
    }
    filling->count++;
    filling->taken.number = event->seq;
    memcpy(filling->taken.hash, event->hash, SHA256_BYTES);
    return add(filling->search, SEARCH_ADD_OBJECT, event->seq / SEGMENT_EVENTS,
        bytes_of_text(event->object), event->seq, why);
}

static bool take_events(
    struct filling *filling, struct store *store, struct failure *why)
{
    if (!search_taken(filling->search, TAKEN_EVENT, &filling->taken, why))
        return false;
    if (!store_list_journal(
            store, filling->taken.number, take_event, filling, why) &&
        !filling->is_full)
        return false;
    return filling->count == 0 ||
           set_taken(filling->search, TAKEN_EVENT, &filling->taken, why);
}

/* --- a transaction ------------------------------------------------------- */

static bool take_both(struct search *search, struct store *store, int64_t most,
    bool *behind, struct failure *why)
{
    struct filling certificates = {.search = search, .most = most};
    struct filling events = {.search = search, .most = most};

    if (!take_certificates(&certificates, store, why) ||
        !take_events(&events, store, why))
        return false;
    *behind = certificates.is_full || events.is_full;
    return true;
}

static bool take_in(struct search *search, struct store *store, int64_t most,
    bool *behind, struct failure *why)
{
    bool is_of = search->is_checked;

    if (!is_of && !search_is_of(search, store, &is_of, why))
        return false;
    if (!is_of && !search_empty(search, why))
        return false;
    search->is_checked = true;
    return store_execute(&search->file, "BEGIN IMMEDIATE", "write to", why) &&
           take_both(search, store, most, behind, why) &&
           store_execute(&search->file, "COMMIT", "commit to", why);
}

/* Its own failures tell nothing new. */
static void roll_back(struct search *search)
{
    struct failure unused = {0};

    if (!sqlite3_get_autocommit(search->file.database))
        (void)!store_execute(&search->file, "ROLLBACK", "roll back", &unused);
}

bool search_take_in(struct search *search, struct store *store, int64_t most,
    bool *behind, struct failure *why)
{
    bool is_damaged;

    if (take_in(search, store, most, behind, why))
        return true;
    is_damaged = search_is_damaged(search);
    roll_back(search);
    if (!is_damaged || search->was_damaged)
        return false;
    search->was_damaged = true;
    *behind = true;
    return search_empty(search, why);
}
