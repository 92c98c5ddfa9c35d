#include "server/household.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "x509/certificate.h"
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

static bool read_certificate(
    const char *path, struct buffer *der, struct failure *why)
{
    static const char *const labels[] = {"CERTIFICATE", NULL};
    RELEASED(buffer) file = BUFFER("certificate file", CERTIFICATE_MAX);

    return file_read(path, &file, why) &&
           pem_or_der(buffer_view(&file), labels, der, why);
}

static bool limit(struct household_key *key,
    const struct configuration *configuration, const char *name,
    struct failure *why)
{
    struct certificate certificate = {0};
    struct extension extension = {0};
    bool found = false;

    if (!certificate_read(buffer_view(&key->certificate), &certificate, why) ||
        !extensions_find(certificate.tbs.extensions, OID_SUBJECT_KEY_IDENTIFIER,
            &extension, &found, why))
        return false;
    if (!found)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the certificate of \"%s\" has no subjectKeyIdentifier", name);
    key->limits =
        signer_limits_of(configuration->profiles, configuration->profile_count);
    (void)snprintf(key->limits.name, sizeof(key->limits.name), "%.63s", name);
    key->limits.issuer = certificate.tbs.subject;
    key->limits.own_key = certificate.tbs.key.whole;
    key->limits.not_after = certificate.tbs.not_after;
    return extension_key_identifier(
        extension.value, &key->limits.key_identifier, why);
}

static bool find_key(const struct place *place,
    const struct configuration *configuration, const char *name,
    struct household_key *key, struct failure *why)
{
    char file[PROFILE_NAME_MAX + 16];
    char path[PATH_ROOM];

    key->certificate = BUFFER("certificate", CERTIFICATE_MAX);
    key->file = -1;
    (void)snprintf(file, sizeof(file), "keys/%s.crt", name);
    if (!place_path(place, file, path, why) ||
        !read_certificate(path, &key->certificate, why) ||
        !limit(key, configuration, name, why))
        return false;
    (void)snprintf(file, sizeof(file), "keys/%s.key", name);
    return place_path(place, file, path, why) &&
           file_open(path, O_RDONLY, 0, &key->file, why) &&
           file_check_private(key->file, path, place->owner, 0077, why);
}

static int is_certificate(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return length > strlen(SUFFIX) && entry->d_name[0] != '.' &&
           strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) == 0;
}

static bool add_key(const struct place *place,
    const struct configuration *configuration, const char *file,
    struct household_keys *keys, struct failure *why)
{
    size_t length = strlen(file) - strlen(SUFFIX);
    struct household_key *key = &keys->keys[keys->count];
    char name[PROFILE_NAME_MAX];

    if (length >= sizeof(name))
        return fail_because(why, FAILURE_UNSUITABLE,
            "keys/%.80s: an authority's name has at most %zu characters", file,
            sizeof(name) - 1);
    if (keys->count == SIGNER_KEYS_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "more than %d authorities issue here", SIGNER_KEYS_MAX);
    memcpy(name, file, length);
    name[length] = '\0';
    keys->count++;
    return find_key(place, configuration, name, key, why);
}

bool household_find_keys(const struct place *place,
    const struct configuration *configuration, struct household_keys *keys,
    struct failure *why)
{
    char path[PATH_ROOM];
    struct dirent **entries = NULL;
    bool ok = true;
    int count;

    if (!place_path(place, "keys", path, why))
        return false;
    count = scandir(path, &entries, is_certificate, alphasort);
    if (count < 0)
        return fail_in_file(why, "opening", path);
    for (int i = 0; i < count; i++) {
        ok = ok && add_key(place, configuration, entries[i]->d_name, keys, why);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

bool household_open_sign_log(
    const struct place *place, int *descriptor, struct failure *why)
{
    char path[PATH_ROOM];

    return place_path(place, "sign.log", path, why) &&
           file_open(path, O_RDWR | O_APPEND | O_CREAT, 0600, descriptor, why);
}
