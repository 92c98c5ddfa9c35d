#ifndef SERVER_LISTENING_H
#define SERVER_LISTENING_H

#include "authority/configuration_serve.h"

/*
 * A listening TCP socket at an address of chancery.yaml: not waiting, closed by
 * an exec.  [::] takes IPv4 as well; where a machine has no IPv6 an address of
 * any family becomes 0.0.0.0.
 *
 * FAILURE_UNAVAILABLE names the address: another program listens there, or this
 * machine doesn't have it.  FAILURE_FORBIDDEN: a port that asks for a right.
 */
MUST_CHECK bool listening_open(
    const struct serve_address *address, int *descriptor, struct failure *why);

/* Where a socket that somebody else opened listens; what is no TCP socket has
 * no address. */
void listening_address(int descriptor, struct serve_address *address);

/* Connections are refused from here on, until listening_again. */
void listening_pause(int descriptor);
MUST_CHECK bool listening_again(
    int descriptor, const struct serve_address *address, struct failure *why);

#endif
