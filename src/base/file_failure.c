#include "base/file_failure.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define PASSWORD_LINE_BYTES_MAX 1024

/* What geteuid, which has no error, gives in a role that locked itself in. */
#define REFUSED_TO_TELL ((uid_t)-1)

/* What stands in the way of an access. */
struct obstacle {
    char path[PATH_ROOM];
    struct stat found;
    int missing; /* R_OK, W_OK, X_OK */
};

/* Not getpwuid: it loads modules and asks sockets, which kills a role that
 * locked itself in.  Without /etc/passwd the number has to do. */
static void read_user_name(
    FILE *passwords, unsigned int user, char text[static USER_TEXT])
{
    char line[PASSWORD_LINE_BYTES_MAX];
    struct passwd entry;
    struct passwd *found = NULL;

    while (fgetpwent_r(passwords, &entry, line, sizeof(line), &found) == 0) {
        if (found->pw_uid == user) {
            (void)snprintf(text, USER_TEXT, "%.32s (%u)", found->pw_name, user);
            return;
        }
    }
}

void user_print(unsigned int user, char text[static USER_TEXT])
{
    FILE *passwords = fopen("/etc/passwd", "re");

    (void)snprintf(text, USER_TEXT, "user %u", user);
    if (passwords == NULL)
        return;
    read_user_name(passwords, user, text);
    (void)fclose(passwords);
}

void path_print(const char *path, char text[static PATH_SHOWN])
{
    size_t length = strlen(path);

    if (length < PATH_SHOWN)
        (void)snprintf(text, PATH_SHOWN, "%s", path);
    else
        (void)snprintf(
            text, PATH_SHOWN, "...%s", path + length - (PATH_SHOWN - 4));
}

static enum failure_kind kind_of(int error)
{
    switch (error) {
    case ENOENT:
        return FAILURE_NOT_FOUND;
    case EACCES:
    case EPERM:
        return FAILURE_FORBIDDEN;
    case EEXIST:
    case ENOTEMPTY:
        return FAILURE_CONFLICT;
    case ENOSPC:
    case EDQUOT:
    case EIO:
    case EROFS:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
    case EBUSY:
        return FAILURE_UNAVAILABLE;
    case EFBIG:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case ENOTDIR:
    case ENXIO:
        return FAILURE_UNSUITABLE;
    default:
        return FAILURE_INTERNAL;
    }
}

/* Fails only where the mode bits refuse: root passes everywhere. */
static bool stands_in_the_way(struct obstacle *obstacle, int missing)
{
    obstacle->missing = missing;
    return stat(obstacle->path, &obstacle->found) == 0 &&
           faccessat(AT_FDCWD, obstacle->path, missing, AT_EACCESS) != 0;
}

static bool is_folder_end(const char *path, size_t length)
{
    return path[length] == '/' && (length == 0 || path[length - 1] != '/');
}

/* The first folder on the way to the path that may not be searched.  On return
 * of false obstacle->path is the path's own folder. */
static bool find_closed_folder(const char *path, struct obstacle *obstacle)
{
    (void)snprintf(obstacle->path, sizeof(obstacle->path), "%s",
        path[0] == '/' ? "/" : ".");
    if (stands_in_the_way(obstacle, X_OK))
        return true;

    for (size_t i = 1; path[i] != '\0' && i < sizeof(obstacle->path); i++) {
        if (!is_folder_end(path, i))
            continue;
        (void)snprintf(
            obstacle->path, sizeof(obstacle->path), "%.*s", (int)i, path);
        if (stands_in_the_way(obstacle, X_OK))
            return true;
    }
    return false;
}

static bool find_obstacle(
    const char *path, int wanted, struct obstacle *obstacle)
{
    if (find_closed_folder(path, obstacle))
        return true;
    if (wanted == FILE_WANTED_ENTRY || access(path, F_OK) != 0)
        return stands_in_the_way(obstacle, W_OK) ||
               stands_in_the_way(obstacle, R_OK);

    (void)snprintf(obstacle->path, sizeof(obstacle->path), "%s", path);
    if ((wanted & R_OK) != 0 && stands_in_the_way(obstacle, R_OK))
        return true;
    if ((wanted & W_OK) != 0 && stands_in_the_way(obstacle, W_OK))
        return true;
    return (wanted & X_OK) != 0 && stands_in_the_way(obstacle, X_OK);
}

static const char *permission_name(int missing, bool is_folder)
{
    if (missing == R_OK)
        return "read permission (0400 as its owner)";
    if (missing == W_OK)
        return "write permission (0200 as its owner)";
    return is_folder ? "search permission (0100 as its owner)"
                     : "execute permission (0100 as its owner)";
}

/* The folder or file that refuses, with what its owner would have to change. */
static bool fail_for_access(struct failure *why, const char *doing,
    const char *path, int error, int wanted)
{
    struct obstacle obstacle = {0};
    char shown[PATH_SHOWN];
    char refusing[PATH_SHOWN] = "it";
    char owner[USER_TEXT];
    char asking[USER_TEXT];
    uid_t user = geteuid();

    path_print(path, shown);
    if (user == REFUSED_TO_TELL)
        return fail_because(why, kind_of(error),
            "%s %s: %s; this process has locked itself in (docs/sandbox.md)",
            doing, shown, strerrordesc_np(error));
    user_print(user, asking);
    if (!find_obstacle(path, wanted, &obstacle))
        return fail_because(why, kind_of(error),
            "%s %s: %s for %s, though its owner and mode allow it", doing,
            shown, strerrordesc_np(error), asking);

    if (strcmp(obstacle.path, path) != 0)
        path_print(obstacle.path, refusing);
    user_print(obstacle.found.st_uid, owner);
    return fail_because(why, kind_of(error),
        "%s %s: %s belongs to %s, mode %04o; %s needs %s", doing, shown,
        refusing, owner, (unsigned int)obstacle.found.st_mode & 07777u, asking,
        permission_name(obstacle.missing, S_ISDIR(obstacle.found.st_mode)));
}

bool fail_in_file_wanting(
    struct failure *why, const char *doing, const char *path, int wanted)
{
    int error = errno;
    char shown[PATH_SHOWN];

    if (error == EACCES || error == EPERM)
        return fail_for_access(why, doing, path, error, wanted);

    path_print(path, shown);
    if (error == ELOOP)
        return fail_because(why, kind_of(error),
            "%s %s: it is a symbolic link, which is not followed here", doing,
            shown);
    return fail_because(
        why, kind_of(error), "%s %s: %s", doing, shown, strerrordesc_np(error));
}

bool fail_in_file(struct failure *why, const char *doing, const char *path)
{
    return fail_in_file_wanting(why, doing, path, R_OK);
}
