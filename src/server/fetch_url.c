#include "server/fetch_url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HTTP "http://"
#define HTTP_PORT 80

/* What can stand in a request line: no blank and no control character, so
 * nothing in an address ends the line it is put into. */
static bool is_printable(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] <= ' ' || text.start[i] > '~')
            return false;
    }
    return true;
}

static bool begins_with(struct bytes text, const char *beginning)
{
    const size_t length = strlen(beginning);

    return text.length >= length &&
           strncasecmp((const char *)text.start, beginning, length) == 0;
}

static size_t length_until(struct bytes text, const char *ends)
{
    size_t length = 0;

    while (
        length < text.length && strchr(ends, (char)text.start[length]) == NULL)
        length++;
    return length;
}

static bool refuse_scheme(struct bytes text, struct failure *why)
{
    const size_t length = length_until(text, ":/?#");

    if (length == text.length || text.start[length] != ':' || length > 20)
        return fail_because(why, FAILURE_MALFORMED, "this is no address");
    if (begins_with(text, "https:"))
        return fail_because(why, FAILURE_FORBIDDEN,
            "https is not followed: it needs certificates to get certificates "
            "(RFC 5280, 8)");
    return fail_because(why, FAILURE_FORBIDDEN,
        "%.*s is not followed, only http", (int)length,
        (const char *)text.start);
}

static bool read_port(
    struct bytes text, struct fetch_url *url, struct failure *why)
{
    uint32_t port = 0;

    url->has_port = text.length > 0;
    url->port = HTTP_PORT;
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] < '0' || text.start[i] > '9' || port > UINT16_MAX)
            return fail_because(
                why, FAILURE_MALFORMED, "the address has a port of no number");
        port = port * 10 + (uint32_t)(text.start[i] - '0');
    }
    if (port > UINT16_MAX || (url->has_port && port == 0))
        return fail_because(
            why, FAILURE_FORBIDDEN, "there is no port %u", (unsigned)port);
    if (url->has_port)
        url->port = (uint16_t)port;
    return true;
}

static bool is_host_byte(uint8_t byte, bool is_bracketed)
{
    if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
        (byte >= '0' && byte <= '9') || byte == '.')
        return true;
    return is_bracketed ? byte == ':' : byte == '-' || byte == '_';
}

static bool read_host(
    struct bytes text, struct fetch_url *url, struct failure *why)
{
    if (text.length == 0 || text.length >= FETCH_HOST_ROOM)
        return fail_because(why, FAILURE_MALFORMED,
            "the address has no host, or one longer than %d bytes",
            FETCH_HOST_ROOM - 1);
    for (size_t i = 0; i < text.length; i++) {
        if (!is_host_byte(text.start[i], url->is_bracketed))
            return fail_because(why, FAILURE_MALFORMED,
                "the address has a host that is no name and no address");
    }
    memcpy(url->host, text.start, text.length);
    url->host[text.length] = '\0';
    return true;
}

/* RFC 3986, 3.2 */
static bool read_authority(
    struct bytes text, struct fetch_url *url, struct failure *why)
{
    size_t length;

    if (memchr(text.start, '@', text.length) != NULL)
        return fail_because(why, FAILURE_FORBIDDEN,
            "a name or password in an address is not sent");
    url->is_bracketed = text.length > 0 && text.start[0] == '[';
    if (url->is_bracketed) {
        text.start++;
        text.length--;
    }
    length = length_until(text, url->is_bracketed ? "]" : ":");
    if (!read_host((struct bytes){text.start, length}, url, why))
        return false;
    length += url->is_bracketed;
    if (length > text.length)
        return fail_because(
            why, FAILURE_MALFORMED, "the address has a bracket without end");
    text.start += length;
    text.length -= length;
    if (text.length > 0 && text.start[0] != ':')
        return fail_because(
            why, FAILURE_MALFORMED, "the address has more behind its host");
    if (text.length > 0) {
        text.start++;
        text.length--;
    }
    return read_port(text, url, why);
}

static void read_target(struct bytes text, struct fetch_url *url)
{
    const size_t length = length_until(text, "#");

    (void)snprintf(url->target, sizeof(url->target), "%s%.*s",
        length > 0 && text.start[0] == '/' ? "" : "/", (int)length,
        length > 0 ? (const char *)text.start : "");
}

static bool check_text(struct bytes text, struct failure *why)
{
    if (text.length > FETCH_URL_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "the address is longer than %d bytes", FETCH_URL_MAX);
    if (!is_printable(text))
        return fail_because(why, FAILURE_MALFORMED,
            "the address holds a blank, a control character or a letter "
            "beyond ASCII");
    return true;
}

bool fetch_url_read(
    struct bytes text, struct fetch_url *url, struct failure *why)
{
    struct fetch_url read = {0};
    size_t length;

    if (!check_text(text, why))
        return false;
    if (!begins_with(text, HTTP))
        return refuse_scheme(text, why);
    text.start += strlen(HTTP);
    text.length -= strlen(HTTP);
    length = length_until(text, "/?#");
    if (!read_authority((struct bytes){text.start, length}, &read, why))
        return false;
    read_target(
        (struct bytes){text.start + length, text.length - length}, &read);
    *url = read;
    return true;
}

bool fetch_url_follow(const struct fetch_url *from, struct bytes location,
    struct fetch_url *url, struct failure *why)
{
    struct fetch_url followed = *from;

    if (!begins_with(location, "/") || begins_with(location, "//"))
        return fetch_url_read(location, url, why);
    if (!check_text(location, why))
        return false;
    read_target(location, &followed);
    *url = followed;
    return true;
}
