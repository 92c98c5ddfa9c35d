#ifndef SERVER_READER_H
#define SERVER_READER_H

#include "x509/container.h"

/*
 * Asks a process that can do nothing else to open what a stranger made.  It has
 * READER_CPU_SECONDS of CPU, READER_MEMORY_MAX of memory, no file and no socket
 * but what it is handed; if it dies, that is a failure with a sentence.
 *
 * program: whose --role reader is started; NULL: the running one.
 */

/*
 * A PKCS#12 from a descriptor's present offset, at most CONTAINER_BYTES_MAX;
 * passphrase: a descriptor, or -1.  On failure *code is one of pkcs12_read's;
 * VERDICT_BUDGET_EXCEEDED as well where the process ran out of CPU.
 */
MUST_CHECK bool reader_open_file(const char *program, int file, int passphrase,
    struct container *container, enum verdict_code *code, struct failure *why);

/* As above, for bytes that are in memory. */
MUST_CHECK bool reader_open(const char *program, struct bytes file,
    int passphrase, struct container *container, enum verdict_code *code,
    struct failure *why);

/*
 * What a server sends in its TLS handshake.  The name is resolved and the
 * connection made here, the reader gets the socket; each layer has
 * READER_CONNECT_SECONDS.  FAILURE_NOT_FOUND: there is no such host;
 * FAILURE_UNAVAILABLE: the sentence names the layer that failed (DNS, TCP,
 * TLS).
 */
#define READER_CONNECT_SECONDS 5
MUST_CHECK bool reader_connect(const char *program, const char *host,
    const char *port, struct container *container, struct failure *why);

/* "host:port", "[::1]:443": FAILURE_MALFORMED: it is none. */
#define READER_HOST_ROOM 256
#define READER_PORT_ROOM 8
MUST_CHECK bool reader_address_split(const char *address,
    char host[static READER_HOST_ROOM], char port[static READER_PORT_ROOM],
    struct failure *why);

#endif
