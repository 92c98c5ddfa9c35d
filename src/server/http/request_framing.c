#include "server/http/request_parts.h"
#include "server/http/syntax.h"

/* RFC 9112, 6.3: a list of equal lengths is refused like one of different
 * ones. */
static bool read_length(
    struct bytes value, struct http_request *request, enum http_rule *broken)
{
    for (size_t i = 0; i < value.length; i++)
        if (!http_is_digit(value.start[i]))
            return http_break(broken, HTTP_LENGTH_MALFORMED);
    if (value.length == 0)
        return http_break(broken, HTTP_LENGTH_MALFORMED);
    if (!http_decimal(value, &request->content_length))
        return http_break(broken, HTTP_LENGTH_OVERFLOW);
    request->framing = HTTP_BODY_LENGTH;
    return true;
}

/* RFC 9112, 6.1 and 7: chunked, once, alone. */
static bool read_coding(
    struct bytes value, struct http_request *request, enum http_rule *broken)
{
    size_t elements = 0, chunked = 0;
    bool is_last = false;
    struct bytes element;

    while (http_next_element(&value, ',', &element)) {
        if (!http_is_token(element))
            return http_break(broken, HTTP_CODING_MALFORMED);
        is_last = http_same_word(element, "chunked");
        chunked += is_last ? 1 : 0;
        elements++;
    }
    if (chunked > 1)
        return http_break(broken, HTTP_CODING_TWICE);
    if (chunked == 1 && !is_last)
        return http_break(broken, HTTP_CODING_NOT_LAST);
    if (chunked == 0 || elements > 1)
        return http_break(broken, HTTP_CODING_UNKNOWN);
    request->framing = HTTP_BODY_CHUNKED;
    return true;
}

bool http_framing_check(struct http_request *request, enum http_rule *broken)
{
    size_t lengths = http_request_count(request, "Content-Length");
    size_t codings = http_request_count(request, "Transfer-Encoding");
    struct bytes value;

    if (lengths > 0 && codings > 0)
        return http_break(broken, HTTP_LENGTH_WITH_CODING);
    if (lengths > 1)
        return http_break(broken, HTTP_LENGTH_TWICE);
    if (codings > 0 && !request->is_1_1)
        return http_break(broken, HTTP_CODING_IN_1_0);
    if (codings > 1)
        return http_break(broken, HTTP_CODING_TWICE);
    if (http_request_field(request, "Content-Length", &value))
        return read_length(value, request, broken);
    if (http_request_field(request, "Transfer-Encoding", &value))
        return read_coding(value, request, broken);
    return true;
}
