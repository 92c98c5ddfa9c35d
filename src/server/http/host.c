#include "server/http/host.h"

#include <arpa/inet.h>
#include <string.h>

#include "server/http/syntax.h"

static bool is_address(int family, struct bytes text)
{
    char copy[INET6_ADDRSTRLEN];
    struct in6_addr address;

    if (text.length == 0 || text.length >= sizeof(copy))
        return false;
    memcpy(copy, text.start, text.length);
    copy[text.length] = '\0';
    return inet_pton(family, copy, &address) == 1;
}

static bool is_name_byte(uint8_t byte)
{
    return http_is_letter(byte) || http_is_digit(byte) || byte == '-' ||
           byte == '_';
}

/* URL Standard, 3.5: a last label of digits makes it an address. */
static bool ends_in_digits(struct bytes name)
{
    size_t end = name.length;

    if (end > 0 && name.start[end - 1] == '.')
        end--;
    size_t start = end;
    while (start > 0 && name.start[start - 1] != '.')
        if (!http_is_digit(name.start[--start]))
            return false;
    return end > start;
}

static bool is_name(struct bytes name)
{
    size_t label = 0;

    if (name.length == 0 || name.length > HTTP_HOST_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.length; i++) {
        if (name.start[i] != '.' && !is_name_byte(name.start[i]))
            return false;
        label = name.start[i] == '.' ? 0 : label + 1;
        if (label > 63 || (label == 0 && (i == 0 || name.start[i - 1] == '.')))
            return false;
    }
    return true;
}

static bool read_port(struct bytes text, unsigned *port)
{
    uint64_t number = 0;

    if (text.length > 5 || !http_decimal(text, &number) || number == 0 ||
        number > 65535)
        return false;
    *port = (unsigned)number;
    return true;
}

/* How many bytes the name takes, its brackets included. */
static size_t name_length(struct bytes value)
{
    const uint8_t *end;

    if (value.length == 0)
        return 0;
    if (value.start[0] == '[') {
        end = memchr(value.start, ']', value.length);
        return end == NULL ? 0 : (size_t)(end - value.start) + 1;
    }
    end = memchr(value.start, ':', value.length);
    return end == NULL ? value.length : (size_t)(end - value.start);
}

static bool read_name(struct bytes text, struct http_host *host)
{
    host->name = text;
    if (text.length > 0 && text.start[0] == '[') {
        host->name = (struct bytes){text.start + 1, text.length - 2};
        host->is_address = true;
        return is_address(AF_INET6, host->name);
    }
    host->is_address = ends_in_digits(text);
    return host->is_address ? is_address(AF_INET, text) : is_name(text);
}

bool http_host_read(
    struct bytes value, struct http_host *host, enum http_rule *broken)
{
    struct http_host found = {0};
    size_t length = name_length(value);
    struct bytes rest = {value.start + length, value.length - length};

    if (length == 0 || !read_name((struct bytes){value.start, length}, &found))
        return http_break(broken, HTTP_HOST_INVALID);
    if (rest.length > 0 &&
        (rest.start[0] != ':' ||
            !read_port(
                (struct bytes){rest.start + 1, rest.length - 1}, &found.port)))
        return http_break(broken, HTTP_HOST_INVALID);
    *host = found;
    return true;
}
