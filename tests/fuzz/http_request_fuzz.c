#include <stdlib.h>
#include <string.h>

#include "server/http/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

struct outcome {
    enum http_step step;
    enum http_rule broken;
    size_t used;
    struct http_request request;
};

/* Feeds pieces of this length, each time from memory of exactly the size. */
static void feed(
    const uint8_t *data, size_t size, size_t length, struct outcome *outcome)
{
    struct http_request_reader reader = {0};
    size_t fed = 0;

    *outcome = (struct outcome){0};
    while (outcome->step == HTTP_MORE && fed < size) {
        fed = size - fed < length ? size : fed + length;
        uint8_t *copy = malloc(fed);

        insist(copy != NULL);
        memcpy(copy, data, fed);
        outcome->step = http_request_feed(&reader, (struct bytes){copy, fed},
            &outcome->request, &outcome->used, &outcome->broken);
        free(copy);
    }
}

/* What every request that was taken keeps to. */
static void check_taken(const struct outcome *outcome)
{
    const struct http_request *request = &outcome->request;

    insist(outcome->used <= HTTP_HEAD_MAX);
    insist(request->method != HTTP_METHOD_OTHER);
    insist(request->path.length > 0);
    insist(!request->is_1_1 || request->host.name.length > 0);
    insist(request->is_1_1 || !request->keeps_alive);
    insist(request->framing != HTTP_BODY_CHUNKED || request->is_1_1);
    insist(
        request->framing == HTTP_BODY_LENGTH || request->content_length == 0);
    for (size_t i = 0; i < request->field_count; i++)
        insist((size_t)request->fields[i].value +
                   request->fields[i].value_length <=
               outcome->used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct outcome whole, parted;

    if (size > HTTP_HEAD_MAX)
        return 0;
    feed(data, size, size, &whole);
    if (whole.step == HTTP_DONE)
        check_taken(&whole);
    for (size_t length = 1; length <= 64; length += 21) {
        if (size > 2048 && length < 40)
            continue;
        feed(data, size, length, &parted);
        insist(whole.step == parted.step && whole.broken == parted.broken);
        insist(whole.used == parted.used);
        insist(whole.request.framing == parted.request.framing);
        insist(whole.request.content_length == parted.request.content_length);
    }
    return 0;
}
