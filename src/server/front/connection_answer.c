#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/front/connection_parts.h"
#include "server/front/files.h"
#include "server/http/response.h"
#include "server/pages/html.h"

/* Of a file, what is written at once. */
#define CONTENT_PIECE ((size_t)256 * 1024)
/* Room of the front's own that outlasts an answer. */
#define HEAD_KEPT (2 * SMALL_CONTENT_MAX)

bool answer_add(struct answer *answer, const char *name, const char *value,
    struct failure *why)
{
    if (answer->field_count == ANSWER_FIELDS_MAX)
        return fail_because(why, FAILURE_INTERNAL,
            "an answer has room for %d headers", ANSWER_FIELDS_MAX);
    answer->fields[answer->field_count].name = name;
    answer->fields[answer->field_count].value = value;
    answer->field_count++;
    return true;
}

/* --- the head ------------------------------------------------------------- */

static bool is_page(const char *type)
{
    static const char html[] = "text/html";

    return type != NULL && strncmp(type, html, sizeof(html) - 1) == 0;
}

/* Two policies would both hold (CSP 3, 3.1): a page that has its own, the one
 * with a script, keeps that alone. */
static bool has_policy(const struct http_response *response)
{
    for (size_t i = 0; i < response->field_count; i++) {
        if (strcmp(response->fields[i].name, "Content-Security-Policy") == 0)
            return true;
    }
    return false;
}

/* No Strict-Transport-Security: it holds for all ports of a name, and would
 * send browsers to the plain listener's port with TLS, where lists and roots
 * are. */
static bool add_security(
    struct http_response *response, const char *type, struct failure *why)
{
    if (!http_response_add(response, "X-Content-Type-Options", "nosniff", why))
        return false;
    return !is_page(type) ||
           ((has_policy(response) ||
                http_response_add(
                    response, "Content-Security-Policy", HTML_POLICY, why)) &&
               http_response_add(response, "X-Frame-Options", "DENY", why) &&
               http_response_add(
                   response, "Referrer-Policy", "same-origin", why) &&
               http_response_add(
                   response, "Cross-Origin-Opener-Policy", "same-origin", why));
}

static bool write_head(struct connection *connection,
    const struct answer *answer, struct failure *why)
{
    struct http_response response = {.status = answer->status,
        .content_length = answer->content.length,
        .closes = connection->ends};

    if (answer->type != NULL &&
        !http_response_add(&response, "Content-Type", answer->type, why))
        return false;
    for (size_t i = 0; i < answer->field_count; i++) {
        if (!http_response_add(&response, answer->fields[i].name,
                answer->fields[i].value, why))
            return false;
    }
    if (!add_security(&response, answer->type, why) ||
        !http_response_add(
            &response, "X-Request-Id", connection->request_id, why))
        return false;
    return http_response_write(&response, &connection->front->head, why);
}

/* HEAD, 204 and 304 have none (RFC 9112, 6.3). */
static struct bytes sent_content(
    const struct connection *connection, const struct answer *answer)
{
    const struct http_response response = {.status = answer->status};

    return http_response_has_body(&response, connection->request.method)
               ? answer->content
               : (struct bytes){0};
}

/* --- writing -------------------------------------------------------------- */

static enum pace write_some(
    struct connection *connection, struct bytes bytes, size_t *count)
{
    struct failure why = {0};
    enum pace pace;

    *count = 0;
    connection->wants = connection->transport->verbs->write(
        connection->transport, bytes, count, &why);
    pace = connection_pace(connection->wants);
    connection->is_broken = connection->is_broken || pace == PACE_OVER;
    return pace;
}

/* What the socket does not take now has to outlast the front's own room. */
static bool write_first(
    struct connection *connection, struct bytes bytes, struct failure *why)
{
    size_t count = 0;

    (void)write_some(connection, bytes, &count);
    buffer_clear(&connection->outgoing);
    connection->written = 0;
    return count == bytes.length ||
           buffer_append(&connection->outgoing,
               (struct bytes){.start = bytes.start + count,
                   .length = bytes.length - count},
               why);
}

static enum pace write_rest(struct connection *connection)
{
    while (connection->written < connection->outgoing.length) {
        const struct bytes rest = {
            .start = connection->outgoing.start + connection->written,
            .length = connection->outgoing.length - connection->written};
        size_t count = 0;
        enum pace pace = write_some(connection, rest, &count);

        if (pace != PACE_ON)
            return pace;
        connection->written += count;
    }
    while (connection->content.length > 0) {
        struct bytes piece = connection->content;
        size_t count = 0;
        enum pace pace;

        if (piece.length > CONTENT_PIECE)
            piece.length = CONTENT_PIECE;
        pace = write_some(connection, piece, &count);
        if (pace != PACE_ON)
            return pace;
        connection->content.start += count;
        connection->content.length -= count;
    }
    return PACE_ON;
}

static enum pace end(struct connection *connection)
{
    connection->state = CONNECTION_DRAINS;
    connection->deadline_ms =
        clock_monotonic_ms() + connection->front->limits.drain_ms;
    return PACE_ON;
}

enum pace connection_write(struct connection *connection)
{
    enum pace pace = connection->is_broken ? PACE_OVER : write_rest(connection);

    if (pace == PACE_WAITS)
        return pace;
    connection_log(connection);
    if (pace == PACE_OVER)
        return pace;
    published_release(connection->file);
    connection->file = NULL;
    buffer_free(&connection->outgoing);
    connection->written = 0;
    return connection->ends ? end(connection) : connection_next(connection);
}

