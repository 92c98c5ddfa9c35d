#include "fixture.h"

#define EVENTS 12
#define PLACES 40

static void fill_journal(struct fixture *fixture, uint32_t events)
{
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (uint32_t i = 1; i <= events; i++)
        assert_done(fixture, journal_issued(fixture->store, i, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

static void tamper(struct fixture *fixture, const char *text)
{
    char *problem = NULL;

    if (sqlite3_exec(fixture->store->database, text, NULL, NULL, &problem) !=
        SQLITE_OK)
        fail_msg("%s: %s", text, problem);
}

/* Is the journal refused, and as the one sentence says that we wait for? */
static void assert_refused(struct fixture *fixture, const char *words)
{
    int64_t events = -1;

    assert_false(store_check_journal(fixture->store, &events, &fixture->why));
    assert_int_equal(fixture->why.kind, FAILURE_CONFLICT);
    if (strstr(fixture->why.reason, words) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", fixture->why.reason, words);
    assert_int_equal(events, -1);
}

static void assert_whole(struct fixture *fixture, int64_t wanted)
{
    int64_t events = -1;

    assert_done(
        fixture, store_check_journal(fixture->store, &events, &fixture->why));
    assert_int_equal(events, wanted);
}

static void an_empty_journal_is_whole_and_its_head_is_zero(void **state)
{
    static const uint8_t zeros[SHA256_BYTES];
    struct fixture *fixture = *state;
    uint8_t hash[SHA256_BYTES] = {1};
    int64_t seq = 9;

    assert_whole(fixture, 0);
    assert_done(
        fixture, store_journal_head(fixture->store, &seq, hash, &fixture->why));
    assert_int_equal(seq, 0);
    assert_memory_equal(hash, zeros, sizeof(zeros));
}

/* The layout of the header, written out by hand. */
static void the_hash_is_of_exactly_the_bytes_the_header_says(void **state)
{
    static const uint8_t layout[] = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0,                         /* the hash before */
        0, 0, 0, 0, 0, 0, 0, 1,                         /* seq */
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, /* at_ms = -2 */
        0, 0, 0, 6, 'i', 's', 's', 'u', 'e', 'd',       /* kind */
        0, 0, 0, 1, 'a',                                /* actor */
        0, 0, 0, 0,                                     /* object */
        0, 0, 0, 2, '{', '}',                           /* detail */
    };
    const struct bytes whole = {.start = layout, .length = sizeof(layout)};
    const struct journal_event event = {.at_ms = -2,
        .kind = "issued",
        .actor = "a",
        .object = "",
        .detail = "{}"};
    struct fixture *fixture = *state;
    uint8_t wanted[SHA256_BYTES];
    uint8_t hash[SHA256_BYTES];
    int64_t seq = 0;

    assert_done(fixture, sha256(&whole, 1, wanted, &fixture->why));
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture, store_journal(fixture->store, &event, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_done(
        fixture, store_journal_head(fixture->store, &seq, hash, &fixture->why));
    assert_int_equal(seq, 1);
    assert_memory_equal(hash, wanted, sizeof(hash));
}

struct walk {
    int64_t seq;
    uint8_t hash[SHA256_BYTES];
};

static bool follow(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct walk *walk = context;

    (void)why;
    assert_int_equal(event->seq, walk->seq + 1);
    assert_int_equal(event->at_ms, 1700000000123);
    assert_string_equal(event->kind, "issued");
    assert_string_equal(event->actor, "cli:alice");
    assert_string_equal(event->detail, "{\"profile\":\"server\"}");
    assert_int_equal(strtol(event->object, NULL, 16), event->seq);
    walk->seq = event->seq;
    memcpy(walk->hash, event->hash, SHA256_BYTES);
    return true;
}

static void events_are_listed_from_where_one_left_off(void **state)
{
    struct fixture *fixture = *state;
    struct walk walk = {.seq = 4};
    uint8_t hash[SHA256_BYTES];
    int64_t seq = 0;

    fill_journal(fixture, EVENTS);
    assert_done(fixture,
        store_list_journal(fixture->store, 4, follow, &walk, &fixture->why));
    assert_int_equal(walk.seq, EVENTS);
    assert_done(
        fixture, store_journal_head(fixture->store, &seq, hash, &fixture->why));
    assert_int_equal(seq, EVENTS);
    assert_memory_equal(hash, walk.hash, sizeof(hash));
}

static bool compare_event(
    void *context, const struct journal_event *event, struct failure *why)
{
    (void)context;
    (void)why;
    assert_int_equal(event->seq, 2);
    assert_string_equal(event->kind, "issued");
    return true;
}

static void an_event_is_found_by_its_number(void **state)
{
    struct fixture *fixture = *state;

    fill_journal(fixture, 3);
    assert_done(fixture, store_journal_event(fixture->store, 2, compare_event,
                             NULL, &fixture->why));
    for (int64_t seq = 0; seq <= 4; seq += 4) {
        assert_false(store_journal_event(
            fixture->store, seq, compare_event, NULL, &fixture->why));
        assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
    }
}

static void the_chain_goes_on_where_a_roll_back_left_it(void **state)
{
    struct fixture *fixture = *state;

    fill_journal(fixture, 2);
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    for (uint32_t i = 7; i < 10; i++)
        assert_done(fixture, journal_issued(fixture->store, i, &fixture->why));
    store_roll_back(fixture->store);
    fill_journal(fixture, 2);
    assert_whole(fixture, 4);
}

static void the_chain_goes_on_behind_another_connections_events(void **state)
{
    struct fixture *fixture = *state;
    struct fixture other = {0};

    assert_done(&other,
        store_open(fixture->path, STORE_WRITE, &other.store, &other.why));
    for (int i = 0; i < 3; i++) {
        fill_journal(fixture, 2);
        fill_journal(&other, 1);
    }
    store_close(other.store);
    assert_whole(fixture, 9);
}

static void an_event_that_fails_leaves_no_gap(void **state)
{
    struct fixture *fixture = *state;

    fill_journal(fixture, 1);
    tamper(fixture, "CREATE TRIGGER t BEFORE INSERT ON journal"
                    " WHEN new.object = '00000007'"
                    " BEGIN SELECT raise(ABORT, 'no'); END");
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_false(journal_issued(fixture->store, 7, &fixture->why));
    assert_done(fixture, journal_issued(fixture->store, 8, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_whole(fixture, 2);
}

static void properties40_a_deleted_event_is_named_wherever_it_stood(
    void **state)
{
    struct fixture *fixture = *state;
    char text[64];
    char words[64];

    fill_journal(fixture, EVENTS);
    for (int seq = 1; seq < EVENTS; seq++) {
        tamper(fixture, "BEGIN");
        (void)snprintf(
            text, sizeof(text), "DELETE FROM journal WHERE seq = %d", seq);
        tamper(fixture, text);
        (void)snprintf(words, sizeof(words), "event %d of the journal", seq);
        assert_refused(fixture, words);
        assert_non_null(strstr(fixture->why.reason, "is missing"));
        tamper(fixture, "ROLLBACK");
    }
    assert_whole(fixture, EVENTS);
}

static void properties40_an_edited_column_is_named_wherever_it_stood(
    void **state)
{
    static const char *const edits[] = {"at_ms = at_ms + 1", "kind = 'Issued'",
        "actor = 'cli:mallory'", "object = object || char(0)", "detail = ''",
        "actor = actor || 'x', object = substr(object, 2)",
        "actor = object, object = actor", "hash = zeroblob(32)"};
    struct fixture *fixture = *state;
    char text[128];
    char words[64];

    fill_journal(fixture, EVENTS);
    for (int place = 0; place < PLACES; place++) {
        int seq = 1 + place % EVENTS;
        size_t edit = (size_t)place % (sizeof(edits) / sizeof(*edits));

        tamper(fixture, "BEGIN");
        (void)snprintf(text, sizeof(text), "UPDATE journal SET %s WHERE seq=%d",
            edits[edit], seq);
        tamper(fixture, text);
        (void)snprintf(words, sizeof(words), "event %d of the journal", seq);
        assert_refused(fixture, words);
        tamper(fixture, "ROLLBACK");
    }
    assert_whole(fixture, EVENTS);
}

static void properties40_reordered_events_are_named(void **state)
{
    struct fixture *fixture = *state;
    char text[160];
    char words[64];

    fill_journal(fixture, EVENTS);
    for (int seq = 1; seq < EVENTS; seq++) {
        tamper(fixture, "BEGIN");
        (void)snprintf(text, sizeof(text),
            "UPDATE journal SET seq = -1 WHERE seq = %d;"
            "UPDATE journal SET seq = %d WHERE seq = %d;"
            "UPDATE journal SET seq = %d WHERE seq = -1",
            seq, seq, seq + 1, seq + 1);
        tamper(fixture, text);
        (void)snprintf(words, sizeof(words), "event %d of the journal", seq);
        assert_refused(fixture, words);
        tamper(fixture, "ROLLBACK");
    }
}

static void properties40_an_event_edited_with_its_hash_breaks_the_next(
    void **state)
{
    struct fixture *fixture = *state;
    struct journal_head head = {0};
    const struct journal_event forged = {.at_ms = 5,
        .kind = "issued",
        .actor = "nobody",
        .object = "",
        .detail = ""};
    uint8_t hash[SHA256_BYTES];
    sqlite3_stmt *statement = NULL;

    fill_journal(fixture, EVENTS);
    assert_done(fixture, journal_hash(&head, &forged, hash, &fixture->why));
    assert_int_equal(sqlite3_prepare_v2(fixture->store->database,
                         "UPDATE journal SET at_ms = 5, actor = 'nobody',"
                         " object = '', detail = '', hash = ?1 WHERE seq = 1",
                         -1, &statement, NULL),
        SQLITE_OK);
    assert_true(bind_bytes(
        statement, 1, (struct bytes){.start = hash, .length = sizeof(hash)}));
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    (void)sqlite3_finalize(statement);
    assert_refused(fixture, "event 2 of the journal");
}

static void properties40_an_event_put_before_the_first_is_named(void **state)
{
    static const char *const numbers[] = {"0", "-3", "-9223372036854775808"};
    struct fixture *fixture = *state;
    char text[160];
    char words[64];

    fill_journal(fixture, 2);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        tamper(fixture, "BEGIN");
        (void)snprintf(text, sizeof(text),
            "INSERT INTO journal SELECT %s, at_ms, kind, actor, object,"
            " detail, hash FROM journal WHERE seq = 1",
            numbers[i]);
        tamper(fixture, text);
        (void)snprintf(
            words, sizeof(words), "event %s of the journal", numbers[i]);
        assert_refused(fixture, words);
        tamper(fixture, "ROLLBACK");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_with_store(an_empty_journal_is_whole_and_its_head_is_zero),
        test_with_store(the_hash_is_of_exactly_the_bytes_the_header_says),
        test_with_store(events_are_listed_from_where_one_left_off),
        test_with_store(an_event_is_found_by_its_number),
        test_with_store(the_chain_goes_on_where_a_roll_back_left_it),
        test_with_store(the_chain_goes_on_behind_another_connections_events),
        test_with_store(an_event_that_fails_leaves_no_gap),
        test_with_store(
            properties40_a_deleted_event_is_named_wherever_it_stood),
        test_with_store(
            properties40_an_edited_column_is_named_wherever_it_stood),
        test_with_store(properties40_reordered_events_are_named),
        test_with_store(
            properties40_an_event_edited_with_its_hash_breaks_the_next),
        test_with_store(properties40_an_event_put_before_the_first_is_named),
    };

    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
