#ifndef SERVER_HTTP_BODY_PARTS_H
#define SERVER_HTTP_BODY_PARTS_H

#include "server/http/body.h"

/* A complete line of a chunked body, without its CRLF: sets the state that
 * follows. HTTP_DONE at the empty line that ends the body. */
enum http_step http_body_line(
    struct http_body *body, struct bytes line, enum http_rule *broken);

#endif
