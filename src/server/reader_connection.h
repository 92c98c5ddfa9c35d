#ifndef SERVER_READER_CONNECTION_H
#define SERVER_READER_CONNECTION_H

#include "base/bytes.h"

/*
 * A TCP connection for the reader, in blocking mode and with time limits of
 * READER_CONNECT_SECONDS for each read and write.  Every address of the name is
 * tried, together within that time.  FAILURE_NOT_FOUND: DNS has no such name;
 * FAILURE_UNAVAILABLE: refused, timed out.
 */
MUST_CHECK bool reader_connection_make(
    const char *host, const char *port, int *socket, struct failure *why);

#endif
