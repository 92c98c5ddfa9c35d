#include "server/ceremony.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/rollover.h"
#include "base/file_failure.h"
#include "x509/pem.h"

#define AUTHORITIES_MAX 64
#define NAME_ROOM (PROFILE_NAME_MAX + 40)

/* An authority, as the store has it. */
struct known {
    int64_t id, follows;
    char name[PROFILE_NAME_MAX];
    enum authority_state state;
    bool issues, is_root, is_published;
    struct buffer der;
    struct bytes identifier; /* view of der */
    int crosses;             /* that it signed, so far */
};

struct settling {
    const struct ceremony *ceremony;
    struct store *store;
    struct known known[AUTHORITIES_MAX];
    size_t count;
    struct buffer roots, intermediates;
    struct buffer crosses; /* names of files, each ended by a zero */
};

static void settling_free(struct settling *settling)
{
    if (settling == NULL)
        return;
    store_close(settling->store);
    for (size_t i = 0; i < settling->count; i++)
        buffer_free(&settling->known[i].der);
    buffer_free(&settling->roots);
    buffer_free(&settling->intermediates);
    buffer_free(&settling->crosses);
    free(settling);
}
DEFINE_SCOPED_STRUCT(settling, settling_free)

/* --- files --------------------------------------------------------------- */

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static bool is_same(const char *path, struct bytes wanted)
{
    RELEASED(buffer) present = BUFFER("a file", PEM_MAX);
    struct failure absent = {0};

    return is_there(path) && file_read(path, &present, &absent) &&
           bytes_equal(buffer_view(&present), wanted);
}

static bool put(const struct settling *settling, const char *path,
    struct bytes contents, mode_t mode, struct failure *why)
{
    const struct place *place = &settling->ceremony->place;

    if (is_same(path, contents))
        return true;
    if (!file_write(path, contents, mode, FILE_REPLACE, why))
        return false;
    return geteuid() != 0 || lchown(path, place->owner, place->group) == 0 ||
           fail_in_file(why, "giving to its owner", path);
}

static bool take_away(const char *path, struct failure *why)
{
    return unlink(path) == 0 || errno == ENOENT ||
           fail_in_file(why, "removing", path);
}

static bool path_in(char path[static PATH_ROOM], const char *folder,
    const char *name, const char *ending, struct failure *why)
{
    char file[2 * NAME_ROOM];

    (void)snprintf(file, sizeof(file), "%s%s", name, ending);
    return path_join(path, folder, file, why);
}

/* --- the rows ------------------------------------------------------------ */

static bool read_identifier(struct known *known, struct failure *why)
{
    struct certificate certificate = {0};
    struct extension extension = {0};
    bool found = false;

    if (!certificate_read(buffer_view(&known->der), &certificate, why) ||
        !extensions_find(certificate.tbs.extensions, OID_SUBJECT_KEY_IDENTIFIER,
            &extension, &found, why))
        return false;
    known->is_root =
        bytes_equal(certificate.tbs.issuer, certificate.tbs.subject);
    return !found ||
           extension_key_identifier(extension.value, &known->identifier, why);
}

static bool take_row(
    void *context, const struct authority_row *row, struct failure *why)
{
    struct settling *settling = context;
    struct known *known = &settling->known[settling->count];

    if (settling->count == AUTHORITIES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE, "more than %d authorities",
            AUTHORITIES_MAX);
    *known = (struct known){.id = row->id,
        .follows = row->follows,
        .state = row->state,
        .issues = row->issues,
        .der = BUFFER("certificate", CERTIFICATE_MAX)};
    (void)snprintf(known->name, sizeof(known->name), "%s", row->name);
    settling->count++;
    return buffer_append(&known->der, row->certificate, why) &&
           read_identifier(known, why);
}

static bool read_published(struct settling *settling, struct failure *why)
{
    for (size_t i = 0; i < settling->count; i++) {
        struct known *known = &settling->known[i];

        known->is_published = known->follows == 0;
        if (!known->is_published && !rollover_is_published(settling->store,
                                        known->id, &known->is_published, why))
            return false;
    }
    return true;
}

/* --- key and certificate ------------------------------------------------- */

static bool retired_folder(const struct settling *settling,
    char path[static PATH_ROOM], struct failure *why)
{
    const struct place *place = &settling->ceremony->place;

    if (!place_path(place, "keys/retired", path, why))
        return false;
    if (is_there(path))
        return true;
    if (!folder_make(path, 0700, why))
        return false;
    return geteuid() != 0 || lchown(path, place->owner, place->group) == 0 ||
           fail_in_file(why, "giving to its owner", path);
}

