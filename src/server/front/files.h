#ifndef SERVER_FRONT_FILES_H
#define SERVER_FRONT_FILES_H

#include <sys/stat.h>

#include "base/bytes.h"
#include "server/http/conditional.h"
#include "server/http/date.h"

/*
 * What DIR/publish holds, as it is served: whitelisted addresses alone, each
 * the file that INTERFACES.md says.  Links are not followed.  A file is mapped
 * once and shared by all that read it; base/file.h puts another in its place by
 * a rename, so nobody sees half of one, and who reads the old one goes on.
 */
#define FILE_NAME_ROOM 200

struct published {
    size_t references;
    char name[FILE_NAME_ROOM]; /* within publish/ */
    const char *type, *cached; /* Content-Type; Cache-Control */
    struct stat seen;
    struct bytes content;
    char tag[HTTP_TAG_TEXT];
    char modified[HTTP_DATE_TEXT];
};
struct published *published_hold(struct published *published);
void published_release(struct published *published); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(published, published_release)

struct files;
/* directory: DIR.  Its folder publish has to be there. */
MUST_CHECK bool files_open(
    const char *directory, struct files **files, struct failure *why);
void files_close(struct files *files); /* NULL is allowed */

/* The file behind a decoded path; held by files until the next call.
 * FAILURE_NOT_FOUND: no file may be had there, or there is none. */
MUST_CHECK bool files_find(struct files *files, const char *path,
    struct published **found, struct failure *why);

/* The name of the file within publish/ that an address stands for, and its
 * Content-Type; FAILURE_NOT_FOUND.  Here for the fuzzer. */
MUST_CHECK bool files_name(const char *path, char name[static FILE_NAME_ROOM],
    const char **type, const char **cached, struct failure *why);

#endif
