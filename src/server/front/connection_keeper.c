#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/message.h"
#include "base/refusal.h"
#include "server/front/accept.h"
#include "server/front/connection_parts.h"
#include "server/front_protocol.h"

/* How long the keeper may take before the client is told that it does; a little
 * more than the keeper is told, so that its own answer comes first. */
#define GRACE_MS 2000

/* --- the question --------------------------------------------------------- */

static bool add_headers(const struct http_request *request,
    struct buffer *message, struct failure *why)
{
    struct bytes value = {0};

    for (const char *const *name = front_headers(); *name != NULL; name++) {
        if (!http_request_field(request, *name, &value))
            continue;
        if (!message_add_text(message, FRONT_FIELD_HEADER_NAME, *name, why) ||
            !message_add(message, FRONT_FIELD_HEADER_VALUE, value, why))
            return false;
    }
    return true;
}

/* As the client wrote it: "name:port", or "[2001:db8::1]". */
static struct bytes host_of(const struct http_request *request)
{
    struct bytes host = {0};

    if (request->authority.length > 0)
        return request->authority;
    (void)http_request_field(request, "Host", &host);
    return host;
}

static bool add_client(
    struct connection *connection, struct buffer *message, struct failure *why)
{
    struct transport_client client = {0};

    if (!connection_is_tls(connection))
        return true;
    transport_client(connection->transport, &client);
    return client.certificate.length == 0 ||
           (message_add(
                message, FRONT_FIELD_CERTIFICATE, client.certificate, why) &&
               message_add_text(
                   message, FRONT_FIELD_CERTIFICATE_CODE, client.code, why) &&
               message_add_text(message, FRONT_FIELD_CERTIFICATE_SENTENCE,
                   client.sentence, why));
}

static bool write_question(
    struct connection *connection, struct buffer *message, struct failure *why)
{
    const struct http_request *request = &connection->request;

    return message_add_text(message, FRONT_FIELD_METHOD,
               http_method_name(request->method), why) &&
           message_add(message, FRONT_FIELD_PATH, request->path, why) &&
           message_add(message, FRONT_FIELD_QUERY, request->query, why) &&
           message_add(message, FRONT_FIELD_HOST, host_of(request), why) &&
           add_headers(request, message, why) &&
           message_add_text(
               message, FRONT_FIELD_PEER, connection->address.text, why) &&
           message_add_text(
               message, FRONT_FIELD_REQUEST_ID, connection->request_id, why) &&
           add_client(connection, message, why) &&
           message_add(
               message, FRONT_FIELD_BODY, buffer_view(&connection->body), why);
}

/* --- the answer ----------------------------------------------------------- */

/* The keeper's texts, each ended by a zero. */
#define TEXTS_MAX 8192
struct texts {
    char room[TEXTS_MAX];
    size_t used;
};

static bool take_text(struct texts *texts, const struct field *field,
    const char **text, struct failure *why)
{
    char *start = texts->room + texts->used;

    if (!field_text(field, start, TEXTS_MAX - texts->used, why))
        return false;
    texts->used += field->value.length + 1;
    *text = start;
    return true;
}

static bool take_field(struct answer *answer, struct texts *texts,
    const struct field *field, struct failure *why)
{
    uint64_t number = 0;
    const char *text = NULL;

    switch (field->tag) {
    case FRONT_FIELD_STATUS:
        if (!field_number(field, &number, why) || number < 200 || number > 599)
            return fail_because(
                why, FAILURE_INTERNAL, "an answer has no status of HTTP");
        answer->status = (unsigned)number;
        return true;
    case FRONT_FIELD_TYPE:
        return take_text(texts, field, &answer->type, why);
    case FRONT_FIELD_HEADER_NAME:
        return take_text(texts, field, &text, why) &&
               answer_add(answer, text, "", why);
    case FRONT_FIELD_HEADER_VALUE:
        return answer->field_count > 0 &&
               take_text(texts, field,
                   &answer->fields[answer->field_count - 1].value, why);
    case FRONT_FIELD_BODY:
        answer->content = field->value;
        return true;
    default:
        return fail_because(
            why, FAILURE_INTERNAL, "an answer has a field of no meaning");
    }
}

static bool has_field(const struct answer *answer, const char *name)
{
    for (size_t i = 0; i < answer->field_count; i++) {
        if (strcasecmp(answer->fields[i].name, name) == 0)
            return true;
    }
    return false;
}

/* The keeper believes nothing of this front any more, and closes the channel:
 * it ends, and its parent begins another. */
static void end_after_breach(struct front *front, const struct frame *frame)
{
    struct failure why = {0};

    (void)fail_as_told(&why, frame->body, "keeper");
    log_event(LOG_LEVEL_ERROR, "breach", "why", why.reason, NULL);
    front_stop(front);
}

static bool pass_on(struct connection *connection, const struct frame *frame,
    struct failure *why)
{
    struct reader reader = reader_of(frame->body);
    struct answer answer = {0};
    struct texts texts = {.used = 0};

    if (frame->type == FRONT_REFUSED) {
        end_after_breach(connection->front, frame);
        return fail_because(
            why, FAILURE_INTERNAL, "the keeper refused this front's word");
    }
    if (frame->type != FRONT_ANSWER)
        return fail_because(why, FAILURE_INTERNAL,
            "the keeper answers a request with a message of type %u",
            frame->type);
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_field(&answer, &texts, &field, why))
            return false;
    }
    if (answer.status == 0)
        return fail_because(
            why, FAILURE_INTERNAL, "an answer of the keeper has no status");
    /* What the keeper answers is one client's. */
    if (!has_field(&answer, "Cache-Control") &&
        !answer_add(&answer, "Cache-Control", "no-store", why))
        return false;
    return connection_answer(connection, &answer, why);
}

static void finish(void *asker, const struct frame *frame)
{
    struct connection *connection = asker;
    struct failure why = {0};

    connection->question = 0;
    if (frame == NULL) {
        connection_refuse_as(connection, 503,
            "the authority stopped while this request was under way; whether "
            "it was carried out is not known");
    } else if (!pass_on(connection, frame, &why)) {
        why.kind = FAILURE_INTERNAL;
        connection_refuse_for(connection, &why);
    }
    connection_turn(connection);
}

bool connection_ask_keeper(struct connection *connection, struct failure *why)
{
    struct front *front = connection->front;
    struct buffer *message = &front->question;

    buffer_clear(message);
    if (!write_question(connection, message, why) ||
        !link_ask(front->link, FRONT_REQUEST, buffer_view(message),
            (uint32_t)front->limits.keeper_ms, connection, finish,
            &connection->question, why))
        return false;
    connection->state = CONNECTION_WAITS;
    connection->deadline_ms =
        clock_monotonic_ms() + front->limits.keeper_ms + GRACE_MS;
    buffer_free(&connection->body);
    return true;
}
