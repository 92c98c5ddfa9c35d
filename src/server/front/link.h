#ifndef SERVER_FRONT_LINK_H
#define SERVER_FRONT_LINK_H

#include "base/channel.h"

struct event_base;

/*
 * A front's channel to the keeper, which never makes the loop wait: frames are
 * queued, answers are taken as they come.  There may be no keeper at all; then
 * whatever is asked fails at once, and what was under way when it went is told
 * so.  Nothing is ever sent a second time.
 */
struct link;

/* How a question ended.  answer: of type FRONT_ANSWER, FRONT_CERTIFIED or
 * FRONT_REFUSED, its body a view until this returns; NULL: the keeper went
 * before it answered, and nobody can say what it did. */
typedef void link_finish(void *asker, const struct frame *answer);

MUST_CHECK bool link_new(
    struct event_base *loop, struct link **link, struct failure *why);
/* Without calls of finish.  NULL is allowed. */
void link_free(struct link *link);

/* Owns the socket, failure included.  A channel that was there goes first. */
MUST_CHECK bool link_connect(
    struct link *link, int socket, struct failure *why);
bool link_is_connected(const struct link *link);

/*
 * Sends a question; finish is called once, later and never from within, unless
 * it is cancelled.  FAILURE_UNAVAILABLE: no keeper, FRONT_CREDIT questions
 * under way already, or a keeper that does not read.
 */
MUST_CHECK bool link_ask(struct link *link, uint16_t type, struct bytes body,
    uint32_t time_left_ms, void *asker, link_finish *finish, uint64_t *id,
    struct failure *why);

/* Nobody waits for this one any more.  It holds its credit until its answer,
 * which comes all the same (base/channel.h). */
void link_cancel(struct link *link, uint64_t id);

#endif
