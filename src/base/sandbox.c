#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sandbox_parts.h"

#define DEGRADED_ROOM 120
#define VERSION_THAT_RULES_TRUNCATION 3

static bool fail_to_lock_in(struct failure *why, const char *doing)
{
    return fail_because(
        why, FAILURE_INTERNAL, "%s: %s", doing, strerrordesc_np(errno));
}

/* Not dumpable means also: no ptrace and no /proc/PID/mem for processes of the
 * same user. */
bool sandbox_keep_private(struct failure *why)
{
    const struct rlimit none = {0};

    if (setrlimit(RLIMIT_CORE, &none) != 0)
        return fail_to_lock_in(why, "turning core dumps off");
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_GET_DUMPABLE) != 0)
        return fail_to_lock_in(why, "keeping memory from other processes");
    return true;
}

/* Landlock holds for the thread that enters it and those it starts.  proc(5):
 * the task folder has a link for each thread beside its own two. */
static bool check_single_thread(struct failure *why)
{
#ifdef CHANCERY_SANITIZED
    (void)why; /* the sanitizer has a thread of its own */
#else
    struct stat tasks;

    if (stat("/proc/self/task", &tasks) != 0)
        return fail_in_file(why, "counting the threads in", "/proc/self/task");
    if (tasks.st_nlink != 3)
        return fail_because(why, FAILURE_INTERNAL,
            "a role locks itself in before it starts threads");
#endif
    return true;
}

/* O_PATH alone would open it: no contents can be had by that. */
static bool probe_files(struct failure *why)
{
    SCOPED_DESCRIPTOR int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (root >= 0)
        return fail_because(why, FAILURE_INTERNAL,
            "the sandbox does not hold: the folder / can be opened");
    return true;
}

#ifndef CHANCERY_SANITIZED
static bool probe_sockets(struct failure *why)
{
    SCOPED_DESCRIPTOR int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (made >= 0)
        return fail_because(why, FAILURE_INTERNAL,
            "the sandbox does not hold: a socket can be made");
    return true;
}
#endif

static bool enter_calls(enum sandbox_role role, struct failure *why)
{
#ifdef CHANCERY_SANITIZED
    (void)role;
    (void)why;
    return true;
#else
    return sandbox_limit_calls(role, why) && probe_sockets(why);
#endif
}

static void say_degraded(const struct sandbox *sandbox, int landlock,
    char degraded[static DEGRADED_ROOM])
{
    const char *files = "";
    const char *calls = "";

    if (landlock == 0)
        files = "no Landlock in this kernel (5.13 has it); ";
    else if (sandbox->writable != NULL &&
             landlock < VERSION_THAT_RULES_TRUNCATION)
        files = "Landlock without truncation (6.2 has it); ";
#ifdef CHANCERY_SANITIZED
    calls = "no seccomp in a build with sanitizers; ";
#endif
    (void)snprintf(degraded, DEGRADED_ROOM, "%s%s", files, calls);
    if (degraded[0] != '\0')
        degraded[strlen(degraded) - strlen("; ")] = '\0';
}

bool sandbox_enter(const struct sandbox *sandbox, char degraded[static 120],
    struct failure *why)
{
    int landlock = 0;
    bool files_are_ruled;

    if (!sandbox_keep_private(why) || !check_single_thread(why))
        return false;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_to_lock_in(why, "giving up new privileges");
    if (!sandbox_limit_files(sandbox, &landlock, why) ||
        !enter_calls(sandbox->role, why))
        return false;

    files_are_ruled = landlock > 0;
#ifndef CHANCERY_SANITIZED
    files_are_ruled =
        files_are_ruled || (sandbox->role != SANDBOX_KEEPER &&
                               sandbox->role != SANDBOX_VALIDATOR &&
                               sandbox->role != SANDBOX_FRONT);
#endif
    if (files_are_ruled && !probe_files(why))
        return false;
    say_degraded(sandbox, landlock, degraded);
    return true;
}
