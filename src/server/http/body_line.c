#include "base/hex.h"
#include "server/http/body_parts.h"
#include "server/http/syntax.h"

/* So many digits can't overflow 64 bits, even with a sum of two. */
#define SIZE_DIGITS_MAX 15

static bool read_size(
    struct bytes line, size_t *digits, uint64_t *size, enum http_rule *broken)
{
    uint64_t sum = 0;
    size_t count = 0;

    while (count < line.length && hex_digit_value(line.start[count]) >= 0) {
        if (count == SIZE_DIGITS_MAX)
            return http_break(broken, HTTP_CHUNK_OVERFLOW);
        sum = sum << 4 | (uint64_t)hex_digit_value(line.start[count++]);
    }
    if (count == 0)
        return http_break(broken, HTTP_CHUNK_SIZE);
    *digits = count;
    *size = sum;
    return true;
}

/*
 * RFC 9112, 7.1.1: unknown extensions are passed over.  White space (BWS) and
 * quoted strings are refused: no client needs them, and readers that took
 * them differently have been played against each other.
 */
static bool check_extensions(struct bytes extensions, enum http_rule *broken)
{
    struct bytes rest = extensions, extension, name;

    if (extensions.start[0] != ';')
        return http_break(broken, HTTP_CHUNK_SIZE);
    rest.start++;
    rest.length--;
    for (size_t i = 0; i < rest.length; i++)
        if (!http_is_token_byte(rest.start[i]) && rest.start[i] != ';' &&
            rest.start[i] != '=')
            return http_break(broken, HTTP_CHUNK_EXTENSION);
    while (http_next_element(&rest, ';', &extension)) {
        struct bytes value = extension;

        if (!http_next_element(&value, '=', &name) || !http_is_token(name) ||
            (value.start != NULL && !http_is_token(value)))
            return http_break(broken, HTTP_CHUNK_EXTENSION);
    }
    return true;
}

static enum http_step read_chunk_line(
    struct http_body *body, struct bytes line, enum http_rule *broken)
{
    size_t digits = 0;
    uint64_t size = 0;

    if (!read_size(line, &digits, &size, broken))
        return HTTP_REFUSED;
    struct bytes extensions = {line.start + digits, line.length - digits};
    if (extensions.length > 0 && !check_extensions(extensions, broken))
        return HTTP_REFUSED;
    body->extensions += extensions.length;
    if (body->extensions > HTTP_CHUNK_EXTENSIONS_MAX)
        return http_refuse(broken, HTTP_CHUNK_LINE_LONG);
    if (size > body->room)
        return http_refuse(broken, HTTP_BODY_LONG);
    body->room -= size;
    body->remaining = size;
    body->state = size == 0 ? HTTP_BODY_TRAILER : HTTP_BODY_CHUNK;
    return HTTP_MORE;
}

/* RFC 9110, 6.5.1: framing, routing, controls, authentication and content
 * fields never come in trailers. */
static bool is_forbidden(struct bytes name)
{
    static const char *const forbidden[] = {"Content-Length",
        "Transfer-Encoding", "Host", "Trailer", "TE", "Connection", "Expect",
        "Authorization", "Cookie", "Content-Type", "Content-Encoding",
        "Content-Range", "Cache-Control", "Upgrade"};

    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
        if (http_same_word(name, forbidden[i]))
            return true;
    return false;
}

static enum http_step read_trailer(
    struct http_body *body, struct bytes line, enum http_rule *broken)
{
    struct bytes name, value;

    if (line.length == 0) {
        body->state = HTTP_BODY_COMPLETE;
        return HTTP_DONE;
    }
    if (line.start[0] == ' ' || line.start[0] == '\t')
        return http_refuse(broken,
            body->trailers == 0 ? HTTP_FIELD_BEFORE : HTTP_FIELD_FOLDED);
    if (body->trailers == HTTP_TRAILERS_MAX)
        return http_refuse(broken, HTTP_TRAILER_LONG);
    body->trailers++;
    if (!http_field_split(line, &name, &value, broken))
        return HTTP_REFUSED;
    if (is_forbidden(name))
        return http_refuse(broken, HTTP_TRAILER_FORBIDDEN);
    return HTTP_MORE;
}

enum http_step http_body_line(
    struct http_body *body, struct bytes line, enum http_rule *broken)
{
    if (body->state == HTTP_BODY_CHUNK_LINE)
        return read_chunk_line(body, line, broken);
    if (body->state == HTTP_BODY_TRAILER)
        return read_trailer(body, line, broken);
    body->state = HTTP_BODY_CHUNK_LINE;
    return HTTP_MORE;
}
