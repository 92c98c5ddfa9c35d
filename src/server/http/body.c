#include "server/http/body.h"

#include "server/http/body_parts.h"
#include "server/http/syntax.h"

bool http_body_begin(struct http_body *body, const struct http_request *request,
    uint64_t limit, enum http_rule *broken)
{
    struct http_body begun = {.room = limit};

    if (request->framing == HTTP_BODY_CHUNKED) {
        begun.state = HTTP_BODY_CHUNK_LINE;
    } else if (request->framing == HTTP_BODY_LENGTH) {
        if (request->content_length > limit)
            return http_break(broken, HTTP_BODY_LONG);
        begun.remaining = request->content_length;
        if (begun.remaining > 0)
            begun.state = HTTP_BODY_COUNTED;
    }
    *body = begun;
    return true;
}

static enum http_step take_content(struct http_body *body,
    struct bytes received, size_t *used, struct bytes *piece)
{
    uint64_t length = received.length;

    if (length > body->remaining)
        length = body->remaining;
    *piece = (struct bytes){received.start, (size_t)length};
    *used = (size_t)length;
    body->remaining -= length;
    if (body->remaining > 0)
        return HTTP_MORE;
    body->state = body->state == HTTP_BODY_COUNTED ? HTTP_BODY_COMPLETE
                                                   : HTTP_BODY_CHUNK_END;
    return body->state == HTTP_BODY_COMPLETE ? HTTP_DONE : HTTP_MORE;
}

/* What a line of the present state may grow to, and the rule that says so. */
static bool check_line_room(
    const struct http_body *body, enum http_rule *broken)
{
    if (body->state == HTTP_BODY_CHUNK_END)
        return http_break(broken, HTTP_CHUNK_END);
    if (body->line_length < HTTP_CHUNK_LINE_MAX)
        return true;
    return http_break(broken, body->state == HTTP_BODY_TRAILER
                                  ? HTTP_TRAILER_LONG
                                  : HTTP_CHUNK_LINE_LONG);
}

static enum http_step take_line_byte(
    struct http_body *body, uint8_t byte, enum http_rule *broken)
{
    struct http_line line = {.after_return = body->after_return};
    enum http_step step = http_line_take(&line, byte, broken);

    body->after_return = line.after_return;
    if (step == HTTP_DONE) {
        step = http_body_line(
            body, (struct bytes){body->line, body->line_length}, broken);
        body->line_length = 0;
        return step;
    }
    if (step == HTTP_REFUSED || byte == '\r')
        return step;
    if (!check_line_room(body, broken))
        return HTTP_REFUSED;
    body->line[body->line_length++] = byte;
    return HTTP_MORE;
}

static bool is_in_line(const struct http_body *body)
{
    return body->state == HTTP_BODY_CHUNK_LINE ||
           body->state == HTTP_BODY_CHUNK_END ||
           body->state == HTTP_BODY_TRAILER;
}

enum http_step http_body_feed(struct http_body *body, struct bytes received,
    size_t *used, struct bytes *piece, enum http_rule *broken)
{
    size_t taken = 0;
    enum http_step step = HTTP_MORE;

    *used = 0;
    *piece = (struct bytes){0};
    if (body->state == HTTP_BODY_COMPLETE)
        return HTTP_DONE;
    while (taken < received.length && step == HTTP_MORE && is_in_line(body))
        step = take_line_byte(body, received.start[taken++], broken);
    *used = taken;
    if (step != HTTP_MORE || taken == received.length)
        return step;
    step = take_content(body,
        (struct bytes){received.start + taken, received.length - taken}, used,
        piece);
    *used += taken;
    return step;
}
