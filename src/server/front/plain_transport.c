#include "server/front/transport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static enum transport_step shake_no_hands(
    struct transport *transport, struct failure *why)
{
    (void)transport;
    (void)why;
    return TRANSPORT_DONE;
}

/* What a call that failed means; RST and its like are no fault of ours. */
static enum transport_step step_of_error(
    int error, enum transport_step wants, struct failure *why)
{
    if (error == EAGAIN || error == EINTR)
        return wants;
    (void)fail_because(
        why, FAILURE_UNAVAILABLE, "the connection broke: %s", strerror(error));
    return TRANSPORT_BROKEN;
}

static enum transport_step read_bytes(struct transport *transport,
    uint8_t *room, size_t size, size_t *count, struct failure *why)
{
    ssize_t came = recv(transport->socket, room, size, MSG_DONTWAIT);

    if (came < 0)
        return step_of_error(errno, TRANSPORT_WANTS_READ, why);
    if (came == 0)
        return TRANSPORT_ENDED;
    *count = (size_t)came;
    return TRANSPORT_DONE;
}

static enum transport_step write_bytes(struct transport *transport,
    struct bytes bytes, size_t *count, struct failure *why)
{
    ssize_t sent = send(transport->socket, bytes.start, bytes.length,
        MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent < 0)
        return step_of_error(errno, TRANSPORT_WANTS_WRITE, why);
    *count = (size_t)sent;
    return TRANSPORT_DONE;
}

static enum transport_step finish(struct transport *transport)
{
    return shutdown(transport->socket, SHUT_WR) == 0 ? TRANSPORT_DONE
                                                     : TRANSPORT_BROKEN;
}

static void free_plain(struct transport *transport)
{
    descriptor_close(&transport->socket);
    free(transport);
}

static const struct transport_verbs plain_verbs = {.handshake = shake_no_hands,
    .read = read_bytes,
    .write = write_bytes,
    .finish = finish,
    .free = free_plain};

bool plain_transport_new(
    int socket, struct transport **transport, struct failure *why)
{
    SCOPED_DESCRIPTOR int held = socket;
    struct transport *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(
            why, FAILURE_INTERNAL, "no memory for a connection");
    made->verbs = &plain_verbs;
    made->socket = descriptor_keep(&held);
    *transport = made;
    return true;
}
