#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_failure.h"
#include "base/random.h"

#define READ_STEP_BYTES ((size_t)64 * 1024)
#define SECRET_BYTES_MAX ((size_t)64 * 1024)
#define FOLDER_DEPTH_MAX 32
#define BESIDE_BYTES 18 /* what the name beside adds to a name */

static bool read_some(int descriptor, const char *name, uint8_t *start,
    size_t room, size_t *got, struct failure *why)
{
    ssize_t count;

    do
        count = read(descriptor, start, room);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return fail_in_file(why, "reading", name);
    *got = (size_t)count;
    return true;
}

/* A full buffer is right if the contents end there. */
static bool expect_end(int descriptor, const char *name,
    struct buffer *contents, struct failure *why)
{
    uint8_t beyond = 0;
    size_t got = 0;

    if (!read_some(descriptor, name, &beyond, 1, &got, why))
        return false;
    return got == 0 || buffer_append_byte(contents, beyond, why);
}

static bool read_to_end(int descriptor, const char *name,
    struct buffer *contents, struct failure *why)
{
    size_t got = 0;

    for (;;) {
        size_t room = contents->ceiling - contents->length;

        if (room == 0)
            return expect_end(descriptor, name, contents, why);
        if (room > READ_STEP_BYTES)
            room = READ_STEP_BYTES;
        if (!buffer_reserve(contents, room, why) ||
            !read_some(descriptor, name, contents->start + contents->length,
                room, &got, why))
            return false;
        if (got == 0)
            return true;
        contents->length += got;
    }
}

bool descriptor_read(int descriptor, const char *name, struct buffer *contents,
    struct failure *why)
{
    size_t before = contents->length;

    if (read_to_end(descriptor, name, contents, why))
        return true;
    contents->length = before;
    return false;
}

/* What a shell's <(...) names: a pipe whose writer is there, so that reading it
 * ends.  It is opened anew: no flag of the writer's end changes. */
static bool is_pipe_of_shell(const char *path, const struct stat *found)
{
    return S_ISFIFO(found->st_mode) && strncmp(path, "/dev/fd/", 8) == 0;
}

static bool wait_for_bytes(int file, const char *path, struct failure *why)
{
    return fcntl(file, F_SETFL, 0) == 0 || fail_in_file(why, "reading", path);
}

/* O_NONBLOCK: opening a named pipe would wait for its writer. */
bool file_read(const char *path, struct buffer *contents, struct failure *why)
{
    SCOPED_DESCRIPTOR int file = -1;
    struct stat found;

    if (strcmp(path, "-") == 0)
        return descriptor_read(STDIN_FILENO, "standard input", contents, why);

    file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return fail_in_file_wanting(why, "reading", path, R_OK);
    if (fstat(file, &found) != 0)
        return fail_in_file(why, "reading", path);
    if (is_pipe_of_shell(path, &found)) {
        if (!wait_for_bytes(file, path, why))
            return false;
    } else if (!S_ISREG(found.st_mode)) {
        char shown[PATH_SHOWN];

        path_print(path, shown);
        return fail_because(why, FAILURE_UNSUITABLE,
            "reading %s: it is not a regular file", shown);
    }
    return descriptor_read(file, path, contents, why);
}

bool descriptor_write(int descriptor, const char *name, struct bytes contents,
    struct failure *why)
{
    while (contents.length > 0) {
        ssize_t count = write(descriptor, contents.start, contents.length);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail_in_file_wanting(why, "writing", name, W_OK);
        contents.start += count;
        contents.length -= (size_t)count;
    }
    return true;
}

bool descriptor_write_at(int descriptor, const char *name,
    struct bytes contents, uint64_t offset, struct failure *why)
{
    while (contents.length > 0) {
        ssize_t count =
            pwrite(descriptor, contents.start, contents.length, (off_t)offset);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail_in_file(why, "writing", name);
        contents.start += count;
        contents.length -= (size_t)count;
        offset += (uint64_t)count;
    }
    return true;
}

static bool fill_secret(int descriptor, const char *name, struct secret *secret,
    struct failure *why)
{
    size_t filled = 0;
    size_t got = 1;

