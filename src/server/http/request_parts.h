#ifndef SERVER_HTTP_REQUEST_PARTS_H
#define SERVER_HTTP_REQUEST_PARTS_H

#include "server/http/request.h"

/* What the files of the request reader share. */

/* The request line without its CRLF, whose octets http_line_take has seen.  An
 * unknown method is left in request->method, to be refused with the head. */
MUST_CHECK bool http_request_line_read(
    struct bytes line, struct http_request *request, enum http_rule *broken);

/* The rules that need the whole head: host, framing, expectation, coding,
 * method, in this order; those that leave the frame sound come last. */
MUST_CHECK bool http_head_check(
    struct http_request *request, enum http_rule *broken);

/* The rules of the body's framing (RFC 9112, 6). */
MUST_CHECK bool http_framing_check(
    struct http_request *request, enum http_rule *broken);

/* How many fields have this name. */
size_t http_request_count(const struct http_request *request, const char *name);

#endif
