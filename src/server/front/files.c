#include "server/front/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "crypto/digest.h"

#define FILES_KEPT 64
#define FILE_BYTES_MAX ((off_t)1024 * 1024 * 1024)

struct files {
    int folder;
    size_t next; /* whose place is taken next */
    struct published *kept[FILES_KEPT];
};

/* --- a file --------------------------------------------------------------- */

struct published *published_hold(struct published *published)
{
    published->references++;
    return published;
}

void published_release(struct published *published)
{
    if (published == NULL || --published->references > 0)
        return;
    if (published->content.length > 0)
        (void)munmap((void *)(uintptr_t)published->content.start,
            published->content.length);
    free(published);
}

static bool fail_as_missing(struct failure *why)
{
    return fail_because(
        why, FAILURE_NOT_FOUND, "there is nothing at this address");
}

/* Step by step, so that no link is followed on the way either. */
static bool open_within(
    int folder, const char *name, int *file, struct failure *why)
{
    SCOPED_DESCRIPTOR int within = -1;
    char part[FILE_NAME_ROOM];
    const char *slash;

    while ((slash = strchr(name, '/')) != NULL) {
        const int from = within >= 0 ? within : folder;
        int next;

        (void)snprintf(part, sizeof(part), "%.*s", (int)(slash - name), name);
        next =
            openat(from, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        descriptor_close(&within);
        within = next;
        if (within < 0)
            return fail_as_missing(why);
        name = slash + 1;
    }
    *file = openat(within >= 0 ? within : folder, name,
        O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    return *file >= 0 || fail_as_missing(why);
}

/* Files take another's place whole, so these say whether it is the same. */
static bool is_same(const struct stat *one, const struct stat *other)
{
    return one->st_ino == other->st_ino && one->st_dev == other->st_dev &&
           one->st_size == other->st_size &&
           one->st_mtim.tv_sec == other->st_mtim.tv_sec &&
           one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

/* The same are its tag: a list of 40 MiB need not be read for it. */
static bool print_tag(struct published *published, struct failure *why)
{
    const struct stat *seen = &published->seen;
    const uint64_t facts[] = {(uint64_t)seen->st_ino, (uint64_t)seen->st_dev,
        (uint64_t)seen->st_size, (uint64_t)seen->st_mtim.tv_sec,
        (uint64_t)seen->st_mtim.tv_nsec};
    const struct bytes part = {
        .start = (const uint8_t *)facts, .length = sizeof(facts)};
    uint8_t digest[SHA256_BYTES];

    if (!sha256(&part, 1, digest, why))
        return false;
    http_tag_print(digest, published->tag);
    return true;
}

static bool map(struct published *published, int file, struct failure *why)
{
    const size_t length = (size_t)published->seen.st_size;
    void *start;

    if (length == 0)
        return true;
    start = mmap(NULL, length, PROT_READ, MAP_PRIVATE, file, 0);
    if (start == MAP_FAILED)
        return fail_in_file(why, "mapping", published->name);
    published->content = (struct bytes){.start = start, .length = length};
    return true;
}

static bool read_published(const struct files *files, const char *name,
    struct published **made, struct failure *why)
{
    SCOPED_STRUCT(published) *published = calloc(1, sizeof(*published));
    SCOPED_DESCRIPTOR int file = -1;

    if (published == NULL)
        return fail_because(why, FAILURE_INTERNAL, "no memory for a file");
    published->references = 1;
    (void)snprintf(published->name, sizeof(published->name), "%s", name);
    if (!open_within(files->folder, name, &file, why))
        return false;
    if (fstat(file, &published->seen) != 0)
        return fail_in_file(why, "looking at", name);
    if (!S_ISREG(published->seen.st_mode))
        return fail_as_missing(why);
    if (published->seen.st_size > FILE_BYTES_MAX)
        return fail_because(why, FAILURE_INTERNAL,
            "publish/%s is larger than what is served (1 GiB)", name);
    http_date_print(published->seen.st_mtim.tv_sec, published->modified);
    if (!print_tag(published, why) || !map(published, file, why))
        return false;
    *made = KEEP(published, &published);
    return true;
}

/* --- those that are kept ---------------------------------------------------
 */

bool files_open(
    const char *directory, struct files **files, struct failure *why)
{
    struct files *made = calloc(1, sizeof(*made));
    char folder[PATH_ROOM];

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "no memory for files");
    made->folder = -1;
    if (!path_join(folder, directory, "publish", why) ||
        !file_open(folder, O_RDONLY | O_DIRECTORY, 0, &made->folder, why)) {
        files_close(made);
        return false;
    }
    *files = made;
    return true;
}

void files_close(struct files *files)
{
    if (files == NULL)
        return;
    for (size_t i = 0; i < FILES_KEPT; i++)
        published_release(files->kept[i]);
    descriptor_close(&files->folder);
    free(files);
}

static struct published **place_of(struct files *files, const char *name)
{
    for (size_t i = 0; i < FILES_KEPT; i++) {
        if (files->kept[i] != NULL && strcmp(files->kept[i]->name, name) == 0)
            return &files->kept[i];
    }
    files->next = (files->next + 1) % FILES_KEPT;
    return &files->kept[files->next];
}

bool files_find(struct files *files, const char *path, struct published **found,
    struct failure *why)
{
    const char *type = NULL, *cached = NULL;
    struct published **place, *made = NULL;
    char name[FILE_NAME_ROOM];
    struct stat now;

    if (!files_name(path, name, &type, &cached, why))
        return false;
    if (fstatat(files->folder, name, &now, AT_SYMLINK_NOFOLLOW) != 0)
        return fail_as_missing(why);
    place = place_of(files, name);
    if (*place == NULL || strcmp((*place)->name, name) != 0 ||
        !is_same(&(*place)->seen, &now)) {
        if (!read_published(files, name, &made, why))
            return false;
        published_release(*place);
        *place = made;
    }
    (*place)->type = type;
    (*place)->cached = cached;
    *found = *place;
    return true;
}
