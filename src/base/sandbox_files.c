#include "base/sandbox_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"

/* The C library has no wrappers for Landlock, and Debian 12's header ends at
 * version 2: see landlock(7). */
#define ACCESS_ALL_OF_1 ((1ull << 13) - 1)
#define ACCESS_REFER (1ull << 13)     /* 2 */
#define ACCESS_TRUNCATE (1ull << 14)  /* 3 */
#define ACCESS_IOCTL_DEV (1ull << 15) /* 5 */
#define NET_BIND (1ull << 0)          /* 4 */
#define NET_CONNECT (1ull << 1)       /* 4 */
#define SCOPED_ALL_OF_6 3ull          /* abstract sockets, signals */

#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_WRITE                                                   \
    (ACCESS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE |                     \
        LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
        LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR |  \
        ACCESS_REFER | ACCESS_TRUNCATE)
#define ACCESS_OF_A_FILE                                            \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
        ACCESS_TRUNCATE)

/* A newer version's attributes; an older kernel takes it when what it does not
 * know is zero. */
struct ruleset {
    uint64_t files;
    uint64_t net;
    uint64_t scoped;
};

static int find_version(void)
{
    long version = syscall(
        SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    return version < 0 ? 0 : (int)version;
}

/* All that the kernel can rule is refused, unless a rule lets it through; the
 * validator alone connects. */
static struct ruleset ruleset_of(int version, enum sandbox_role role)
{
    struct ruleset ruleset = {.files = ACCESS_ALL_OF_1};

    if (version >= 2)
        ruleset.files |= ACCESS_REFER;
    if (version >= 3)
        ruleset.files |= ACCESS_TRUNCATE;
    if (version >= 5)
        ruleset.files |= ACCESS_IOCTL_DEV;
    if (version >= 4)
        ruleset.net =
            role == SANDBOX_VALIDATOR ? NET_BIND : NET_BIND | NET_CONNECT;
    if (version >= 6)
        ruleset.scoped = SCOPED_ALL_OF_6;
    return ruleset;
}

static bool allow_path(
    int rules, const char *path, uint64_t access, struct failure *why)
{
    SCOPED_DESCRIPTOR int place = open(path, O_PATH | O_CLOEXEC);
    struct landlock_path_beneath_attr beneath = {.parent_fd = place};
    struct stat found;

    if (place < 0 || fstat(place, &found) != 0)
        return fail_in_file(why, "locking in to", path);
    beneath.allowed_access =
        S_ISDIR(found.st_mode) ? access : access & ACCESS_OF_A_FILE;
    if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
            &beneath, 0) != 0)
        return fail_in_file(why, "locking in to", path);
    return true;
}

static bool allow_paths(
    int rules, const char *const *paths, uint64_t access, struct failure *why)
{
    for (; paths != NULL && *paths != NULL; paths++) {
        if (!allow_path(rules, *paths, access, why))
            return false;
    }
    return true;
}

/* A sanitizer reads its own process when it reports. */
static const char *const sanitizer_paths[] = {
#ifdef CHANCERY_SANITIZED
    "/proc",
#endif
    NULL};

bool sandbox_limit_files(
    const struct sandbox *sandbox, int *abi, struct failure *why)
{
    SCOPED_DESCRIPTOR int rules = -1;
    int version = find_version();
    struct ruleset ruleset = ruleset_of(version, sandbox->role);

    *abi = version;
    if (version == 0)
        return true;
    rules =
        (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);
    if (rules < 0)
        return fail_in_file(why, "making rules for", "Landlock");
    if (!allow_paths(
            rules, sandbox->writable, ACCESS_WRITE & ruleset.files, why) ||
        !allow_paths(rules, sandbox->readable, ACCESS_READ, why) ||
        !allow_paths(rules, sanitizer_paths, ACCESS_READ, why))
        return false;
    if (syscall(SYS_landlock_restrict_self, rules, 0) != 0)
        return fail_in_file(why, "entering the rules of", "Landlock");
    return true;
}
