#ifndef SERVER_FRONT_FORM_FILE_H
#define SERVER_FRONT_FORM_FILE_H

#include "server/http/multipart.h"
#include "server/http/request.h"

/* The file that a form of one field "file" brought (RFC 7578). */
struct form_file {
    char name[MULTIPART_TEXT_ROOM]; /* as its sender calls it */
    struct buffer contents;         /* the caller's ceiling */
};
void form_file_free(struct form_file *file);

/* FAILURE_MALFORMED: no such form, or none of its fields is the file;
 * FAILURE_UNSUITABLE: it is longer than its buffer may be. */
MUST_CHECK bool form_file_read(const struct http_request *request,
    struct bytes body, struct form_file *file, struct failure *why);

#endif
