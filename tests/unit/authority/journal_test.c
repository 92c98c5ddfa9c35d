#include "decisions_fixture.h"

#include "authority/event.h"
#include "authority/journal.h"
#include "base/json.h"

/* --- the kinds ----------------------------------------------------------- */

static void properties39_every_kind_has_one_name_and_a_meaning(void **state)
{
    (void)state;
    for (int i = 0; i < EVENT_KINDS; i++) {
        enum event_kind kind = EVENT_KINDS;

        assert_non_null(event_name((enum event_kind)i));
        assert_true(event_meaning((enum event_kind)i)[0] != '\0');
        /* A second of this name would be found as the first. */
        assert_true(event_named(event_name((enum event_kind)i), &kind));
        assert_int_equal(kind, i);
    }
    assert_false(event_named("nothing", &(enum event_kind){0}));
}

static bool take_detail(
    void *context, const struct journal_event *event, struct failure *why)
{
    (void)why;
    (void)snprintf(
        context, 400, "%s %s %s", event->actor, event->object, event->detail);
    return true;
}

static void properties39_every_kind_tells_actor_object_outcome_reason_request(
    void **state)
{
    struct fixture *fixture = *state;
    const struct caller caller = administrator();
    struct failure refusal = {0};

    (void)fail_because(&refusal, FAILURE_FORBIDDEN, "no \"one\" may");
    for (int i = 0; i < EVENT_KINDS; i++) {
        const struct event event = {.kind = (enum event_kind)i,
            .caller = &caller,
            .object = "thing",
            .request = "abc",
            .refusal = i % 2 == 0 ? NULL : &refusal,
            .more = json_pack("{s:s}", "profile", "server")};
        char told[400];

        assert_done(fixture, store_begin(fixture->store, &fixture->why));
        assert_done(
            fixture, journal_event(fixture->store, &event, &fixture->why));
        assert_done(fixture, store_commit(fixture->store, &fixture->why));
        assert_done(fixture, store_journal_event(fixture->store, i + 1,
                                 take_detail, told, &fixture->why));
        assert_string_equal(told,
            i % 2 == 0 ? "uid:0 thing {\"outcome\":\"done\",\"request\":\"abc\""
                         ",\"door\":\"control\",\"profile\":\"server\"}"
                       : "uid:0 thing {\"outcome\":\"refused\",\"reason\":"
                         "\"no \\\"one\\\" may\",\"request\":\"abc\",\"door\":"
                         "\"control\",\"profile\":\"server\"}");
    }
}

/* --- the moment ---------------------------------------------------------- */

struct tally {
    enum event_kind kind;
    int count;
    int64_t last_ms;
};

static bool count_kind(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct tally *tally = context;

    (void)why;
    tally->count += strcmp(event->kind, event_name(tally->kind)) == 0;
    tally->last_ms = event->at_ms;
    return true;
}

static struct tally tally_of(struct fixture *fixture, enum event_kind kind)
{
    struct tally tally = {.kind = kind};

    assert_done(fixture, store_list_journal(fixture->store, 0, count_kind,
                             &tally, &fixture->why));
    return tally;
}

static bool tell_pause(
    struct authority *authority, void *context, struct failure *why)
{
    (void)context;
    return journal_event(authority->store,
        &(struct event){.kind = EVENT_PAUSED, .object = "server"}, why);
}

static void write_one(struct fixture *fixture)
{
    assert_done(fixture,
        authority_write(&fixture->authority, tell_pause, NULL, &fixture->why));
}

static void restart(struct fixture *fixture)
{
    clock_guard_end(&fixture->authority.clock);
    assert_done(fixture, clock_guard_start(&fixture->authority.clock,
                             fixture->store, &fixture->why));
}

static void properties06_nothing_is_told_at_a_time_before_the_last(void **state)
{
    struct fixture *fixture = *state;
    int64_t now = clock_now();

    clock_set(now);
    restart(fixture);
    write_one(fixture);
    clock_set(now - 7200);
    restart(fixture);
    write_one(fixture);
    write_one(fixture);
    assert_int_equal(tally_of(fixture, EVENT_CLOCK_BEHIND).count, 1);
    assert_int_equal(tally_of(fixture, EVENT_PAUSED).last_ms, now * 1000);
}

static void properties06_a_jump_is_told_once_and_without_it(void **state)
{
    static const int64_t jumps_s[] = {7200, 86400};
    struct fixture *fixture = *state;
    int64_t now = clock_now();

    for (int i = 0; i < 2; i++) {
        clock_set(now);
        restart(fixture);
        write_one(fixture);
        clock_set(now + jumps_s[i]);
        write_one(fixture);
        write_one(fixture);
        assert_int_equal(tally_of(fixture, EVENT_CLOCK_JUMPED).count, i + 1);
        assert_in_range(tally_of(fixture, EVENT_PAUSED).last_ms,
            (uintmax_t)(now - 60) * 1000, (uintmax_t)(now + 60) * 1000);
        clock_set(now);
        write_one(fixture);
        assert_int_equal(tally_of(fixture, EVENT_CLOCK_JUMPED).count, i + 1);
    }
}

/* --- checkpoints --------------------------------------------------------- */

static void a_checkpoint_is_read_as_it_is_worded_and_no_byte_else(void **state)
{
    RELEASED(buffer) statement = BUFFER("statement", 256);
    struct checkpoint checkpoint = {0};
    struct failure why = {0};

    (void)state;
    assert_true(buffer_append_text(&statement, CHECKPOINT_WORDS, &why));
    for (int i = 0; i < 88; i++)
        assert_true(buffer_append_byte(&statement, (uint8_t)(i % 8), &why));
    assert_true(checkpoint_read(buffer_view(&statement), &checkpoint, &why));
    assert_int_equal(checkpoint.at, INT64_C(0x0001020304050607));
    assert_int_equal(checkpoint.journal_seq, INT64_C(0x0001020304050607));
    assert_int_equal(checkpoint.journal_hash[31], 7);
    assert_int_equal(checkpoint.log_hash[0], 0);
    for (size_t length = 0; length < statement.length; length++)
        assert_false(checkpoint_read(
            (struct bytes){statement.start, length}, &checkpoint, &why));
    assert_true(buffer_append_byte(&statement, 0, &why));
    assert_false(checkpoint_read(buffer_view(&statement), &checkpoint, &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties39_every_kind_has_one_name_and_a_meaning),
        on_a_store(
            properties39_every_kind_tells_actor_object_outcome_reason_request),
        on_a_store(properties06_nothing_is_told_at_a_time_before_the_last),
        on_a_store(properties06_a_jump_is_told_once_and_without_it),
        cmocka_unit_test(a_checkpoint_is_read_as_it_is_worded_and_no_byte_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
