#ifndef SERVER_WEB_WEB_H
#define SERVER_WEB_WEB_H

#include <poll.h>

#include "protocols/listener.h"
#include "server/web/visit.h"

/*
 * The keeper's side of the web.  Each front has a channel, whose listener the
 * parent named; the loop takes frames from it and queues them, workers decode,
 * find the route, find out who asks and call the handler; issuances go on to
 * the carriers, what else is asked to the clerk; what is asked by OCSP goes to
 * a desk of its own (server/web/status_desk.h).  Each front has a sender, so
 * that one that does not read makes nobody wait.
 */
#define FRONTS_MAX 16
#define WEB_WORKERS_MAX 16

struct web; /* the keeper's, NULL where nothing is served */

/* Opens a connection to the store for each worker, before the sandbox closes.
 */
MUST_CHECK bool web_open(
    struct keeper *keeper, const char *store_path, struct failure *why);
/* A front's channel, and the listener that is its ceiling from here on.  Owns
 * the socket, failure included.  With the first one the workers start. */
MUST_CHECK bool web_add_front(struct keeper *keeper, int socket,
    enum listener listener, struct failure *why);

/* For the loop: appends what to wait for; then takes what came. Both pass over
 * the fronts in the same order. */
size_t web_poll(const struct web *web, struct pollfd *polled);
void web_take(struct web *web, const struct pollfd *polled);
/* Is something there that poll does not tell of?  Then it is not waited for. */
bool web_holds_frames(const struct web *web);

/* A visit's handler has asked about status: the visit is the desk's. */
void web_ask_status(struct web *web, struct visit *visit);

/* No frame is taken any more; the workers finish what is queued.  Before the
 * carriers and the clerk end, to whom they may hand on. */
void web_close(struct web *web);
/* Behind them: sends what is answered, to fronts that read it within
 * WEB_END_MS, and frees.  NULL is allowed. */
#define WEB_END_MS 3000
void web_end(struct web *web);

/* --- fronts (web_front.c) ------------------------------------------------- */
/* Bytes of requests of one front that may be under way; beyond them it is told
 * to come again. */
#define FRONT_BYTES_MAX (32 * 1024 * 1024)

/* Owns the socket, failure included; starts the sender. */
MUST_CHECK bool front_link_new(int socket, enum listener listener,
    struct front_link **front, struct failure *why);
void front_link_hold(struct front_link *front);
void front_link_release(struct front_link *front);
enum listener front_link_listener(const struct front_link *front);
void front_link_poll(const struct front_link *front, struct pollfd *polled);
/* The next frame as a visit; NULL: none is there, or it is the others' turn.
 * False: the front has gone, or broke the protocol, which is told in the log.
 */
MUST_CHECK bool front_link_take(
    struct front_link *front, struct keeper *keeper, struct visit **visit);
/* Is a frame there that poll does not tell of? */
bool front_link_holds(const struct front_link *front);
/* Its word was broken: what else it sent is not looked at. */
void front_link_break(struct front_link *front, const struct failure *why);
bool front_link_is_broken(const struct front_link *front);
/* Queues an answered visit for sending, and owns it. */
void front_link_send(struct front_link *front, struct visit *visit);
void front_link_send_all(struct front_link *front, struct visits *visits);
/* The visit has ended. */
void front_link_discount(struct front_link *front, size_t bytes);
/* Ends the sender.  What is queued is sent before, until this time of
 * clock_monotonic_ms (0: none is waited for); then it is broken off. */
void front_link_end(struct front_link *front, int64_t until_ms);

#endif
