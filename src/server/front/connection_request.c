#include "server/front/connection_parts.h"

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "server/front/answerers.h"
#include "server/http/media.h"
#include "server/http/response.h"
#include "server/http/syntax.h"
#include "server/http/url.h"

/* --- a request begins ----------------------------------------------------- */

/* 130 bits in base32 (RFC 4648, 6), lower case. */
static void print_request_id(char text[static EXCHANGE_REQUEST_ID_TEXT])
{
    static uint8_t pool[(EXCHANGE_REQUEST_ID_TEXT - 1) * 32];
    static size_t used = sizeof(pool);

    if (used == sizeof(pool)) {
        random_fill(pool, sizeof(pool));
        used = 0;
    }
    for (size_t i = 0; i < EXCHANGE_REQUEST_ID_TEXT - 1; i++)
        text[i] = "abcdefghijklmnopqrstuvwxyz234567"[pool[used++] & 31];
    text[EXCHANGE_REQUEST_ID_TEXT - 1] = '\0';
}

static void begin_request(struct connection *connection)
{
    connection_is_idle(connection, false);
    connection->began_ms = clock_monotonic_ms();
    connection->deadline_ms =
        connection->began_ms + connection->front->limits.head_ms;
    print_request_id(connection->request_id);
}

/* Of a path that is printed in the log, its beginning. */
static void note_path(struct connection *connection)
{
    text_copy_beginning(
        connection->request.path, connection->path, sizeof(connection->path));
}

/* --- where it goes -------------------------------------------------------- */

static unsigned bit_of_method(enum http_method method)
{
    switch (method) {
    case HTTP_GET:
    case HTTP_HEAD:
        return EXCHANGE_GET;
    case HTTP_POST:
        return EXCHANGE_POST;
    case HTTP_PUT:
        return EXCHANGE_PUT;
    case HTTP_PATCH:
        return EXCHANGE_PATCH;
    case HTTP_DELETE:
        return EXCHANGE_DELETE;
    case HTTP_OPTIONS:
    case HTTP_METHOD_OTHER:
        break;
    }
    return 0;
}

/* How a path without a route is refused. */
static enum route_manner manner_of(const struct http_request *request)
{
    struct bytes accept = {0};

    if (bytes_begin_with(request->path, "/api/"))
        return MANNER_PROBLEM;
    if (http_request_field(request, "Accept", &accept) &&
        http_accept_weight(accept, "text/html") > 0)
        return MANNER_PAGE;
    return MANNER_TEXT;
}

bool connection_path(
    struct connection *connection, const char **path, struct failure *why)
{
    const struct bytes raw = connection->request.path;
    struct buffer *decoded = &connection->front->path;

    buffer_clear(decoded);
    if (!url_path_decode(raw, route_slash(raw), decoded, &connection->broken))
        return http_rule_fail(connection->broken, why);
    return buffer_as_text(decoded, path, why);
}

static bool find_route(struct connection *connection)
{
    const struct http_request *request = &connection->request;
    const char *text = NULL;
    struct failure why = {0};

    connection->manner = manner_of(request);
    if (!connection_path(connection, &text, &why)) {
        if (connection->broken != HTTP_NO_RULE)
            connection_refuse_broken(connection);
        else
            connection_refuse_for(connection, &why);
        return false;
    }
    connection->route =
        connection->front->route_of(text, connection->front->listener);
    if (connection->route == NULL) {
        connection_refuse_as(
            connection, 404, "there is nothing at this address");
        return false;
    }
    connection->manner = connection->route->manner;
    if ((connection->route->methods & bit_of_method(request->method)) == 0) {
        connection_refuse_as(
            connection, 405, "this method is not allowed here");
        return false;
    }
    return true;
}

static void answer_request(struct connection *connection)
{
    struct failure why = {0};

    connection->body_was_read = true;
    if (!connection->front->answerers[connection->route->place](
            connection, &why))
        connection_refuse_for(connection, &why);
}

/* --- its head ------------------------------------------------------------- */

void connection_move_request(struct http_request *request, const uint8_t *to)
{
    struct bytes *views[] = {&request->target, &request->path, &request->query,
        &request->authority, &request->host.name};
    const struct bytes from = request->head;

    /* A path may also be a constant: that of an address without one. */
    for (size_t i = 0; i < sizeof(views) / sizeof(*views); i++) {
        if (views[i]->start >= from.start &&
            views[i]->start <= from.start + from.length &&
            views[i]->start != NULL)
            views[i]->start = to + (views[i]->start - from.start);
    }
    request->head.start = to;
}

/* The head has to outlast what it was read into. */
static bool hold_head(struct connection *connection, struct failure *why)
{
    buffer_clear(&connection->head);
    if (!buffer_append(&connection->head, connection->request.head, why))
        return false;
    connection_move_request(&connection->request, connection->head.start);
    return true;
}

