#ifndef SERVER_FRONT_ANSWERERS_H
#define SERVER_FRONT_ANSWERERS_H

#include "server/front/connection.h"

/* What a front answers by itself, each a front_answerer. */

/* ROUTE_FILE: a file of DIR/publish. */
MUST_CHECK bool answer_file(struct connection *connection, struct failure *why);
/* ROUTE_OCSP: from the mapped table; nonces, several ids and misses go to the
 * keeper, whose absence is tryLater. */
MUST_CHECK bool answer_status(
    struct connection *connection, struct failure *why);
/* ROUTE_FRONT: /version and the style sheet. */
MUST_CHECK bool answer_constant(
    struct connection *connection, struct failure *why);
/* ROUTE_VIEW: a form, and what a reader shows of the file it brings. */
MUST_CHECK bool answer_view(struct connection *connection, struct failure *why);

/* The present request's path, decoded; until another is. */
MUST_CHECK bool connection_path(
    struct connection *connection, const char **path, struct failure *why);

/* 304 without content where the client has it already. */
MUST_CHECK bool connection_answer_tagged(struct connection *connection,
    struct answer *answer, const char *tag, const char *modified,
    int64_t modified_at, struct failure *why);

#endif