enum pace connection_next(struct connection *connection)
{
    const int64_t now = clock_monotonic_ms();

    connection->state = CONNECTION_HEAD;
    connection->reader = (struct http_request_reader){0};
    connection->broken = HTTP_NO_RULE;
    connection->route = NULL;
    connection->body_was_read = false;
    connection->began_ms = 0;
    connection->path[0] = '\0';
    /* Nothing was asked yet, should the next head not come in time. */
    connection->request.method = HTTP_METHOD_OTHER;
    connection->request.framing = HTTP_BODY_NONE;
    connection->request.keeps_alive = false;
    buffer_free(&connection->head);
    buffer_free(&connection->body);
    if (connection->has_unseen)
        return PACE_ON;
    buffer_free(&connection->received);
    connection->deadline_ms = now + connection->front->limits.idle_ms;
    connection->wants = TRANSPORT_WANTS_READ;
    connection_is_idle(connection, true);
    /* What TLS has taken from the socket already, no event tells of. */
    return connection_is_tls(connection) &&
                   tls_transport_holds(connection->transport)
               ? PACE_ON
               : PACE_WAITS;
}

/* --- an answer ------------------------------------------------------------ */

/* Does the connection end with it, and may there be bytes that nobody reads? */
static void decide_end(struct connection *connection)
{
    const struct http_request *request = &connection->request;
    const bool is_unread =
        request->framing != HTTP_BODY_NONE && !connection->body_was_read;
    const bool stops = connection->front->stops || connection->is_cut;

    connection->ends =
        stops || http_connection_ends(
                     request, connection->broken, connection->body_was_read);
    connection->lingers =
        stops || is_unread || connection->broken != HTTP_NO_RULE;
}

bool connection_answer(struct connection *connection,
    const struct answer *answer, struct failure *why)
{
    struct front *front = connection->front;
    const struct bytes content = sent_content(connection, answer);
    const bool is_small =
        answer->file == NULL || content.length <= SMALL_CONTENT_MAX;
    bool written;

    decide_end(connection);
    buffer_clear(&front->head);
    if (!write_head(connection, answer, why) ||
        (is_small && !buffer_append(&front->head, content, why)))
        return false;
    connection->status = answer->status;
    connection->answer_bytes = content.length;
    connection->state = CONNECTION_WRITES;
    connection->deadline_ms =
        clock_monotonic_ms() + front->limits.answer_ms +
        (int64_t)(content.length / 1024) * front->limits.answer_ms_per_kib;
    if (!is_small) {
        connection->content = content;
        connection->file = published_hold(answer->file);
    }
    written = write_first(connection, buffer_view(&front->head), why);
    if (front->head.capacity > HEAD_KEPT)
        buffer_free(&front->head);
    connection->is_broken = connection->is_broken || !written;
    return true;
}

/* --- refusals ------------------------------------------------------------- */

static void print_methods(unsigned methods, char text[static 64])
{
    static const struct {
        unsigned bit;
        const char *words;
    } names[] = {{EXCHANGE_GET, "GET, HEAD"}, {EXCHANGE_POST, "POST"},
        {EXCHANGE_PUT, "PUT"}, {EXCHANGE_PATCH, "PATCH"},
        {EXCHANGE_DELETE, "DELETE"}};
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if ((methods & names[i].bit) == 0)
            continue;
        used += (size_t)snprintf(text + used, 64 - used, "%s%s",
            used > 0 ? ", " : "", names[i].words);
    }
}

static bool answer_refusal(struct connection *connection, unsigned status,
    const char *sentence, struct failure *why)
{
    RELEASED(buffer) words = BUFFER("a refusal", HTML_PAGE_MAX);
    struct answer answer = {.status = status};
    char methods[64];

    if (!refusal_compose(
            connection, sentence, &answer.status, &answer.type, &words, why))
        return false;
    answer.content = buffer_view(&words);
    if (!answer_add(&answer, "Cache-Control", "no-store", why))
        return false;
    if (answer.status == 503 && !answer_add(&answer, "Retry-After", "5", why))
        return false;
    if (answer.status == 405 && connection->route != NULL) {
        print_methods(connection->route->methods, methods);
        if (!answer_add(&answer, "Allow", methods, why))
            return false;
    }
    return connection_answer(connection, &answer, why);
}

void connection_refuse_as(
    struct connection *connection, unsigned status, const char *sentence)
{
    struct failure why = {0};

    if (answer_refusal(connection, status, sentence, &why))
        return;
    log_event(LOG_LEVEL_ERROR, "refusal-failed", "request",
        connection->request_id, "why", why.reason, NULL);
    connection->is_broken = true;
    connection->state = CONNECTION_WRITES;
}

void connection_refuse_broken(struct connection *connection)
{
    const enum http_rule rule = connection->broken;
    char sentence[256];

    (void)snprintf(sentence, sizeof(sentence), "%s (%s)",
        http_rule_sentence(rule), http_rule_reference(rule));
    connection_refuse_as(connection, http_rule_status(rule), sentence);
}

void connection_refuse_for(
    struct connection *connection, const struct failure *why)
{
    if (why->kind == FAILURE_INTERNAL) {
        log_event(LOG_LEVEL_ERROR, "request-failed", "request",
            connection->request_id, "why", why->reason, NULL);
        connection_refuse_as(
            connection, 500, "the server failed to answer; its log says why");
        return;
    }
    connection_refuse_as(connection, exchange_status(why->kind), why->reason);
}
