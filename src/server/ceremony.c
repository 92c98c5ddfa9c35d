#include "server/ceremony.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file_failure.h"
#include "server/client.h"
#include "server/keys_client.h"

#define WAIT_MS 60000
#define RETRY_MS 20

/* --- the lock ------------------------------------------------------------ */

bool ceremony_lock(
    const struct ceremony *ceremony, int *lock, struct failure *why)
{
    const struct place *place = &ceremony->place;
    int64_t deadline_ms = clock_monotonic_ms() + WAIT_MS;

    for (;;) {
        if (client_is_served(place))
            return fail_because(why, FAILURE_UNAVAILABLE,
                "%s is being served; authorities are changed only while it is "
                "not: stop the server first, or, where `chancery unlock` "
                "alone holds it, `chancery lock`",
                place->directory);
        if (!place_lock(place, lock, why))
            return false;
        if (*lock >= 0)
            return true;
        if (clock_monotonic_ms() > deadline_ms)
            return fail_because(why, FAILURE_UNAVAILABLE,
                "another command has held %s for %d s", place->directory,
                WAIT_MS / 1000);
        (void)poll(NULL, 0, RETRY_MS);
    }
}

bool ceremony_folder(const struct ceremony *ceremony, bool kept_apart,
    char path[static PATH_ROOM], struct failure *why)
{
    if (!kept_apart)
        return place_path(&ceremony->place, "keys", path, why);
    if (ceremony->root_folder == NULL)
        return place_path(&ceremony->place, "keys/root", path, why);
    (void)snprintf(path, PATH_ROOM, "%s", ceremony->root_folder);
    return true;
}

/* --- passphrases --------------------------------------------------------- */

static bool unlock_path(const struct ceremony *ceremony, bool kept_apart,
    char path[static PATH_ROOM], struct failure *why)
{
    if (!kept_apart)
        return place_path(&ceremony->place, "keys/unlock", path, why);
    return ceremony->root_folder == NULL
               ? place_path(&ceremony->place, "keys/unlock-root", path, why)
               : path_join(path, ceremony->root_folder, "unlock-root", why);
}

/* Each time a description of its own: two readers of one would share its
 * offset. */
static bool open_passphrase(const struct ceremony *ceremony, bool kept_apart,
    int *descriptor, struct failure *why)
{
    int given = kept_apart ? ceremony->root_passphrase : ceremony->passphrase;
    char path[PATH_ROOM];

    if (given < 0)
        return unlock_path(ceremony, kept_apart, path, why) &&
               file_open(path, O_RDONLY, 0, descriptor, why);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", given);
    *descriptor = open(path, O_RDONLY | O_CLOEXEC);
    return *descriptor >= 0 || fail_in_file(why, "opening", "the passphrase");
}

bool ceremony_has_passphrase(
    const struct ceremony *ceremony, bool kept_apart, struct failure *why)
{
    int given = kept_apart ? ceremony->root_passphrase : ceremony->passphrase;
    char path[PATH_ROOM];

    if (given >= 0)
        return true;
    if (!unlock_path(ceremony, kept_apart, path, why))
        return false;
    return access(path, F_OK) == 0 ||
           fail_because(why, FAILURE_UNAVAILABLE,
               "the new key needs a passphrase: %s is not there, so give "
               "--%spassphrase-file FILE",
               path, kept_apart ? "root-" : "");
}

/* --- the key ------------------------------------------------------------- */

struct making {
    const struct ceremony *ceremony;
    const struct ceremony_key *key;
    char folder[PATH_ROOM], path[PATH_ROOM], new_path[PATH_ROOM];
};

static bool name_files(struct making *making, struct failure *why)
{
    char name[PROFILE_NAME_MAX + 16];

    (void)snprintf(name, sizeof(name), "%s.key", making->key->name);
    if (!ceremony_folder(
            making->ceremony, making->key->kept_apart, making->folder, why) ||
        !path_join(making->path, making->folder, name, why))
        return false;
    (void)snprintf(name, sizeof(name), "%s.key.new", making->key->name);
    return path_join(making->new_path, making->folder, name, why);
}

