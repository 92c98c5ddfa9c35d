#ifndef SERVER_FRONT_CONNECTION_PARTS_H
#define SERVER_FRONT_CONNECTION_PARTS_H

#include "server/front/connection.h"

/* What the files of the connection share; for nobody else. */

/* Bytes that wait at most: a head and what was read with its end; an answer of
 * the keeper with its head. */
#define RECEIVED_MAX (HTTP_HEAD_MAX + 2 * 32 * 1024)
#define OUTGOING_MAX (10 * 1024 * 1024)
/* So much may each keep, whatever the others keep. */
#define HELD_ALWAYS ((size_t)4 * 1024)
/* Requests and pieces that one connection gets done before others have their
 * turn. */
#define STEPS_AT_ONCE 64
/* Contents up to this many bytes go out in one write with their head. */
#define SMALL_CONTENT_MAX ((size_t)64 * 1024)

enum pace {
    PACE_ON,    /* call again */
    PACE_WAITS, /* for the socket, as wants says, or for the keeper */
    PACE_OVER   /* to be freed */
};

/* What a step of the transport means for the connection. */
enum pace connection_pace(enum transport_step step);

void connection_is_idle(struct connection *connection, bool is_idle);

/* Reads into the front's scratch; *available: what is unused, the new bytes at
 * its end. */
enum pace connection_read(
    struct connection *connection, struct bytes *available);
/* Keeps what was not used of it. */
MUST_CHECK bool connection_keep(
    struct connection *connection, struct bytes rest, struct failure *why);

enum pace connection_read_head(struct connection *connection);
enum pace connection_read_body(struct connection *connection);
enum pace connection_write(struct connection *connection);
/* The answer is written: what comes next. */
enum pace connection_next(struct connection *connection);

/* The request moved to other bytes, or its head was copied there. */
void connection_move_request(struct http_request *request, const uint8_t *to);

/* The words of a refusal, and their type, in the request's manner.  *status may
 * become another: an OCSP answer says its refusals itself. */
MUST_CHECK bool refusal_compose(const struct connection *connection,
    const char *sentence, unsigned *status, const char **type,
    struct buffer *words, struct failure *why);

/* Lets go of the reader that shows a file for the request, if one does. */
void reading_end(struct connection *connection);

void connection_log_handshake(
    const struct connection *connection, const struct failure *why);

#endif
