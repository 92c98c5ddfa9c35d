#include "server/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void folder_close(DIR *folder)
{
    if (folder != NULL)
        (void)closedir(folder);
}

DEFINE_SCOPED(DIR, folder_close)

static bool exists(const char *directory, const char *name)
{
    char path[PATH_ROOM];
    struct failure ignored = {0};
    struct stat status;

    return path_join(path, directory, name, &ignored) &&
           lstat(path, &status) == 0;
}

/* --- settling ------------------------------------------------------------ */

static bool settle_folder(
    const char *from, const char *into, struct failure *why);

static bool settle_entry(
    const char *from, const char *into, const char *name, struct failure *why)
{
    char source[PATH_ROOM];
    char target[PATH_ROOM];
    struct stat status;

    if (!path_join(source, from, name, why) ||
        !path_join(target, into, name, why))
        return false;
    if (lstat(source, &status) != 0)
        return fail_in_file(why, "looking at", source);
    if (!S_ISDIR(status.st_mode)) {
        if (rename(source, target) != 0)
            return fail_in_file(why, "moving into place", source);
        return true;
    }
    if (mkdir(target, status.st_mode & 0777) != 0 && errno != EEXIST)
        return fail_in_file(why, "making", target);
    /* It may have been there, open to others, with keys to be used. */
    if (chmod(target, status.st_mode & 0777) != 0)
        return fail_in_file(why, "closing to others", target);
    if (chown(target, status.st_uid, status.st_gid) != 0)
        return fail_in_file(why, "giving to its owner", target);
    return settle_folder(source, target, why);
}

/* chancery.yaml goes last: where it is, everything is. */
static bool settle_folder(
    const char *from, const char *into, struct failure *why)
{
    SCOPED(DIR) *folder = opendir(from);
    const struct dirent *entry;
    bool has_settings = false;

    if (folder == NULL)
        return fail_in_file(why, "opening", from);
    while ((entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (strcmp(entry->d_name, "chancery.yaml") == 0) {
            has_settings = true;
            continue;
        }
        if (!settle_entry(from, into, entry->d_name, why))
            return false;
    }
    if (!folder_sync(into, why))
        return false;
    if (has_settings && (!settle_entry(from, into, "chancery.yaml", why) ||
                            !folder_sync(into, why)))
        return false;
    if (rmdir(from) != 0)
        return fail_in_file(why, "removing", from);
    return true;
}

bool place_settle(const char *directory, struct failure *why)
{
    char ready[PATH_ROOM];

    if (!path_join(ready, directory, PLACE_READY, why))
        return false;
    if (!exists(directory, PLACE_READY))
        return true;
    return settle_folder(ready, directory, why) && folder_sync(directory, why);
}

/* --- opening ------------------------------------------------------------- */

bool place_path(const struct place *place, const char *name,
    char path[static PATH_ROOM], struct failure *why)
{
    return path_join(path, place->directory, name, why);
}

#define SETTLE_TRIES 500
#define SETTLE_PAUSE_MS 20

/* Who finds the lock taken waits for the other one to have settled it. */
static bool settle_under_lock(const struct place *place, struct failure *why)
{
    for (int i = 0; i < SETTLE_TRIES; i++) {
        SCOPED_DESCRIPTOR int lock = -1;

        if (!exists(place->directory, PLACE_READY))
            return true;
        if (!place_lock(place, &lock, why))
            return false;
        if (lock >= 0)
            return place_settle(place->directory, why);
        (void)poll(NULL, 0, SETTLE_PAUSE_MS);
    }
    return fail_because(why, FAILURE_UNAVAILABLE,
        "%s is still being set up by another command", place->directory);
}

bool place_resolve(
    const char *directory, char path[static PATH_ROOM], struct failure *why)
{
    char *resolved = realpath(directory, NULL);
    bool fits;

    if (resolved == NULL)
        return fail_in_file(why, "opening", directory);
    fits = strlen(resolved) < PATH_ROOM;
    if (fits)
        memcpy(path, resolved, strlen(resolved) + 1);
    free(resolved);
    return fits || fail_because(why, FAILURE_UNSUITABLE,
                       "the path of %.80s... is longer than %d bytes",
                       directory, PATH_ROOM - 1);
}

bool place_open(const char *directory, struct place *place, struct failure *why)
{
    struct place found = {0};
    struct stat status;

    if (access(directory, F_OK) != 0 && errno == ENOENT)
        return fail_because(why, FAILURE_NOT_FOUND,
            "there is no authority in %s: make one with chancery init",
            directory);
    if (!place_resolve(directory, found.directory, why))
        return false;
    if (stat(found.directory, &status) != 0)
        return fail_in_file(why, "looking at", directory);
    found.owner = status.st_uid;
    found.group = status.st_gid;
    if (!settle_under_lock(&found, why))
        return false;
    if (!exists(found.directory, "chancery.yaml") &&
        access(found.directory, X_OK) == 0)
        return fail_because(why, FAILURE_NOT_FOUND,
            "there is no authority in %s: make one with chancery init",
            directory);
    *place = found;
    return true;
}

bool place_check_unused(const char *directory, struct failure *why)
{
    static const char *const used[] = {"chancery.yaml", "chancery.db",
        "sign.log", PLACE_READY, "keys/unlock", "keys/unlock-root",
        "keys/root"};

    for (size_t i = 0; i < sizeof(used) / sizeof(*used); i++) {
        if (exists(directory, used[i]))
            return fail_because(why, FAILURE_CONFLICT,
                "%s is in use: it holds %s; an authority is made once, in a "
                "folder of its own (--dir)",
                directory, used[i]);
    }
    return true;
}

bool place_lock(const struct place *place, int *lock, struct failure *why)
{
    SCOPED_DESCRIPTOR int descriptor = -1;
    char path[PATH_ROOM];

    if (!place_path(place, "lock", path, why) ||
        !file_open(path, O_RDWR | O_CREAT, 0600, &descriptor, why))
        return false;
    if (geteuid() == 0 && fchown(descriptor, place->owner, place->group) != 0)
        return fail_in_file(why, "giving to its owner", path);
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        *lock = descriptor_keep(&descriptor);
    else if (errno == EWOULDBLOCK)
        *lock = -1;
    else
        return fail_in_file(why, "locking", path);
    return true;
}
