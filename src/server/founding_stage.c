#include "server/founding_stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/random.h"

/* --- beginning ----------------------------------------------------------- */

/* DIR's own entry must outlive a power cut as what lies in it does. */
static bool sync_parent(const char *directory, struct failure *why)
{
    char parent[PATH_ROOM];
    size_t length = (size_t)(strrchr(directory, '/') - directory);

    (void)snprintf(parent, sizeof(parent), "%.*s",
        length == 0 ? 1 : (int)length, directory);
    return folder_sync(parent, why);
}

/* DIR itself: made when it is not there, its parent must be. */
static bool open_directory(
    const struct founding *founding, struct stage *stage, struct failure *why)
{
    struct stat status;

    /* Others may pass through to publish/, and see nothing else. */
    if (mkdir(founding->directory, 0711) == 0)
        stage->made_directory = chmod(founding->directory, 0711) == 0;
    else if (errno != EEXIST)
        return fail_in_file(why, "making", founding->directory);
    if (!place_resolve(founding->directory, stage->directory, why))
        return false;
    if (stat(stage->directory, &status) != 0)
        return fail_in_file(why, "opening", founding->directory);
    if (!S_ISDIR(status.st_mode))
        return fail_because(
            why, FAILURE_CONFLICT, "%s is no folder", founding->directory);
    stage->building.owner = status.st_uid;
    stage->building.group = status.st_gid;
    return !stage->made_directory || sync_parent(stage->directory, why);
}

/* An init at work may have removed, as a leftover, what was opened here. */
static bool is_still_there(const char *path, int descriptor)
{
    struct stat opened, there;

    return fstat(descriptor, &opened) == 0 && lstat(path, &there) == 0 &&
           opened.st_dev == there.st_dev && opened.st_ino == there.st_ino;
}

/* stage->hold is set only when the folder is ours: stage_free removes what is
 * held. */
static bool hold(struct stage *stage, struct failure *why)
{
    const char *path = stage->building.directory;
    SCOPED_DESCRIPTOR int descriptor = -1;

    if (!file_open(path, O_RDONLY | O_DIRECTORY, 0, &descriptor, why))
        return false;
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 ||
        !is_still_there(path, descriptor))
        return fail_because(why, FAILURE_CONFLICT,
            "another init is at work in %s", stage->directory);
    stage->hold = descriptor_keep(&descriptor);
    return true;
}

/* What a killed init left behind holds no lock any more. */
static bool remove_leftover(struct stage *stage, struct failure *why)
{
    if (access(stage->building.directory, F_OK) != 0)
        return true;
    if (!hold(stage, why) || !folder_remove(stage->building.directory, why))
        return false;
    descriptor_close(&stage->hold);
    return true;
}

static bool mark_root_out(
    const char *folder, int flags, struct stage *stage, struct failure *why)
{
    char path[PATH_ROOM];

    if (!path_join(path, folder, PLACE_BUILDING, why) ||
        !file_open(path, O_RDWR | flags, 0600, &stage->root_out_hold, why))
        return false;
    return flock(stage->root_out_hold, LOCK_EX | LOCK_NB) == 0 ||
           fail_because(
               why, FAILURE_CONFLICT, "another init is at work in %s", folder);
}

/* A folder that a killed init left there bears its mark, and nobody holds it.
 */
static bool remove_root_leftover(
    const char *folder, struct stage *stage, struct failure *why)
{
    char path[PATH_ROOM];
    bool ok;

    if (!path_join(path, folder, PLACE_BUILDING, why))
        return false;
    if (access(path, F_OK) != 0)
        return true;
    ok = mark_root_out(folder, 0, stage, why) && folder_remove(folder, why);
    descriptor_close(&stage->root_out_hold);
    return ok;
}

static bool make_root_out(
    const char *folder, struct stage *stage, struct failure *why)
{
    (void)snprintf(stage->root_folder, PATH_ROOM, "%s", folder);
    if (!remove_root_leftover(folder, stage, why) ||
        !folder_make(folder, 0700, why))
        return false;
    stage->made_root_out = true;
    return mark_root_out(folder, O_CREAT | O_EXCL, stage, why);
}

static bool unmark_root_out(struct stage *stage, struct failure *why)
{
    char path[PATH_ROOM];

    if (!stage->made_root_out)
        return true;
    if (!path_join(path, stage->root_folder, PLACE_BUILDING, why))
        return false;
    return unlink(path) == 0 || fail_in_file(why, "removing", path);
}

static bool make_folders(
    const struct founding *founding, struct stage *stage, struct failure *why)
{
    char keys[PATH_ROOM], publish[PATH_ROOM], ca[PATH_ROOM];

    if (!path_join(keys, stage->building.directory, "keys", why) ||
        !path_join(publish, stage->building.directory, "publish", why) ||
        !path_join(ca, publish, "ca", why) || !folder_make(keys, 0700, why) ||
        !folder_make(publish, 0755, why) || !folder_make(ca, 0755, why))
        return false;
    if (founding->one_tier || founding->subordinate) {
        (void)snprintf(stage->root_folder, PATH_ROOM, "%s", keys);
        return true;
    }
    if (founding->root_out == NULL)
        return path_join(stage->root_folder, keys, "root", why) &&
               folder_make(stage->root_folder, 0700, why);
    return make_root_out(founding->root_out, stage, why);
}

