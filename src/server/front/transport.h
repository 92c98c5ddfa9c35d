#ifndef SERVER_FRONT_TRANSPORT_H
#define SERVER_FRONT_TRANSPORT_H

#include "base/bytes.h"

/*
 * The bytes of one connection, without waiting: plain TCP or TLS.  The
 * connection's machine (front/connection.h) asks; when one of these wants
 * more, it waits for the socket in that direction and asks again.
 */
enum transport_step {
    TRANSPORT_DONE,
    TRANSPORT_WANTS_READ,
    TRANSPORT_WANTS_WRITE,
    TRANSPORT_ENDED, /* by the other side, in order */
    TRANSPORT_BROKEN /* a reset, or a breach of TLS; why says which */
};

struct transport;

/* What kind it is made of.  A constant of plain_transport.c or tls.c. */
struct transport_verbs {
    enum transport_step (*handshake)(
        struct transport *transport, struct failure *why);
    /* *count: bytes read, at least 1 with TRANSPORT_DONE.  What TLS took from
     * the socket already is announced by no event: whoever wants more asks
     * until it is TRANSPORT_WANTS_READ. */
    enum transport_step (*read)(struct transport *transport, uint8_t *room,
        size_t size, size_t *count, struct failure *why);
    /* *count: bytes written, which may be fewer than there are. */
    enum transport_step (*write)(struct transport *transport,
        struct bytes bytes, size_t *count, struct failure *why);
    /* Says that nothing more comes (TLS: close_notify), once everything was
     * written, and waits for the other side to say so: what it still sends is
     * thrown away.  The caller waits shortly and frees. */
    enum transport_step (*finish)(struct transport *transport);
    void (*free)(struct transport *transport); /* closes the socket too */
};

struct transport {
    const struct transport_verbs *verbs;
    int socket;
};

/* Owns the socket from here on, failure included. */
MUST_CHECK bool plain_transport_new(
    int socket, struct transport **transport, struct failure *why);

/* --- TLS (front/tls.h makes the context) ---------------------------------- */
struct tls_listener;
MUST_CHECK bool tls_transport_new(struct tls_listener *listener, int socket,
    struct transport **transport, struct failure *why);

/* Has it taken bytes from the socket that were not read yet?  Of a transport
 * that tls_transport_new made. */
bool tls_transport_holds(struct transport *transport);

/* The client's certificate, once the handshake is done, as it is judged now: to
 * be asked for each request.  certificate is of length 0 and code "absent"
 * without one (and for plain transports).  code: "ok", or the verdict engine's
 * code for why its chain is not good.  Valid until it is asked again. */
struct transport_client {
    struct bytes certificate;
    const char *code;
    const char *sentence;
    const char *protocol; /* "TLSv1.3"; NULL for plain transports */
};
void transport_client(
    struct transport *transport, struct transport_client *client);

#endif
