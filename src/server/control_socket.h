#ifndef SERVER_CONTROL_SOCKET_H
#define SERVER_CONTROL_SOCKET_H

#include "server/place.h"

/*
 * Listens at DIR/control.sock, where commands meet the keeper.  Only by who
 * holds DIR/lock: a socket that is there belongs to nobody and is replaced.
 * FAILURE_UNSUITABLE: the path is longer than a socket's may be.
 */
MUST_CHECK bool control_socket_listen(
    const struct place *place, int *listener, struct failure *why);

/* Takes it away again, before DIR/lock is given up. */
void control_socket_remove(const struct place *place);

#endif
