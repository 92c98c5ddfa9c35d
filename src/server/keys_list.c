#include "server/founding.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/keys_client.h"
#include "store/store.h"
#include "x509/certificate.h"
#include "x509/pem.h"

/* One folder of keys, and what opens them. */
struct listing {
    const char *program;
    const char *below; /* "" or "root/": of labels */
    char folder[PATH_ROOM];
    int passphrases[3];
    size_t passphrase_count;
    struct key_inventory *inventory;
};

/* --- certificates beside keys -------------------------------------------- */

static bool read_certificate(const char *path, struct buffer *der,
    struct certificate *certificate, struct failure *why)
{
    static const char *const labels[] = {"CERTIFICATE", NULL};
    RELEASED(buffer) file = BUFFER("certificate file", CERTIFICATE_MAX);

    return file_read(path, &file, why) &&
           pem_or_der(buffer_view(&file), labels, der, why) &&
           certificate_read(buffer_view(der), certificate, why);
}

/* NAME.crt beside NAME.key. */
static bool certificate_path(const struct listing *listing, const char *file,
    char path[static PATH_ROOM], struct failure *why)
{
    char name[256];
    size_t stem = strlen(file) - strlen(".key");

    (void)snprintf(name, sizeof(name), "%.*s.crt", (int)stem, file);
    return path_join(path, listing->folder, name, why);
}

/* NAME.key goes with NAME.crt: a certificate of another key makes it
 * unusable. */
static bool check_certificate(const struct listing *listing, const char *file,
    struct key_record *record, struct failure *why)
{
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    struct certificate certificate = {0};
    char path[PATH_ROOM], sha256_of_key[SHA256_TEXT];

    if (!certificate_path(listing, file, path, why))
        return false;
    if (access(path, F_OK) != 0)
        return true;
    if (!read_certificate(path, &der, &certificate, why) ||
        !sha256_text(certificate.tbs.key.whole, sha256_of_key, why))
        return false;
    if (strcmp(sha256_of_key, record->sha256) != 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "its certificate %s is of another key", strrchr(path, '/') + 1);
    return true;
}

/* --- one key ------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length > strlen(end) &&
           strcmp(text + length - strlen(end), end) == 0;
}

static bool prove(struct listing *listing, const char *file,
    struct key_record *record, struct failure *why)
{
    RELEASED(keys_report) report = {0};
    SCOPED_DESCRIPTOR int key_file = -1;
    char path[PATH_ROOM];

    if (!path_join(path, listing->folder, file, why) ||
        !file_open(path, O_RDONLY | O_NONBLOCK, 0, &key_file, why))
        return false;
    for (size_t i = 0; i < listing->passphrase_count; i++)
        (void)lseek(listing->passphrases[i], 0, SEEK_SET);
    if (!keys_prove(listing->program, key_file, listing->passphrases,
            listing->passphrase_count, &report, why) ||
        !sha256_text(report.spki, record->sha256, why))
        return false;
    record->algorithm = report.algorithm;
    return !ends_with(file, ".key") ||
           check_certificate(listing, file, record, why);
}

static bool is_locked(const struct failure *why)
{
    return why->kind == FAILURE_UNAVAILABLE &&
           strncmp(why->reason, "locked", strlen("locked")) == 0;
}

/* Of a locked key the certificate beside it tells what it is. */
static void describe_locked(
    const struct listing *listing, const char *file, struct key_record *record)
{
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    struct certificate certificate = {0};
    struct public_key_parts parts = {0};
    struct failure unknown = {0};
    char path[PATH_ROOM];

    (void)snprintf(record->why, sizeof(record->why), "locked");
    if (!ends_with(file, ".key") ||
        !certificate_path(listing, file, path, &unknown) ||
        !read_certificate(path, &der, &certificate, &unknown) ||
        !spki_parts(&certificate.tbs.key, &parts, &unknown) ||
        !sha256_text(certificate.tbs.key.whole, record->sha256, &unknown))
        return;
    record->algorithm = parts.algorithm;
}

/* A label is what keys list shows: printable, and bounded. */
static bool list_key(
    struct listing *listing, const char *file, struct failure *why)
{
    struct key_record record = {.home = KEY_HOME_FILE};
    struct failure unusable = {0};

