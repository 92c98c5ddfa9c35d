#include "server/http/response.h"

#include "base/clock.h"
#include "server/http/date.h"
#include "server/http/syntax.h"

static const struct {
    unsigned status;
    const char *phrase;
} phrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

const char *http_status_phrase(unsigned status)
{
    for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "Unknown";
}

static bool is_written_here(struct bytes name)
{
    return http_same_word(name, "Date") ||
           http_same_word(name, "Content-Length") ||
           http_same_word(name, "Connection") ||
           http_same_word(name, "Transfer-Encoding");
}

static bool is_printable(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.start[i] < 0x20 || text.start[i] > 0x7e)
            return false;
    return true;
}

bool http_response_add(struct http_response *response, const char *name,
    const char *value, struct failure *why)
{
    if (response->field_count == HTTP_RESPONSE_FIELDS_MAX)
        return fail_because(why, FAILURE_INTERNAL,
            "a response has room for %d headers", HTTP_RESPONSE_FIELDS_MAX);
    if (!http_is_token(bytes_of_text(name)) ||
        is_written_here(bytes_of_text(name)))
        return fail_because(why, FAILURE_INTERNAL,
            "a header of this name can't be added to a response");
    if (!is_printable(bytes_of_text(value)))
        return fail_because(why, FAILURE_INTERNAL,
            "the value of %s is not printable ASCII", name);
    response->fields[response->field_count].name = name;
    response->fields[response->field_count].value = value;
    response->field_count++;
    return true;
}

static bool has_length(unsigned status)
{
    return status != 204 && status != 304;
}

static bool write_line(
    struct buffer *head, const char *text, struct failure *why)
{
    return buffer_append_text(head, text, why) &&
           buffer_append_text(head, "\r\n", why);
}

static bool write_field(struct buffer *head, const char *name,
    const char *value, struct failure *why)
{
    return buffer_append_text(head, name, why) &&
           buffer_append_text(head, ": ", why) && write_line(head, value, why);
}

bool http_response_write(const struct http_response *response,
    struct buffer *head, struct failure *why)
{
    char date[HTTP_DATE_TEXT];

    http_date_print(clock_now(), date);
    if (!buffer_append_text(head, "HTTP/1.1 ", why) ||
        !buffer_append_number(head, response->status, why) ||
        !buffer_append_byte(head, ' ', why) ||
        !write_line(head, http_status_phrase(response->status), why) ||
        !write_field(head, "Date", date, why))
        return false;
    for (size_t i = 0; i < response->field_count; i++)
        if (!write_field(
                head, response->fields[i].name, response->fields[i].value, why))
            return false;
    if (has_length(response->status) &&
        (!buffer_append_text(head, "Content-Length: ", why) ||
            !buffer_append_number(head, response->content_length, why) ||
            !write_line(head, "", why)))
        return false;
    return buffer_append_text(
        head, response->closes ? "Connection: close\r\n\r\n" : "\r\n", why);
}

bool http_response_has_body(
    const struct http_response *response, enum http_method method)
{
    return method != HTTP_HEAD && has_length(response->status);
}

struct bytes http_continue(void)
{
    return bytes_of_text("HTTP/1.1 100 Continue\r\n\r\n");
}

bool http_wants_continue(
    const struct http_request *request, size_t body_bytes_received)
{
    return request->expects_continue && body_bytes_received == 0;
}

bool http_connection_ends(const struct http_request *request,
    enum http_rule broken, bool body_was_read)
{
    return http_rule_closes(broken) || !request->keeps_alive ||
           (request->framing != HTTP_BODY_NONE && !body_was_read);
}
