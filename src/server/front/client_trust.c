#include "server/front/client_trust.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "x509/name_match.h"

#define ROOTS "roots.pem"
#define INTERMEDIATES "intermediates.pem"
#define LISTS "crl"

/* Where a file is, what it holds, and what was read of it. */
struct trust_file {
    char path[PATH_ROOM];
    const char *name; /* for people: in path, behind DIR/publish/ */
    struct buffer contents;
    struct input input;
};

struct trust_paths {
    char paths[2 + TRUST_LISTS_MAX][PATH_ROOM];
    size_t count; /* the first two are those of the certificates */
    bool are_cut;
    uint64_t stamp;
};

DEFINE_SCOPED(DIR, closedir)

static void trust_paths_free(struct trust_paths *paths)
{
    free(paths);
}

DEFINE_SCOPED_STRUCT(trust_paths, trust_paths_free)

/* --- did something change? ------------------------------------------------ */

/* FNV-1a: no stranger chooses what is hashed. */
static uint64_t stamp_add(uint64_t stamp, const void *start, size_t length)
{
    const uint8_t *bytes = start;

    for (size_t i = 0; i < length; i++)
        stamp = (stamp ^ bytes[i]) * UINT64_C(0x100000001b3);
    return stamp;
}

static void stamp_path(struct trust_paths *paths, const char *path)
{
    struct stat facts = {0};
    uint64_t seen[5] = {0};

    if (stat(path, &facts) == 0) {
        seen[0] = (uint64_t)facts.st_ino;
        seen[1] = (uint64_t)facts.st_size;
        seen[2] = (uint64_t)facts.st_mtim.tv_sec;
        seen[3] = (uint64_t)facts.st_mtim.tv_nsec;
        seen[4] = 1;
    }
    paths->stamp = stamp_add(paths->stamp, path, strlen(path));
    paths->stamp = stamp_add(paths->stamp, seen, sizeof(seen));
}

static bool add_path(struct trust_paths *paths, const char *folder,
    const char *name, struct failure *why)
{
    if (!path_join(paths->paths[paths->count], folder, name, why))
        return false;
    paths->count++;
    return true;
}

static bool is_list(const char *name)
{
    const size_t length = strlen(name);

    return length > 4 && name[0] != '.' &&
           strcmp(name + length - 4, ".crl") == 0;
}

static bool add_lists(
    struct trust_paths *paths, const char *folder, struct failure *why)
{
    SCOPED(DIR) *opened = opendir(folder);
    const struct dirent *entry = NULL;

    if (opened == NULL)
        return errno == ENOENT || fail_in_file(why, "opening", folder);
    while ((entry = readdir(opened)) != NULL) {
        if (!is_list(entry->d_name))
            continue;
        if (paths->count == 2 + TRUST_LISTS_MAX) {
            paths->are_cut = true;
            return true;
        }
        if (!add_path(paths, folder, entry->d_name, why))
            return false;
    }
    return true;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool find_paths(
    const char *publish, struct trust_paths *paths, struct failure *why)
{
    char folder[PATH_ROOM];

    if (!add_path(paths, publish, ROOTS, why) ||
        !add_path(paths, publish, INTERMEDIATES, why) ||
        !path_join(folder, publish, LISTS, why) ||
        !add_lists(paths, folder, why))
        return false;
    qsort(paths->paths + 2, paths->count - 2, sizeof(*paths->paths),
        compare_paths);
    paths->stamp = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < paths->count; i++)
        stamp_path(paths, paths->paths[i]);
    return true;
}

/* --- reading -------------------------------------------------------------- */

static bool read_file(struct trust_file *file, const char *path, size_t most,
    size_t publish_length, struct failure *why)
{
    struct failure unread = {0};

    (void)snprintf(file->path, sizeof(file->path), "%s", path);
    file->name = file->path + publish_length + 1;
    file->contents = BUFFER(file->name, most);
    if (file_read(file->path, &file->contents, &unread) ||
        unread.kind == FAILURE_NOT_FOUND)
        return true;
    return fail_because(why, unread.kind, "%s", unread.reason);
}

static bool read_certificates(struct trust_file *file, const char *path,
    size_t publish_length, struct chain_pool **pool, struct failure *why)
{
    if (!read_file(file, path, PEM_MAX, publish_length, why) ||
        !chain_pool_new(pool, why))
        return false;
    if (file->contents.length == 0)
        return true;
    if (!input_read(
            buffer_view(&file->contents), file->name, &file->input, why))
        return false;
    for (size_t i = 0; i < file->input.count; i++) {
        if (!chain_pool_add(*pool, file->input.objects[i].der, file->name, why))
            return false;
    }
    return true;
}

/* A list that can't be read is a source as well: it says so where it would have
 * mattered.  One that can't be taken at all is left out. */
static bool read_list(struct client_trust *made, const char *path,
    size_t publish_length, size_t *bytes, struct failure *left_out,
    struct failure *why)
{
    struct trust_file *file = &made->files[made->file_count];

