#include "server/http/media.h"

#include <string.h>

#include "server/http/syntax.h"

#define PARAMETER_ROOM 256

static struct bytes tail(struct bytes text, size_t start)
{
    return http_slice(text, start, text.length - start);
}

static bool is_type(struct bytes text)
{
    const uint8_t *slash =
        text.length == 0 ? NULL : memchr(text.start, '/', text.length);
    size_t length = slash == NULL ? 0 : (size_t)(slash - text.start);

    return slash != NULL && http_is_token(http_slice(text, 0, length)) &&
           http_is_token(tail(text, length + 1));
}

/* RFC 9110, 5.6.4: the contents between the quotes. */
static bool copy_quoted(struct bytes quoted, char *value, size_t room)
{
    size_t length = 0;

    for (size_t i = 1; i < quoted.length; i++) {
        uint8_t byte = quoted.start[i];

        if (byte == '"') {
            value[length] = '\0';
            return i + 1 == quoted.length;
        }
        if (byte == '\\' && ++i < quoted.length)
            byte = quoted.start[i];
        if (length + 1 == room || byte < 0x20 || byte == 0x7f)
            return false;
        value[length++] = (char)byte;
    }
    return false;
}

bool http_parameter_read(
    struct bytes parameter, struct bytes *name, char *value, size_t room)
{
    const uint8_t *sign = parameter.length == 0
                              ? NULL
                              : memchr(parameter.start, '=', parameter.length);
    struct bytes text;

    if (sign == NULL)
        return false;
    *name = http_slice(parameter, 0, (size_t)(sign - parameter.start));
    text = tail(parameter, name->length + 1);
    if (!http_is_token(*name))
        return false;
    if (text.length > 0 && text.start[0] == '"')
        return copy_quoted(text, value, room);
    if (!http_is_token(text) || text.length >= room)
        return false;
    memcpy(value, text.start, text.length);
    value[text.length] = '\0';
    return true;
}

bool http_media_read(
    struct bytes value, struct http_media *media, enum http_rule *broken)
{
    struct http_media found = {.parameters = value};
    struct bytes rest, parameter, name;
    char text[PARAMETER_ROOM];

    if (!http_next_element(&found.parameters, ';', &found.type) ||
        !is_type(found.type))
        return http_break(broken, HTTP_MEDIA_MALFORMED);
    rest = found.parameters;
    while (http_next_element(&rest, ';', &parameter))
        if (parameter.length > 0 &&
            !http_parameter_read(parameter, &name, text, sizeof(text)))
            return http_break(broken, HTTP_MEDIA_MALFORMED);
    *media = found;
    return true;
}

bool http_media_parameter(
    const struct http_media *media, const char *name, char *value, size_t room)
{
    struct bytes rest = media->parameters, parameter, found;
    char text[PARAMETER_ROOM];
    size_t count = 0;

    while (http_next_element(&rest, ';', &parameter)) {
        if (!http_parameter_read(parameter, &found, text, sizeof(text)) ||
            !http_same_word(found, name))
            continue;
        if (++count > 1 || strlen(text) >= room)
            return false;
        memcpy(value, text, strlen(text) + 1);
    }
    return count == 1;
}

/* RFC 9110, 12.4.2: "0.5" or "1", at most three digits behind the point. */
static bool read_weight(struct bytes text, unsigned *weight)
{
    unsigned scale = 100, sum;

    if (text.length == 0 || text.length > 5 || text.start[0] < '0' ||
        text.start[0] > '1' || (text.length > 1 && text.start[1] != '.'))
        return false;
    sum = text.start[0] == '1' ? 1000 : 0;
    for (size_t i = 2; i < text.length; i++, scale /= 10) {
        if (!http_is_digit(text.start[i]))
            return false;
        sum += scale * (unsigned)(text.start[i] - '0');
    }
    *weight = sum;
    return sum <= 1000;
}

/* 3 for the type itself, 2 for type / *, 1 for everything, 0 for no match. */
static unsigned match(struct bytes range, struct bytes type)
{
    const uint8_t *slash = memchr(type.start, '/', type.length);
    size_t length = slash == NULL ? 0 : (size_t)(slash - type.start) + 1;

    if (http_same_words(range, type))
        return 3;
    if (range.length == length + 1 && range.start[length] == '*' &&
        http_same_words(
            http_slice(range, 0, length), http_slice(type, 0, length)))
        return 2;
    return http_same_word(range, "*/*") ? 1 : 0;
}

static bool range_weight(struct bytes parameters, unsigned *weight)
{
    struct bytes parameter;

    *weight = 1000;
    while (http_next_element(&parameters, ';', &parameter))
        if (parameter.length > 2 &&
            http_same_word(http_slice(parameter, 0, 2), "q=") &&
            !read_weight(tail(parameter, 2), weight))
            return false;
    return true;
}

unsigned http_accept_weight(struct bytes accept, const char *type)
{
    unsigned best = 0, weight = 0, found = 0;
    struct bytes range, name;

    if (accept.start == NULL)
        return 1000;
    while (http_next_element(&accept, ',', &range)) {
        unsigned rank;

        if (!http_next_element(&range, ';', &name))
            continue;
        rank = match(name, bytes_of_text(type));
        if (rank > best && range_weight(range, &found)) {
            best = rank;
            weight = found;
        }
    }
    return weight;
}
