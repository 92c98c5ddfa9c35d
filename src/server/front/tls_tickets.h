#ifndef SERVER_FRONT_TLS_TICKETS_H
#define SERVER_FRONT_TLS_TICKETS_H

#include <openssl/ssl.h>

#include "base/bytes.h"

/*
 * Keys of session tickets (RFC 5077, 4; RFC 8446, 4.6.1): made here, in memory
 * alone, shared with nobody, another each hour.  The one before is still taken,
 * so a ticket is good for one to two hours and a stolen key opens no more than
 * that.
 */
#define TICKET_KEY_MS (INT64_C(3600) * 1000)

struct tls_tickets;

MUST_CHECK bool tls_tickets_new(
    struct tls_tickets **tickets, struct failure *why);
void tls_tickets_free(struct tls_tickets *tickets);
DEFINE_SCOPED_STRUCT(tls_tickets, tls_tickets_free)

/* Makes the context use them; they must outlive it and its connections. */
MUST_CHECK bool tls_tickets_use(
    struct tls_tickets *tickets, SSL_CTX *context, struct failure *why);

/* As if so much time had gone by, for tests. */
void tls_tickets_age(struct tls_tickets *tickets, int64_t ms);

#endif
