#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/process_capture.h"

static bool said_by(const char *script, int timeout_ms, struct buffer *output,
    int *status, struct failure *why)
{
    const char *const arguments[] = {"sh", "-c", script, NULL};
    const struct process_start start = {.program = "/bin/sh",
        .arguments = arguments,
        .user = (uid_t)-1,
        .group = (gid_t)-1};

    return process_capture(&start, timeout_ms, output, status, why);
}

static void output_and_error_are_heard_with_the_status(void **state)
{
    RELEASED(buffer) output = BUFFER("output", 1000);
    struct failure why = {0};
    const char *text = NULL;
    int status = 0;

    (void)state;
    assert_true(said_by(
        "echo out; echo err >&2; exit 7", 10000, &output, &status, &why));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_true(buffer_as_text(&output, &text, &why));
    assert_string_equal(text, "out\nerr\n");
}

static void the_surroundings_are_empty_and_the_input_is(void **state)
{
    RELEASED(buffer) output = BUFFER("output", 1000);
    struct failure why = {0};
    const char *text = NULL;
    int status = 0;

    (void)state;
    assert_true(
        said_by("echo \"$HOME$LC_ALL$USER\"; cat; for f in 0 1 2 3 4 5 6 "
                "7 8 9; do [ -e /proc/$$/fd/$f ] && echo $f; done; :",
            10000, &output, &status, &why));
    assert_int_equal(status, 0);
    assert_true(buffer_as_text(&output, &text, &why));
    assert_string_equal(text, "\n0\n1\n2\n");
}

static void beyond_the_ceiling_it_is_dropped_and_the_end_awaited(void **state)
{
    RELEASED(buffer) output = BUFFER("output", 5000);
    struct failure why = {0};
    int status = 0;

    (void)state;
    assert_true(said_by(
        "head -c 300000 /dev/zero; exit 3", 10000, &output, &status, &why));
    assert_int_equal(output.length, 5000);
    assert_int_equal(WEXITSTATUS(status), 3);
}

static void who_is_late_is_ended_and_named(void **state)
{
    static const char *const scripts[] = {
        "exec sleep 60", "exec sleep 60 >&- 2>&-", "while :; do echo; done"};

    (void)state;
    for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
        RELEASED(buffer) output = BUFFER("output", 1000);
        struct failure why = {0};
        int64_t begun = clock_monotonic_ms();
        int status = 77;

        assert_false(said_by(scripts[i], 200, &output, &status, &why));
        assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
        assert_string_equal(
            why.reason, "/bin/sh did not answer within 200 ms, and was ended");
        assert_int_equal(status, 77);
        assert_true(clock_monotonic_ms() - begun < 20000);
    }
}

static void a_program_that_is_not_there_is_not_found(void **state)
{
    RELEASED(buffer) output = BUFFER("output", 1000);
    const char *const arguments[] = {"nothing", NULL};
    const struct process_start start = {.program = "/nonexistent/nothing",
        .arguments = arguments,
        .user = (uid_t)-1,
        .group = (gid_t)-1};
    struct failure why = {0};
    int status = 0;

    (void)state;
    assert_false(process_capture(&start, 1000, &output, &status, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_non_null(strstr(why.reason, "/nonexistent/nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_and_error_are_heard_with_the_status),
        cmocka_unit_test(the_surroundings_are_empty_and_the_input_is),
        cmocka_unit_test(beyond_the_ceiling_it_is_dropped_and_the_end_awaited),
        cmocka_unit_test(who_is_late_is_ended_and_named),
        cmocka_unit_test(a_program_that_is_not_there_is_not_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
