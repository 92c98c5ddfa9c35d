#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"

#define NOBODY 65534

/* What /bin/sh -c script answers on descriptor 3. */
static void answer_of(const char *script, const struct process_start *extra,
    char *answer, size_t room)
{
    const char *const arguments[] = {"sh", "-c", script, NULL};
    struct process_start start = {.program = "/bin/sh",
        .arguments = arguments,
        .user = (uid_t)-1,
        .group = (gid_t)-1};
    int ends[2];
    int given[4];
    int status = -1;
    size_t length = 0;
    ssize_t count;
    pid_t process = -1;
    struct failure why = {0};

    if (extra != NULL)
        start = *extra;
    start.program = "/bin/sh";
    start.arguments = arguments;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    given[0] = ends[1];
    for (size_t i = 0; i < start.descriptor_count; i++)
        given[i + 1] = start.descriptors[i];
    start.descriptors = given;
    start.descriptor_count++;
    if (!process_spawn(&start, &process, &why))
        fail_msg("%s", why.reason);
    assert_int_equal(close(ends[1]), 0);
    while ((count = read(ends[0], answer + length, room - 1 - length)) > 0)
        length += (size_t)count;
    answer[length] = '\0';
    assert_int_equal(close(ends[0]), 0);
    assert_true(process_end(process, 5000, &status, &why));
    assert_int_equal(status, 0);
}

static void descriptors_come_from_3_on_and_all_others_are_closed(void **state)
{
    char answer[1000];
    SCOPED_DESCRIPTOR int zero = open("/dev/zero", O_RDONLY);
    SCOPED_DESCRIPTOR int full = open("/dev/full", O_WRONLY);
    int given[] = {full, zero, full};
    const struct process_start start = {.descriptors = given,
        .descriptor_count = 3,
        .user = (uid_t)-1,
        .group = (gid_t)-1};

    (void)state;
    assert_int_not_equal(fcntl(zero, F_DUPFD, 60), -1); /* stays with us */
    answer_of("for f in 0 1 3 4 5 6 7 8 9 60; do [ -e /proc/$$/fd/$f ] && "
              "echo $f $(readlink /proc/$$/fd/$f | sed s/:.*//); done >&3; :",
        &start, answer, sizeof(answer));
    (void)close(60);
    assert_string_equal(answer, "0 /dev/null\n1 pipe\n3 pipe\n4 /dev/full\n"
                                "5 /dev/zero\n6 /dev/full\n");
}

/* The pair lies where the other one goes. */
static void descriptors_that_change_places_arrive_right(void **state)
{
    char answer[1000];
    SCOPED_DESCRIPTOR int zero = -1;
    SCOPED_DESCRIPTOR int full = -1;
    int given[2];
    const struct process_start start = {.descriptors = given,
        .descriptor_count = 2,
        .user = (uid_t)-1,
        .group = (gid_t)-1};

    (void)state;
    zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    given[0] = full > zero ? full : zero;
    given[1] = full > zero ? zero : full;
    answer_of("readlink /proc/$$/fd/4 >&3; readlink /proc/$$/fd/5 >&3", &start,
        answer, sizeof(answer));
    assert_string_equal(answer, "/dev/full\n/dev/zero\n");
}

static void the_environment_is_empty(void **state)
{
    static const char *const kept[] = {"JOURNAL_STREAM", "ASAN_OPTIONS",
        "UBSAN_OPTIONS", "TSAN_OPTIONS", "LLVM_PROFILE_FILE", "GCOV_PREFIX"};
    char answer[1000];

    (void)state;
    assert_int_equal(setenv("SECRET_OF_THE_PARENT", "x", 1), 0);
    assert_int_equal(setenv("LD_PRELOAD_X", "x", 1), 0);
    for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
        assert_int_equal(unsetenv(kept[i]), 0);
    answer_of(
        "tr '\\0' '\\n' < /proc/$$/environ >&3", NULL, answer, sizeof(answer));
    assert_string_equal(answer, "");
    assert_int_equal(setenv("JOURNAL_STREAM", "8:1", 1), 0);
    answer_of(
        "tr '\\0' '\\n' < /proc/$$/environ >&3", NULL, answer, sizeof(answer));
    assert_string_equal(answer, "JOURNAL_STREAM=8:1\n");
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
}

static void the_user_is_changed_for_good(void **state)
{
    char answer[1000];
    const struct process_start start = {.user = NOBODY, .group = NOBODY};

    (void)state;
    answer_of("grep -E '^(Uid|Gid|Groups|CapEff):' /proc/self/status | "
              "tr -s '\\t ' ' ' >&3",
        &start, answer, sizeof(answer));
    assert_string_equal(answer, "Uid: 65534 65534 65534 65534\n"
                                "Gid: 65534 65534 65534 65534\n"
                                "Groups: \nCapEff: 0000000000000000\n");
}

