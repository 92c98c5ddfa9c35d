#ifndef SERVER_FETCH_CONNECTION_H
#define SERVER_FETCH_CONNECTION_H

#include "server/fetch.h"

/*
 * A connection to the host of an address, non-blocking.  Every address of the
 * name is judged; those that are let through are tried side by side, the first
 * that answers is taken.  Kinds as fetch().
 */
MUST_CHECK bool fetch_connect(const struct fetch_wish *wish,
    const struct fetch_url *url, int *connection, struct failure *why);

/* Waits until the connection can be read (or written).  FAILURE_UNAVAILABLE:
 * the deadline came first. */
MUST_CHECK bool fetch_wait(
    int connection, bool is_to_write, int64_t deadline_ms, struct failure *why);

#endif
