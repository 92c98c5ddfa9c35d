#include <stdlib.h>
#include <string.h>

#include "server/http/body.h"

#define LIMIT 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

struct outcome {
    enum http_step step;
    enum http_rule broken;
    size_t used, length;
    uint8_t content[LIMIT];
};

/* One piece, from memory of exactly its size. */
static void feed_piece(
    struct http_body *body, struct bytes part, struct outcome *outcome)
{
    size_t taken = 0;

    do {
        size_t left = part.length - taken, used = 0;
        uint8_t *copy = malloc(left + (left == 0));
        struct bytes piece;

        insist(copy != NULL);
        memcpy(copy, part.start + taken, left);
        outcome->step = http_body_feed(
            body, (struct bytes){copy, left}, &used, &piece, &outcome->broken);
        insist(used <= left && piece.length <= used);
        insist(piece.length <= LIMIT - outcome->length);
        if (piece.length > 0)
            memcpy(
                outcome->content + outcome->length, piece.start, piece.length);
        outcome->length += piece.length;
        taken += used;
        free(copy);
    } while (outcome->step == HTTP_MORE && taken < part.length);
    outcome->used += taken;
}

static void feed(const struct http_request *request, struct bytes bytes,
    size_t length, struct outcome *outcome)
{
    struct http_body body;

    memset(outcome, 0, sizeof(*outcome));
    if (!http_body_begin(&body, request, LIMIT, &outcome->broken)) {
        outcome->step = HTTP_REFUSED;
        return;
    }
    while (outcome->step == HTTP_MORE && outcome->used < bytes.length) {
        size_t left = bytes.length - outcome->used;

        feed_piece(&body,
            (struct bytes){
                bytes.start + outcome->used, left < length ? left : length},
            outcome);
    }
}

/* The first byte chooses the framing: a length below 255, or chunked. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct outcome whole, parted;
    struct http_request request = {.framing = HTTP_BODY_CHUNKED};

    if (size < 2 || size > 3 * LIMIT)
        return 0;
    if (data[0] != 'c') {
        request.framing = HTTP_BODY_LENGTH;
        request.content_length = data[0];
    }
    struct bytes bytes = {data + 1, size - 1};
    feed(&request, bytes, bytes.length, &whole);
    for (size_t length = 1; length <= 15; length += 7) {
        feed(&request, bytes, length, &parted);
        insist(whole.step == parted.step && whole.broken == parted.broken);
        insist(whole.used == parted.used);
        insist(whole.step == HTTP_REFUSED || whole.length == parted.length);
        insist(memcmp(whole.content, parted.content,
                   whole.length < parted.length ? whole.length
                                                : parted.length) == 0);
    }
    return 0;
}