static bool is_leaving(const struct known *known)
{
    return known->state == AUTHORITY_RETIRING ||
           known->state == AUTHORITY_RETIRED;
}

/* The certificate goes first: without it nothing opens the key, and a
 * certificate without its key is never seen. */
static bool retire_key(const struct settling *settling,
    const struct known *known, const char *from, struct failure *why)
{
    char key[PATH_ROOM], certificate[PATH_ROOM];
    char folder[PATH_ROOM], moved[PATH_ROOM];

    if (!path_in(key, from, known->name, ".key", why) ||
        !path_in(certificate, from, known->name, ".crt", why))
        return false;
    if (!is_there(key))
        return true;
    if (!retired_folder(settling, folder, why) ||
        !path_in(moved, folder, known->name, ".key", why) ||
        !take_away(certificate, why))
        return false;
    if (rename(key, moved) != 0)
        return fail_in_file(why, "moving", key);
    return folder_sync(folder, why) && folder_sync(from, why);
}

static bool settle_pair(const struct settling *settling,
    const struct known *known, const char *folder, struct bytes der,
    struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("certificate", PEM_MAX);
    char key[PATH_ROOM], certificate[PATH_ROOM];

    if (!path_in(key, folder, known->name, ".key", why) ||
        !path_in(certificate, folder, known->name, ".crt", why))
        return false;
    if (!is_there(key))
        return true;
    if (known->state == AUTHORITY_RETIRED)
        return take_away(certificate, why);
    return pem_append(&pem, "CERTIFICATE", der, why) &&
           put(settling, certificate, buffer_view(&pem), 0600, why);
}

static bool settle_keys(const struct settling *settling,
    const struct known *known, struct failure *why)
{
    char folder[PATH_ROOM];

    if (!ceremony_folder(settling->ceremony, !known->issues, folder, why))
        return false;
    if (known->issues && is_leaving(known)) {
        if (!retire_key(settling, known, folder, why) ||
            !place_path(
                &settling->ceremony->place, "keys/retired", folder, why))
            return false;
    }
    return !is_there(folder) ||
           settle_pair(settling, known, folder, buffer_view(&known->der), why);
}

/* --- what can be fetched ------------------------------------------------- */

static bool publish_path(const struct settling *settling, const char *folder,
    const char *name, const char *ending, char path[static PATH_ROOM],
    struct failure *why)
{
    char below[PATH_ROOM];

    return place_path(&settling->ceremony->place, folder, below, why) &&
           path_in(path, below, name, ending, why);
}

static bool unpublish(const struct settling *settling,
    const struct known *known, struct failure *why)
{
    char certificate[PATH_ROOM], list[PATH_ROOM];

    return publish_path(
               settling, "publish/ca", known->name, ".cer", certificate, why) &&
           publish_path(
               settling, "publish/crl", known->name, ".crl", list, why) &&
           take_away(certificate, why) && take_away(list, why);
}

static bool publish(
    struct settling *settling, const struct known *known, struct failure *why)
{
    const struct bytes der = buffer_view(&known->der);
    char path[PATH_ROOM];

    if (!known->is_published)
        return unpublish(settling, known, why);
    if (!publish_path(settling, "publish/ca", known->name, ".cer", path, why) ||
        !put(settling, path, der, 0644, why))
        return false;
    if (known->state == AUTHORITY_RETIRED)
        return true;
    return pem_append(
        known->is_root ? &settling->roots : &settling->intermediates,
        "CERTIFICATE", der, why);
}

/* --- cross-certificates -------------------------------------------------- */

static struct known *signer_of(
    struct settling *settling, struct bytes der, struct failure *why)
{
    struct authority_key_identifier named = {0};
    struct certificate certificate = {0};
    struct extension extension = {0};
    bool found = false;

    if (!certificate_read(der, &certificate, why) ||
        !extensions_find(certificate.tbs.extensions,
            OID_AUTHORITY_KEY_IDENTIFIER, &extension, &found, why) ||
        !found ||
        !extension_authority_key_identifier(extension.value, &named, why))
        return NULL;
    for (size_t i = 0; i < settling->count; i++) {
        if (bytes_equal(settling->known[i].identifier, named.identifier))
            return &settling->known[i];
    }
    return NULL;
}

static bool publish_cross(
    struct settling *settling, struct bytes der, struct failure *why)
{
    struct known *signer = signer_of(settling, der, why);
    char file[NAME_ROOM], path[PATH_ROOM];

    if (signer == NULL)
        return true;
    (void)snprintf(
        file, sizeof(file), "%s-cross-%d", signer->name, ++signer->crosses);
    return publish_path(settling, "publish/ca", file, ".cer", path, why) &&
           put(settling, path, der, 0644, why) &&
           buffer_append_text(&settling->crosses, file, why) &&
           buffer_append_text(&settling->crosses, ".cer", why) &&
           buffer_append_byte(&settling->crosses, 0, why);
}

