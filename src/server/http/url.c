#include "server/http/url.h"

#include "base/hex.h"
#include "base/text.h"
#include "server/http/syntax.h"

/* One octet at *position, which moves behind it. */
static bool next_octet(
    struct bytes raw, size_t *position, uint8_t *octet, enum http_rule *broken)
{
    size_t at = *position;
    int high, low;

    if (raw.start[at] != '%') {
        *octet = raw.start[at];
        *position = at + 1;
        return true;
    }
    if (raw.length - at < 3)
        return http_break(broken, HTTP_ESCAPE_MALFORMED);
    high = hex_digit_value(raw.start[at + 1]);
    low = hex_digit_value(raw.start[at + 2]);
    if (high < 0 || low < 0)
        return http_break(broken, HTTP_ESCAPE_MALFORMED);
    if (high == 0 && low == 0)
        return http_break(broken, HTTP_ESCAPE_NUL);
    *octet = (uint8_t)(high << 4 | low);
    *position = at + 3;
    return true;
}

static bool append(struct buffer *out, uint8_t octet, enum http_rule *broken)
{
    struct failure why = {0};

    if (buffer_append_byte(out, octet, &why))
        return true;
    return http_break(
        broken, why.kind == FAILURE_INTERNAL ? HTTP_MEMORY : HTTP_PATH_LONG);
}

bool url_unescape(struct bytes raw, bool plus_is_space, struct buffer *octets,
    enum http_rule *broken)
{
    size_t position = 0;

    while (position < raw.length) {
        uint8_t octet = 0;

        if (plus_is_space && raw.start[position] == '+') {
            octet = ' ';
            position++;
        } else if (!next_octet(raw, &position, &octet, broken)) {
            return false;
        }
        if (!append(octets, octet, broken))
            return false;
    }
    return true;
}

static bool check_octet(uint8_t octet, bool is_escaped, enum url_slash slash,
    enum http_rule *broken)
{
    if (octet < 0x20 || octet == 0x7f)
        return http_break(broken, HTTP_ESCAPE_CONTROL);
    if (octet == '\\' ||
        (octet == '/' && is_escaped && slash == URL_SLASH_REFUSED))
        return http_break(broken, HTTP_ESCAPE_SLASH);
    return true;
}

static bool check_segments(struct bytes path, enum http_rule *broken)
{
    size_t start = 0;

    for (size_t i = 0; i <= path.length; i++) {
        if (i < path.length && path.start[i] != '/')
            continue;
        if ((i - start == 1 && path.start[start] == '.') ||
            (i - start == 2 && path.start[start] == '.' &&
                path.start[start + 1] == '.'))
            return http_break(broken, HTTP_PATH_DOTS);
        start = i + 1;
    }
    return true;
}

bool url_path_decode(struct bytes raw, enum url_slash slash,
    struct buffer *path, enum http_rule *broken)
{
    size_t before = path->length, position = 0;
    struct bytes decoded;

    while (position < raw.length) {
        bool is_escaped = raw.start[position] == '%';
        uint8_t octet = 0;

        if (!next_octet(raw, &position, &octet, broken) ||
            !check_octet(octet, is_escaped, slash, broken))
            return false;
        if (path->length - before == HTTP_PATH_MAX)
            return http_break(broken, HTTP_PATH_LONG);
        if (!append(path, octet, broken))
            return false;
    }
    decoded = http_slice(buffer_view(path), before, path->length - before);
    if (!text_is_utf8(decoded))
        return http_break(broken, HTTP_ESCAPE_UTF8);
    return check_segments(decoded, broken);
}
