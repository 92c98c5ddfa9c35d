#ifndef TESTS_UNIT_X509_SIGNED_FIXTURE_H
#define TESTS_UNIT_X509_SIGNED_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "base/file.h"

/* Files of tests/objects/signed, which make_signed.py made: all signers and
 * "stamper" are below root; "short" and "stamper" are valid in 2026 alone. */
#define SIGNED_IN INT64_C(1796083200)    /* 2026-12-01 */
#define SIGNED_AFTER INT64_C(1893456000) /* 2030-01-01 */
#define STAMPED_AT INT64_C(1772323200)   /* 2026-03-01: short-stamped.exe */

#define SIGNED_ROOM (4 * 1024 * 1024)
#define SIGNED_BUFFER() BUFFER("object", SIGNED_ROOM)

static inline void read_signed(const char *name, struct buffer *file)
{
    char path[PATH_ROOM];
    struct failure why = {0};

    (void)snprintf(
        path, sizeof(path), "%s/tests/objects/signed/%s", PROJECT_FOLDER, name);
    buffer_clear(file);
    if (!file_read(path, file, &why))
        fail_msg("%s", why.reason);
}

#endif