    (void)snprintf(
        record.label, sizeof(record.label), "%s%.100s", listing->below, file);
    record.usable = prove(listing, file, &record, &unusable);
    if (!record.usable && is_locked(&unusable))
        describe_locked(listing, file, &record);
    else if (!record.usable)
        (void)snprintf(record.why, sizeof(record.why), "%s", unusable.reason);
    if (key_inventory_add(listing->inventory, &record, why))
        return true;
    return why->kind == FAILURE_CONFLICT;
}

/* --- the folders --------------------------------------------------------- */

static int may_be_a_key(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && entry->d_type != DT_DIR &&
           !ends_with(entry->d_name, ".crt") &&
           strncmp(entry->d_name, "unlock", 6) != 0 &&
           strcmp(entry->d_name, "locked") != 0;
}

static bool list_folder(struct listing *listing, struct failure *why)
{
    struct dirent **entries = NULL;
    int count = scandir(listing->folder, &entries, may_be_a_key, alphasort);
    bool ok = true;

    if (count < 0 && errno == ENOENT)
        return true;
    if (count < 0)
        return fail_in_file(why, "opening", listing->folder);
    for (int i = 0; i < count; i++) {
        ok = ok && list_key(listing, entries[i]->d_name, why);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

static void add_passphrase(struct listing *listing, int descriptor)
{
    if (descriptor >= 0)
        listing->passphrases[listing->passphrase_count++] = descriptor;
}

/* Names that can't be opened are no failure: keys are then listed as locked. */
static void open_passphrase(const char *keys, const char *name, int *descriptor)
{
    struct failure ignored = {0};
    char path[PATH_ROOM];

    if (path_join(path, keys, name, &ignored))
        (void)!file_open(path, O_RDONLY, 0, descriptor, &ignored);
}

static bool list_below(const char *keys, const char *below, const char *unlock,
    const char *program, int passphrase, struct key_inventory *inventory,
    struct failure *why)
{
    struct listing listing = {
        .program = program, .below = below, .inventory = inventory};
    SCOPED_DESCRIPTOR int unlock_file = -1;
    bool is_locked = false;
    char marker[PATH_ROOM];

    if (!path_join(listing.folder, keys, below, why) ||
        !path_join(marker, keys, "locked", why))
        return false;
    is_locked = access(marker, F_OK) == 0;
    if (!is_locked)
        open_passphrase(keys, unlock, &unlock_file);
    add_passphrase(&listing, passphrase);
    add_passphrase(&listing, unlock_file);
    return list_folder(&listing, why);
}

/* --- whose they are ------------------------------------------------------ */

static bool add_user(
    void *context, const struct authority_row *row, struct failure *why)
{
    struct key_inventory *inventory = context;
    char certificate[SHA256_TEXT];
    struct failure absent = {0};

    if (!sha256_text(row->certificate, certificate, why))
        return false;
    /* A root's key may be elsewhere. */
    if (!key_inventory_add_certificate(
            inventory, row->key_sha256, certificate, &absent) ||
        !key_inventory_add_user(
            inventory, row->key_sha256, row->name, &absent)) {
        if (absent.kind == FAILURE_NOT_FOUND)
            return true;
        *why = absent;
        return false;
    }
    return true;
}

static bool add_users(
    const char *directory, struct key_inventory *inventory, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    char path[PATH_ROOM];

    if (!path_join(path, directory, "chancery.db", why))
        return false;
    if (access(path, F_OK) != 0)
        return true;
    return store_open(path, STORE_READ, &store, why) &&
           store_list_authorities(store, add_user, inventory, why);
}

bool list_keys(const char *directory, const char *program, int passphrase,
    struct key_inventory *inventory, struct failure *why)
{
    char keys[PATH_ROOM];

    return path_join(keys, directory, "keys", why) &&
           list_below(
               keys, "", "unlock", program, passphrase, inventory, why) &&
           list_below(keys, "root/", "unlock-root", program, passphrase,
               inventory, why) &&
           add_users(directory, inventory, why);
}
