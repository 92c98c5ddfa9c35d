#ifndef SERVER_FRONT_ACCEPT_H
#define SERVER_FRONT_ACCEPT_H

#include "server/front/front_state.h"

/*
 * A front's loop: who comes in, and whose time is over.
 */

/* Sets the parts that every front has: loop, link, tables, ceilings.  listener,
 * route_of and answerers are the caller's to set. */
MUST_CHECK bool front_new(const struct front_limits *limits,
    struct front **front, struct failure *why);
/* Ends all connections; NULL is allowed. */
void front_free(struct front *front);

/* Takes connections of this socket, which it owns, as soon as it can: with TLS,
 * once there is a certificate. */
MUST_CHECK bool front_listen(
    struct front *front, int socket, struct failure *why);

/* One connection that was accepted; owns the socket.  It may be refused for a
 * ceiling, which is no failure. */
MUST_CHECK bool front_welcome(struct front *front, int socket,
    const struct address *address, struct failure *why);

/* No more connections; the loop ends with the last of those there are. */
void front_stop(struct front *front);

#endif
