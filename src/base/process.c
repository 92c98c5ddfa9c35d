#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/file_failure.h"

#define FIRST_DESCRIPTOR 3
#define KEPT_VARIABLES_MAX 8
#define VARIABLE_ROOM 1024

/* The steps of a child on its way to the program, for the reason. */
enum step {
    STEP_DESCRIPTORS,
    STEP_SIGNALS,
    STEP_APART,
    STEP_USER,
    STEP_PARENT,
    STEP_PROGRAM
};

static const char *const step_names[] = {
    [STEP_DESCRIPTORS] = "passing descriptors to",
    [STEP_SIGNALS] = "resetting the signals for",
    [STEP_APART] = "making a process group for",
    [STEP_USER] = "changing to the user of",
    [STEP_PARENT] = "binding to its parent",
    [STEP_PROGRAM] = "starting",
};

/* What a child says through its pipe before it ends; an exec closes the pipe
 * without a word. */
struct verdict {
    enum step step;
    int error;
};

struct environment {
    char texts[KEPT_VARIABLES_MAX][VARIABLE_ROOM];
    char *variables[KEPT_VARIABLES_MAX + 1];
};

static const char *const kept_variables[] = {
    "JOURNAL_STREAM",
#if defined(CHANCERY_SANITIZED) || defined(CHANCERY_COVERAGE)
    "ASAN_OPTIONS",
    "UBSAN_OPTIONS",
    "TSAN_OPTIONS",
    "LLVM_PROFILE_FILE",
    "GCOV_PREFIX",
#endif
};

static void environment_fill(struct environment *environment)
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof(kept_variables) / sizeof(*kept_variables);
         i++) {
        const char *value = getenv(kept_variables[i]);
        int length;

        if (value == NULL)
            continue;
        length = snprintf(environment->texts[count], VARIABLE_ROOM, "%s=%s",
            kept_variables[i], value);
        if (length < 0 || length >= VARIABLE_ROOM)
            continue;
        environment->variables[count] = environment->texts[count];
        count++;
    }
}

/* From here to the exec only what signal-safety(7) lists: another thread may
 * have held any lock at the fork. */

static _Noreturn void give_up(int pipe, enum step step)
{
    struct verdict verdict = {.step = step, .error = errno};

    (void)!write(pipe, &verdict, sizeof(verdict));
    _exit(127);
}

/* -1: there is none to move. */
static bool move_above(const int *descriptor, int beyond, int *moved)
{
    if (descriptor != NULL)
        *moved = fcntl(*descriptor, F_DUPFD_CLOEXEC, beyond + 1);
    return descriptor == NULL || *moved >= 0;
}

static bool place_standard(int null, int output)
{
    return dup2(null, STDIN_FILENO) >= 0 &&
           dup2(output >= 0 ? output : null, STDOUT_FILENO) >= 0 &&
           (output < 0 || dup2(output, STDERR_FILENO) >= 0);
}

/* First all above the places they are to take: a source may lie where another
 * one goes. */
static bool place_descriptors(const struct process_start *start, int *pipe)
{
    int beyond = FIRST_DESCRIPTOR + (int)start->descriptor_count;
    int moved[PROCESS_DESCRIPTORS_MAX];
    int opened = open("/dev/null", O_RDWR | O_CLOEXEC);
    int null = fcntl(opened, F_DUPFD_CLOEXEC, beyond + 1);
    int pipe_above = fcntl(*pipe, F_DUPFD_CLOEXEC, beyond + 1);
    int output = -1;

    if (null < 0 || pipe_above < 0)
        return false;
    *pipe = pipe_above;
    for (size_t i = 0; i < start->descriptor_count; i++) {
        if (!move_above(&start->descriptors[i], beyond, &moved[i]))
            return false;
    }
    if (!move_above(start->output, beyond, &output) ||
        !place_standard(null, output))
        return false;
    for (size_t i = 0; i < start->descriptor_count; i++) {
        if (dup2(moved[i], FIRST_DESCRIPTOR + (int)i) < 0)
            return false;
    }
    if (dup3(*pipe, beyond, O_CLOEXEC) < 0)
        return false;
    *pipe = beyond;
    return close_range((unsigned int)beyond + 1, ~0u, 0) == 0;
}

/* Exec resets handlers, but keeps what is ignored and what is blocked. */
static bool reset_signals(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++) {
        struct sigaction standard = {.sa_handler = SIG_DFL};

        if (sigaction(number, &standard, NULL) != 0 && errno != EINVAL)
            return false;
    }
    (void)sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

/* Groups before the user, who could not change them; all three of each kind
 * are read back, as a set that is dropped in part can be taken up again. */
