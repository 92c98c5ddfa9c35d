#include "server/http/conditional.h"

#include <string.h>

#include "server/http/date.h"
#include "server/http/syntax.h"

void http_tag_print(
    const uint8_t digest[static 16], char tag[static HTTP_TAG_TEXT])
{
    static const char digits[] = "0123456789abcdef";

    tag[0] = '"';
    for (size_t i = 0; i < 16; i++) {
        tag[1 + 2 * i] = digits[digest[i] >> 4];
        tag[2 + 2 * i] = digits[digest[i] & 0xf];
    }
    tag[33] = '"';
    tag[34] = '\0';
}

/* RFC 9110, 8.8.3: W/"..." or "..."; gives it from its first quote on. */
static bool read_tag(struct bytes *text, struct bytes *tag)
{
    struct bytes rest = http_trim(*text);
    size_t end = 1;

    if (rest.length > 2 && memcmp(rest.start, "W/", 2) == 0)
        rest = http_slice(rest, 2, rest.length - 2);
    if (rest.length == 0 || rest.start[0] != '"')
        return false;
    while (end < rest.length && rest.start[end] > ' ' && rest.start[end] != '"')
        end++;
    if (end == rest.length || rest.start[end] != '"')
        return false;
    *tag = http_slice(rest, 0, end + 1);
    *text = http_trim(http_slice(rest, end + 1, rest.length - end - 1));
    return true;
}

/* A comma may stand inside a tag, where a backslash escapes nothing. */
static bool list_has_tag(struct bytes list, struct bytes tag)
{
    struct bytes found;

    while (read_tag(&list, &found)) {
        if (bytes_equal(found, tag))
            return true;
        if (list.length == 0 || list.start[0] != ',')
            return false;
        list = http_slice(list, 1, list.length - 1);
    }
    return false;
}

static bool matches_tag(const struct http_request *request, const char *tag)
{
    for (size_t i = 0; i < request->field_count; i++) {
        struct bytes value = http_request_value(request, i);

        if (!http_same_word(http_request_name(request, i), "If-None-Match"))
            continue;
        if (http_same_word(value, "*"))
            return true;
        if (tag != NULL && list_has_tag(value, bytes_of_text(tag)))
            return true;
    }
    return false;
}

bool http_is_not_modified(const struct http_request *request, const char *tag,
    int64_t modified, int64_t now)
{
    struct bytes value;
    int64_t since = 0;

    if (request->method != HTTP_GET && request->method != HTTP_HEAD)
        return false;
    if (http_request_field(request, "If-None-Match", &value))
        return matches_tag(request, tag);
    return modified > 0 &&
           http_request_field(request, "If-Modified-Since", &value) &&
           http_date_read(value, now, &since) && since <= now &&
           modified <= since;
}
