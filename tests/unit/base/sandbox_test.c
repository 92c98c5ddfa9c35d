#include "sandbox_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_files(const char *folder)
{
    (void)folder;
    if (!is_refused(open("/etc/passwd", O_RDONLY)) ||
        !is_refused(openat(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY)) ||
        !is_refused(open("/tmp/chancery-new", O_WRONLY | O_CREAT, 0600)))
        return 1;
    return 0;
}

static void properties35_the_signer_can_open_no_file(void **state)
{
    (void)state;
    expect_done(&signer, open_files, "");
    expect_done(&keys, open_files, "");
}

static int make_sockets(const char *folder)
{
    (void)folder;
    return is_refused(socket(AF_UNIX, SOCK_STREAM, 0)) &&
                   is_refused(socket(AF_INET, SOCK_STREAM, 0))
               ? 0
               : 1;
}

static void properties35_the_signer_can_make_no_socket(void **state)
{
    (void)state;
    need_seccomp();
    expect_done(&signer, make_sockets, "");
    expect_done(&keys, make_sockets, "");
}

static int execute(const char *folder)
{
    char *nothing[] = {NULL};

    (void)folder;
    return is_refused(execve("/bin/true", nothing, nothing)) ? 1 : 2;
}

static void properties35_a_role_can_execute_nothing(void **state)
{
    const struct sandbox keeper = {.role = SANDBOX_KEEPER};
    const struct sandbox *roles[] = {&signer, &keys, &keeper};

    (void)state;
    for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
        int status = status_of(roles[i], execute, "");

        if (SECCOMP_HOLDS)
            assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
        else
            assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    }
}

static int make_process(const char *folder)
{
    (void)folder;
    (void)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    return 0;
}

static int signal_another(const char *folder)
{
    (void)folder;
    return kill(1, 0);
}

static int trace(const char *folder)
{
    (void)folder;
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    return 0;
}

static int map_code(const char *folder)
{
    (void)folder;
    (void)mmap(
        NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return 0;
}

static int turn_into_code(const char *folder)
{
    void *page = mmap(
        NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)folder;
    (void)mprotect(page, 4096, PROT_READ | PROT_EXEC);
    return 0;
}

static int connect_out(const char *folder)
{
    const struct sockaddr nowhere = {.sa_family = AF_UNIX};

    (void)folder;
    (void)connect(0, &nowhere, sizeof(nowhere));
    return 0;
}

static int listen_for_others(const char *folder)
{
    (void)folder;
    (void)listen(0, 1);
    return 0;
}

static void properties35_a_call_that_is_not_listed_kills(void **state)
{
    const struct sandbox keeper = {.role = SANDBOX_KEEPER};
    const struct sandbox *roles[] = {&signer, &keys, &keeper};
    const deed deeds[] = {make_process, signal_another, trace, map_code,
        turn_into_code, connect_out, listen_for_others};

    (void)state;
    need_seccomp();
    for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
        for (size_t j = 0; j < sizeof(deeds) / sizeof(*deeds); j++)
            expect_killed(roles[i], deeds[j]);
    }
}

/* What the way to a sentence asks, and what the C library can guess. */
static int ask_in_vain(const char *folder)
{
    const long results[] = {syscall(SYS_newfstatat, AT_FDCWD, "/", NULL, 0),
        syscall(SYS_statx, AT_FDCWD, "/", 0, 0, NULL),
        syscall(SYS_faccessat, AT_FDCWD, "/", 0),
        syscall(SYS_faccessat2, AT_FDCWD, "/", 0, 0), syscall(SYS_geteuid),
        syscall(SYS_getuid), syscall(SYS_lseek, 0, 0, SEEK_CUR),
        syscall(SYS_sysinfo, NULL), syscall(SYS_sched_getaffinity, 0, 0, NULL),
        syscall(SYS_prlimit64, 0, RLIMIT_MEMLOCK, NULL, NULL)};

    (void)folder;
    for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++) {
        if (results[i] != -1)
            return 1 + (int)i;
    }
    return errno == EPERM ? 0 : 50;
}

static void questions_are_refused_without_death(void **state)
{
    (void)state;
    need_seccomp();
    expect_done(&signer, ask_in_vain, "");
    expect_done(&keys, ask_in_vain, "");
}

static int open_and_say(const char *path)
{
    struct failure why = {0};

    if (open(path, O_RDONLY) >= 0 || fail_in_file(&why, "reading", path))
        return 1;
    if (why.kind != FAILURE_FORBIDDEN)
        return 2;
    return strcmp(why.reason,
               "reading /etc/passwd: Operation not permitted; this process has "
               "locked itself in (docs/sandbox.md)") == 0
               ? 0
               : 3;
}

static void a_file_refused_to_a_role_is_a_sentence_and_no_death(void **state)
{
    (void)state;
    need_seccomp();
    expect_done(&signer, open_and_say, "/etc/passwd");
    expect_done(&keys, open_and_say, "/etc/passwd");
}

static size_t count_calls(enum sandbox_role role)
{
    size_t count = 0;

    for (const char *const *call = sandbox_calls(role); *call != NULL; call++)
        count++;
    return count;
}

static void assert_without(enum sandbox_role role, const char *name)
{
    for (const char *const *call = sandbox_calls(role); *call != NULL; call++)
        assert_string_not_equal(*call, name);
}

