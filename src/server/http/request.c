#include "server/http/request.h"

#include <string.h>

#include "server/http/request_parts.h"
#include "server/http/syntax.h"

/* The present line without its CRLF, of which the position stands behind. */
static struct bytes present_line(
    const struct http_request_reader *reader, struct bytes received)
{
    return http_slice(
        received, reader->line, reader->position - 2 - reader->line);
}

/* RFC 9112, 2.2: one empty line before a request is passed over. */
static enum http_step end_request_line(struct http_request_reader *reader,
    struct bytes received, enum http_rule *broken)
{
    struct bytes line = present_line(reader, received);
    struct http_request request = {0};

    if (line.length == 0) {
        if (reader->passed_empty_line)
            return http_refuse(broken, HTTP_LEADING_LINES);
        reader->passed_empty_line = true;
        return HTTP_MORE;
    }
    if (!http_request_line_read(line, &request, broken))
        return HTTP_REFUSED;
    reader->request_line = reader->line;
    reader->request_line_length = line.length;
    reader->section = reader->position;
    return HTTP_MORE;
}

static enum http_step end_field_line(struct http_request_reader *reader,
    struct bytes received, enum http_rule *broken)
{
    struct bytes line = present_line(reader, received);
    struct bytes name, value;

    if (line.length == 0)
        return HTTP_DONE;
    if (reader->field_count == HTTP_FIELDS_MAX)
        return http_refuse(broken, HTTP_FIELDS_MANY);
    if (!http_field_split(line, &name, &value, broken))
        return HTTP_REFUSED;
    reader->fields[reader->field_count++] = (struct http_field){
        .name = (uint16_t)(name.start - received.start),
        .name_length = (uint16_t)name.length,
        .value = (uint16_t)(value.start - received.start),
        .value_length = (uint16_t)value.length,
    };
    return HTTP_MORE;
}

/* What can be said before the line has ended; position is that of the byte. */
static bool check_position(const struct http_request_reader *reader,
    uint8_t byte, enum http_rule *broken)
{
    size_t in_line = reader->position - reader->line;
    bool is_end = byte == '\r' || byte == '\n';

    if (reader->section == 0) {
        if (in_line >= HTTP_REQUEST_LINE_MAX && !is_end)
            return http_break(broken, HTTP_LINE_LONG);
        return true;
    }
    if (in_line == 0 && (byte == ' ' || byte == '\t'))
        return http_break(broken,
            reader->field_count == 0 ? HTTP_FIELD_BEFORE : HTTP_FIELD_FOLDED);
    if (in_line >= HTTP_FIELD_LINE_MAX && !is_end)
        return http_break(broken, HTTP_FIELD_LONG);
    if (reader->position - reader->section >= HTTP_SECTION_MAX)
        return http_break(broken, HTTP_SECTION_LONG);
    return true;
}

static enum http_step take_byte(struct http_request_reader *reader,
    struct bytes received, enum http_rule *broken)
{
    uint8_t byte = received.start[reader->position];
    struct http_line line = {.after_return = reader->after_return};
    enum http_step step;

    if (!check_position(reader, byte, broken))
        return HTTP_REFUSED;
    step = http_line_take(&line, byte, broken);
    reader->after_return = line.after_return;
    if (step == HTTP_REFUSED)
        return step;
    reader->position++;
    if (step == HTTP_MORE)
        return step;
    step = reader->section == 0 ? end_request_line(reader, received, broken)
                                : end_field_line(reader, received, broken);
    reader->line = reader->position;
    return step;
}

/* The request line is read again: its views are of received as it is now. */
static enum http_step finish(const struct http_request_reader *reader,
    struct bytes received, struct http_request *request, size_t *used,
    enum http_rule *broken)
{
    struct http_request read = {
        .head = http_slice(received, 0, reader->position),
        .field_count = reader->field_count,
    };
    bool is_sound;

    if (!http_request_line_read(http_slice(received, reader->request_line,
                                    reader->request_line_length),
            &read, broken))
        return HTTP_REFUSED;
    memcpy(read.fields, reader->fields,
        reader->field_count * sizeof(reader->fields[0]));
    is_sound = http_head_check(&read, broken);
    if (!is_sound && http_rule_closes(*broken))
        return HTTP_REFUSED;
    *request = read;
    *used = reader->position;
    return is_sound ? HTTP_DONE : HTTP_REFUSED;
}

enum http_step http_request_feed(struct http_request_reader *reader,
    struct bytes received, struct http_request *request, size_t *used,
    enum http_rule *broken)
{
    while (reader->position < received.length) {
        enum http_step step = take_byte(reader, received, broken);

        if (step == HTTP_REFUSED)
            return step;
        if (step == HTTP_DONE)
            return finish(reader, received, request, used, broken);
    }
    return HTTP_MORE;
}

struct bytes http_request_name(const struct http_request *request, size_t index)
{
    const struct http_field *field = &request->fields[index];

    return http_slice(request->head, field->name, field->name_length);
}

struct bytes http_request_value(
    const struct http_request *request, size_t index)
{
    const struct http_field *field = &request->fields[index];

    return http_slice(request->head, field->value, field->value_length);
}

bool http_request_field(
    const struct http_request *request, const char *name, struct bytes *value)
{
    for (size_t i = 0; i < request->field_count; i++)
        if (http_same_word(http_request_name(request, i), name)) {
            *value = http_request_value(request, i);
            return true;
        }
    return false;
}

size_t http_request_count(const struct http_request *request, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < request->field_count; i++)
        if (http_same_word(http_request_name(request, i), name))
            count++;
    return count;
}

bool http_request_lists(
    const struct http_request *request, const char *name, const char *word)
{
    for (size_t i = 0; i < request->field_count; i++)
        if (http_same_word(http_request_name(request, i), name) &&
            http_list_holds(http_request_value(request, i), word))
            return true;
    return false;
}
