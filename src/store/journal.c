#include "store/store_sqlite.h"

#include <inttypes.h>
#include <string.h>

/* hash before, seq and at_ms, and two parts for each of the four texts */
#define TEXTS 4
#define PARTS (2 + 2 * TEXTS)
#define LENGTH_BYTES 4
#define NUMBER_BYTES 8

#define EVENT_COLUMNS \
    "seq, at_ms, kind, actor, object, detail, hash FROM journal"

static void write_big_endian(uint64_t value, uint8_t *to, size_t bytes)
{
    for (size_t i = bytes; i-- > 0; value >>= 8)
        to[i] = (uint8_t)(value & 0xff);
}

static bool hash_of(const uint8_t before[static SHA256_BYTES], int64_t seq,
    int64_t at_ms, const struct bytes texts[static TEXTS],
    uint8_t hash[static SHA256_BYTES], struct failure *why)
{
    uint8_t numbers[2 * NUMBER_BYTES];
    uint8_t lengths[TEXTS][LENGTH_BYTES];
    struct bytes parts[PARTS] = {
        {.start = before, .length = SHA256_BYTES},
        {.start = numbers, .length = sizeof(numbers)},
    };

    write_big_endian((uint64_t)seq, numbers, NUMBER_BYTES);
    write_big_endian((uint64_t)at_ms, numbers + NUMBER_BYTES, NUMBER_BYTES);
    for (size_t i = 0; i < TEXTS; i++) {
        if (texts[i].length > UINT32_MAX)
            return fail_because(why, FAILURE_UNSUITABLE,
                "a text of the journal is longer than 4 GiB");
        write_big_endian(texts[i].length, lengths[i], LENGTH_BYTES);
        parts[2 + 2 * i] =
            (struct bytes){.start = lengths[i], .length = LENGTH_BYTES};
        parts[3 + 2 * i] = texts[i];
    }
    return sha256(parts, PARTS, hash, why);
}

bool journal_hash(const struct journal_head *head,
    const struct journal_event *event, uint8_t hash[static SHA256_BYTES],
    struct failure *why)
{
    const struct bytes texts[TEXTS] = {bytes_of_text(event->kind),
        bytes_of_text(event->actor), bytes_of_text(event->object),
        bytes_of_text(event->detail)};

    return hash_of(head->hash, head->seq + 1, event->at_ms, texts, hash, why);
}

static bool copy_hash(const struct store *store, struct bytes stored,
    int64_t seq, uint8_t hash[static SHA256_BYTES], struct failure *why)
{
    if (stored.length != SHA256_BYTES)
        return fail_because(why, FAILURE_CONFLICT,
            "event %" PRId64 " of the journal in %s has a hash of %zu bytes",
            seq, store_shown(store), stored.length);
    memcpy(hash, stored.start, SHA256_BYTES);
    return true;
}

static bool read_head(
    struct store *store, struct journal_head *head, struct failure *why)
{
    static const char text[] =
        "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1";
    SCOPED(sqlite3_stmt) *statement = NULL;
    struct journal_head read = {0};
    bool found = false;

    if (!store_statement(
            store, STATEMENT_JOURNAL_HEAD, text, &statement, why) ||
        !store_next(store, statement, "read the journal of", &found, why))
        return false;
    if (found) {
        read.seq = sqlite3_column_int64(statement, 0);
        if (!copy_hash(
                store, column_bytes(statement, 1), read.seq, read.hash, why))
            return false;
    }
    *head = read;
    return true;
}

/* Between transactions the head may move: another connection writes. */
static bool learn_head(struct store *store, struct failure *why)
{
    if (store->head_known)
        return true;
    if (!read_head(store, &store->head, why))
        return false;
    store->head_known = true;
    return true;
}

static bool add_event(struct store *store, const struct journal_event *event,
    const struct journal_head *next, struct failure *why)
{
    static const char text[] =
        "INSERT INTO journal (seq, at_ms, kind, actor, object, detail, hash)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    const struct bytes hash = {.start = next->hash, .length = SHA256_BYTES};
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_statement(store, STATEMENT_JOURNAL, text, &statement, why))
        return false;
    if (!bind_number(statement, 1, next->seq) ||
        !bind_number(statement, 2, event->at_ms) ||
        !bind_text(statement, 3, event->kind) ||
        !bind_text(statement, 4, event->actor) ||
        !bind_text(statement, 5, event->object) ||
        !bind_text(statement, 6, event->detail) ||
        !bind_bytes(statement, 7, hash))
        return fail_in_store(store, "add to the journal of", why);
    return store_run(store, statement, "add to the journal of", why);
}

void store_correct_clock(struct store *store, int64_t milliseconds)
{
    store->clock_correction_ms = milliseconds;
}

bool store_journal(
    struct store *store, const struct journal_event *event, struct failure *why)
{
    struct journal_event timed = *event;
    struct journal_head next;

    if (!store_is_writing(store, why) || !learn_head(store, why))
        return false;
    timed.at_ms += store->clock_correction_ms;
    next.seq = store->head.seq + 1;
    if (!journal_hash(&store->head, &timed, next.hash, why) ||
        !add_event(store, &timed, &next, why))
        return false;
    store->head = next;
    return true;
}