    while (got > 0 && filled < secret->length) {
        if (!read_some(descriptor, name, secret->start + filled,
                secret->length - filled, &got, why))
            return false;
        filled += got;
    }
    if (filled > 0 && filled < secret->length &&
        secret->start[filled - 1] == '\n')
        filled--;
    if (filled > SECRET_BYTES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the secret in %.80s is longer than %zu bytes", name,
            SECRET_BYTES_MAX);
    if (filled == 0)
        return fail_because(
            why, FAILURE_UNSUITABLE, "the secret in %.80s is empty", name);
    secret->length = filled;
    return true;
}

/* Room for the newline, and for one byte that shows it is too long. */
bool descriptor_read_secret(int descriptor, const char *name,
    struct secret *secret, struct failure *why)
{
    RELEASED(secret) filling = {0};

    if (!secret_new(&filling, SECRET_BYTES_MAX + 2, why) ||
        !fill_secret(descriptor, name, &filling, why))
        return false;
    *secret = filling;
    filling = (struct secret){0};
    return true;
}

static int wanted_by(int flags)
{
    if ((flags & O_ACCMODE) == O_RDONLY)
        return R_OK;
    return (flags & O_ACCMODE) == O_WRONLY ? W_OK : R_OK | W_OK;
}

bool file_open(const char *path, int flags, mode_t mode, int *descriptor,
    struct failure *why)
{
    int file = open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode);

    if (file < 0)
        return fail_in_file_wanting(why, "opening", path, wanted_by(flags));
    *descriptor = file;
    return true;
}

/* A path taken apart: an open folder, the name within, and a name beside it. */
struct place {
    const char *path;
    const char *name; /* the end of the path */
    int folder;
    char beside[PATH_ROOM];
};

static void place_free(struct place *place)
{
    descriptor_close(&place->folder);
}

static bool folder_of(
    const char *path, char folder[static PATH_ROOM], struct failure *why)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);

    if (slash == NULL)
        (void)snprintf(folder, PATH_ROOM, ".");
    else if (length >= PATH_ROOM)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a path is longer than %d bytes", PATH_ROOM - 1);
    else
        (void)snprintf(
            folder, PATH_ROOM, "%.*s", length == 0 ? 1 : (int)length, path);
    return true;
}

