#include <string.h>

#include "server/http/request_parts.h"
#include "server/http/syntax.h"

static const char *const method_names[] = {
    [HTTP_METHOD_OTHER] = "",
    [HTTP_GET] = "GET",
    [HTTP_HEAD] = "HEAD",
    [HTTP_POST] = "POST",
    [HTTP_PUT] = "PUT",
    [HTTP_PATCH] = "PATCH",
    [HTTP_DELETE] = "DELETE",
    [HTTP_OPTIONS] = "OPTIONS",
};
#define METHOD_COUNT (sizeof(method_names) / sizeof(method_names[0]))

const char *http_method_name(enum http_method method)
{
    return method_names[method];
}

/* RFC 9110, 9.1: methods are told apart by case. */
static bool read_method(
    struct bytes text, enum http_method *method, enum http_rule *broken)
{
    if (!http_is_token(text))
        return http_break(broken, HTTP_METHOD_MALFORMED);
    *method = HTTP_METHOD_OTHER;
    for (size_t i = HTTP_GET; i < METHOD_COUNT; i++)
        if (bytes_equal(text, bytes_of_text(method_names[i])))
            *method = (enum http_method)i;
    return true;
}

/* RFC 9112, 2.3. */
static bool read_version(
    struct bytes text, bool *is_1_1, enum http_rule *broken)
{
    if (text.length != 8 || memcmp(text.start, "HTTP/", 5) != 0 ||
        !http_is_digit(text.start[5]) || text.start[6] != '.' ||
        !http_is_digit(text.start[7]))
        return http_break(broken, HTTP_VERSION_MALFORMED);
    if (text.start[5] != '1' || text.start[7] > '1')
        return http_break(broken, HTTP_VERSION_UNSUPPORTED);
    *is_1_1 = text.start[7] == '1';
    return true;
}

/* RFC 3986, 2: unreserved, reserved, and the sign of an escape. */
static bool is_target_byte(uint8_t byte)
{
    return http_is_letter(byte) || http_is_digit(byte) ||
           (byte != 0 && strchr("-._~:/?[]@!$&'()*+,;=%", byte) != NULL);
}

static bool check_target(struct bytes target, enum http_rule *broken)
{
    for (size_t i = 0; i < target.length; i++) {
        if (target.start[i] == '#')
            return http_break(broken, HTTP_TARGET_FRAGMENT);
        if (!is_target_byte(target.start[i]))
            return http_break(broken, HTTP_TARGET_MALFORMED);
    }
    return true;
}

static size_t scheme_length(struct bytes target)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(schemes[i]);

        if (target.length >= length &&
            http_same_word((struct bytes){target.start, length}, schemes[i]))
            return length;
    }
    return 0;
}

static void split_query(struct bytes whole, struct http_request *request)
{
    const uint8_t *mark = memchr(whole.start, '?', whole.length);

    request->path = whole;
    if (mark == NULL)
        return;
    request->path.length = (size_t)(mark - whole.start);
    request->query =
        (struct bytes){mark + 1, whole.length - request->path.length - 1};
}

/* RFC 9112, 3.2.2; an empty path is "/" (RFC 9110, 4.2.3). */
static bool read_absolute(struct bytes target, size_t scheme,
    struct http_request *request, enum http_rule *broken)
{
    struct bytes rest = {target.start + scheme, target.length - scheme};
    size_t length = 0;

    while (length < rest.length && rest.start[length] != '/' &&
           rest.start[length] != '?')
        length++;
    request->authority = (struct bytes){rest.start, length};
    if (length == 0)
        return http_break(broken, HTTP_TARGET_FORM);
    if (memchr(rest.start, '@', length) != NULL)
        return http_break(broken, HTTP_TARGET_USER);
    split_query(
        (struct bytes){rest.start + length, rest.length - length}, request);
    if (request->path.length == 0)
        request->path = bytes_of_text("/");
    return true;
}

/* RFC 9112, 3.2: the authority form belongs to CONNECT alone, which is not
 * known here; its target is left unread, so that the method is named. */
static bool read_target(struct http_request *request, enum http_rule *broken)
{
    struct bytes target = request->target;
    size_t scheme = scheme_length(target);

    if (!check_target(target, broken))
        return false;
    if (scheme > 0)
        return read_absolute(target, scheme, request, broken);
    if (target.start[0] == '/')
        split_query(target, request);
    else if (request->method == HTTP_METHOD_OTHER ||
             (request->method == HTTP_OPTIONS && target.length == 1 &&
                 target.start[0] == '*'))
        request->path = target;
    else
        return http_break(broken, HTTP_TARGET_FORM);
    return true;
}

/* Exactly two single spaces, and none at the ends. */
static bool split_line(
    struct bytes line, struct bytes part[static 3], enum http_rule *broken)
{
    size_t count = 0, start = 0;

    if (memchr(line.start, '\t', line.length) != NULL)
        return http_break(broken, HTTP_LINE_WHITESPACE);
    for (size_t i = 0; i <= line.length; i++) {
        if (i < line.length && line.start[i] != ' ')
            continue;
        if (count == 3 || i == start)
            return http_break(broken, HTTP_LINE_WHITESPACE);
        part[count++] = (struct bytes){line.start + start, i - start};
        start = i + 1;
    }
    if (count != 3)
        return http_break(broken, HTTP_LINE_MALFORMED);
    return true;
}

bool http_request_line_read(
    struct bytes line, struct http_request *request, enum http_rule *broken)
{
    struct bytes part[3] = {{0}};

    if (!split_line(line, part, broken) ||
        !read_version(part[2], &request->is_1_1, broken) ||
        !read_method(part[0], &request->method, broken))
        return false;
    request->target = part[1];
    return read_target(request, broken);
}