static bool open_new(
    const struct making *making, int *file, struct failure *why)
{
    const struct place *place = &making->ceremony->place;

    (void)unlink(making->new_path);
    if (!file_open(
            making->new_path, O_RDWR | O_CREAT | O_EXCL, 0600, file, why))
        return false;
    return geteuid() != 0 || fchown(*file, place->owner, place->group) == 0 ||
           fail_in_file(why, "giving to its owner", making->new_path);
}

/* Encrypted anew, which proves that the passphrase opens it. */
static bool take_leftover(const struct making *making, int file,
    struct keys_report *report, struct failure *why)
{
    SCOPED_DESCRIPTOR int left = -1;
    SCOPED_DESCRIPTOR int old_passphrase = -1;
    SCOPED_DESCRIPTOR int passphrase = -1;
    struct failure cause = {0};

    if (!file_open(making->path, O_RDONLY, 0, &left, why) ||
        !open_passphrase(
            making->ceremony, making->key->kept_apart, &old_passphrase, why) ||
        !open_passphrase(
            making->ceremony, making->key->kept_apart, &passphrase, why))
        return false;
    if (keys_encrypt_anew(making->ceremony->program, left, file, old_passphrase,
            passphrase, making->key->subject, report, &cause))
        return true;
    return fail_because(why, FAILURE_CONFLICT,
        "%.120s is there already, and can't be used: %.100s; move it away, or "
        "take another name",
        making->path, cause.reason);
}

static bool make_new(const struct making *making, int file,
    struct keys_report *report, struct failure *why)
{
    SCOPED_DESCRIPTOR int passphrase = -1;

    return open_passphrase(
               making->ceremony, making->key->kept_apart, &passphrase, why) &&
           (keys_make(making->ceremony->program, making->key->algorithm,
                making->key->subject, file, passphrase, report, why) ||
               keys_failed_at(making->new_path, why));
}

static bool make(
    const struct making *making, struct buffer *request, struct failure *why)
{
    RELEASED(keys_report) report = {0};
    SCOPED_DESCRIPTOR int file = -1;
    bool is_there = access(making->path, F_OK) == 0;

    if (!open_new(making, &file, why) ||
        !(is_there ? take_leftover(making, file, &report, why)
                   : make_new(making, file, &report, why)))
        return false;
    if (rename(making->new_path, making->path) != 0)
        return fail_in_file(why, "putting in place", making->new_path);
    return folder_sync(making->folder, why) &&
           buffer_append(request, report.request, why);
}

bool ceremony_make_key(const struct ceremony *ceremony,
    const struct ceremony_key *key, struct buffer *request, bool *is_new,
    struct failure *why)
{
    struct making making = {.ceremony = ceremony, .key = key};
    SCOPED_DESCRIPTOR int lock = -1;

    if (!ceremony_lock(ceremony, &lock, why) || !name_files(&making, why))
        return false;
    *is_new = access(making.path, F_OK) != 0;
    if (make(&making, request, why))
        return true;
    (void)unlink(making.new_path);
    return false;
}

static bool remove_file(const char *folder, const char *name,
    const char *suffix, struct failure *why)
{
    char file[PROFILE_NAME_MAX + 16], path[PATH_ROOM];

    (void)snprintf(file, sizeof(file), "%s%s", name, suffix);
    if (!path_join(path, folder, file, why))
        return false;
    return unlink(path) == 0 || errno == ENOENT ||
           fail_in_file(why, "removing", path);
}

/* The certificate first: without its key it would be a pair that is broken. */
bool ceremony_remove_key(const struct ceremony *ceremony, const char *name,
    bool kept_apart, struct failure *why)
{
    SCOPED_DESCRIPTOR int lock = -1;
    char folder[PATH_ROOM];

    return ceremony_lock(ceremony, &lock, why) &&
           ceremony_folder(ceremony, kept_apart, folder, why) &&
           remove_file(folder, name, ".crt", why) &&
           remove_file(folder, name, ".key", why) && folder_sync(folder, why);
}
