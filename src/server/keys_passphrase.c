#include "server/founding.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/founding_stage.h"
#include "server/keys_client.h"

/*
 * The new key file stands complete and proved beside the old one before one
 * rename puts it in place.  The new keys/unlock is there under another name
 * before that and takes its place right after; a kill in between leaves a
 * keys/unlock.new that `keys passphrase` and the opening of keys try as well.
 */
struct change {
    const struct place *place;
    char folder[PATH_ROOM]; /* of the key */
    char key[PATH_ROOM], new_key[PATH_ROOM];
    char unlock[PATH_ROOM], new_unlock[PATH_ROOM];
    int old_passphrase, new_passphrase; /* ours to close */
    bool is_random;
};

static void change_free(struct change *change)
{
    /* What was not put in place is taken away. */
    if (change->new_key[0] != '\0')
        (void)unlink(change->new_key);
    if (change->is_random && change->new_unlock[0] != '\0')
        (void)unlink(change->new_unlock);
    descriptor_close(&change->old_passphrase);
    descriptor_close(&change->new_passphrase);
}

static bool name_files(struct change *change, const char *authority, bool root,
    struct failure *why)
{
    char keys[PATH_ROOM], name[PROFILE_NAME_MAX + 16];

    if (strlen(authority) >= PROFILE_NAME_MAX || strchr(authority, '/') != NULL)
        return fail_because(why, FAILURE_NOT_FOUND,
            "there is no authority \"%.80s\"", authority);
    (void)snprintf(name, sizeof(name), "%s.key", authority);
    return place_path(change->place, "keys", keys, why) &&
           path_join(change->folder, keys, root ? "root" : "", why) &&
           path_join(change->key, change->folder, name, why) &&
           path_join(
               change->unlock, keys, root ? "unlock-root" : "unlock", why) &&
           (snprintf(
                change->new_unlock, PATH_ROOM, "%.1000s.new", change->unlock),
               true);
}

static bool open_old(
    struct change *change, int old_passphrase, struct failure *why)
{
    if (old_passphrase < 0)
        return file_open(
            change->unlock, O_RDONLY, 0, &change->old_passphrase, why);
    change->old_passphrase = fcntl(old_passphrase, F_DUPFD_CLOEXEC, 3);
    (void)lseek(change->old_passphrase, 0, SEEK_SET);
    return change->old_passphrase >= 0 || fail_because(why, FAILURE_INTERNAL,
                                              "the passphrase can't be copied");
}

static bool open_new(
    struct change *change, int new_passphrase, struct failure *why)
{
    change->is_random = new_passphrase < 0;
    if (change->is_random) {
        (void)unlink(change->new_unlock);
        return write_random_passphrase(
            change->new_unlock, &change->new_passphrase, why);
    }
    change->new_passphrase = fcntl(new_passphrase, F_DUPFD_CLOEXEC, 3);
    (void)lseek(change->new_passphrase, 0, SEEK_SET);
    return change->new_passphrase >= 0 || fail_because(why, FAILURE_INTERNAL,
                                              "the passphrase can't be copied");
}

static bool write_new_key(
    struct change *change, const char *program, struct failure *why)
{
    RELEASED(keys_report) report = {0};
    SCOPED_DESCRIPTOR int old_file = -1;
    SCOPED_DESCRIPTOR int new_file = -1;
    char path[PATH_ROOM];

    if (!file_open(change->key, O_RDONLY, 0, &old_file, why))
        return false;
    (void)snprintf(path, sizeof(path), "%.1000s.new", change->key);
    (void)unlink(path);
    if (!file_open(path, O_RDWR | O_CREAT | O_EXCL, 0600, &new_file, why))
        return false;
    (void)snprintf(change->new_key, PATH_ROOM, "%s", path);
    if (geteuid() == 0 &&
        fchown(new_file, change->place->owner, change->place->group) != 0)
        return fail_in_file(why, "giving to its owner", path);
    return keys_encrypt_anew(program, old_file, new_file,
               change->old_passphrase, change->new_passphrase,
               (struct bytes){0}, &report, why) ||
           (why->kind == FAILURE_UNAVAILABLE && keys_failed_at(path, why));
}

static bool put_unlock_in_place(struct change *change, struct failure *why)
{
    char keys[PATH_ROOM];

    if (change->is_random) {
        if (rename(change->new_unlock, change->unlock) != 0)
            return fail_in_file(why, "putting in place", change->new_unlock);
        change->is_random = false;
    } else if (unlink(change->unlock) != 0 &&
               access(change->unlock, F_OK) == 0) {
        return fail_in_file(why, "removing", change->unlock);
    }
    return place_path(change->place, "keys", keys, why) &&
           folder_sync(keys, why);
}

static bool put_in_place(struct change *change, struct failure *why)
{
    if (rename(change->new_key, change->key) != 0)
        return fail_in_file(why, "putting in place", change->new_key);
    change->new_key[0] = '\0';
    return folder_sync(change->folder, why) && put_unlock_in_place(change, why);
}

bool change_passphrase(const struct place *place, const char *program,
    const char *authority, bool root, int old_passphrase, int new_passphrase,
    struct failure *why)
{
    RELEASED(change)
    change = {.place = place, .old_passphrase = -1, .new_passphrase = -1};
    SCOPED_DESCRIPTOR int lock = -1;

    if (!place_lock(place, &lock, why))
        return false;
    if (lock < 0)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "another command holds %s; lock it first, then try again",
            place->directory);
    return name_files(&change, authority, root, why) &&
           open_old(&change, old_passphrase, why) &&
           open_new(&change, new_passphrase, why) &&
           write_new_key(&change, program, why) && put_in_place(&change, why);
}
