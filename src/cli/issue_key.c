#include "cli/issue_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/passphrase.h"

bool key_output_check(struct call *call, const char *path, struct failure *why)
{
    if (strcmp(path, "-") == 0)
        return fail_usage(call, why,
            "--key-out takes the name of a file: a key is never written to "
            "standard output");
    return output_file_check(call, path, why);
}

void staged_key_free(struct staged_key *staged)
{
    if (staged->beside[0] != 0)
        (void)unlink(staged->beside);
    staged->beside[0] = 0;
}

static bool read_passphrase(struct call *call, struct secret *passphrase,
    bool *is_given, struct failure *why)
{
    SCOPED_DESCRIPTOR int descriptor = -1;

    if (!passphrase_given(call, "key-passphrase-file", &descriptor, why))
        return false;
    *is_given = descriptor >= 0;
    return !*is_given ||
           descriptor_read_secret(descriptor,
               call_text(call, "key-passphrase-file"), passphrase, why);
}

bool stage_key(struct call *call, const struct private_key *key,
    const char *path, struct staged_key *staged, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("the key", KEY_FILE_MAX);
    RELEASED(secret) passphrase = {0};
    char beside[PATH_ROOM];
    bool is_given = false, written;
    int length =
        snprintf(beside, sizeof(beside), "%s.new-%d", path, (int)getpid());

    if (length < 0 || (size_t)length >= sizeof(beside))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the path of the key's file is longer than 1000 bytes");
    if (!read_passphrase(call, &passphrase, &is_given, why))
        return false;
    written = key_file_write(key, is_given ? &passphrase : NULL, &pem, why) &&
              file_write(beside, buffer_view(&pem), 0600, FILE_NEW_ONLY, why);
    wipe(pem.start, pem.length);
    if (!written)
        return false;
    staged->path = path;
    (void)snprintf(staged->beside, sizeof(staged->beside), "%s", beside);
    return true;
}

static bool sync_folder_of(const char *path, struct failure *why)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_ROOM] = ".";

    if (slash != NULL)
        (void)snprintf(folder, sizeof(folder), "%.*s",
            slash == path ? 1 : (int)(slash - path), path);
    return folder_sync(folder, why);
}

bool staged_key_settle(
    const struct call *call, struct staged_key *staged, struct failure *why)
{
    unsigned int flags = call_given(call, "force") ? 0 : RENAME_NOREPLACE;

    if (renameat2(AT_FDCWD, staged->beside, AT_FDCWD, staged->path, flags) !=
        0) {
        /* File systems without that flag (NFS): it was not there before. */
        if (errno != EINVAL || rename(staged->beside, staged->path) != 0)
            return fail_in_file(why, "writing", staged->path);
    }
    staged->beside[0] = 0;
    return sync_folder_of(staged->path, why);
}
