#ifndef SERVER_HTTP_RESPONSE_H
#define SERVER_HTTP_RESPONSE_H

#include "server/http/request.h"

#define HTTP_RESPONSE_FIELDS_MAX 24
/* The ceiling for the buffer a head is written into, in bytes. */
#define HTTP_RESPONSE_HEAD_MAX 16384

/* What stands in a head besides Date, Content-Length and Connection, which
 * http_response_write alone writes. The texts belong to the caller. */
struct http_response {
    unsigned status; /* 200 to 599 */
    uint64_t content_length;
    bool closes;
    size_t field_count;
    struct {
        const char *name, *value;
    } fields[HTTP_RESPONSE_FIELDS_MAX];
};

/* Fails as FAILURE_INTERNAL when there is no room, when the name is no token or
 * one of the three above, or when the value holds other than printable ASCII:
 * nothing a client sent becomes a line of its own. */
MUST_CHECK bool http_response_add(struct http_response *response,
    const char *name, const char *value, struct failure *why);

/* Appends the status line and header section, with the Date of base/clock.
 * Content-Length always stands, except where RFC 9110, 8.6 forbids it (204) or
 * it says nothing (304). */
MUST_CHECK bool http_response_write(const struct http_response *response,
    struct buffer *head, struct failure *why);

/* Is the content sent behind this head (RFC 9112, 6.3)? Not for HEAD, 204 and
 * 304. */
bool http_response_has_body(
    const struct http_response *response, enum http_method method);

/* RFC 9110, 15: "Not Found"; "Unknown" for what is not used here. */
const char *http_status_phrase(unsigned status);

/* The interim answer, whole. */
struct bytes http_continue(void);

/* RFC 9110, 10.1.1: is 100 Continue to be sent before the body is read? Not
 * when some of the body has come already. Ask after http_body_begin agreed. */
bool http_wants_continue(
    const struct http_request *request, size_t body_bytes_received);

/* Must the connection end with this answer?  Yes when the request or its frame
 * says so, and when a body was not read: above all that of a client which
 * expects 100 Continue and was not told so, since nobody can say whether it
 * will come.  broken: HTTP_NO_RULE for a request that was not refused;
 * body_was_read: to its end, or drained. */
bool http_connection_ends(const struct http_request *request,
    enum http_rule broken, bool body_was_read);

#endif
