#ifndef TESTS_UNIT_X509_INPUT_FIXTURE_H
#define TESTS_UNIT_X509_INPUT_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "base/file.h"

/* Files of tests/objects/input, which make_input.sh made. */

#define OBJECT_ROOM (4 * 1024 * 1024)
#define OBJECT_BUFFER() BUFFER("object", OBJECT_ROOM)

static inline void read_object(const char *name, struct buffer *file)
{
    char path[PATH_ROOM];
    struct failure why = {0};

    (void)snprintf(
        path, sizeof(path), "%s/tests/objects/input/%s", PROJECT_FOLDER, name);
    buffer_clear(file);
    if (!file_read(path, file, &why))
        fail_msg("%s", why.reason);
}

#define assert_bytes(found, expected)                                         \
    do {                                                                      \
        assert_int_equal((found).length, (expected).length);                  \
        assert_memory_equal((found).start, (expected).start, (found).length); \
    } while (0)

#endif
