#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "server/front/own_certificate_parts.h"
#include "x509/input.h"

static bool append_certificates(const struct bytes *chain, size_t count,
    struct buffer *pem, struct failure *why)
{
    for (size_t i = 0; i < count; i++) {
        if (!pem_append(pem, "CERTIFICATE", chain[i], why))
            return false;
    }
    return true;
}

bool own_files_match(const struct private_key *key,
    const struct certificate *leaf, struct failure *why)
{
    RELEASED(buffer) spki = BUFFER("public key", CERTIFICATE_MAX);

    if (!private_key_append_spki(key, &spki, why))
        return false;
    if (!bytes_equal(buffer_view(&spki), leaf->tbs.key.whole))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the certificate is for another key than the one beside it");
    return true;
}

/* --- writing -------------------------------------------------------------- */

/* Room for a key in PEM that is wiped. */
static void key_text_free(struct buffer *text)
{
    if (text->start != NULL)
        wipe(text->start, text->capacity);
    buffer_free(text);
}

bool own_files_write_next(
    const struct own_certificate *own, struct failure *why)
{
    __attribute__((cleanup(key_text_free))) struct buffer pem =
        BUFFER("key", KEY_FILE_MAX);

    return key_file_write(own->next, NULL, &pem, why) &&
           file_write(
               own->next_path, buffer_view(&pem), 0600, FILE_REPLACE, why);
}

/* The folder is synced by the renaming of what comes next, or by nobody: then
 * the key is found in own.next (load_key). */
static bool promote_next(const struct own_certificate *own, struct failure *why)
{
    if (rename(own->next_path, own->key_path) != 0)
        return fail_in_file(why, "renaming", own->next_path);
    return true;
}

bool own_files_write(const struct own_certificate *own,
    const struct bytes *chain, size_t count, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("certificates", OWN_FILE_MAX);

    return append_certificates(chain, count, &pem, why) &&
           file_write(
               own->pem_path, buffer_view(&pem), 0644, FILE_REPLACE, why) &&
           promote_next(own, why);
}

/* --- holding -------------------------------------------------------------- */

/* The room is reserved first, so that no view is moved. */
static bool copy_chain(struct buffer *ders, const struct bytes *chain,
    size_t count, struct bytes *views, struct failure *why)
{
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++)
        bytes += chain[i].length;
    if (!buffer_reserve(ders, bytes, why))
        return false;
    for (size_t i = 0; i < count; i++) {
        views[i] = (struct bytes){ders->start + ders->length, chain[i].length};
        if (!buffer_append(ders, chain[i], why))
            return false;
    }
    return true;
}

bool own_files_hold(struct own_certificate *own, const struct bytes *chain,
    size_t count, struct failure *why)
{
    struct buffer ders = BUFFER("certificates", OWN_FILE_MAX);
    struct bytes views[OWN_CHAIN_MAX] = {0};
    struct certificate leaf = {0};

    if (!certificate_read(chain[0], &leaf, why) ||
        !copy_chain(&ders, chain, count, views, why)) {
        buffer_free(&ders);
        return false;
    }
    own->not_before = leaf.tbs.not_before;
    own->not_after = leaf.tbs.not_after;
    buffer_free(&own->ders);
    own->ders = ders;
    memcpy(own->chain, views, sizeof(views));
    own->chain_count = count;
    return true;
}

/* --- loading -------------------------------------------------------------- */

static bool read_chain(const struct own_certificate *own, struct buffer *file,
    struct input *input, struct bytes *chain, size_t *count,
    struct failure *why)
{
    if (!file_read(own->pem_path, file, why) ||
        !input_read(buffer_view(file), own->pem_path, input, why))
        return false;
    for (size_t i = 0; i < input->count; i++) {
        if (input->objects[i].kind != INPUT_CERTIFICATE)
            continue;
        if (*count == OWN_CHAIN_MAX)
            return fail_because(why, FAILURE_UNSUITABLE,
                "%s holds more than %d certificates", own->pem_path,
                OWN_CHAIN_MAX);
        chain[(*count)++] = input->objects[i].der;
    }
    if (*count == 0)
        return fail_because(
            why, FAILURE_MALFORMED, "%s holds no certificate", own->pem_path);
    return true;
}

static bool read_key(const char *path, const struct certificate *leaf,
    struct private_key **key, struct failure *why)
{
    __attribute__((cleanup(key_text_free))) struct buffer file =
        BUFFER("key", KEY_FILE_MAX);
    SCOPED_STRUCT(private_key) *read = NULL;
    struct failure unread = {0};

    if (!file_read(path, &file, why))
        return false;
    if (!key_file_read(buffer_view(&file), NULL, &read, &unread) ||
        !own_files_match(read, leaf, &unread))
        return fail_because(why, unread.kind, "%s: %s", path, unread.reason);
    *key = KEEP(private_key, &read);
    return true;
}

/* A kill between the two renames leaves the certificate's key in own.next;
 * then it is moved now.  Where that fails it serves all the same. */
static bool load_key(struct own_certificate *own,
    const struct certificate *leaf, struct failure *why)
{
    struct failure unused = {0};

    if (read_key(own->key_path, leaf, &own->key, why))
        return true;
    if (!read_key(own->next_path, leaf, &own->key, &unused))
        return false;
    if (!promote_next(own, &unused))
        log_event(
            LOG_LEVEL_WARNING, "own-key-not-moved", "why", unused.reason, NULL);
    return true;
}

static bool load_files(struct own_certificate *own, struct failure *why)
{
    RELEASED(buffer) file = BUFFER("certificates", OWN_FILE_MAX);
    RELEASED(input) input = {0};
    struct bytes chain[OWN_CHAIN_MAX];
    struct certificate leaf = {0};
    size_t count = 0;

    if (!read_chain(own, &file, &input, chain, &count, why) ||
        !certificate_read(chain[0], &leaf, why) || !load_key(own, &leaf, why))
        return false;
    if (own_files_hold(own, chain, count, why))
        return true;
    private_key_free(own->key);
    own->key = NULL;
    return false;
}

/* The first start is no damage. */
static void note_damage(
    struct own_certificate *own, const struct failure *unread)
{
    if (access(own->pem_path, F_OK) != 0 && errno == ENOENT) {
        (void)snprintf(
            own->damage, sizeof(own->damage), "there is no certificate yet");
        return;
    }
    (void)snprintf(own->damage, sizeof(own->damage), "%s", unread->reason);
    log_event(LOG_LEVEL_WARNING, "own-certificate-unusable", "why",
        unread->reason, NULL);
}

static bool make_path(char path[static PATH_ROOM], const char *folder,
    const char *name, const char *end, struct failure *why)
{
    char file[64];

    (void)snprintf(file, sizeof(file), "%s.%s", name, end);
    return path_join(path, folder, file, why);
}

bool own_certificate_load(const char *folder, const char *name,
    struct own_certificate **own, struct failure *why)
{
    SCOPED_STRUCT(own_certificate) *made = calloc(1, sizeof(*made));
    struct failure unread = {0};

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!make_path(made->key_path, folder, name, "key", why) ||
        !make_path(made->next_path, folder, name, "next", why) ||
        !make_path(made->pem_path, folder, name, "pem", why))
        return false;
    if (!load_files(made, &unread))
        note_damage(made, &unread);
    *own = KEEP(own_certificate, &made);
    return true;
}