    made->file_count++;
    if (!read_file(file, path, TRUST_LIST_MAX, publish_length, left_out))
        return true;
    *bytes += file->contents.length;
    if (*bytes > TRUST_LISTS_BYTES_MAX) {
        (void)fail_because(left_out, FAILURE_UNSUITABLE,
            "the lists in publish/crl have more than %d MiB in all; %s is left "
            "out",
            TRUST_LISTS_BYTES_MAX / (1024 * 1024), file->name);
        buffer_free(&file->contents);
        return true;
    }
    return file->contents.length == 0 ||
           question_lists(buffer_view(&file->contents), file->name,
               &file->input, &made->sources, why);
}

/* --- names of those that issue -------------------------------------------- */

/* One more than there is room for says that there are too many. */
#define TOO_MANY (TRUST_NAMES_MAX + 1)

/* A root that has an intermediate below it issues for no client. */
static bool has_below(
    const struct client_trust *made, const struct chain_certificate *root)
{
    const size_t count = chain_pool_count(made->intermediates);

    for (size_t i = 0; i < count; i++) {
        if (name_matches(
                chain_pool_at(made->intermediates, i)->certificate.tbs.issuer,
                root->certificate.tbs.subject))
            return true;
    }
    return false;
}

static void add_name(
    struct client_trust *made, struct bytes name, size_t *bytes)
{
    if (made->name_count == TOO_MANY)
        return;
    for (size_t i = 0; i < made->name_count; i++) {
        if (bytes_equal(made->names[i], name))
            return;
    }
    *bytes += name.length;
    if (made->name_count < TRUST_NAMES_MAX)
        made->names[made->name_count] = name;
    made->name_count++;
}

static void find_names(struct client_trust *made)
{
    size_t bytes = 0;

    for (size_t i = 0; i < chain_pool_count(made->intermediates); i++)
        add_name(made,
            chain_pool_at(made->intermediates, i)->certificate.tbs.subject,
            &bytes);
    for (size_t i = 0; i < chain_pool_count(made->roots); i++) {
        const struct chain_certificate *root = chain_pool_at(made->roots, i);

        if (!has_below(made, root))
            add_name(made, root->certificate.tbs.subject, &bytes);
    }
    if (made->name_count == TOO_MANY || bytes > TRUST_NAMES_BYTES_MAX)
        made->name_count = 0;
}

/* --- all of it ------------------------------------------------------------ */

void client_trust_free(struct client_trust *trust)
{
    if (trust == NULL)
        return;
    question_sources_free(&trust->sources);
    chain_pool_free(trust->roots);
    chain_pool_free(trust->intermediates);
    for (size_t i = 0; i < trust->file_count; i++) {
        input_free(&trust->files[i].input);
        buffer_free(&trust->files[i].contents);
    }
    free(trust->files);
    free(trust);
}

static bool read_all(struct client_trust *made, const struct trust_paths *paths,
    size_t publish_length, struct failure *left_out, struct failure *why)
{
    size_t bytes = 0;

    made->files = calloc(paths->count, sizeof(*made->files));
    if (made->files == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->file_count = 2;
    if (!read_certificates(&made->files[0], paths->paths[0], publish_length,
            &made->roots, why) ||
        !read_certificates(&made->files[1], paths->paths[1], publish_length,
            &made->intermediates, why))
        return false;
    for (size_t i = 2; i < paths->count; i++) {
        if (!read_list(
                made, paths->paths[i], publish_length, &bytes, left_out, why))
            return false;
    }
    if (paths->are_cut)
        (void)fail_because(left_out, FAILURE_UNSUITABLE,
            "publish/crl holds more than %d lists", TRUST_LISTS_MAX);
    find_names(made);
    return true;
}

static bool read_anew(const struct trust_paths *paths, size_t publish_length,
    struct client_trust **trust, struct failure *left_out, struct failure *why)
{
    SCOPED_STRUCT(client_trust) *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->stamp = paths->stamp;
    made->reading = *trust == NULL ? 1 : (*trust)->reading + 1;
    if (!read_all(made, paths, publish_length, left_out, why))
        return false;
    client_trust_free(*trust);
    *trust = KEEP(client_trust, &made);
    return true;
}

bool client_trust_look(const char *directory, struct client_trust **trust,
    uint64_t *failed_stamp, struct failure *left_out, struct failure *why)
{
    SCOPED_STRUCT(trust_paths) *paths = calloc(1, sizeof(*paths));
    char publish[PATH_ROOM];

    if (paths == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!path_join(publish, directory, "publish", why) ||
        !find_paths(publish, paths, why))
        return false;
    if (*trust != NULL &&
        (paths->stamp == (*trust)->stamp || paths->stamp == *failed_stamp))
        return true;
    *failed_stamp = paths->stamp;
    if (!read_anew(paths, strlen(publish), trust, left_out, why))
        return false;
    *failed_stamp = 0;
    return true;
}
