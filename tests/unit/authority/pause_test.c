#include "decisions_fixture.h"

static void pause_in(
    struct fixture *fixture, const char *profile, const char *reason)
{
    bool changed = false;

    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture, store_pause(fixture->store, profile, "alice", reason,
                             1800000000, &changed, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

static void refresh(struct fixture *fixture)
{
    assert_done(fixture, pauses_refresh(&fixture->authority.pauses,
                             fixture->store, &fixture->why));
}

static bool allows(struct fixture *fixture, const char *profile)
{
    return pauses_allow(&fixture->authority.pauses, profile, &fixture->why);
}

static void incident52_a_pause_says_who_when_and_why(void **state)
{
    struct fixture *fixture = *state;

    assert_true(allows(fixture, "server"));
    pause_in(fixture, "server", "keys of the build host lost");
    refresh(fixture);
    assert_false(allows(fixture, "server"));
    assert_int_equal(fixture->why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(fixture->why.reason,
        "profile server issues nothing: alice paused it at "
        "2027-01-15T08:00:00Z: keys of the build host lost; `chancery resume` "
        "ends it");
    assert_true(allows(fixture, "servers"));
    assert_true(allows(fixture, "client"));
}

static void incident52_a_pause_of_all_reaches_every_profile(void **state)
{
    struct fixture *fixture = *state;

    pause_in(fixture, PAUSE_ALL, "");
    refresh(fixture);
    assert_refused(fixture, allows(fixture, "server"), FAILURE_UNAVAILABLE,
        "alice paused every profile");
    assert_refused(fixture, allows(fixture, "made-tomorrow"),
        FAILURE_UNAVAILABLE, "alice paused every profile");
}

static void incident52_a_pause_outlives_the_keeper(void **state)
{
    struct fixture *fixture = *state;
    struct pauses after = {.count = 0};

    pause_in(fixture, "server", "");
    assert_done(fixture, pauses_start(&after, fixture->store, &fixture->why));
    assert_false(pauses_allow(&after, "server", &fixture->why));
    assert_true(pauses_allow(&after, "client", &fixture->why));
    pauses_end(&after);
}

static void a_resumption_ends_its_own_pause_alone(void **state)
{
    struct fixture *fixture = *state;
    bool changed = false;

    pause_in(fixture, PAUSE_ALL, "");
    pause_in(fixture, "server", "");
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture,
        store_resume(fixture->store, PAUSE_ALL, &changed, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
    refresh(fixture);
    assert_true(changed);
    assert_true(allows(fixture, "client"));
    assert_false(allows(fixture, "server"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_a_store(incident52_a_pause_says_who_when_and_why),
        on_a_store(incident52_a_pause_of_all_reaches_every_profile),
        on_a_store(incident52_a_pause_outlives_the_keeper),
        on_a_store(a_resumption_ends_its_own_pause_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
