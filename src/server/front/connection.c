#include "server/front/connection.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "server/front/connection_parts.h"
#include "server/front/files.h"
#include "server/front_protocol.h"

/* --- its life ------------------------------------------------------------- */

static void on_event(evutil_socket_t socket, short what, void *state)
{
    struct connection *connection = state;

    (void)socket;
    if ((what & EV_WRITE) != 0)
        connection->awaits_write = false;
    connection_turn(connection);
}

static void join(struct connection *connection, enum connection_list which)
{
    struct connections *list = &connection->front->lists[which];
    struct connection_place *place = &connection->places[which];

    *place = (struct connection_place){.previous = list->last};
    if (list->last != NULL)
        list->last->places[which].next = connection;
    else
        list->first = connection;
    list->last = connection;
}

static void part(struct connection *connection, enum connection_list which)
{
    struct connections *list = &connection->front->lists[which];
    const struct connection_place *place = &connection->places[which];

    if (place->previous != NULL)
        place->previous->places[which].next = place->next;
    else
        list->first = place->next;
    if (place->next != NULL)
        place->next->places[which].previous = place->previous;
    else
        list->last = place->previous;
}

bool connection_open(struct front *front, struct transport *transport,
    const struct address *address, struct failure *why)
{
    struct connection *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        transport->verbs->free(transport);
        return fail_because(
            why, FAILURE_INTERNAL, "no memory for a connection");
    }
    made->front = front;
    made->transport = transport;
    made->address = *address;
    made->received = BUFFER("what a client sent", RECEIVED_MAX);
    made->head = BUFFER("the head of a request", HTTP_HEAD_MAX);
    made->outgoing = BUFFER("an answer", OUTGOING_MAX);
    (void)event_assign(&made->readable, front->loop, transport->socket,
        EV_READ | EV_PERSIST, on_event, made);
    (void)event_assign(&made->writable, front->loop, transport->socket,
        EV_WRITE, on_event, made);
    join(made, CONNECTIONS_OPEN);
    front->count++;
    if (!addresses_enter(front->addresses, address, why)) {
        connection_free(made);
        return false;
    }
    made->is_counted = true;
    made->state = CONNECTION_HANDSHAKES;
    made->deadline_ms = clock_monotonic_ms() + front->limits.handshake_ms;
    return true;
}

void connection_free(struct connection *connection)
{
    struct front *front = connection->front;

    if (connection->question != 0)
        link_cancel(front->link, connection->question);
    reading_end(connection);
    (void)event_del(&connection->readable);
    (void)event_del(&connection->writable);
    connection_is_idle(connection, false);
    part(connection, CONNECTIONS_OPEN);
    front->count--;
    if (connection->is_counted)
        addresses_leave(front->addresses, &connection->address);
    front->held -= connection->held;
    connection->transport->verbs->free(connection->transport);
    buffer_free(&connection->received);
    buffer_free(&connection->head);
    buffer_free(&connection->body);
    buffer_free(&connection->outgoing);
    published_release(connection->file);
    free(connection);
}

void connection_is_idle(struct connection *connection, bool is_idle)
{
    if (connection->is_idle == is_idle)
        return;
    connection->is_idle = is_idle;
    if (is_idle)
        join(connection, CONNECTIONS_IDLE);
    else
        part(connection, CONNECTIONS_IDLE);
}

bool connection_is_tls(const struct connection *connection)
{
    return connection->front->tls != NULL;
}

/* --- reading -------------------------------------------------------------- */

enum pace connection_pace(enum transport_step step)
{
    switch (step) {
    case TRANSPORT_DONE:
        return PACE_ON;
    case TRANSPORT_WANTS_READ:
    case TRANSPORT_WANTS_WRITE:
        return PACE_WAITS;
    case TRANSPORT_ENDED:
    case TRANSPORT_BROKEN:
        break;
    }
    return PACE_OVER;
}

enum pace connection_read(
    struct connection *connection, struct bytes *available)
{
    struct front *front = connection->front;
    struct buffer *received = &connection->received;
    struct failure why = {0};
    size_t count = 0;
    enum pace pace;

    connection->wants =
        connection->transport->verbs->read(connection->transport,
            front->scratch, sizeof(front->scratch), &count, &why);
    pace = connection_pace(connection->wants);
    if (pace != PACE_ON)
        return pace;
    *available = (struct bytes){.start = front->scratch, .length = count};
    if (received->length == 0)
        return PACE_ON;
    if (!buffer_append(received, *available, &why))
        return PACE_OVER;
    *available = buffer_view(received);
    return PACE_ON;
}

/* rest is within received, or within the front's scratch. */
bool connection_keep(
    struct connection *connection, struct bytes rest, struct failure *why)
{
    struct buffer *received = &connection->received;

    if (rest.length == 0) {
        buffer_clear(received);
        return true;
    }
    if (received->length > 0) {
        if (rest.start != received->start)
            memmove(received->start, rest.start, rest.length);
        received->length = rest.length;
        return true;
    }
    return buffer_append(received, rest, why);
}

/* --- the states that are no request's --------------------------------------
 */

