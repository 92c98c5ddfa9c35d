#ifndef SERVER_READER_TLS_H
#define SERVER_READER_TLS_H

#include <openssl/ssl.h>

#include "x509/container.h"

DEFINE_SCOPED(SSL_CTX, SSL_CTX_free)
DEFINE_SCOPED(SSL, SSL_free)

/*
 * A TLS handshake that wants to see, not to trust: any version and cipher the
 * library has, any certificate; nothing is sent but the handshake.
 */

/* Before the role locks itself in: the library reads files at its start. */
MUST_CHECK bool reader_tls_new(SSL_CTX **tls, struct failure *why);

/* The certificates in the order the server sent them, and a stapled OCSP answer
 * (RFC 6066, 8).  name: for SNI; an address is not sent.  The socket's own time
 * limits hold.  FAILURE_UNAVAILABLE: the sentence says what failed. */
MUST_CHECK bool reader_tls_read(SSL_CTX *tls, int socket, const char *name,
    struct container *container, struct failure *why);

#endif
