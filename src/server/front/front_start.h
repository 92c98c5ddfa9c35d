#ifndef SERVER_FRONT_FRONT_START_H
#define SERVER_FRONT_FRONT_START_H

#include "base/bytes.h"
#include "base/file.h"
#include "protocols/listener.h"

#define FRONT_START_MAX (64 * 1024)
#define FRONT_NAMES_MAX 64
#define FRONT_NAME_ROOM 256
/* Descriptors that are no connection: of the loop, files, the C library. */
#define FRONT_OTHER_DESCRIPTORS 64

/* The body of FRONT_START and FRONT_RELOAD. */
struct front_start {
    enum listener listener;
    char directory[PATH_ROOM];
    size_t per_address; /* 64 where nothing is said */
    size_t name_count;
    char names[FRONT_NAMES_MAX][FRONT_NAME_ROOM];
};
void front_start_free(struct front_start *start); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(front_start, front_start_free)

/* FAILURE_MALFORMED: an unknown listener or field, no directory, a TLS listener
 * without a name. */
MUST_CHECK bool front_start_read(
    struct bytes body, struct front_start **start, struct failure *why);

#endif