static void signals_are_as_in_a_new_session(void **state)
{
    char answer[1000];
    sigset_t blocked;
    sigset_t before;

    (void)state;
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGTERM);
    assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, &before), 0);
    (void)signal(SIGPIPE, SIG_IGN);
    answer_of("grep -E '^Sig(Blk|Ign):' /proc/self/status | tr -d '\\t' >&3",
        NULL, answer, sizeof(answer));
    (void)signal(SIGPIPE, SIG_DFL);
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
    assert_string_equal(
        answer, "SigBlk:0000000000000000\nSigIgn:0000000000000000\n");
}

static void a_program_that_can_not_be_started_is_a_failure(void **state)
{
    const char *const arguments[] = {"x", NULL};
    struct process_start start = {.program = "/nowhere/x",
        .arguments = arguments,
        .user = (uid_t)-1,
        .group = (gid_t)-1};
    pid_t process = -1;
    struct failure why = {0};

    (void)state;
    assert_false(process_spawn(&start, &process, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_string_equal(
        why.reason, "starting /nowhere/x: No such file or directory");
    start.program = "/etc/passwd";
    assert_false(process_spawn(&start, &process, &why));
    assert_int_equal(why.kind, FAILURE_FORBIDDEN);
    assert_string_equal(why.reason,
        "starting /etc/passwd: it belongs to root (0), mode 0644; root (0) "
        "needs execute permission (0100 as its owner)");
    assert_int_equal(process, -1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* none is left over */
}

static pid_t start_script(const char *script, int *says)
{
    const char *const arguments[] = {"sh", "-c", script, NULL};
    int ends[2];
    struct process_start start = {.program = "/bin/sh",
        .arguments = arguments,
        .descriptors = &ends[1],
        .descriptor_count = 1,
        .user = (uid_t)-1,
        .group = (gid_t)-1};
    pid_t process = -1;
    struct failure why = {0};

    if (pipe2(ends, O_CLOEXEC) != 0 || !process_spawn(&start, &process, &why))
        return -1;
    (void)close(ends[1]);
    *says = ends[0];
    return process;
}

static void a_process_that_does_not_end_is_killed(void **state)
{
    SCOPED_DESCRIPTOR int says = -1;
    int status = -1;
    int64_t before = clock_monotonic_ms();
    struct failure why = {0};
    pid_t process = start_script("exec /bin/sleep 30", &says);

    (void)state;
    assert_true(process > 0);
    assert_true(process_end(process, 50, &status, &why));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_true(clock_monotonic_ms() - before < 10000);
    assert_false(process_end(process, 50, &status, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
}

static void the_status_is_handed_on(void **state)
{
    SCOPED_DESCRIPTOR int says = -1;
    int status = -1;
    struct failure why = {0};
    pid_t process = start_script("exit 7", &says);

    (void)state;
    assert_true(process > 0);
    assert_true(process_end(process, -1, &status, &why));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

/* The pipe's other end closes when the grandchild is gone. */
static void a_child_ends_with_its_parent(void **state)
{
    struct pollfd closed = {.fd = -1, .events = POLLIN};
    SCOPED_DESCRIPTOR int says = -1;
    int ends[2];
    pid_t parent;

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
        int inner = -1;
        const char *const arguments[] = {"sleep", "30", NULL};
        const struct process_start start = {.program = "/bin/sleep",
            .arguments = arguments,
            .descriptors = &ends[1],
            .descriptor_count = 1,
            .user = NOBODY,
            .group = NOBODY};
        struct failure why;

        _exit(process_spawn(&start, &inner, &why) ? 0 : 1);
    }
    assert_int_equal(close(ends[1]), 0);
    says = ends[0];
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    closed.fd = says;
    assert_int_equal(poll(&closed, 1, 5000), 1);
    assert_true((closed.revents & POLLHUP) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_come_from_3_on_and_all_others_are_closed),
        cmocka_unit_test(descriptors_that_change_places_arrive_right),
        cmocka_unit_test(the_environment_is_empty),
        cmocka_unit_test(the_user_is_changed_for_good),
        cmocka_unit_test(signals_are_as_in_a_new_session),
        cmocka_unit_test(a_program_that_can_not_be_started_is_a_failure),
        cmocka_unit_test(a_process_that_does_not_end_is_killed),
        cmocka_unit_test(the_status_is_handed_on),
        cmocka_unit_test(a_child_ends_with_its_parent),
    };

    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
