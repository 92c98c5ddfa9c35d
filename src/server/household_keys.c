#include "server/household.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "x509/pem.h"

#define SUFFIX ".crt"

void household_keys_free(struct household_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        buffer_free(&keys->keys[i].certificate);
        descriptor_close(&keys->keys[i].file);
    }
    keys->count = 0;
}

/* --- one pair ------------------------------------------------------------ */

struct search {
    const struct place *place;
    const struct configuration *configuration;
    struct household_keys *keys;
    bool ceremony;
    /* of the folder at hand */
    char folder[PATH_ROOM];
    bool is_root;
    bool is_retired;
};

static bool read_certificate(
    const char *path, struct buffer *der, struct failure *why)
{
    static const char *const labels[] = {"CERTIFICATE", NULL};
    RELEASED(buffer) file = BUFFER("certificate file", CERTIFICATE_MAX);

    return file_read(path, &file, why) &&
           pem_or_der(buffer_view(&file), labels, der, why);
}

static bool path_of(const struct search *search, const char *name,
    const char *suffix, char path[static PATH_ROOM], struct failure *why)
{
    char file[PROFILE_NAME_MAX + 16];

    (void)snprintf(file, sizeof(file), "%s%s", name, suffix);
    return path_join(path, search->folder, file, why);
}

static bool find_certificate(const struct search *search, const char *name,
    struct household_key *key, struct failure *why)
{
    bool ceremony = search->ceremony && !search->is_retired;
    char path[PATH_ROOM];

    if (!path_of(search, name, SUFFIX, path, why) ||
        !read_certificate(path, &key->certificate, why) ||
        !household_limit(key, name, search->configuration, ceremony, why))
        return false;
    key->is_root = search->is_root;
    key->limits.signs_lists_only = search->is_retired;
    return true;
}

static bool open_key_file(const struct search *search, const char *name,
    int *file, struct failure *why)
{
    SCOPED_DESCRIPTOR int opened = -1;
    char path[PATH_ROOM];

    if (!path_of(search, name, ".key", path, why) ||
        !file_open(path, O_RDONLY, 0, &opened, why) ||
        !file_check_private(opened, path, search->place->owner, 0077, why))
        return false;
    *file = descriptor_keep(&opened);
    return true;
}

/* --- one folder ---------------------------------------------------------- */

static int is_certificate(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return length > strlen(SUFFIX) && entry->d_name[0] != '.' &&
           strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) == 0;
}

static bool has_key(
    const struct household_keys *keys, const struct household_key *key)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (bytes_equal(keys->keys[i].limits.own_key, key->limits.own_key))
            return true;
    }
    return false;
}

static bool name_of(
    const char *file, char name[static PROFILE_NAME_MAX], struct failure *why)
{
    size_t length = strlen(file) - strlen(SUFFIX);

    if (length >= PROFILE_NAME_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "an authority's name has at most %d characters",
            PROFILE_NAME_MAX - 1);
    memcpy(name, file, length);
    name[length] = '\0';
    return true;
}

static void pass_over(
    const struct search *search, const char *file, const struct failure *why)
{
    log_event(LOG_LEVEL_WARNING, "key-passed-over", "folder", search->folder,
        "file", file, "why", why->reason, NULL);
}

/* Fails only where too many are there. */
static bool add_pair(
    struct search *search, const char *file, struct failure *why)
{
    struct household_keys *keys = search->keys;
    RELEASED(buffer) certificate = BUFFER("certificate", CERTIFICATE_MAX);
    struct household_key key = {.certificate = certificate, .file = -1};
    char name[PROFILE_NAME_MAX];
    struct failure reason = {0};
    bool found = name_of(file, name, &reason) &&
                 find_certificate(search, name, &key, &reason);

    certificate = key.certificate;
    if (!found && reason.kind == FAILURE_FORBIDDEN)
        return fail_because(why, FAILURE_FORBIDDEN, "%s", reason.reason);
    if (!found) {
        pass_over(search, file, &reason);
        return true;
    }
    if (has_key(keys, &key))
        return true;
    if (keys->count == SIGNER_KEYS_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "more than %d keys of authorities are to be opened here; move "
            "those that are not used any more out of %s",
            SIGNER_KEYS_MAX, search->folder);
    if (!open_key_file(search, name, &key.file, &reason) &&
        reason.kind == FAILURE_FORBIDDEN && !search->is_root)
        return fail_because(why, FAILURE_FORBIDDEN, "%s", reason.reason);
    if (key.file < 0)
        (void)snprintf(key.why, sizeof(key.why), "%s", reason.reason);
    keys->keys[keys->count++] = key;
    certificate = (struct buffer){0};
    return true;
}

static bool add_folder(struct search *search, struct failure *why)
{
    struct dirent **entries = NULL;
    bool ok = true;
    int count = scandir(search->folder, &entries, is_certificate, alphasort);

    if (count < 0 && errno == ENOENT)
        return true;
    if (count < 0)
        return fail_in_file(why, "opening", search->folder);
    for (int i = 0; i < count; i++) {
        ok = ok && add_pair(search, entries[i]->d_name, why);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

/* --- all ----------------------------------------------------------------- */

static bool add_issuing(struct search *search, struct failure *why)
{
    return place_path(search->place, "keys", search->folder, why) &&
           add_folder(search, why);
}

static bool add_retired(struct search *search, struct failure *why)
{
    bool ok;

    search->is_retired = true;
    ok = place_path(search->place, "keys/retired", search->folder, why) &&
         add_folder(search, why);
    search->is_retired = false;
    return ok;
}

static bool add_roots(
    struct search *search, const char *root_folder, struct failure *why)
{
    search->is_root = true;
    if (root_folder == NULL)
        return place_path(search->place, "keys/root", search->folder, why) &&
               add_folder(search, why);
    (void)snprintf(search->folder, sizeof(search->folder), "%s", root_folder);
    return add_folder(search, why);
}

bool household_find_keys(const struct place *place,
    const struct configuration *configuration,
    const struct household_wishes *wishes, struct household_keys *keys,
    struct failure *why)
{
    struct search search = {.place = place,
        .configuration = configuration,
        .keys = keys,
        .ceremony = wishes->ceremony};

    return add_issuing(&search, why) && add_retired(&search, why) &&
           (!wishes->ceremony || add_roots(&search, wishes->root_folder, why));
}

bool household_open_sign_log(
    const struct place *place, int *descriptor, struct failure *why)
{
    char path[PATH_ROOM];

    return place_path(place, "sign.log", path, why) &&
           file_open(path, O_RDWR | O_APPEND | O_CREAT, 0600, descriptor, why);
}