bool store_journal_head(struct store *store, int64_t *seq,
    uint8_t hash[static SHA256_BYTES], struct failure *why)
{
    struct journal_head head;

    if (!read_head(store, &head, why))
        return false;
    *seq = head.seq;
    memcpy(hash, head.hash, SHA256_BYTES);
    return true;
}

static bool walk_from(struct store *store, int64_t first_seq,
    sqlite3_stmt **statement, struct failure *why)
{
    static const char text[] =
        "SELECT " EVENT_COLUMNS " WHERE seq >= ?1 ORDER BY seq";

    if (!store_statement(store, STATEMENT_LIST_JOURNAL, text, statement, why))
        return false;
    if (!bind_number(*statement, 1, first_seq))
        return fail_in_store(store, "read the journal of", why);
    return true;
}

struct visiting {
    struct store *store;
    journal_visitor *visit;
    void *context;
};

static bool show_event(
    sqlite3_stmt *statement, const void *visiting, struct failure *why)
{
    const struct visiting *to = visiting;
    struct journal_event event = {
        .seq = sqlite3_column_int64(statement, 0),
        .at_ms = sqlite3_column_int64(statement, 1),
        .kind = column_text(statement, 2),
        .actor = column_text(statement, 3),
        .object = column_text(statement, 4),
        .detail = column_text(statement, 5),
    };

    return row_is_whole(statement, why) &&
           copy_hash(to->store, column_bytes(statement, 6), event.seq,
               event.hash, why) &&
           to->visit(to->context, &event, why);
}

bool store_list_journal(struct store *store, int64_t after_seq,
    journal_visitor *visit, void *context, struct failure *why)
{
    const struct visiting visiting = {store, visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (after_seq == INT64_MAX)
        return true;
    return walk_from(store, after_seq + 1, &statement, why) &&
           store_walk(store, statement, "read the journal of", show_event,
               &visiting, why);
}

bool store_journal_event(struct store *store, int64_t seq,
    journal_visitor *visit, void *context, struct failure *why)
{
    static const char text[] = "SELECT " EVENT_COLUMNS " WHERE seq = ?1";
    const struct visiting visiting = {store, visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_statement(store, STATEMENT_JOURNAL_EVENT, text, &statement, why))
        return false;
    if (!bind_number(statement, 1, seq))
        return fail_in_store(store, "read the journal of", why);
    if (!store_show_one(store, statement, "read the journal of", &found,
            show_event, &visiting, why))
        return false;
    return found || fail_because(why, FAILURE_NOT_FOUND,
                        "the journal in %s has no event %" PRId64,
                        store_shown(store), seq);
}

static bool check_seq(const struct store *store,
    const struct journal_head *head, int64_t seq, struct failure *why)
{
    if (seq == head->seq + 1)
        return true;
    if (seq <= head->seq)
        return fail_because(why, FAILURE_CONFLICT,
            "event %" PRId64 " of the journal in %s stands before the first",
            seq, store_shown(store));
    return fail_because(why, FAILURE_CONFLICT,
        "event %" PRId64 " of the journal in %s is missing: %" PRId64
        " follows %" PRId64,
        head->seq + 1, store_shown(store), seq, head->seq);
}

/* The lengths come from the database: a text edited to hold a zero is read
 * whole. */
static bool check_event(const struct store *store, sqlite3_stmt *statement,
    struct journal_head *head, struct failure *why)
{
    int64_t seq = sqlite3_column_int64(statement, 0);
    struct bytes texts[TEXTS];
    struct journal_head computed = {.seq = seq};
    uint8_t stored[SHA256_BYTES];

    if (!check_seq(store, head, seq, why) ||
        !copy_hash(store, column_bytes(statement, 6), seq, stored, why))
        return false;
    for (int i = 0; i < TEXTS; i++)
        texts[i] = column_bytes(statement, 2 + i);
    if (!hash_of(head->hash, seq, sqlite3_column_int64(statement, 1), texts,
            computed.hash, why))
        return false;
    if (memcmp(computed.hash, stored, SHA256_BYTES) != 0)
        return fail_because(why, FAILURE_CONFLICT,
            "event %" PRId64 " of the journal in %s does not fit the chain: it "
            "or an event before it was changed",
            seq, store_shown(store));
    *head = computed;
    return true;
}

bool store_follow_journal(struct store *store, journal_visitor *visit,
    void *context, int64_t *events, struct failure *why)
{
    const struct visiting visiting = {store, visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;
    struct journal_head head = {0};
    bool found = false;

    if (!walk_from(store, INT64_MIN, &statement, why))
        return false;
    for (;;) {
        if (!store_next(store, statement, "read the journal of", &found, why))
            return false;
        if (!found)
            break;
        if (!check_event(store, statement, &head, why) ||
            (visit != NULL && !show_event(statement, &visiting, why)))
            return false;
    }
    *events = head.seq;
    return true;
}

bool store_check_journal(
    struct store *store, int64_t *events, struct failure *why)
{
    return store_follow_journal(store, NULL, NULL, events, why);
}
