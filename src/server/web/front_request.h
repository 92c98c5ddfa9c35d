#ifndef SERVER_WEB_FRONT_REQUEST_H
#define SERVER_WEB_FRONT_REQUEST_H

#include "base/bytes.h"
#include "protocols/listener.h"

/*
 * The one kind of request that a front sends the keeper (FRONT_REQUEST of
 * server/front_protocol.h), read strictly: a front that was taken over writes
 * what it likes.  Views of the frame; one that was not sent has start NULL.
 */
#define FRONT_HEADERS_MAX 16
#define FRONT_REQUEST_ID_LENGTH 26

struct front_request {
    struct bytes method, path, query, host, body, peer, request_id;
    struct bytes certificate, certificate_code, certificate_sentence;
    struct bytes headers[FRONT_HEADERS_MAX]; /* as front_headers() has them */
    bool has_header_twice; /* for 400: whichever counts is not guessed */
};

/*
 * FAILURE_MALFORMED: a breach, after which nothing of this front is believed:
 * a field that is unknown, comes twice, is too long or holds what it may not; a
 * header that a front does not pass on; a request without method, path, peer
 * and id.  FAILURE_FORBIDDEN, a breach as well: a client certificate from a
 * listener that asks for none (the ceiling of the channel: DESIGN.md 1).
 */
MUST_CHECK bool front_request_read(struct bytes frame, enum listener listener,
    struct front_request *request, struct failure *why);

/* Is the path, of a frame that was not read yet, this one or below it?  Only to
 * choose who reads the frame. */
bool front_request_is_below(struct bytes frame, const char *path);

/* start NULL: it was not sent.  name: one of front_headers(). */
struct bytes front_request_header(
    const struct front_request *request, const char *name);

#endif
