#include "server/http/syntax.h"

#include <string.h>

bool http_is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

bool http_is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

bool http_is_token_byte(uint8_t byte)
{
    return http_is_letter(byte) || http_is_digit(byte) ||
           (byte != 0 && strchr("!#$%&'*+-.^_`|~", byte) != NULL);
}

bool http_is_token(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!http_is_token_byte(text.start[i]))
            return false;
    return text.length > 0;
}

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

bool http_same_words(struct bytes a, struct bytes b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        if (lower(a.start[i]) != lower(b.start[i]))
            return false;
    return true;
}

bool http_same_word(struct bytes text, const char *word)
{
    return http_same_words(text, bytes_of_text(word));
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

struct bytes http_trim(struct bytes text)
{
    while (text.length > 0 && is_blank(text.start[0])) {
        text.start++;
        text.length--;
    }
    while (text.length > 0 && is_blank(text.start[text.length - 1]))
        text.length--;
    return text;
}

bool http_next_element(
    struct bytes *rest, char separator, struct bytes *element)
{
    bool is_quoted = false;
    size_t end = 0;

    if (rest->start == NULL)
        return false;
    for (; end < rest->length; end++) {
        uint8_t byte = rest->start[end];

        if (!is_quoted && byte == (uint8_t)separator)
            break;
        if (byte == '"')
            is_quoted = !is_quoted;
        else if (is_quoted && byte == '\\' && end + 1 < rest->length)
            end++;
    }
    *element = http_trim((struct bytes){rest->start, end});
    if (end == rest->length)
        *rest = (struct bytes){0};
    else
        *rest = (struct bytes){rest->start + end + 1, rest->length - end - 1};
    return true;
}

struct bytes http_slice(struct bytes whole, size_t start, size_t length)
{
    if (whole.start == NULL)
        return (struct bytes){0};
    return (struct bytes){whole.start + start, length};
}

bool http_list_holds(struct bytes list, const char *word)
{
    struct bytes element;

    while (http_next_element(&list, ',', &element))
        if (http_same_word(element, word))
            return true;
    return false;
}

bool http_decimal(struct bytes text, uint64_t *value)
{
    uint64_t sum = 0;

    if (text.length == 0 || text.length > 18)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (!http_is_digit(text.start[i]))
            return false;
        sum = sum * 10 + (uint64_t)(text.start[i] - '0');
    }
    *value = sum;
    return true;
}

enum http_step http_line_take(
    struct http_line *line, uint8_t byte, enum http_rule *broken)
{
    if (line->after_return) {
        if (byte != '\n')
            return http_refuse(broken, HTTP_BARE_CR);
        line->after_return = false;
        return HTTP_DONE;
    }
    if (byte == '\n')
        return http_refuse(broken, HTTP_BARE_LF);
    if (byte == 0)
        return http_refuse(broken, HTTP_NUL);
    if (byte == 0x7f || (byte < 0x20 && byte != '\t' && byte != '\r'))
        return http_refuse(broken, HTTP_CONTROL);
    if (byte > 0x7f && !line->takes_utf8)
        return http_refuse(broken, HTTP_NON_ASCII);
    line->after_return = byte == '\r';
    return HTTP_MORE;
}

bool http_field_split(struct bytes line, struct bytes *name,
    struct bytes *value, enum http_rule *broken)
{
    const uint8_t *colon = memchr(line.start, ':', line.length);
    struct bytes found;

    if (colon == NULL)
        return http_break(broken, HTTP_FIELD_COLON);
    found = (struct bytes){line.start, (size_t)(colon - line.start)};
    if (found.length == 0)
        return http_break(broken, HTTP_FIELD_NAMELESS);
    if (is_blank(found.start[found.length - 1]))
        return http_break(broken, HTTP_FIELD_SPACE);
    if (!http_is_token(found))
        return http_break(broken, HTTP_FIELD_NAME);
    *name = found;
    *value =
        http_trim((struct bytes){colon + 1, line.length - found.length - 1});
    return true;
}
