#include "cli/renew_place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/holder_key.h"
#include "cli/passphrase.h"

static bool beside(char path[static PATH_ROOM], const char *file,
    const char *ending, struct failure *why)
{
    int length = snprintf(path, PATH_ROOM, "%s.%s", file, ending);

    return (length > 0 && length < PATH_ROOM) ||
           fail_because(why, FAILURE_UNSUITABLE,
               "the path of %.200s is longer than %d bytes", file,
               PATH_ROOM - 5);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* The old one stays as FILE.old; its place is never empty. */
static bool take_place(const char *file, struct failure *why)
{
    char fresh[PATH_ROOM], old[PATH_ROOM], folder[PATH_ROOM] = ".";
    const char *slash = strrchr(file, '/');

    if (!beside(fresh, file, "new", why) || !beside(old, file, "old", why))
        return false;
    if (is_there(file)) {
        if (unlink(old) != 0 && errno != ENOENT)
            return fail_in_file(why, "removing", old);
        if (link(file, old) != 0)
            return fail_in_file(why, "writing", old);
    }
    if (rename(fresh, file) != 0)
        return fail_in_file(why, "writing", file);
    if (slash != NULL)
        (void)snprintf(folder, sizeof(folder), "%.*s",
            slash == file ? 1 : (int)(slash - file), file);
    return folder_sync(folder, why);
}

/* --- the key ------------------------------------------------------------- */

static bool append_key(struct call *call, const struct private_key *key,
    struct buffer *pem, struct failure *why)
{
    RELEASED(secret) passphrase = {0};
    SCOPED_DESCRIPTOR int descriptor = -1;

    if (!passphrase_given(call, "key-passphrase-file", &descriptor, why) ||
        (descriptor >= 0 &&
            !descriptor_read_secret(descriptor,
                call_text(call, "key-passphrase-file"), &passphrase, why)))
        return false;
    return key_file_write(key, descriptor >= 0 ? &passphrase : NULL, pem, why);
}

static bool write_key(struct call *call, const struct private_key *key,
    const char *path, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("the key", KEY_FILE_MAX);
    bool ok = append_key(call, key, &pem, why) &&
              file_write(path, buffer_view(&pem), 0600, FILE_REPLACE, why);

    contents_wipe(&pem);
    return ok;
}

/* "www.crt.key.new" where the key stands in the certificate's own file. */
static bool staged_key_path(const struct renew_file *file,
    char path[static PATH_ROOM], struct failure *why)
{
    return beside(
        path, file->key_path, file->key_is_inside ? "key.new" : "new", why);
}

/* What waits there was made for this: its certificate may have been issued, and
 * then the same key gets it again. */
bool renew_stage_key(struct call *call, const struct renew_file *file,
    const struct key_algorithm *kind, struct private_key **key,
    struct failure *why)
{
    SCOPED_STRUCT(private_key) *made = NULL;
    char path[PATH_ROOM];

    if (!staged_key_path(file, path, why))
        return false;
    if (is_there(path))
        return holder_key_read(call, path, key, why);
    if (!key_generate(kind, &made, why) || !write_key(call, made, path, why))
        return false;
    *key = KEEP(private_key, &made);
    return true;
}

/* --- both ---------------------------------------------------------------- */

/* The key first: whoever reads in between finds a key without its certificate
 * for a moment, never a certificate whose key is lost. */
static bool take_places(const struct renew_file *file, struct failure *why)
{
    char staged[PATH_ROOM];

    if (!staged_key_path(file, staged, why))
        return false;
    if (!file->key_is_inside && is_there(staged) &&
        !take_place(file->key_path, why))
        return false;
    if (!take_place(file->path, why))
        return false;
    if (file->key_is_inside && unlink(staged) != 0 && errno != ENOENT)
        return fail_in_file(why, "removing", staged);
    return true;
}

static bool write_contents(struct call *call, struct bytes certificates,
    const struct private_key *key, const char *path, mode_t mode,
    struct failure *why)
{
    RELEASED(buffer) contents = BUFFER("certificate and key", 32 * PEM_MAX);
    bool ok = (key == NULL || append_key(call, key, &contents, why)) &&
              buffer_append(&contents, certificates, why) &&
              file_write(path, buffer_view(&contents), mode, FILE_REPLACE, why);

    contents_wipe(&contents);
    return ok;
}

bool renew_settle(struct call *call, const struct renew_file *file,
    struct bytes certificates, const struct private_key *key,
    struct failure *why)
{
    struct stat status = {0};
    char fresh[PATH_ROOM];

    if (stat(file->path, &status) != 0)
        return fail_in_file(why, "reading", file->path);
    return beside(fresh, file->path, "new", why) &&
           write_contents(call, certificates, key, fresh,
               key != NULL ? 0600 : status.st_mode & 0777, why) &&
           take_places(file, why);
}

/* --- after an interruption ----------------------------------------------- */

static bool fits(struct call *call, const char *key_path, struct bytes spki,
    bool *does, struct failure *why)
{
    SCOPED_STRUCT(private_key) *key = NULL;

    return !is_there(key_path) || (holder_key_read(call, key_path, &key, why) &&
                                      holder_key_fits(key, spki, does, why));
}

static bool check_fresh(struct call *call, const struct renew_file *file,
    const char *fresh, struct failure *why)
{
    RELEASED(buffer) contents = BUFFER(fresh, PEM_MAX);
    RELEASED(buffer) der = BUFFER(fresh, CERTIFICATE_MAX);
    struct certificate certificate = {0};
    char staged[PATH_ROOM];
    bool does = false;

    if (!file_read(fresh, &contents, why))
        return false;
    does = input_certificate(buffer_view(&contents), fresh, &der, why);
    contents_wipe(&contents);
    if (!does || !certificate_read(buffer_view(&der), &certificate, why) ||
        !staged_key_path(file, staged, why))
        return false;
    does = false;
    if (!fits(call, file->key_is_inside ? fresh : staged,
            certificate.tbs.key.whole, &does, why) ||
        (!does &&
            !fits(call, file->key_path, certificate.tbs.key.whole, &does, why)))
        return false;
    return does ||
           fail_because(why, FAILURE_CONFLICT,
               "%.300s is there, and no key beside it is its own; move it away",
               fresh);
}

bool renew_finish(struct call *call, const struct renew_file *file,
    bool *finished, struct failure *why)
{
    char fresh[PATH_ROOM];

    *finished = false;
    if (!beside(fresh, file->path, "new", why))
        return false;
    if (!is_there(fresh))
        return true;
    if (!check_fresh(call, file, fresh, why) || !take_places(file, why))
        return false;
    *finished = true;
    return true;
}