/* Keys that lie in DIR/keys already are not ours to replace. */
static bool check_keys_stay(const struct founding *founding,
    const struct stage *stage, struct failure *why)
{
    const char *name =
        founding->one_tier ? "keys/root.key" : "keys/issuing.key";
    char path[PATH_ROOM];

    if (!path_join(path, stage->directory, name, why))
        return false;
    if (access(path, F_OK) != 0)
        return true;
    return fail_because(why, FAILURE_CONFLICT,
        "%s would be replaced: give that file another name", path);
}

static bool begin(
    const struct founding *founding, struct stage *stage, struct failure *why)
{
    if (!place_check_unused(founding->directory, why) ||
        !open_directory(founding, stage, why) ||
        !path_join(
            stage->building.directory, stage->directory, PLACE_BUILDING, why) ||
        !remove_leftover(stage, why) ||
        !folder_make(stage->building.directory, 0700, why))
        return false;
    /* Another init may have ended between the first look and the hold. */
    return hold(stage, why) && place_check_unused(founding->directory, why) &&
           check_keys_stay(founding, stage, why) &&
           make_folders(founding, stage, why);
}

bool stage_begin(
    const struct founding *founding, struct stage *stage, struct failure *why)
{
    *stage = (struct stage){.hold = -1, .root_out_hold = -1};
    if (begin(founding, stage, why))
        return true;
    stage_free(stage);
    return false;
}

void stage_free(struct stage *stage)
{
    struct failure ignored = {0};

    /* Another's building is left alone: only who holds it takes it away. */
    if (!stage->is_kept && stage->hold >= 0)
        (void)!folder_remove(stage->building.directory, &ignored);
    if (!stage->is_kept && stage->made_root_out)
        (void)!folder_remove(stage->root_folder, &ignored);
    if (!stage->is_kept && stage->made_directory)
        (void)rmdir(stage->directory);
    descriptor_close(&stage->hold);
    descriptor_close(&stage->root_out_hold);
    stage->is_kept = true;
}

/* --- files --------------------------------------------------------------- */

bool stage_new_key(const struct stage *stage, bool root, const char *name,
    int *descriptor, char path[static PATH_ROOM], struct failure *why)
{
    char keys[PATH_ROOM];

    if (!path_join(keys, stage->building.directory, "keys", why) ||
        !path_join(path, root ? stage->root_folder : keys, name, why))
        return false;
    return file_open(path, O_RDWR | O_CREAT | O_EXCL, 0600, descriptor, why);
}

bool write_random_passphrase(
    const char *path, int *descriptor, struct failure *why)
{
    RELEASED(secret) text = {0};
    uint8_t random[32];
    bool ok = secret_new(&text, 2 * sizeof(random) + 1, why);

    if (!ok)
        return false;
    random_fill(random, sizeof(random));
    hex_print((struct bytes){random, sizeof(random)}, (char *)text.start);
    text.start[2 * sizeof(random)] = '\n';
    ok = file_write(path, secret_view(&text), 0400, FILE_NEW_ONLY, why) &&
         file_open(path, O_RDONLY, 0, descriptor, why);
    wipe(random, sizeof(random));
    return ok;
}

static bool give_tree(
    const char *path, uid_t owner, gid_t group, struct failure *why)
{
    struct dirent **entries = NULL;
    struct stat status;
    bool ok = true;
    int count;

    if (lstat(path, &status) != 0 || lchown(path, owner, group) != 0)
        return fail_in_file(why, "giving to its owner", path);
    if (!S_ISDIR(status.st_mode))
        return true;
    count = scandir(path, &entries, NULL, NULL);
    if (count < 0)
        return fail_in_file(why, "opening", path);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        char below[PATH_ROOM];

        if (ok && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
            ok = path_join(below, path, name, why) &&
                 give_tree(below, owner, group, why);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

bool stage_give_to_owner(const struct stage *stage, struct failure *why)
{
    if (geteuid() != 0 || stage->building.owner == 0)
        return true;
    return give_tree(stage->building.directory, stage->building.owner,
        stage->building.group, why);
}

/* --- the end ------------------------------------------------------------- */

static bool sync_folders(const struct stage *stage, struct failure *why)
{
    static const char *const folders[] = {"keys", "publish", "publish/ca"};
    char path[PATH_ROOM];

    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        if (!place_path(&stage->building, folders[i], path, why) ||
            !folder_sync(path, why))
            return false;
    }
    return folder_sync(stage->root_folder, why) &&
           folder_sync(stage->building.directory, why);
}

bool stage_keep(struct stage *stage, struct failure *why)
{
    struct place place = {0};
    char ready[PATH_ROOM], lock[PATH_ROOM];

    /* DIR gets a lock of its own, which who settles it holds. */
    if (!place_path(&stage->building, "lock", lock, why) ||
        !path_join(ready, stage->directory, PLACE_READY, why))
        return false;
    if (unlink(lock) != 0)
        return fail_in_file(why, "removing", lock);
    if (!unmark_root_out(stage, why) || !sync_folders(stage, why))
        return false;
    if (rename(stage->building.directory, ready) != 0)
        return fail_in_file(why, "putting in place", stage->building.directory);
    stage->is_kept = true;
    return folder_sync(stage->directory, why) &&
           place_open(stage->directory, &place, why);
}
