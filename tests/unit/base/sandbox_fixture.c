#include "sandbox_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

const struct sandbox signer = {.role = SANDBOX_SIGNER};
const struct sandbox keys = {.role = SANDBOX_KEYS};

void need_seccomp(void)
{
    if (SECCOMP_HOLDS)
        return;
    print_message("seccomp is left out of a build with sanitizers\n");
    skip();
}

int enter_and_do(const struct sandbox *sandbox, deed inside, const char *folder)
{
    char degraded[120] = "";
    struct failure why = {0};

    if (!sandbox_enter(sandbox, degraded, &why)) {
        (void)fprintf(stderr, "%s\n", why.reason);
        return COULD_NOT_ENTER;
    }
    return inside(folder);
}

int status_of(const struct sandbox *sandbox, deed inside, const char *folder)
{
    int status = -1;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(enter_and_do(sandbox, inside, folder));
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

void expect_done(const struct sandbox *sandbox, deed inside, const char *folder)
{
    int status = status_of(sandbox, inside, folder);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

void expect_killed(const struct sandbox *sandbox, deed inside)
{
    int status = status_of(sandbox, inside, "/");

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

void expect_in_child(deed outside, const char *folder)
{
    int status = -1;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(outside(folder));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

bool is_refused(int result)
{
    return result < 0 && (errno == EPERM || errno == EACCES);
}

void make_folder(char folder[static PATH_ROOM])
{
    (void)snprintf(folder, PATH_ROOM, "/tmp/chancery-sandbox-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

void remove_folder(const char *folder)
{
    struct failure why;

    assert_true(folder_remove(folder, &why));
}
