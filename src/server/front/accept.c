#include "server/front/accept.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "authority/status_table.h"
#include "base/clock.h"
#include "base/log.h"
#include "server/front/connection_parts.h"
#include "server/front/files.h"
#include "server/front/own.h"
#include "server/front/tls.h"
#include "server/front_protocol.h"
#include "server/http/url.h"

/* Connections taken at one turn of the loop. */
#define ACCEPTS_AT_ONCE 64
#define MINUTE_MS 60000
#define QUESTION_MAX FRONT_REQUEST_MAX

const struct front_limits front_limits = {.handshake_ms = 10000,
    .head_ms = 10000,
    .body_ms = 10000,
    .body_ms_per_kib = 1000,
    .answer_ms = 10000,
    .answer_ms_per_kib = 1000,
    .keeper_ms = 60000,
    .drain_ms = 2000,
    .idle_ms = MINUTE_MS,
    .tick_ms = 250,
    .per_address = 64,
    .in_all = 4096,
    .held_max = (size_t)256 * 1024 * 1024};

/* --- ceilings ------------------------------------------------------------- */

/* Plain HTTP alone is told: with TLS a word would take a handshake. */
static void turn_away(struct front *front, int socket)
{
    static const char words[] =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
        "Retry-After: 5\r\nConnection: close\r\n\r\n";

    if (front->tls == NULL)
        (void)send(
            socket, words, sizeof(words) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static bool evict_oldest(struct front *front, const struct address *address)
{
    struct connection *idle = front->lists[CONNECTIONS_IDLE].first;

    while (idle != NULL && address != NULL &&
           !address_equal(&idle->address, address))
        idle = idle->places[CONNECTIONS_IDLE].next;
    if (idle == NULL)
        return false;
    connection_free(idle);
    return true;
}

/* At a ceiling the connection that has been idle longest gives way. */
static bool make_room(struct front *front, const struct address *address)
{
    if (front->count >= front->limits.in_all && !evict_oldest(front, NULL))
        return false;
    return addresses_count(front->addresses, address) <
               front->limits.per_address ||
           evict_oldest(front, address);
}

static bool wrap(struct front *front, int socket, struct transport **transport,
    struct failure *why)
{
    return front->tls != NULL
               ? tls_transport_new(front->tls, socket, transport, why)
               : plain_transport_new(socket, transport, why);
}

bool front_welcome(struct front *front, int socket,
    const struct address *address, struct failure *why)
{
    SCOPED_DESCRIPTOR int held = socket;
    struct transport *transport = NULL;

    if (!make_room(front, address)) {
        turn_away(front, held);
        return true;
    }
    if (!wrap(front, descriptor_keep(&held), &transport, why) ||
        !connection_open(front, transport, address, why))
        return false;
    connection_turn(front->lists[CONNECTIONS_OPEN].last);
    return true;
}

/* --- accepting ------------------------------------------------------------ */

/* Errors of the one connection are passed over (accept(2)); without descriptors
 * the oldest idle connection gives way, or the next tick tries again. */
static bool goes_on_after(struct front *front, int error)
{
    switch (error) {
    case ECONNABORTED:
    case EINTR:
    case EPERM:
    case EPROTO:
        return true;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        if (evict_oldest(front, NULL))
            return true;
        (void)event_del(front->accepting);
        log_event(LOG_LEVEL_WARNING, "accept-failed", "why",
            strerrordesc_np(error), NULL);
        return false;
    default:
        return false;
    }
}

static void on_connection(evutil_socket_t listening, short what, void *state)
{
    struct front *front = state;

    (void)what;
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        struct sockaddr_storage from = {0};
        socklen_t length = sizeof(from);
        struct address address = {0};
        struct failure why = {0};
        SCOPED_DESCRIPTOR int socket = accept4(listening,
            (struct sockaddr *)&from, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (socket < 0) {
            if (goes_on_after(front, errno))
                continue;
            return;
        }
        if (!address_of(&from, &address))
            continue;
        if (!front_welcome(front, descriptor_keep(&socket), &address, &why))
            log_event(LOG_LEVEL_WARNING, "connection-failed", "why", why.reason,
                NULL);
    }
}

static bool may_accept(const struct front *front)
{
    return front->socket >= 0 && !front->stops &&
           (front->tls == NULL || own_is_ready(front));
}

/* Small answers go out at once.  What is accepted takes it from the socket
 * that listens (tcp(7), Linux). */
static void hurry(int socket)
{
    const int on = 1;

    (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

bool front_listen(struct front *front, int socket, struct failure *why)
{
    front->socket = socket;
    hurry(socket);
    if (evutil_make_socket_nonblocking(socket) != 0)
        return fail_because(
            why, FAILURE_INTERNAL, "the listening socket can't be set up");
    front->accepting = event_new(
        front->loop, socket, EV_READ | EV_PERSIST, on_connection, front);
    if (front->accepting == NULL ||
        (may_accept(front) && event_add(front->accepting, NULL) != 0))
        return fail_because(why, FAILURE_INTERNAL,
            "the loop takes no event for the listening socket");
    return true;
}

void front_stop(struct front *front)
{
    struct connection *next = NULL;

    front->stops = true;
    if (front->accepting != NULL) {
        event_free(front->accepting);
        front->accepting = NULL;
    }
    descriptor_close(&front->socket);
    /* Nothing was asked of those, whether they are between two requests or said
     * nothing yet. */
    for (struct connection *one = front->lists[CONNECTIONS_OPEN].first;
         one != NULL; one = next) {
        next = one->places[CONNECTIONS_OPEN].next;
        if (one->began_ms == 0 && (one->state == CONNECTION_HEAD ||
                                      one->state == CONNECTION_HANDSHAKES))
            connection_free(one);
    }
    if (front->count == 0)
        (void)event_base_loopbreak(front->loop);
}

/* --- from time to time ---------------------------------------------------- */

/* Ending one may end none other: nothing of connection_expire does. */
static void sweep(struct front *front, int64_t now)
{
    struct connection *next = NULL;

    for (struct connection *one = front->lists[CONNECTIONS_OPEN].first;
         one != NULL; one = next) {
        next = one->places[CONNECTIONS_OPEN].next;
        if (one->deadline_ms <= now)
            connection_expire(one);
    }
}

static void refresh(struct front *front, int64_t now)
{
    struct failure why = {0};

    if (now < front->refreshed_ms + 1000)
        return;
    front->refreshed_ms = now;
    if (front->statuses != NULL && !status_map_refresh(front->statuses, &why))
        log_event(
            LOG_LEVEL_WARNING, "status-table-damaged", "why", why.reason, NULL);
    if (front->tls != NULL)
        own_look(front);
}

static void on_tick(evutil_socket_t none, short what, void *state)
{
    struct front *front = state;
    const int64_t now = clock_monotonic_ms();

    (void)none;
    (void)what;
    sweep(front, now);
    refresh(front, now);
    if (front->accepting != NULL && may_accept(front))
        (void)event_add(front->accepting, NULL);
    if (front->stops && front->count == 0)
        (void)event_base_loopbreak(front->loop);
    log_flush();
}

static bool start_ticking(struct front *front, struct failure *why)
{
    const struct timeval every = {.tv_sec = front->limits.tick_ms / 1000,
        .tv_usec = front->limits.tick_ms % 1000 * 1000};

    front->ticking = event_new(front->loop, -1, EV_PERSIST, on_tick, front);
    return (front->ticking != NULL && event_add(front->ticking, &every) == 0) ||
           fail_because(
               why, FAILURE_INTERNAL, "the loop takes no event for its clock");
}

/* --- a front -------------------------------------------------------------- */

bool front_new(const struct front_limits *limits, struct front **front,
    struct failure *why)
{
    struct front *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "no memory for a front");
    made->limits = *limits;
    made->socket = -1;
    made->path = BUFFER("a path", HTTP_PATH_MAX + 1);
    made->head = BUFFER("an answer", OUTGOING_MAX);
    made->question = BUFFER("a request to the keeper", QUESTION_MAX);
    made->content = BUFFER("an answer", EXCHANGE_ANSWER_MAX);
    made->loop = event_base_new();
    if (made->loop == NULL) {
        front_free(made);
        return fail_because(
            why, FAILURE_INTERNAL, "the event loop can't be made");
    }
    if (!link_new(made->loop, &made->link, why) ||
        !addresses_new(limits->in_all, &made->addresses, why) ||
        !start_ticking(made, why)) {
        front_free(made);
        return false;
    }
    *front = made;
    return true;
}

void front_free(struct front *front)
{
    struct connection *next = NULL;

    if (front == NULL)
        return;
    while ((next = front->lists[CONNECTIONS_OPEN].first) != NULL)
        connection_free(next);
    if (front->accepting != NULL)
        event_free(front->accepting);
    if (front->ticking != NULL)
        event_free(front->ticking);
    descriptor_close(&front->socket);
    link_free(front->link);
    addresses_free(front->addresses);
    files_close(front->files);
    if (front->statuses != NULL)
        status_map_close(front->statuses);
    if (front->tls != NULL)
        tls_listener_free(front->tls);
    if (front->loop != NULL)
        event_base_free(front->loop);
    buffer_free(&front->path);
    buffer_free(&front->head);
    buffer_free(&front->question);
    buffer_free(&front->content);
    free(front);
}
