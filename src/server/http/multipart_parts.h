#ifndef SERVER_HTTP_MULTIPART_PARTS_H
#define SERVER_HTTP_MULTIPART_PARTS_H

#include "server/http/multipart.h"

/* A header line of a part, without its CRLF, into form->part. */
MUST_CHECK bool multipart_head_line(
    struct multipart *form, struct bytes line, enum http_rule *broken);

/* The head of a part has ended: is what it must say there? */
MUST_CHECK bool multipart_head_end(
    const struct multipart *form, enum http_rule *broken);

#endif
