#include "server/http/request_parts.h"
#include "server/http/syntax.h"

/* RFC 9112, 3.2: HTTP/1.0 knew no Host, but may send one. */
static bool check_host(struct http_request *request, enum http_rule *broken)
{
    size_t count = http_request_count(request, "Host");
    struct bytes value;

    if (count > 1)
        return http_break(broken, HTTP_HOST_TWICE);
    if (!http_request_field(request, "Host", &value)) {
        if (request->is_1_1)
            return http_break(broken, HTTP_HOST_MISSING);
        return request->authority.length == 0 ||
               http_host_read(request->authority, &request->host, broken);
    }
    if (!http_host_read(value, &request->host, broken))
        return false;
    /* RFC 9112, 3.2.2 has the target win; a client that keeps to it sends the
     * same twice, so a difference is an attempt to be seen as two hosts. */
    if (request->authority.length > 0 &&
        !http_same_words(request->authority, value))
        return http_break(broken, HTTP_HOST_DIFFERS);
    return true;
}

/* RFC 9110, 5.3: these are no lists, so a second one is ambiguous. */
static bool check_single(
    const struct http_request *request, enum http_rule *broken)
{
    static const char *const single[] = {"Content-Type", "Authorization",
        "Origin", "If-Modified-Since", "If-Unmodified-Since", "Referer",
        "Content-Range", "From", "Max-Forwards", "User-Agent"};

    for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
        if (http_request_count(request, single[i]) > 1)
            return http_break(broken, HTTP_FIELD_TWICE);
    return true;
}

/* RFC 9110, 10.1.1: what HTTP/1.0 expects is not looked at. */
static bool check_expectation(
    struct http_request *request, enum http_rule *broken)
{
    struct bytes value;

    if (!request->is_1_1 || !http_request_field(request, "Expect", &value))
        return true;
    if (http_request_count(request, "Expect") > 1 ||
        !http_same_word(value, "100-continue"))
        return http_break(broken, HTTP_EXPECTATION);
    request->expects_continue =
        request->framing == HTTP_BODY_CHUNKED ||
        (request->framing == HTTP_BODY_LENGTH && request->content_length > 0);
    return true;
}

static bool check_coding(
    const struct http_request *request, enum http_rule *broken)
{
    if (http_request_count(request, "Content-Encoding") > 0)
        return http_break(broken, HTTP_CONTENT_CODING);
    return true;
}

static bool check_method(
    const struct http_request *request, enum http_rule *broken)
{
    if (request->method == HTTP_METHOD_OTHER)
        return http_break(broken, HTTP_METHOD_UNKNOWN);
    return true;
}

bool http_head_check(struct http_request *request, enum http_rule *broken)
{
    if (!check_host(request, broken) || !check_single(request, broken) ||
        !http_framing_check(request, broken) ||
        !check_expectation(request, broken))
        return false;
    request->keeps_alive =
        request->is_1_1 && !http_request_lists(request, "Connection", "close");
    return check_method(request, broken) && check_coding(request, broken);
}