static bool place_find(
    const char *path, struct place *place, struct failure *why)
{
    char folder[PATH_ROOM];
    const char *slash = strrchr(path, '/');
    uint64_t suffix = 0;

    if (!folder_of(path, folder, why))
        return false;
    random_fill((uint8_t *)&suffix, sizeof(suffix));
    place->path = path;
    place->name = slash == NULL ? path : slash + 1;
    if (snprintf(place->beside, sizeof(place->beside), ".%s.%016" PRIx64,
            place->name, suffix) > NAME_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a file name is longer than %d bytes", NAME_MAX - BESIDE_BYTES);
    place->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (place->folder < 0)
        return fail_in_file_wanting(why, "writing", path, FILE_WANTED_ENTRY);
    return true;
}

/* What a file is to hold: bytes, or a part of another file. */
struct contents {
    struct bytes bytes;
    int source; /* -1: the bytes */
    uint64_t offset, length;
};

#define COPIED_AT_ONCE 65536

static bool copy_part(int file, const char *path, const struct contents *part,
    struct failure *why)
{
    uint8_t piece[COPIED_AT_ONCE];
    uint64_t copied = 0;

    while (copied < part->length) {
        uint64_t left = part->length - copied;
        ssize_t count = pread(part->source, piece,
            left < sizeof(piece) ? (size_t)left : sizeof(piece),
            (off_t)(part->offset + copied));

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return fail_in_file(why, "copying into", path);
        if (!descriptor_write(
                file, path, (struct bytes){piece, (size_t)count}, why))
            return false;
        copied += (uint64_t)count;
    }
    return true;
}

static bool write_contents(int file, const char *path,
    const struct contents *contents, struct failure *why)
{
    return contents->source >= 0
               ? copy_part(file, path, contents, why)
               : descriptor_write(file, path, contents->bytes, why);
}

/* fchmod: the umask does not decide what mode a file gets. */
static bool write_beside(const struct place *place,
    const struct contents *contents, mode_t mode, struct failure *why)
{
    SCOPED_DESCRIPTOR int file = openat(place->folder, place->beside,
        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 0600);

    if (file < 0)
        return fail_in_file_wanting(
            why, "writing", place->path, FILE_WANTED_ENTRY);
    if (!write_contents(file, place->path, contents, why))
        return false;
    if (fchmod(file, mode) != 0)
        return fail_in_file(why, "setting the mode of", place->path);
    if (fsync(file) != 0)
        return fail_in_file(why, "syncing", place->path);
    return true;
}

/* link(2) fails where the name exists, rename(2) replaces it. */
static bool move_into_place(
    const struct place *place, enum file_replace replace, struct failure *why)
{
    int moved = replace == FILE_REPLACE ? renameat(place->folder, place->beside,
                                              place->folder, place->name)
                                        : linkat(place->folder, place->beside,
                                              place->folder, place->name, 0);

    if (moved != 0)
        return fail_in_file_wanting(
            why, "writing", place->path, FILE_WANTED_ENTRY);
    if (replace == FILE_NEW_ONLY &&
        unlinkat(place->folder, place->beside, 0) != 0)
        return fail_in_file_wanting(
            why, "writing", place->path, FILE_WANTED_ENTRY);
    return true;
}

/* The name is given to another file: a device or a socket would be lost. */
static bool check_replaceable(const struct place *place, struct failure *why)
{
    struct stat found;

    if (fstatat(place->folder, place->name, &found, AT_SYMLINK_NOFOLLOW) != 0 ||
        S_ISREG(found.st_mode) || S_ISLNK(found.st_mode))
        return true;
    return fail_because(why, FAILURE_UNSUITABLE,
        "%s is no file: what is there is not replaced", place->path);
}

static bool write_whole(const char *path, const struct contents *contents,
    mode_t mode, enum file_replace replace, struct failure *why)
{
    RELEASED(place) place = {.folder = -1};

    if (!place_find(path, &place, why))
        return false;
    if (replace == FILE_REPLACE && !check_replaceable(&place, why))
        return false;
    if (!write_beside(&place, contents, mode, why) ||
        !move_into_place(&place, replace, why)) {
        (void)unlinkat(place.folder, place.beside, 0);
        return false;
    }
    if (fsync(place.folder) != 0)
        return fail_in_file(why, "syncing the folder of", path);
    return true;
}

bool file_write(const char *path, struct bytes contents, mode_t mode,
    enum file_replace replace, struct failure *why)
{
    const struct contents whole = {.bytes = contents, .source = -1};

    return write_whole(path, &whole, mode, replace, why);
}

bool file_write_part(const char *path, int source, uint64_t offset,
    uint64_t length, mode_t mode, struct failure *why)
{
    const struct contents part = {
        .source = source, .offset = offset, .length = length};

    return write_whole(path, &part, mode, FILE_REPLACE, why);
}

bool file_check_private(int descriptor, const char *path, uid_t owner,
    mode_t forbidden, struct failure *why)
{
    struct stat found;
    char shown[PATH_SHOWN];
    char owns[USER_TEXT];
    char should_own[USER_TEXT];

    if (fstat(descriptor, &found) != 0)
        return fail_in_file(why, "checking", path);
    if (found.st_uid == owner && (found.st_mode & forbidden) == 0)
        return true;

    path_print(path, shown);
    user_print(found.st_uid, owns);
    user_print(owner, should_own);
    return fail_because(why, FAILURE_UNSUITABLE,
        "%s belongs to %s, mode %04o; required are owner %s and mode %04o",
        shown, owns, (unsigned int)found.st_mode & 07777u, should_own,
        (unsigned int)(found.st_mode & ~forbidden) & 07777u);
}

bool folder_sync(const char *path, struct failure *why)
{
    SCOPED_DESCRIPTOR int folder =
        open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (folder < 0 || fsync(folder) != 0)
        return fail_in_file(why, "syncing", path);
    return true;
}

static bool folder_finish(
    const char *path, const char *above, mode_t mode, struct failure *why)
{
    SCOPED_DESCRIPTOR int folder =
        open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (folder < 0 || fchmod(folder, mode) != 0)
        return fail_in_file(why, "setting the mode of", path);
    return folder_sync(above, why);
}

bool folder_make(const char *path, mode_t mode, struct failure *why)
{
    char above[PATH_ROOM];

    if (!folder_of(path, above, why))
        return false;
    if (mkdir(path, mode & 0700) != 0)
        return fail_in_file_wanting(why, "making", path, FILE_WANTED_ENTRY);
    if (folder_finish(path, above, mode, why))
        return true;
    (void)rmdir(path);
    return false;
}

bool folder_make_missing(const char *path, mode_t mode, struct failure *why)
{
    struct failure unmade = {0};

    if (folder_make(path, mode, &unmade) || unmade.kind == FAILURE_CONFLICT)
        return true;
    *why = unmade;
    return false;
}

static bool empty_folder(
    int descriptor, const char *path, unsigned int depth, struct failure *why);

/* A folder within is emptied and removed through its own descriptor: a link
 * put in its place meanwhile is not followed. */
static bool remove_folder_within(int folder, const char *name, const char *path,
    unsigned int depth, struct failure *why)
{
    int inner;

    if (depth > FOLDER_DEPTH_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "removing %.80s: more than %d folders within each other", path,
            FOLDER_DEPTH_MAX);
    inner =
        openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner < 0)
        return fail_in_file(why, "removing", path);
    if (!empty_folder(inner, path, depth, why))
        return false;
    if (unlinkat(folder, name, AT_REMOVEDIR) != 0)
        return fail_in_file_wanting(why, "removing", path, FILE_WANTED_ENTRY);
    return true;
}

