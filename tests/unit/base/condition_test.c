#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "base/clock.h"
#include "base/condition.h"

struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool has_come;
};

static void begin(struct meeting *meeting)
{
    *meeting = (struct meeting){.has_come = false};
    assert_int_equal(pthread_mutex_init(&meeting->lock, NULL), 0);
    condition_begin(&meeting->changed);
}

static void end(struct meeting *meeting)
{
    assert_int_equal(pthread_cond_destroy(&meeting->changed), 0);
    assert_int_equal(pthread_mutex_destroy(&meeting->lock), 0);
}

/* Has somebody come by then? */
static bool await(struct meeting *meeting, int64_t until_ms)
{
    bool has_come;

    (void)pthread_mutex_lock(&meeting->lock);
    while (!meeting->has_come &&
           condition_wait_until(&meeting->changed, &meeting->lock, until_ms))
        ;
    has_come = meeting->has_come;
    (void)pthread_mutex_unlock(&meeting->lock);
    return has_come;
}

static void *come(void *context)
{
    struct meeting *meeting = context;

    (void)pthread_mutex_lock(&meeting->lock);
    meeting->has_come = true;
    (void)pthread_cond_signal(&meeting->changed);
    (void)pthread_mutex_unlock(&meeting->lock);
    return NULL;
}

static void a_wait_that_nobody_ends_takes_until_its_time(void **state)
{
    const int64_t begin_ms = clock_monotonic_ms();
    struct meeting meeting;

    (void)state;
    begin(&meeting);
    assert_false(await(&meeting, begin_ms + 1100));
    assert_in_range(clock_monotonic_ms() - begin_ms, 1100, 10000);
    end(&meeting);
}

static void a_time_that_is_past_is_not_waited_for(void **state)
{
    struct meeting meeting;

    (void)state;
    begin(&meeting);
    assert_false(await(&meeting, clock_monotonic_ms() - 1));
    assert_false(await(&meeting, 0));
    end(&meeting);
}

static void who_is_signalled_does_not_wait_for_the_time(void **state)
{
    const int64_t begin_ms = clock_monotonic_ms();
    struct meeting meeting;
    pthread_t thread;

    (void)state;
    begin(&meeting);
    assert_int_equal(pthread_create(&thread, NULL, come, &meeting), 0);
    assert_true(await(&meeting, begin_ms + 60000));
    assert_true(clock_monotonic_ms() - begin_ms < 30000);
    assert_int_equal(pthread_join(thread, NULL), 0);
    end(&meeting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_that_nobody_ends_takes_until_its_time),
        cmocka_unit_test(a_time_that_is_past_is_not_waited_for),
        cmocka_unit_test(who_is_signalled_does_not_wait_for_the_time),
    };

    return cmocka_run_group_tests_name("condition", tests, NULL, NULL);
}
