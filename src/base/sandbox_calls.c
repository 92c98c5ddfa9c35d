#include "base/sandbox_parts.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* Every call has its reason in docs/sandbox.md.  A name that this machine's
 * architecture does not have is passed over. */

#define CALLS_OF_MEMORY_AND_LIBRARIES                               \
    "brk", "mmap", "munmap", "mlock", "madvise", "futex", "getpid", \
        "getrandom", "clock_gettime", "restart_syscall", "exit_group"

#define CALLS_OF_A_CHANNEL "recvmsg", "sendmsg", "poll", "ppoll", "close"

#define CALLS_OF_THREADS                                                      \
    "clone", "set_robust_list", "rseq", "mprotect", "mremap", "rt_sigaction", \
        "rt_sigprocmask", "rt_sigreturn", "sched_yield", "sched_getaffinity", \
        "exit"

static const char *const keys_calls[] = {
    CALLS_OF_MEMORY_AND_LIBRARIES, CALLS_OF_A_CHANNEL, "read", "write", NULL};

static const char *const signer_calls[] = {CALLS_OF_MEMORY_AND_LIBRARIES,
    CALLS_OF_A_CHANNEL, "read", "write", "pread64", "fdatasync", NULL};

static const char *const keeper_calls[] = {CALLS_OF_MEMORY_AND_LIBRARIES,
    CALLS_OF_A_CHANNEL, "accept4", "getsockopt", "shutdown",
    /* threads */
    CALLS_OF_THREADS, "clock_nanosleep",
    /* files: SQLite and base/file */
    "read", "write", "pread64", "pwrite64", "lseek", "fdatasync", "fsync",
    "ftruncate", "open", "openat", "fcntl", "fstat", "stat", "lstat",
    "newfstatat", "access", "faccessat", "faccessat2", "getdents64", "unlink",
    "unlinkat", "rename", "renameat", "linkat", "mkdir", "mkdirat", "rmdir",
    "fchmod", "fchown", "readlink", "readlinkat", "getcwd", "geteuid",
    "sysinfo", "statfs", "fstatfs", NULL};

static const char *const validator_calls[] = {CALLS_OF_MEMORY_AND_LIBRARIES,
    CALLS_OF_A_CHANNEL, "read", "write",
    /* threads */
    CALLS_OF_THREADS,
    /* connections, and DNS by the C library */
    "socket", "connect", "getsockopt", "setsockopt", "getsockname",
    "getpeername", "sendto", "writev", "sendmmsg", "recvfrom", "ioctl", "uname",
    "getuid", "fcntl",
    /* what it knows of names: the folder's lock says which files */
    "open", "openat", "fstat", "newfstatat", "lseek", NULL};

static const char *const front_calls[] = {CALLS_OF_MEMORY_AND_LIBRARIES,
    "socketpair", /* for a reader */
    CALLS_OF_A_CHANNEL, "read", "write",
    /* the loop, and connections */
    "epoll_wait", "epoll_pwait", "epoll_ctl", "accept4", "recvfrom", "sendto",
    "shutdown", "setsockopt", "mremap",
    /* what is published, and its own certificate (base/file) */
    "open", "openat", "fcntl", "fstat", "stat", "lstat", "newfstatat",
    "getdents64", "lseek", "fsync", "rename", "renameat", "linkat", "unlink",
    "unlinkat", "fchmod", "geteuid", NULL};

/* Refused with an error rather than by death: the probes make the first three.
 * Without mremap, realloc copies; without clone3, whose flags no filter can
 * read, the C library takes clone.  The others are asked on the way to a
 * sentence about a failure (base/file_failure, secret_new), or by the C library
 * for what it can guess: such a role says the sentence and lives. */
static const struct {
    const char *name;
    int error;
} refused[] = {
    {"open", EPERM},
    {"openat", EPERM},
    {"socket", EPERM},
    {"mremap", EPERM},
    {"clone3", ENOSYS},
    {"prlimit64", EPERM},
    {"stat", EPERM},
    {"lstat", EPERM},
    {"fstat", EPERM},
    {"newfstatat", EPERM},
    {"statx", EPERM},
    {"access", EPERM},
    {"faccessat", EPERM},
    {"faccessat2", EPERM},
    {"geteuid", EPERM},
    {"getuid", EPERM},
    {"lseek", EPERM},
    {"sysinfo", EPERM},
    {"sched_getaffinity", EPERM},
};

