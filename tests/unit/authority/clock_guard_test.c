#include "decisions_fixture.h"

static struct clock_guard *guard_of(struct fixture *fixture)
{
    return &fixture->authority.clock;
}

static bool check(struct fixture *fixture)
{
    fixture->why = (struct failure){0};
    return clock_guard_check(guard_of(fixture), &fixture->why);
}

static void note(struct fixture *fixture)
{
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture,
        clock_guard_note(guard_of(fixture), fixture->store, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

static int64_t latest_in(struct fixture *fixture)
{
    int64_t latest_ms = 0;

    assert_done(fixture, store_number(fixture->store, CLOCK_LATEST_MS,
                             &latest_ms, &fixture->why));
    return latest_ms;
}

/* As another keeper that starts now. */
static void restart(struct fixture *fixture)
{
    clock_guard_end(guard_of(fixture));
    assert_done(fixture,
        clock_guard_start(guard_of(fixture), fixture->store, &fixture->why));
}

static void kb004_a_clock_behind_the_journal_stops_issuance(void **state)
{
    struct fixture *fixture = *state;
    int64_t now = clock_now();

    note(fixture);
    assert_true(check(fixture));
    clock_set(now - 3600);
    restart(fixture);
    assert_refused(fixture, check(fixture), FAILURE_UNAVAILABLE,
        "the journal was written at");
    assert_non_null(strstr(fixture->why.reason, "--accept-clock"));
    clock_set(now);
    restart(fixture);
    assert_true(check(fixture));
}

static void properties06_a_jump_stops_issuance_either_way(void **state)
{
    static const int64_t jumps_s[] = {-3600, 3600, 400, -400};
    struct fixture *fixture = *state;
    int64_t now = clock_now();

    for (size_t i = 0; i < sizeof(jumps_s) / sizeof(*jumps_s); i++) {
        clock_set(now);
        restart(fixture);
        assert_true(check(fixture));
        clock_set(now + jumps_s[i]);
        assert_refused(fixture, check(fixture), FAILURE_UNAVAILABLE,
            jumps_s[i] < 0 ? "put back by" : "put forward by");
        /* It stays so until it is set right again. */
        assert_false(check(fixture));
        clock_set(now);
        assert_true(check(fixture));
    }
}

static void properties06_corrections_in_small_steps_are_daily_life(void **state)
{
    struct fixture *fixture = *state;
    int64_t now = clock_now();

    clock_set(now);
    restart(fixture);
    for (int i = 1; i <= 10; i++) {
        clock_set(now + i * 200);
        assert_true(check(fixture));
    }
}

static void a_wrong_clock_is_not_remembered(void **state)
{
    struct fixture *fixture = *state;
    int64_t now = clock_now(), before;

    clock_set(now);
    restart(fixture);
    note(fixture);
    before = latest_in(fixture);
    assert_int_equal(before, now * 1000);
    clock_set(now + 100000);
    note(fixture);
    assert_int_equal(latest_in(fixture), before);
}

static void a_person_accepts_the_clock_as_it_is(void **state)
{
    struct fixture *fixture = *state;
    int64_t now = clock_now();

    clock_set(now);
    restart(fixture);
    note(fixture);
    clock_set(now - 86400);
    assert_false(check(fixture));
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture,
        clock_guard_accept(guard_of(fixture), fixture->store, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    assert_true(check(fixture));
    restart(fixture);
    assert_true(check(fixture));
    assert_int_equal(latest_in(fixture), (now - 86400) * 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_a_store(kb004_a_clock_behind_the_journal_stops_issuance),
        on_a_store(properties06_a_jump_stops_issuance_either_way),
        on_a_store(properties06_corrections_in_small_steps_are_daily_life),
        on_a_store(a_wrong_clock_is_not_remembered),
        on_a_store(a_person_accepts_the_clock_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
