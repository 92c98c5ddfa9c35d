#include <string.h>

#include "store/search_parts.h"
#include "store/search_terms.h"

/* Everything up to `last` is dealt with, from the index or from the store. */
struct walk {
    struct search *search;
    struct store *store;
    search_visitor *visit;
    void *context;
    int64_t last;
    int64_t room; /* how many may still be visited */
    bool is_full;
    const struct search_query *query;
    const char *object;
};

static bool visit_number(struct walk *walk, int64_t number, struct failure *why)
{
    walk->last = number;
    if (!walk->visit(walk->context, number, why))
        return false;
    walk->is_full = --walk->room == 0;
    return true;
}

/* --- reading the index --------------------------------------------------- */

/* One state of it from the first segment to the last.  *taken is 0 where it
 * can't be read, or is of another store. */
static void begin_reading(struct walk *walk, const char *name, int64_t *taken)
{
    struct search *search = walk->search;
    struct search_taken found = {0};
    struct failure unread = {0};

    *taken = 0;
    if (search == NULL ||
        !store_execute(&search->file, "BEGIN", "search", &unread))
        return;
    if ((search->is_checked ||
            search_is_of(search, walk->store, &search->is_checked, &unread)) &&
        search->is_checked && search_taken(search, name, &found, &unread))
        *taken = found.number;
}

static void end_reading(struct walk *walk)
{
    struct failure unused = {0};

    if (walk->search != NULL &&
        !sqlite3_get_autocommit(walk->search->file.database))
        (void)!store_execute(&walk->search->file, "COMMIT", "search", &unused);
}

/* --- certificates -------------------------------------------------------- */

struct marks {
    int64_t first; /* id of the first bit */
    uint8_t bits[SEGMENT_CERTIFICATES / 8];
};

/* The first that is not a beginning of the prefix: a kind is never 0xff. */
static struct search_prefix after_prefix(const struct search_prefix *prefix)
{
    struct search_prefix next = *prefix;

    while (next.bytes[next.length - 1] == 0xff)
        next.length--;
    next.bytes[next.length - 1]++;
    return next;
}

static bool mark_prefix(struct search *search,
    const struct search_prefix *prefix, struct marks *marks,
    struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    const struct search_prefix next = after_prefix(prefix);
    bool found = false;

    if (!search_statement(search, SEARCH_FIND_TERMS, &statement, why))
        return false;
    if (!bind_number(statement, 1, marks->first / SEGMENT_CERTIFICATES) ||
        !bind_bytes(
            statement, 2, (struct bytes){prefix->bytes, prefix->length}) ||
        !bind_bytes(statement, 3, (struct bytes){next.bytes, next.length}))
        return fail_in_store(&search->file, "search", why);
    for (;;) {
        int64_t bit;

        if (!store_next(&search->file, statement, "search", &found, why))
            return false;
        if (!found)
            return true;
        bit = sqlite3_column_int64(statement, 0) - marks->first;
        if (bit >= 0 && bit < SEGMENT_CERTIFICATES)
            marks->bits[bit / 8] |= (uint8_t)(1u << (bit % 8));
    }
}

static bool mark_segment(
    struct walk *walk, struct marks *marks, struct failure *why)
{
    for (size_t i = 0; i < walk->query->count; i++) {
        if (!mark_prefix(walk->search, &walk->query->prefixes[i], marks, why))
            return false;
    }
    return true;
}

static bool visit_marks(struct walk *walk, const struct marks *marks,
    int64_t taken, struct failure *why)
{
    for (int64_t bit = 0; bit < SEGMENT_CERTIFICATES && !walk->is_full; bit++) {
        int64_t id = marks->first + bit;

        if ((marks->bits[bit / 8] & 1u << (bit % 8)) == 0 || id <= walk->last ||
            id > taken)
            continue;
        if (!visit_number(walk, id, why))
            return false;
    }
    return true;
}

/* An index that can't be read ends this walk; the rows take it up. */
static bool walk_segments(struct walk *walk, int64_t taken, struct failure *why)
{
    int64_t segment = walk->last / SEGMENT_CERTIFICATES;

    for (; segment <= taken / SEGMENT_CERTIFICATES; segment++) {
        struct marks marks = {.first = segment * SEGMENT_CERTIFICATES};
        struct failure unread = {0};
        int64_t end = marks.first + SEGMENT_CERTIFICATES - 1;

        if (!mark_segment(walk, &marks, &unread))
            return true;
        if (!visit_marks(walk, &marks, taken, why))
            return false;
        if (walk->is_full)
            return true;
        end = end < taken ? end : taken;
        walk->last = walk->last > end ? walk->last : end;
    }
    return true;
}

