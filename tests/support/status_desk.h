#ifndef TESTS_SUPPORT_STATUS_DESK_H
#define TESTS_SUPPORT_STATUS_DESK_H

#include "base/bytes.h"

/* Certificates, lists and answers by name, of tests/objects/revocation. */
#define STATUS_OBJECTS_MAX 128
struct status_objects {
    char *text; /* the file's; names are views into it */
    size_t count;
    struct {
        const char *name;
        uint8_t *der;
        size_t length;
    } objects[STATUS_OBJECTS_MAX];
};

void status_objects_load(struct status_objects *objects);
void status_objects_free(struct status_objects *objects);
/* The test fails where there is none. */
struct bytes status_object(
    const struct status_objects *objects, const char *name);

#endif
