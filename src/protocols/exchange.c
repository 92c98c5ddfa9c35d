#include "protocols/exchange.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "authority/event.h"

const struct exchange_parameter *exchange_parameter(
    const struct exchange *exchange, const char *name)
{
    for (size_t i = 0; i < exchange->parameter_count; i++) {
        if (strcasecmp(exchange->parameters[i].name, name) == 0)
            return &exchange->parameters[i];
    }
    return NULL;
}

const char *exchange_text(const struct exchange *exchange, const char *name)
{
    const struct exchange_parameter *parameter =
        exchange_parameter(exchange, name);

    if (parameter == NULL || parameter->value.length == 0 ||
        memchr(parameter->value.start, 0, parameter->value.length) != NULL)
        return "";
    return (const char *)parameter->value.start;
}

bool exchange_answer(struct exchange *exchange, unsigned status,
    const char *type, struct bytes content, struct failure *why)
{
    if (exchange->status != 0)
        return fail_because(
            why, FAILURE_INTERNAL, "%s is answered twice", exchange->path);
    exchange->answer = BUFFER("answer", EXCHANGE_ANSWER_MAX);
    if (!buffer_append(&exchange->answer, content, why))
        return false;
    exchange->answer_type = type;
    exchange->status = status;
    return true;
}

bool exchange_answer_json(struct exchange *exchange, unsigned status,
    const char *type, const json_t *value, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("answer", EXCHANGE_ANSWER_MAX);

    return json_append(&text, value, why) &&
           buffer_append_byte(&text, '\n', why) &&
           exchange_answer(exchange, status, type, buffer_view(&text), why);
}

bool exchange_redirect(
    struct exchange *exchange, const char *path, struct failure *why)
{
    return exchange_header(exchange, "Location", path, why) &&
           exchange_answer(exchange, 303, "text/plain; charset=utf-8",
               (struct bytes){0}, why);
}

static bool is_line(const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value < ' ' || *value > '~')
            return false;
    }
    return true;
}

bool exchange_header(struct exchange *exchange, const char *name,
    const char *value, struct failure *why)
{
    int length;

    if (exchange->header_count == EXCHANGE_HEADERS_MAX || !is_line(value))
        return fail_because(
            why, FAILURE_INTERNAL, "the header %s can't be added", name);
    length = snprintf(exchange->headers[exchange->header_count].value,
        sizeof(exchange->headers[0].value), "%s", value);
    if (length < 0 || (size_t)length >= sizeof(exchange->headers[0].value))
        return fail_because(
            why, FAILURE_INTERNAL, "the header %s is too long", name);
    exchange->headers[exchange->header_count++].name = name;
    return true;
}

bool exchange_origin(const struct exchange *exchange, const char *key,
    char origin[static STORE_ORIGIN_ROOM], struct failure *why)
{
    const struct caller *caller = &exchange->caller;
    size_t before = strlen(event_door(caller)) + strlen(caller->who) + 2;

    if (key[0] == '\0')
        return fail_because(
            why, FAILURE_UNSUITABLE, "the idempotency key is empty");
    if (before + strlen(key) >= STORE_ORIGIN_ROOM)
        return fail_because(why, FAILURE_UNSUITABLE,
            "an idempotency key is longer than %zu characters",
            STORE_ORIGIN_ROOM - 1 - before);
    (void)snprintf(origin, STORE_ORIGIN_ROOM, "%s:%s:%s", event_door(caller),
        caller->who, key);
    return true;
}

unsigned exchange_status(enum failure_kind kind)
{
    switch (kind) {
    case FAILURE_NONE:
        return 200;
    case FAILURE_MALFORMED:
        return 400;
    case FAILURE_UNAUTHENTICATED:
        return 401;
    case FAILURE_FORBIDDEN:
        return 403;
    case FAILURE_UNSUITABLE:
        return 422;
    case FAILURE_NOT_FOUND:
        return 404;
    case FAILURE_CONFLICT:
        return 409;
    case FAILURE_UNAVAILABLE:
        return 503;
    case FAILURE_INTERNAL:
        break;
    }
    return 500;
}
