#ifndef CLI_RENEW_FILE_H
#define CLI_RENEW_FILE_H

#include "cli/call.h"
#include "crypto/key.h"
#include "x509/certificate.h"
#include "x509/input.h"

/* What is to be renewed, as its holder has it: a file with the old certificate
 * (of a chain its leaf), and its key in the same file or beside it; or a
 * renewal in PKCS#7. */
struct renew_file {
    const char *path;
    struct buffer contents;
    struct buffer der; /* of the old certificate; empty: a PKCS#7 without it */
    struct certificate certificate;
    struct buffer serial;
    bool is_pem, has_chain;

    char key_path[PATH_ROOM]; /* where its key is, or would be */
    bool key_is_inside, key_is_there;

    /* A renewal in PKCS#7, whose request is signed with the old key. */
    struct buffer signed_request, request;
};
void renew_file_free(struct renew_file *file);

/* Reads the file and finds its key, which is not opened: --key FILE, in the
 * file, or beside it with the ending .key. */
MUST_CHECK bool renew_file_read(struct call *call, const char *path,
    struct renew_file *file, struct failure *why);

/* Is it in the last third of its life, or over? */
bool renew_file_is_due(const struct renew_file *file, int64_t now);

#endif
