#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "server/fetch_url.h"
#include "server/http_answer.h"

#define BODY_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

/* A location that is followed holds nothing that ends a line. */
static void follow(struct bytes location)
{
    struct fetch_url from = {.host = "a", .port = 80, .target = "/"};
    struct fetch_url url = {0};
    struct failure why = {0};

    if (!fetch_url_follow(&from, location, &url, &why))
        return;
    insist(url.host[0] != '\0' && url.target[0] == '/' && url.port != 0);
    for (const char *letter = url.target; *letter != '\0'; letter++)
        insist(*letter > ' ' && *letter <= '~');
}

/* Whatever the pieces, the body is the same. */
static void take(struct bytes text, size_t width, struct buffer *body,
    struct http_chunks *chunks)
{
    struct failure why = {0};

    for (size_t at = 0; at < text.length; at += width) {
        const size_t left = text.length - at;

        if (!http_chunks_take(chunks,
                (struct bytes){text.start + at, left < width ? left : width},
                body, &why))
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RELEASED(buffer) whole = BUFFER("a body", BODY_MAX);
    RELEASED(buffer) pieces = BUFFER("a body", BODY_MAX);
    const struct bytes text = {data, size};
    struct http_chunks one = {0}, many = {0};
    struct http_answer answer = {0};
    struct failure why = {0};
    const size_t end = http_head_end(text);

    insist(end <= size);
    follow(text);
    if (end == 0 || !http_answer_read((struct bytes){data, end}, &answer, &why))
        return 0;
    insist(answer.status >= 200 && answer.status <= 599);
    insist(!(answer.is_chunked && answer.has_length));
    follow(answer.location);
    take((struct bytes){data + end, size - end}, SIZE_MAX / 2, &whole, &one);
    take((struct bytes){data + end, size - end}, 1, &pieces, &many);
    if (one.at == CHUNKS_ENDED && many.at == CHUNKS_ENDED)
        insist(bytes_equal(buffer_view(&whole), buffer_view(&pieces)));
    return 0;
}
