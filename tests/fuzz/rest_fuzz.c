#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "protocols/rest/accept.h"
#include "protocols/rest/operation.h"
#include "protocols/rest/schemas.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Lines: "p" for POST, the path below /api/v1, the Accept header,
 * "name=value&..." of the query; the rest is the body.  Nobody asks, so that
 * no operation gets as far as the store, which is not here.
 */
#define TEXTS 4
#define TEXT_ROOM 600

struct input {
    char texts[TEXTS][TEXT_ROOM];
    struct bytes body;
};

static void take_texts(const uint8_t *data, size_t size, struct input *input)
{
    for (size_t i = 0; i < TEXTS; i++) {
        const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
        size_t line = end == NULL ? size : (size_t)(end - data);
        size_t length = line < TEXT_ROOM - 1 ? line : TEXT_ROOM - 1;

        if (length > 0)
            memcpy(input->texts[i], data, length);
        data += line + (end != NULL);
        size -= line + (end != NULL);
    }
    input->body = (struct bytes){data, size};
}

/* A body that fits stays what it is when it is written and read again, and
 * each refusal names its rule. */
static void check_bodies(struct bytes body)
{
    struct failure why = {0};
    json_t *value = NULL;

    if (!json_read(body, "body", &value, &why))
        return;
    for (size_t i = 0; schemas_all[i] != NULL; i++) {
        struct problem_field blame = {0};
        struct failure refusal = {0};

        if (!schema_check(schemas_all[i], value, &blame, &refusal) &&
            (blame.rule == NULL || refusal.kind != FAILURE_MALFORMED ||
                refusal.reason[0] == '\0'))
            abort();
    }
    json_decref(value);
}

static void check_accept(const char *accept)
{
    static const char *const types[] = {
        "application/json", "application/pkix-cert"};

    if (accept_choose(accept, types, 2) > 2)
        abort();
}

static size_t put_query(struct exchange *exchange, char *query)
{
    char *rest = query, *piece;

    while ((piece = strsep(&rest, "&")) != NULL &&
           exchange->parameter_count < EXCHANGE_PARAMETERS_MAX) {
        char *value = strchr(piece, '=');

        if (value == NULL)
            break;
        *value++ = '\0';
        exchange->parameters[exchange->parameter_count++] =
            (struct exchange_parameter){
                .name = piece, .value = bytes_of_text(value)};
    }
    return exchange->parameter_count;
}

/* Who is nobody gets as far as may_ask for most, and through the checks of
 * query and body for those who prove a key. */
static void check_exchange(struct input *input)
{
    char path[TEXT_ROOM + sizeof(REST_ROOT)];
    struct exchange exchange = {.request_id = "a",
        .host = "h",
        .content_type = "application/json",
        .body = input->body,
        .accept = input->texts[2],
        .caller = {.way = CALLER_ANYONE}};
    struct failure why = {0};

    memcpy(path, REST_ROOT, sizeof(REST_ROOT) - 1);
    memcpy(path + sizeof(REST_ROOT) - 1, input->texts[1], TEXT_ROOM);
    exchange.path = path;
    exchange.method = input->texts[0][0] == 'p' ? EXCHANGE_POST : EXCHANGE_GET;
    /* What proves a key goes on to a store. */
    if (strstr(path, "/renew") != NULL || strstr(path, "/fetch") != NULL)
        return;
    (void)put_query(&exchange, input->texts[3]);
    if (!rest_answer(&exchange, &why) || exchange.status < 400 ||
        exchange.status == 500)
        abort();
    buffer_free(&exchange.answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {0};

    take_texts(data, size, &input);
    check_bodies(input.body);
    check_accept(input.texts[2]);
    check_exchange(&input);
    return 0;
}