/* Calls that are let through for some values of an argument alone. */
static const struct {
    const char *name;
    struct scmp_arg_cmp when;
} conditions[] = {
    {"mmap", {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}},
    {"mprotect", {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}},
    {"clone", {0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD}},
    /* of the validator: IPv4 and IPv6; how much of a datagram there is */
    {"socket", {0, SCMP_CMP_EQ, AF_INET, 0}},
    {"socket", {0, SCMP_CMP_EQ, AF_INET6, 0}},
    {"ioctl", {1, SCMP_CMP_EQ, FIONREAD, 0}},
};

/* The same, with an error: the C library goes on without nscd's socket and
 * without the kernel's list of addresses. */
static const struct {
    const char *name;
    struct scmp_arg_cmp when;
} excused[] = {
    {"socket", {0, SCMP_CMP_EQ, AF_UNIX, 0}},
    {"socket", {0, SCMP_CMP_EQ, AF_NETLINK, 0}},
};

const char *const *sandbox_calls(enum sandbox_role role)
{
    switch (role) {
    case SANDBOX_SIGNER:
        return signer_calls;
    case SANDBOX_KEEPER:
        return keeper_calls;
    case SANDBOX_KEYS:
    case SANDBOX_READER:
        return keys_calls;
    case SANDBOX_VALIDATOR:
        return validator_calls;
    case SANDBOX_FRONT:
        return front_calls;
    }
    return NULL;
}

static bool is_allowed(enum sandbox_role role, const char *name)
{
    for (const char *const *call = sandbox_calls(role); *call != NULL; call++) {
        if (strcmp(*call, name) == 0)
            return true;
    }
    return false;
}

static bool add_rule(scmp_filter_ctx filter, uint32_t action, const char *name,
    const struct scmp_arg_cmp *when, struct failure *why)
{
    int number = seccomp_syscall_resolve_name(name);
    int error;

    if (number < 0)
        return true;
    error = seccomp_rule_add_array(
        filter, action, number, when == NULL ? 0 : 1, when);
    if (error != 0)
        return fail_because(why, FAILURE_INTERNAL,
            "the call filter takes no rule for %s: %s", name,
            strerrordesc_np(-error));
    return true;
}

/* One rule for each value that is let through, or one for all. */
static bool allow(scmp_filter_ctx filter, const char *name, struct failure *why)
{
    bool has_condition = false;

    for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++) {
        if (strcmp(conditions[i].name, name) != 0)
            continue;
        has_condition = true;
        if (!add_rule(filter, SCMP_ACT_ALLOW, name, &conditions[i].when, why))
            return false;
    }
    return has_condition || add_rule(filter, SCMP_ACT_ALLOW, name, NULL, why);
}

/* Of a call that the role has, some values; of others, all. */
static bool excuse(
    scmp_filter_ctx filter, enum sandbox_role role, struct failure *why)
{
    for (size_t i = 0; i < sizeof(excused) / sizeof(*excused); i++) {
        if (is_allowed(role, excused[i].name) &&
            !add_rule(filter, SCMP_ACT_ERRNO(EPERM), excused[i].name,
                &excused[i].when, why))
            return false;
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        if (!is_allowed(role, refused[i].name) &&
            !add_rule(filter, SCMP_ACT_ERRNO((uint16_t)refused[i].error),
                refused[i].name, NULL, why))
            return false;
    }
    return true;
}

static bool add_rules(
    scmp_filter_ctx filter, enum sandbox_role role, struct failure *why)
{
    for (const char *const *call = sandbox_calls(role); *call != NULL; call++) {
        if (!allow(filter, *call, why))
            return false;
    }
    return excuse(filter, role, why);
}

/* Calls of another architecture (32 bits on a 64-bit kernel) would pass under
 * other numbers. */
static bool load_rules(
    scmp_filter_ctx filter, enum sandbox_role role, struct failure *why)
{
    int error = seccomp_attr_set(
        filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

    if (error == 0)
        error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (error != 0)
        return fail_because(why, FAILURE_INTERNAL,
            "the call filter can't be set up: %s", strerrordesc_np(-error));
    if (!add_rules(filter, role, why))
        return false;
    error = seccomp_load(filter);
    if (error != 0)
        return fail_because(why, FAILURE_INTERNAL,
            "the kernel takes no call filter (seccomp): %s",
            strerrordesc_np(-error));
    return true;
}

bool sandbox_limit_calls(enum sandbox_role role, struct failure *why)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    bool loaded;

    if (filter == NULL)
        return fail_because(
            why, FAILURE_INTERNAL, "the call filter can't be made");
    loaded = load_rules(filter, role, why);
    seccomp_release(filter);
    return loaded;
}
