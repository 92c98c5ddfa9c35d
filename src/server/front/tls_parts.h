#ifndef SERVER_FRONT_TLS_PARTS_H
#define SERVER_FRONT_TLS_PARTS_H

#include <openssl/ssl.h>

#include "server/front/client_verdict.h"
#include "server/front/tls.h"
#include "server/front/tls_tickets.h"

/* What the sources of TLS share; everybody else includes front/tls.h. */

DEFINE_SCOPED(SSL, SSL_free)
DEFINE_SCOPED(SSL_CTX, SSL_CTX_free)

#define STAPLE_MAX (16 * 1024)

struct tls_listener {
    enum listener kind;
    SSL_CTX *context; /* NULL: no certificate yet */
    struct tls_tickets *tickets;
    struct own_certificate *own;
    struct buffer staple;
    int64_t staple_until, staple_look_ms;
    /* What the log was told of the own certificate, and when. */
    enum own_state told;
    int64_t told_ms, born_ms;
    unsigned handshakes; /* since memory was given back */
    /* Of the listeners that ask for client certificates; else NULL. */
    struct client_judge *judge;
    uint64_t names_told; /* which reading of the judge's names is in context */
};

static inline bool tls_asks_clients(enum listener kind)
{
    return kind == LISTENER_ADMIN || kind == LISTENER_MTLS;
}

/* As if the client's certificate had been judged so much earlier, for tests. */
void tls_transport_age(struct transport *transport, int64_t ms);

/* A whole context: suites, groups, the key and its chain. */
MUST_CHECK bool tls_context_new(struct tls_listener *listener, EVP_PKEY *key,
    const struct bytes *chain, size_t count, SSL_CTX **context,
    struct failure *why);

/* The names of authorities that a client is told (kb 85): whole Names. */
MUST_CHECK bool tls_context_name_authorities(SSL_CTX *context,
    const struct bytes *names, size_t count, struct failure *why);

#endif