struct match {
    const struct search_query *query;
    bool is_found;
};

static bool compare_term(void *context, struct bytes term, struct failure *why)
{
    struct match *match = context;

    (void)why;
    for (size_t i = 0; i < match->query->count; i++) {
        const struct search_prefix *prefix = &match->query->prefixes[i];

        if (term.length >= prefix->length &&
            memcmp(term.start, prefix->bytes, prefix->length) == 0)
            match->is_found = true;
    }
    return true;
}

static bool is_match(const struct certificate_row *row,
    const struct search_query *query, bool *found, struct failure *why)
{
    struct match match = {.query = query};

    if (!search_terms(row, compare_term, &match, why))
        return false;
    *found = match.is_found;
    return true;
}

bool search_finds(const struct certificate_row *row, const char *text,
    bool *finds, struct failure *why)
{
    struct search_query query = {0};

    search_query_read(text, &query);
    return is_match(row, &query, finds, why);
}

static bool visit_row(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct walk *walk = context;
    bool found = false;

    if (!is_match(row, walk->query, &found, why))
        return false;
    if (found && !visit_number(walk, row->id, why))
        return false;
    return !walk->is_full;
}

static bool walk_rows(struct walk *walk, struct failure *why)
{
    const struct certificate_filter filter = {.after_id = walk->last};

    return walk->is_full ||
           store_list_certificates(
               walk->store, &filter, visit_row, walk, why) ||
           walk->is_full;
}

bool search_certificates(struct search *search, struct store *store,
    const char *text, int64_t after_id, int64_t limit, search_visitor *visit,
    void *context, struct failure *why)
{
    struct search_query query = {0};
    struct walk walk = {.search = search,
        .store = store,
        .visit = visit,
        .context = context,
        .last = after_id > 0 ? after_id : 0,
        .room = limit,
        .query = &query};
    int64_t taken = 0;
    bool is_done;

    search_query_read(text, &query);
    if (query.count == 0)
        return true;
    begin_reading(&walk, TAKEN_CERTIFICATE, &taken);
    is_done = taken == 0 || walk_segments(&walk, taken, why);
    end_reading(&walk);
    return is_done && walk_rows(&walk, why);
}

/* --- events -------------------------------------------------------------- */

/* *is_read: the segment is dealt with. */
static bool visit_objects(
    struct walk *walk, int64_t segment, bool *is_read, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    struct store *file = &walk->search->file;
    struct failure unread = {0};
    bool found = false;

    *is_read = false;
    if (!search_statement(
            walk->search, SEARCH_FIND_OBJECT, &statement, &unread) ||
        !bind_number(statement, 1, segment) ||
        !bind_bytes(statement, 2, bytes_of_text(walk->object)) ||
        !bind_number(statement, 3, walk->last))
        return true;
    while (store_next(file, statement, "search", &found, &unread)) {
        *is_read = !found;
        if (!found)
            return true;
        if (!visit_number(walk, sqlite3_column_int64(statement, 0), why))
            return false;
    }
    return true;
}

static bool walk_objects(struct walk *walk, int64_t taken, struct failure *why)
{
    for (int64_t segment = 0; segment <= taken / SEGMENT_EVENTS; segment++) {
        bool is_read = false;

        if (!visit_objects(walk, segment, &is_read, why))
            return false;
        if (!is_read)
            return true;
    }
    walk->last = walk->last > taken ? walk->last : taken;
    return true;
}

static bool visit_event(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct walk *walk = context;

    return strcmp(event->object, walk->object) != 0 ||
           visit_number(walk, event->seq, why);
}

bool search_events(struct search *search, struct store *store,
    const char *object, search_visitor *visit, void *context,
    struct failure *why)
{
    struct walk walk = {.search = search,
        .store = store,
        .visit = visit,
        .context = context,
        .object = object};
    int64_t taken = 0;
    bool is_done;

    begin_reading(&walk, TAKEN_EVENT, &taken);
    is_done = taken == 0 || walk_objects(&walk, taken, why);
    end_reading(&walk);
    return is_done &&
           store_list_journal(store, walk.last, visit_event, &walk, why);
}