static void properties35_the_signer_has_20_calls_and_none_that_reaches_out(
    void **state)
{
    const char *const kept_out[] = {"open", "openat", "openat2", "socket",
        "connect", "bind", "listen", "execve", "execveat", "ptrace", "kill",
        "tgkill", "fork", "vfork", "clone3", "process_vm_readv", "prctl",
        "io_uring_setup", "bpf", "ioctl"};

    (void)state;
    assert_int_equal(count_calls(SANDBOX_SIGNER), 20);
    assert_int_equal(count_calls(SANDBOX_KEYS), 18);
    assert_int_equal(count_calls(SANDBOX_READER), 18);
    for (size_t i = 0; i < sizeof(kept_out) / sizeof(*kept_out); i++) {
        assert_without(SANDBOX_SIGNER, kept_out[i]);
        assert_without(SANDBOX_KEYS, kept_out[i]);
        assert_without(SANDBOX_READER, kept_out[i]);
        if (i > 1)
            assert_without(SANDBOX_KEEPER, kept_out[i]);
    }
}

static void the_validator_connects_and_neither_listens_nor_executes(
    void **state)
{
    const char *const kept_out[] = {"openat2", "bind", "listen", "accept4",
        "execve", "execveat", "ptrace", "kill", "tgkill", "fork", "vfork",
        "clone3", "process_vm_readv", "prctl", "io_uring_setup", "bpf",
        "unlink", "rename", "mkdir", "ftruncate", "fsync"};

    (void)state;
    for (size_t i = 0; i < sizeof(kept_out) / sizeof(*kept_out); i++)
        assert_without(SANDBOX_VALIDATOR, kept_out[i]);
}

static void properties35_the_keeper_can_make_no_socket(void **state)
{
    const struct sandbox keeper = {.role = SANDBOX_KEEPER};

    (void)state;
    need_seccomp();
    expect_done(&keeper, make_sockets, "");
}

static int look_for_privacy(const char *folder)
{
    struct rlimit core = {.rlim_cur = 1, .rlim_max = 1};
    struct failure why;

    (void)folder;
    if (!sandbox_keep_private(&why))
        return 1;
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0 ||
        core.rlim_max != 0)
        return 2;
    return prctl(PR_GET_DUMPABLE) == 0 ? 0 : 3;
}

static void properties34_a_role_leaves_no_core_and_no_way_to_its_memory(
    void **state)
{
    int status = -1;
    pid_t child = fork();

    (void)state;
    assert_true(child >= 0);
    if (child == 0)
        _exit(look_for_privacy(""));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static int enter_with_nowhere(const char *nowhere)
{
    const char *folders[] = {nowhere, NULL};
    const struct sandbox keeper = {.role = SANDBOX_KEEPER, .writable = folders};
    char degraded[120];
    struct failure why = {0};

    if (sandbox_enter(&keeper, degraded, &why))
        return 1;
    return why.kind == FAILURE_NOT_FOUND &&
                   strcmp(why.reason,
                       "locking in to /nowhere: No such file or directory") == 0
               ? 0
               : 2;
}

/* A probe that succeeds. */
static int enter_with_everything(const char *everything)
{
    const char *folders[] = {everything, NULL};
    const struct sandbox keeper = {.role = SANDBOX_KEEPER, .readable = folders};
    char degraded[120];
    struct failure why = {0};

    if (sandbox_enter(&keeper, degraded, &why))
        return 1;
    return why.kind == FAILURE_INTERNAL &&
                   strcmp(why.reason, "the sandbox does not hold: the folder / "
                                      "can be opened") == 0
               ? 0
               : 2;
}

static void *wait_for_long(void *unused)
{
    (void)pause();
    return unused;
}

static int enter_with_a_thread(const char *unused)
{
    pthread_t thread;
    char degraded[120];
    struct failure why = {0};

    (void)unused;
    if (pthread_create(&thread, NULL, wait_for_long, NULL) != 0)
        return 1;
    if (sandbox_enter(&signer, degraded, &why))
        return 2;
    return strcmp(why.reason,
               "a role locks itself in before it starts threads") == 0
               ? 0
               : 3;
}

static void a_lock_that_would_not_hold_is_refused(void **state)
{
    (void)state;
    expect_in_child(enter_with_nowhere, "/nowhere");
    expect_in_child(enter_with_everything, "/");
}

static void a_role_with_threads_can_not_lock_itself_in(void **state)
{
    (void)state;
    if (!SECCOMP_HOLDS) {
        print_message("a sanitizer may have a thread of its own\n");
        skip();
    }
    expect_in_child(enter_with_a_thread, "");
}

static int look_at_degraded(const char *unused)
{
    char degraded[120] = "x";
    struct failure why;
    const char *expected =
        SECCOMP_HOLDS ? "" : "no seccomp in a build with sanitizers";

    (void)unused;
    if (!sandbox_enter(&signer, degraded, &why))
        return 1;
    return strcmp(degraded, expected) == 0 ? 0 : 2;
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    expect_in_child(look_at_degraded, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties35_the_signer_can_open_no_file),
        cmocka_unit_test(properties35_the_signer_can_make_no_socket),
        cmocka_unit_test(properties35_a_role_can_execute_nothing),
        cmocka_unit_test(properties35_a_call_that_is_not_listed_kills),
        cmocka_unit_test(questions_are_refused_without_death),
        cmocka_unit_test(a_file_refused_to_a_role_is_a_sentence_and_no_death),
        cmocka_unit_test(
            properties35_the_signer_has_20_calls_and_none_that_reaches_out),
        cmocka_unit_test(
            the_validator_connects_and_neither_listens_nor_executes),
        cmocka_unit_test(properties35_the_keeper_can_make_no_socket),
        cmocka_unit_test(
            properties34_a_role_leaves_no_core_and_no_way_to_its_memory),
        cmocka_unit_test(a_lock_that_would_not_hold_is_refused),
        cmocka_unit_test(a_role_with_threads_can_not_lock_itself_in),
        cmocka_unit_test(what_is_missing_is_said),
    };

    return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
