#ifndef SERVER_HTTP_REQUEST_H
#define SERVER_HTTP_REQUEST_H

#include "base/bytes.h"
#include "server/http/host.h"
#include "server/http/rule.h"

/* In bytes, without the CRLF of the line; the section with all of them. */
#define HTTP_REQUEST_LINE_MAX 16384
#define HTTP_FIELD_LINE_MAX 8192
#define HTTP_SECTION_MAX 32768
#define HTTP_FIELDS_MAX 100
/* So many bytes a head can take at the most: for the buffer it is read into. */
#define HTTP_HEAD_MAX (2 + HTTP_REQUEST_LINE_MAX + 2 + HTTP_SECTION_MAX)

enum http_method {
    HTTP_METHOD_OTHER, /* refused with HTTP_METHOD_UNKNOWN */
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS
};

/* Where a field stands in the head. */
struct http_field {
    uint16_t name, name_length, value, value_length;
};

enum http_framing { HTTP_BODY_NONE, HTTP_BODY_LENGTH, HTTP_BODY_CHUNKED };

struct http_request {
    struct bytes head; /* the bytes the views and fields point into */
    struct bytes target;
    struct bytes path;      /* raw, of the target; begins with '/', or is "*" */
    struct bytes query;     /* raw, without '?'; start is NULL without one */
    struct bytes authority; /* of a target in absolute form, or empty */
    struct http_host host;  /* name is empty in HTTP/1.0 without a Host */
    enum http_method method;
    bool is_1_1;
    bool keeps_alive;      /* RFC 9112, 9.3; never for HTTP/1.0 */
    bool expects_continue; /* and there is a body to wait for */
    enum http_framing framing;
    uint64_t content_length; /* of HTTP_BODY_LENGTH */
    size_t field_count;
    struct http_field fields[HTTP_FIELDS_MAX];
};

/* Reads one head. Starts as {0}; for the next request of a connection, {0}
 * again. */
struct http_request_reader {
    size_t position; /* bytes looked at */
    size_t line;     /* where the present line begins */
    size_t section;  /* where the header section begins; 0 before */
    size_t request_line, request_line_length;
    bool passed_empty_line;
    bool after_return;
    size_t field_count;
    struct http_field fields[HTTP_FIELDS_MAX];
};

/*
 * RFC 9112, 2 to 6.  received holds everything that has come since the head
 * began; each call looks only at what the calls before did not see, so the
 * bytes may have moved meanwhile.  The outcome never depends on how the bytes
 * were parted.
 *
 * HTTP_DONE: *request is filled, *used is the length of the head; what follows
 * is the body (server/http/body.h).  The views hold while received does.
 * HTTP_REFUSED: *broken is the rule. When http_rule_closes(*broken) is false,
 * *request and *used are set as for HTTP_DONE, so that the body can be drained.
 */
enum http_step http_request_feed(struct http_request_reader *reader,
    struct bytes received, struct http_request *request, size_t *used,
    enum http_rule *broken);

/* The first field of this name, in any case.  False when there is none. Host,
 * Content-Length, Content-Type, Authorization, Origin and the conditions on
 * dates stand once in every request that was not refused. */
bool http_request_field(
    const struct http_request *request, const char *name, struct bytes *value);

/* Does a field of this name, which is a list, hold the word? */
bool http_request_lists(
    const struct http_request *request, const char *name, const char *word);

/* The field at an index below field_count. */
struct bytes http_request_name(
    const struct http_request *request, size_t index);
struct bytes http_request_value(
    const struct http_request *request, size_t index);

/* "GET", or "" for HTTP_METHOD_OTHER. */
const char *http_method_name(enum http_method method);

#endif