static bool remove_entry(int folder, const char *name, const char *path,
    unsigned int depth, struct failure *why)
{
    if (unlinkat(folder, name, 0) == 0)
        return true;
    if (errno == EISDIR)
        return remove_folder_within(folder, name, path, depth + 1, why);
    return fail_in_file_wanting(why, "removing", path, FILE_WANTED_ENTRY);
}

static bool remove_entries(
    DIR *entries, const char *path, unsigned int depth, struct failure *why)
{
    const struct dirent *entry;
    char within[PATH_ROOM];

    while ((errno = 0, entry = readdir(entries)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (!path_join(within, path, entry->d_name, why) ||
            !remove_entry(dirfd(entries), entry->d_name, within, depth, why))
            return false;
    }
    return errno == 0 || fail_in_file(why, "removing", path);
}

/* Takes the descriptor, failure included. */
static bool empty_folder(
    int descriptor, const char *path, unsigned int depth, struct failure *why)
{
    DIR *entries = fdopendir(descriptor);
    bool emptied;

    if (entries == NULL) {
        (void)fail_in_file(why, "removing", path);
        descriptor_close(&descriptor);
        return false;
    }
    emptied = remove_entries(entries, path, depth, why);
    (void)closedir(entries);
    return emptied;
}

bool folder_remove(const char *path, struct failure *why)
{
    int folder = -1;

    if (!file_open(path, O_RDONLY | O_DIRECTORY, 0, &folder, why) ||
        !empty_folder(folder, path, 1, why))
        return false;
    if (rmdir(path) != 0)
        return fail_in_file_wanting(why, "removing", path, FILE_WANTED_ENTRY);
    return true;
}

bool path_join(char path[static PATH_ROOM], const char *directory,
    const char *name, struct failure *why)
{
    char joined[PATH_ROOM];
    int length = snprintf(joined, sizeof(joined), "%s/%s", directory, name);

    if (length < 0 || (size_t)length >= sizeof(joined))
        return fail_because(why, FAILURE_UNSUITABLE,
            "a path in %.80s is longer than %d bytes", directory,
            PATH_ROOM - 1);
    (void)snprintf(path, PATH_ROOM, "%s", joined);
    return true;
}
