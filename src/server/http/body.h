#ifndef SERVER_HTTP_BODY_H
#define SERVER_HTTP_BODY_H

#include "base/bytes.h"
#include "server/http/request.h"
#include "server/http/rule.h"

/* In bytes: a line of a chunk or of a trailer without its CRLF; all chunk
 * extensions of a body together. */
#define HTTP_CHUNK_LINE_MAX 512
#define HTTP_CHUNK_EXTENSIONS_MAX 1024
#define HTTP_TRAILERS_MAX 16

enum http_body_state {
    HTTP_BODY_COMPLETE,
    HTTP_BODY_COUNTED, /* remaining bytes of a Content-Length */
    HTTP_BODY_CHUNK_LINE,
    HTTP_BODY_CHUNK,     /* remaining bytes of a chunk */
    HTTP_BODY_CHUNK_END, /* its CRLF */
    HTTP_BODY_TRAILER
};

struct http_body {
    enum http_body_state state;
    uint64_t remaining;
    uint64_t room; /* of the route's limit */
    size_t extensions, trailers;
    bool after_return;
    size_t line_length;
    uint8_t line[HTTP_CHUNK_LINE_MAX];
};

/* Begins the body of a request whose route takes at most limit bytes of
 * content.  A longer Content-Length is refused at once with HTTP_BODY_LONG,
 * before 100 Continue is sent. */
MUST_CHECK bool http_body_begin(struct http_body *body,
    const struct http_request *request, uint64_t limit, enum http_rule *broken);

/*
 * RFC 9112, 6 and 7.  Takes from received what it can in one piece; *used is
 * how many bytes that were, *piece the content among them (a view into
 * received, possibly empty).
 *
 * HTTP_MORE: call again with the rest of received, or with what comes next
 * when *used was all of it.  HTTP_DONE: the body has ended, what is left in
 * received belongs to the next request; a body of no bytes is done by its first
 * call, with nothing received.  Trailers are checked and dropped.
 *
 * The sum of the pieces and the outcome don't depend on how the bytes were
 * parted.
 */
enum http_step http_body_feed(struct http_body *body, struct bytes received,
    size_t *used, struct bytes *piece, enum http_rule *broken);

#endif