static bool change_user(uid_t user, gid_t group)
{
    uid_t users[3];
    gid_t groups[3];

    if (geteuid() != 0 || user == (uid_t)-1 || group == (gid_t)-1 ||
        (user == 0 && group == 0))
        return true;
    if (setgroups(0, NULL) != 0 || setresgid(group, group, group) != 0 ||
        setresuid(user, user, user) != 0)
        return false;
    if (getresuid(&users[0], &users[1], &users[2]) != 0 ||
        getresgid(&groups[0], &groups[1], &groups[2]) != 0)
        return false;
    for (size_t i = 0; i < 3; i++) {
        if (users[i] != user || groups[i] != group) {
            errno = EPERM;
            return false;
        }
    }
    return true;
}

/* prctl(2): a change of user takes it back, so it comes after that.  The parent
 * may have died before it. */
static bool bind_to_parent(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
        return false;
    if (getppid() != parent) {
        errno = ESRCH;
        return false;
    }
    return true;
}

/* execve does not write to the arguments; its type is older than const. */
static char *const *arguments_of(const struct process_start *start)
{
    union {
        const char *const *ours;
        char *const *theirs;
    } arguments = {.ours = start->arguments};

    return arguments.theirs;
}

static _Noreturn void become(const struct process_start *start,
    char *const *environment, pid_t parent, int pipe)
{
    if (!place_descriptors(start, &pipe))
        give_up(pipe, STEP_DESCRIPTORS);
    if (!reset_signals())
        give_up(pipe, STEP_SIGNALS);
    if (start->is_apart && setpgid(0, 0) != 0)
        give_up(pipe, STEP_APART);
    if (!change_user(start->user, start->group))
        give_up(pipe, STEP_USER);
    if (!bind_to_parent(parent))
        give_up(pipe, STEP_PARENT);
    (void)execve(start->program, arguments_of(start), environment);
    give_up(pipe, STEP_PROGRAM);
}

static bool hear_verdict(
    int pipe, const struct process_start *start, struct failure *why)
{
    struct verdict verdict;
    ssize_t count;

    do
        count = read(pipe, &verdict, sizeof(verdict));
    while (count < 0 && errno == EINTR);
    if (count == 0)
        return true;
    if (count == (ssize_t)sizeof(verdict)) {
        errno = verdict.error;
        return fail_in_file_wanting(
            why, step_names[verdict.step], start->program, X_OK);
    }
    return fail_because(why, FAILURE_INTERNAL,
        "starting %.80s: its child said nothing sensible", start->program);
}

bool process_spawn(
    const struct process_start *start, pid_t *process, struct failure *why)
{
    struct environment environment = {0};
    SCOPED_DESCRIPTOR int hears = -1;
    SCOPED_DESCRIPTOR int says = -1;
    int ends[2];
    pid_t parent = getpid();
    pid_t child;

    if (start->descriptor_count > PROCESS_DESCRIPTORS_MAX)
        return fail_because(why, FAILURE_INTERNAL,
            "a process is given more than %d descriptors",
            PROCESS_DESCRIPTORS_MAX);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail_in_file(why, "making a pipe for", start->program);
    hears = ends[0];
    says = ends[1];
    environment_fill(&environment);

    child = fork();
    if (child < 0)
        return fail_in_file(why, "making a process for", start->program);
    if (child == 0)
        become(start, environment.variables, parent, says);

    descriptor_close(&says);
    if (!hear_verdict(hears, start, why)) {
        (void)waitpid(child, NULL, 0);
        return false;
    }
    *process = child;
    return true;
}

/* False when the time is over first. */
static bool wait_for_end(int handle, int timeout_ms)
{
    struct pollfd ended = {.fd = handle, .events = POLLIN};
    int64_t deadline = clock_monotonic_ms() + timeout_ms;
    int left_ms = timeout_ms;

    for (;;) {
        int count = poll(&ended, 1, left_ms);

        if (count > 0)
            return true;
        if (count == 0 || errno != EINTR)
            return false;
        if (timeout_ms < 0)
            continue;
        left_ms = clock_ms_until(deadline);
        if (left_ms == 0)
            return false;
    }
}

bool process_end(
    pid_t process, int timeout_ms, int *status, struct failure *why)
{
    SCOPED_DESCRIPTOR int handle = pidfd_open(process, 0);
    int found = 0;

    if (handle < 0)
        return fail_because(why,
            errno == ESRCH ? FAILURE_NOT_FOUND : FAILURE_INTERNAL,
            "waiting for process %d: %s", (int)process, strerrordesc_np(errno));
    if (!wait_for_end(handle, timeout_ms))
        (void)pidfd_send_signal(handle, SIGKILL, NULL, 0);
    while (waitpid(process, &found, 0) < 0) {
        if (errno != EINTR)
            return fail_because(why, FAILURE_NOT_FOUND,
                "waiting for process %d: %s", (int)process,
                strerrordesc_np(errno));
    }
    *status = found;
    return true;
}
