#ifndef SERVER_FRONT_CONNECTION_H
#define SERVER_FRONT_CONNECTION_H

#include "server/front/front_state.h"

/*
 * The machine of one connection: handshake, head, route, body, answer, and
 * again.  Requests that were sent ahead are answered one at a time, in order.
 * It frees itself when it is over, and so does whatever makes it go on.
 */

/* Owns the transport from here on, failure included. */
MUST_CHECK bool connection_open(struct front *front,
    struct transport *transport, const struct address *address,
    struct failure *why);
/* Goes on as far as it can; it may be gone afterwards. */
void connection_turn(struct connection *connection);
/* Ends it here and now, without a word. */
void connection_free(struct connection *connection);

/* Its deadline has passed; it may be gone afterwards. */
void connection_expire(struct connection *connection);

/* --- answering (connection_answer.c) -------------------------------------- */

#define ANSWER_FIELDS_MAX 16

/* Texts and content last until connection_answer returns. */
struct answer {
    unsigned status;
    const char *type; /* NULL: none */
    struct bytes content;
    struct published *file; /* holds content; NULL: it is copied */
    size_t field_count;
    struct {
        const char *name, *value;
    } fields[ANSWER_FIELDS_MAX];
};
MUST_CHECK bool answer_add(struct answer *answer, const char *name,
    const char *value, struct failure *why);

/* Writes the answer to the present request as far as the socket takes it; once
 * for each request. */
MUST_CHECK bool connection_answer(struct connection *connection,
    const struct answer *answer, struct failure *why);

/* Refuses the present request: words in the manner of its route. */
void connection_refuse_as(
    struct connection *connection, unsigned status, const char *sentence);
/* The same for the rule of HTTP that it breaks. */
void connection_refuse_broken(struct connection *connection);
/* The same by the status of a failure's kind. */
void connection_refuse_for(
    struct connection *connection, const struct failure *why);

/* --- the keeper (connection_keeper.c) --------------------------------------
 */

/* Sends the present request, whole. */
MUST_CHECK bool connection_ask_keeper(
    struct connection *connection, struct failure *why);

/* --- what there is to see --------------------------------------------------
 */

/* One line in the log for the request that was answered. */
void connection_log(struct connection *connection);
bool connection_is_tls(const struct connection *connection);

#endif