/* Until the new root has signed itself, this is how the signer knows its key.
 */
struct bridging {
    struct settling *settling;
    int64_t old;
    struct bytes der;
};

static bool settle_bridge(
    void *context, const struct awaited_row *row, struct failure *why)
{
    const struct bridging *bridging = context;
    const struct settling *settling = bridging->settling;
    struct known coming = {.state = AUTHORITY_COMING};
    char folder[PATH_ROOM];

    if (row->follows == 0 || row->follows != bridging->old)
        return true;
    (void)snprintf(coming.name, sizeof(coming.name), "%s", row->name);
    for (size_t i = 0; i < settling->count; i++) {
        if (settling->known[i].id == bridging->old)
            coming.issues = settling->known[i].issues;
    }
    return ceremony_folder(settling->ceremony, !coming.issues, folder, why) &&
           settle_pair(settling, &coming, folder, bridging->der, why);
}

static bool take_cross(
    void *context, const struct cross_certificate *row, struct failure *why)
{
    struct settling *settling = context;
    struct bridging bridging = {settling, row->authority, row->certificate};
    bool is_root = strcmp(row->kind, ABOVE_ROOT) == 0;

    if (strcmp(row->kind, BRIDGE_NEW_WITH_OLD) == 0 &&
        !store_list_awaited(settling->store, settle_bridge, &bridging, why))
        return false;
    if (!pem_append(is_root ? &settling->roots : &settling->intermediates,
            "CERTIFICATE", row->certificate, why))
        return false;
    return is_root || strcmp(row->kind, ABOVE_CHAIN) == 0 ||
           publish_cross(settling, row->certificate, why);
}

static bool is_wanted(const struct settling *settling, const char *file)
{
    const struct buffer *wanted = &settling->crosses;
    size_t at = 0;

    while (at < wanted->length) {
        const char *name = (const char *)wanted->start + at;

        if (strcmp(name, file) == 0)
            return true;
        at += strlen(name) + 1;
    }
    return false;
}

/* Those that were taken back. */
static bool take_away_others(
    const struct settling *settling, struct failure *why)
{
    char folder[PATH_ROOM], path[PATH_ROOM];
    struct dirent **entries = NULL;
    bool ok = true;
    int count;

    if (!place_path(&settling->ceremony->place, "publish/ca", folder, why))
        return false;
    count = scandir(folder, &entries, NULL, alphasort);
    if (count < 0)
        return fail_in_file(why, "opening", folder);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;

        if (ok && fnmatch("*-cross-[0-9]*.cer", name, 0) == 0 &&
            !is_wanted(settling, name))
            ok = path_join(path, folder, name, why) && take_away(path, why);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

/* --- all of it ----------------------------------------------------------- */

static bool put_pem(const struct settling *settling, const char *file,
    const struct buffer *pem, struct failure *why)
{
    char path[PATH_ROOM];

    return pem->length == 0 ||
           (place_path(&settling->ceremony->place, file, path, why) &&
               put(settling, path, buffer_view(pem), 0644, why));
}

static bool settle(struct settling *settling, struct failure *why)
{
    struct store *store = settling->store;

    if (!store_list_authorities(store, take_row, settling, why) ||
        !read_published(settling, why))
        return false;
    for (size_t i = 0; i < settling->count; i++) {
        if (!settle_keys(settling, &settling->known[i], why) ||
            !publish(settling, &settling->known[i], why))
            return false;
    }
    return store_list_cross_certificates(store, take_cross, settling, why) &&
           take_away_others(settling, why) &&
           put_pem(settling, "publish/roots.pem", &settling->roots, why) &&
           put_pem(settling, "publish/intermediates.pem",
               &settling->intermediates, why);
}

bool ceremony_settle(const struct ceremony *ceremony, struct failure *why)
{
    SCOPED_STRUCT(settling) *settling = calloc(1, sizeof(*settling));
    SCOPED_DESCRIPTOR int lock = -1;
    char path[PATH_ROOM];

    if (settling == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    settling->ceremony = ceremony;
    settling->roots = BUFFER("roots.pem", PEM_MAX);
    settling->intermediates = BUFFER("intermediates.pem", PEM_MAX);
    settling->crosses = BUFFER("names of files", 64 * 1024);
    return ceremony_lock(ceremony, &lock, why) &&
           place_path(&ceremony->place, "chancery.db", path, why) &&
           store_open(path, STORE_READ, &settling->store, why) &&
           settle(settling, why);
}