static enum pace shake_hands(struct connection *connection)
{
    struct failure why = {0};
    enum pace pace;

    connection->wants =
        connection->transport->verbs->handshake(connection->transport, &why);
    pace = connection_pace(connection->wants);
    if (pace == PACE_ON) {
        connection->state = CONNECTION_HEAD;
        connection->deadline_ms =
            clock_monotonic_ms() + connection->front->limits.head_ms;
    } else if (pace == PACE_OVER) {
        connection_log_handshake(connection, &why);
    }
    return pace;
}

/* Closing a socket with unread bytes would send a reset that can overtake the
 * answer (RFC 9112, 9.6): so what comes is taken and dropped for a while. */
static enum pace drain(struct connection *connection)
{
    struct front *front = connection->front;
    struct failure why = {0};
    size_t count = 0;

    if (!connection->said_all) {
        connection->wants =
            connection->transport->verbs->finish(connection->transport);
        if (connection->wants == TRANSPORT_WANTS_READ && !connection->lingers)
            return PACE_OVER;
        connection->said_all = connection->wants == TRANSPORT_DONE;
        if (!connection->said_all)
            return connection_pace(connection->wants);
    }
    if (!connection->lingers)
        return PACE_OVER;
    connection->wants =
        connection->transport->verbs->read(connection->transport,
            front->scratch, sizeof(front->scratch), &count, &why);
    return connection_pace(connection->wants);
}

/* A client that has gone takes its question along. */
static enum pace watch(struct connection *connection)
{
    struct bytes available;
    enum pace pace;

    if (connection->received.length >= HTTP_HEAD_MAX) {
        connection->wants = TRANSPORT_DONE; /* nothing, until the answer */
        return PACE_WAITS;
    }
    pace = connection_read(connection, &available);
    if (pace != PACE_ON)
        return pace;
    connection->has_unseen = true;
    if (connection->received.length == 0) {
        struct failure why = {0};

        return buffer_append(&connection->received, available, &why)
                   ? PACE_ON
                   : PACE_OVER;
    }
    return PACE_ON;
}

/* --- going on ------------------------------------------------------------- */

static enum pace step(struct connection *connection)
{
    switch (connection->state) {
    case CONNECTION_HANDSHAKES:
        return shake_hands(connection);
    case CONNECTION_HEAD:
        return connection_read_head(connection);
    case CONNECTION_BODY:
        return connection_read_body(connection);
    case CONNECTION_WAITS:
        return watch(connection);
    case CONNECTION_WRITES:
        return connection_write(connection);
    case CONNECTION_DRAINS:
        return drain(connection);
    }
    return PACE_OVER;
}

static void await(struct connection *connection, bool is_read, bool is_wanted)
{
    struct event *event =
        is_read ? &connection->readable : &connection->writable;
    bool *awaits =
        is_read ? &connection->awaits_read : &connection->awaits_write;

    if (*awaits == is_wanted)
        return;
    *awaits = is_wanted;
    if (is_wanted)
        (void)event_add(event, NULL);
    else
        (void)event_del(event);
}

/* What it keeps, of all that is kept; false: there is no room for it. */
static bool weigh(struct connection *connection)
{
    struct front *front = connection->front;
    const size_t held = connection->received.capacity +
                        connection->head.capacity + connection->body.capacity +
                        connection->outgoing.capacity;
    const bool grew = held > connection->held;

    front->held += held - connection->held;
    connection->held = held;
    return !grew || held <= HELD_ALWAYS ||
           front->held <= front->limits.held_max;
}

void connection_turn(struct connection *connection)
{
    enum pace pace = PACE_ON;

    for (int steps = 0; pace == PACE_ON && steps < STEPS_AT_ONCE; steps++)
        pace = step(connection);
    if (pace == PACE_OVER || !weigh(connection)) {
        connection_free(connection);
        return;
    }
    if (pace == PACE_WAITS) {
        await(connection, true, connection->wants == TRANSPORT_WANTS_READ);
        await(connection, false, connection->wants == TRANSPORT_WANTS_WRITE);
        return;
    }
    /* Whoever sends without end must not keep the others from their turn. */
    event_active(&connection->writable, EV_WRITE, 0);
}

void connection_expire(struct connection *connection)
{
    connection_is_idle(connection, false);
    switch (connection->state) {
    case CONNECTION_HEAD:
        connection->is_cut = true;
        if (connection->began_ms == 0)
            break;
        connection_refuse_as(
            connection, 408, "the request did not come in time");
        connection_turn(connection);
        return;
    case CONNECTION_BODY:
        connection->is_cut = true;
        connection_refuse_as(connection, 408, "the body did not come in time");
        connection_turn(connection);
        return;
    case CONNECTION_WAITS:
        link_cancel(connection->front->link, connection->question);
        connection->question = 0;
        reading_end(connection);
        connection_refuse_as(
            connection, 504, "the authority did not answer in time");
        connection_turn(connection);
        return;
    case CONNECTION_HANDSHAKES:
    case CONNECTION_WRITES:
    case CONNECTION_DRAINS:
        break;
    }
    connection_free(connection);
}