static enum pace go_on_with(struct connection *connection, struct bytes rest)
{
    struct failure why = {0};

    if (!connection_keep(connection, rest, &why))
        return PACE_OVER;
    connection->has_unseen = rest.length > 0;
    return PACE_ON;
}

/* Few bytes, and all before them was written: a socket that does not take them
 * is broken. */
static bool say_continue(struct connection *connection)
{
    const struct bytes words = http_continue();
    struct failure why = {0};
    size_t count = 0;

    return connection->transport->verbs->write(
               connection->transport, words, &count, &why) == TRANSPORT_DONE &&
           count == words.length;
}

/* Takes what there is of the body; the state tells whether that was all. */
static enum pace feed_body(struct connection *connection, struct bytes rest)
{
    struct failure why = {0};
    enum http_step fed = HTTP_MORE;

    do {
        struct bytes piece = {0};
        size_t used = 0;

        fed = http_body_feed(
            &connection->body_reader, rest, &used, &piece, &connection->broken);
        rest = http_slice(rest, used, rest.length - used);
        if (!buffer_append(&connection->body, piece, &why)) {
            connection_refuse_for(connection, &why);
            return go_on_with(connection, (struct bytes){0});
        }
    } while (fed == HTTP_MORE && rest.length > 0);
    if (fed == HTTP_REFUSED) {
        connection_refuse_broken(connection);
        return go_on_with(connection, (struct bytes){0});
    }
    if (fed == HTTP_DONE)
        answer_request(connection);
    return go_on_with(connection, rest);
}

static bool begin_body(struct connection *connection, size_t came)
{
    const int64_t now = clock_monotonic_ms();

    if (!http_body_begin(&connection->body_reader, &connection->request,
            connection->route->body_max, &connection->broken)) {
        connection_refuse_broken(connection);
        return false;
    }
    connection->body =
        BUFFER("the body of a request", connection->route->body_max);
    connection->deadline_ms = now + connection->front->limits.body_ms;
    return !http_wants_continue(&connection->request, came) ||
           say_continue(connection);
}

/* The head is whole: rest stands behind it. */
static enum pace take_request(struct connection *connection, struct bytes rest)
{
    struct failure why = {0};

    note_path(connection);
    if (!find_route(connection))
        return go_on_with(connection, rest);
    if (connection->request.framing == HTTP_BODY_NONE) {
        answer_request(connection);
        return go_on_with(connection, rest);
    }
    if (!begin_body(connection, rest.length))
        return connection->state == CONNECTION_HEAD
                   ? PACE_OVER
                   : go_on_with(connection, (struct bytes){0});
    if (!hold_head(connection, &why))
        return PACE_OVER;
    connection->state = CONNECTION_BODY;
    return feed_body(connection, rest);
}

/* A rule may be broken in a frame that is sound, so that one knows what was
 * asked. */
static enum pace refuse_head(struct connection *connection, struct bytes rest)
{
    connection->manner = MANNER_TEXT;
    if (!http_rule_closes(connection->broken))
        note_path(connection);
    connection_refuse_broken(connection);
    return go_on_with(connection, rest);
}

enum pace connection_read_head(struct connection *connection)
{
    struct bytes available = buffer_view(&connection->received);
    struct bytes rest = {0};
    struct failure why = {0};
    size_t used = 0;

    if (!connection->has_unseen) {
        enum pace pace = connection_read(connection, &available);

        if (pace != PACE_ON)
            return pace;
    }
    connection->has_unseen = false;
    if (connection->began_ms == 0)
        begin_request(connection);
    switch (http_request_feed(&connection->reader, available,
        &connection->request, &used, &connection->broken)) {
    case HTTP_MORE:
        return connection_keep(connection, available, &why) ? PACE_ON
                                                            : PACE_OVER;
    case HTTP_DONE:
        rest = http_slice(available, used, available.length - used);
        return take_request(connection, rest);
    case HTTP_REFUSED:
        break;
    }
    if (!http_rule_closes(connection->broken))
        rest = http_slice(available, used, available.length - used);
    return refuse_head(connection, rest);
}

enum pace connection_read_body(struct connection *connection)
{
    struct bytes available = buffer_view(&connection->received);
    const struct front_limits *limits = &connection->front->limits;

    if (!connection->has_unseen) {
        enum pace pace = connection_read(connection, &available);

        if (pace != PACE_ON)
            return pace;
    }
    connection->has_unseen = false;
    connection->deadline_ms +=
        (int64_t)available.length * limits->body_ms_per_kib / 1024;
    return feed_body(connection, available);
}
