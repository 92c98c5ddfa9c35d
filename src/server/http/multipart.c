#include "server/http/multipart.h"

#include <string.h>

#include "server/http/multipart_parts.h"
#include "server/http/syntax.h"

/* RFC 2046, 5.1.1: bchars, of which a space may not be the last. */
static bool is_boundary(const char *text)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < length; i++)
        if (!http_is_letter((uint8_t)text[i]) &&
            !http_is_digit((uint8_t)text[i]) &&
            strchr("'()+_,-./:=? ", text[i]) == NULL)
            return false;
    return length > 0 && text[length - 1] != ' ';
}

bool multipart_begin(struct multipart *form, const struct http_media *media,
    enum http_rule *broken)
{
    char boundary[MULTIPART_BOUNDARY_MAX + 1];
    struct multipart begun = {0};

    if (!http_same_word(media->type, "multipart/form-data"))
        return http_break(broken, HTTP_MEDIA_MALFORMED);
    if (!http_media_parameter(media, "boundary", boundary, sizeof(boundary)) ||
        !is_boundary(boundary))
        return http_break(broken, HTTP_BOUNDARY_INVALID);
    memcpy(begun.delimiter, "\r\n--", 4);
    memcpy(begun.delimiter + 4, boundary, strlen(boundary));
    begun.delimiter_length = 4 + strlen(boundary);
    /* The first boundary stands at the very beginning, without its CRLF. */
    begun.matched = 2;
    *form = begun;
    return true;
}

static bool take_start(
    struct multipart *form, uint8_t byte, enum http_rule *broken)
{
    if (byte != form->delimiter[form->matched])
        return http_break(broken, HTTP_PART_PREAMBLE);
    if (++form->matched == form->delimiter_length) {
        form->matched = 0;
        form->state = MULTIPART_DELIMITER;
    }
    return true;
}

static bool begin_head(struct multipart *form, enum http_rule *broken)
{
    if (form->parts == MULTIPART_PARTS_MAX)
        return http_break(broken, HTTP_PARTS_MANY);
    form->parts++;
    form->part = (struct multipart_part){0};
    form->head_length = form->line_length = 0;
    form->after_return = false;
    form->state = MULTIPART_HEAD;
    return true;
}

/* Two bytes behind a boundary: CRLF, or "--" behind the last. */
static bool take_delimiter(
    struct multipart *form, uint8_t byte, enum http_rule *broken)
{
    if (form->matched == 0)
        form->is_last = byte == '-';
    if (byte != (uint8_t)(form->is_last ? "--" : "\r\n")[form->matched])
        return http_break(broken, HTTP_PART_DELIMITER);
    if (++form->matched < 2)
        return true;
    form->matched = 0;
    if (!form->is_last)
        return begin_head(form, broken);
    form->state = MULTIPART_EPILOGUE;
    return true;
}

static bool take_epilogue(
    struct multipart *form, uint8_t byte, enum http_rule *broken)
{
    if (form->matched == 2 || byte != (uint8_t) "\r\n"[form->matched])
        return http_break(broken, HTTP_PART_EPILOGUE);
    form->matched++;
    return true;
}

static bool end_head_line(struct multipart *form, struct multipart_event *event,
    enum http_rule *broken)
{
    struct bytes line = {form->line, form->line_length};

    form->line_length = 0;
    if (line.length > 0)
        return multipart_head_line(form, line, broken);
    if (!multipart_head_end(form, broken))
        return false;
    form->state = MULTIPART_CONTENT;
    form->matched = 0;
    event->kind = MULTIPART_PART;
    return true;
}

static bool take_head(struct multipart *form, uint8_t byte,
    struct multipart_event *event, enum http_rule *broken)
{
    struct http_line line = {
        .after_return = form->after_return, .takes_utf8 = true};
    enum http_step step = http_line_take(&line, byte, broken);

    form->after_return = line.after_return;
    if (step == HTTP_REFUSED)
        return false;
    if (++form->head_length > MULTIPART_HEAD_MAX)
        return http_break(broken, HTTP_PART_HEAD_LONG);
    if (step == HTTP_DONE)
        return end_head_line(form, event, broken);
    if (byte != '\r')
        form->line[form->line_length++] = byte;
    return true;
}

static bool take_byte(struct multipart *form, uint8_t byte,
    struct multipart_event *event, enum http_rule *broken)
{
    switch (form->state) {
    case MULTIPART_START:
        return take_start(form, byte, broken);
    case MULTIPART_DELIMITER:
        return take_delimiter(form, byte, broken);
    case MULTIPART_HEAD:
        return take_head(form, byte, event, broken);
    case MULTIPART_CONTENT:
    case MULTIPART_EPILOGUE:
        break;
    }
    return take_epilogue(form, byte, broken);
}

/* The delimiter's CR is its only one, so what began like it and was not it is
 * content up to the byte that differs, where it may begin anew. */
static size_t take_content(struct multipart *form, struct bytes received,
    struct multipart_event *event)
{
    size_t taken = 0;

    while (taken < received.length && form->matched > 0 &&
           form->matched < form->delimiter_length &&
           received.start[taken] == form->delimiter[form->matched]) {
        form->matched++;
        taken++;
    }
    if (form->matched == form->delimiter_length) {
        form->matched = 0;
        form->state = MULTIPART_DELIMITER;
        event->kind = MULTIPART_PART_END;
        return taken;
    }
    if (taken == received.length)
        return taken;
    event->kind = MULTIPART_PIECE;
    if (form->matched > 0) {
        event->piece = (struct bytes){form->delimiter, form->matched};
        form->matched = 0;
        return taken;
    }
    const uint8_t *next = memchr(received.start, '\r', received.length);
    taken = next == NULL ? received.length : (size_t)(next - received.start);
    event->piece = (struct bytes){received.start, taken};
    if (taken == 0) {
        event->kind = MULTIPART_NOTHING;
        form->matched = 1;
        return 1;
    }
    return taken;
}

bool multipart_feed(struct multipart *form, struct bytes received, size_t *used,
    struct multipart_event *event, enum http_rule *broken)
{
    size_t taken = 0;

    *event = (struct multipart_event){0};
    while (taken < received.length && event->kind == MULTIPART_NOTHING) {
        if (form->state == MULTIPART_CONTENT) {
            taken += take_content(form,
                http_slice(received, taken, received.length - taken), event);
        } else if (!take_byte(form, received.start[taken++], event, broken)) {
            return false;
        }
    }
    *used = taken;
    return true;
}

bool multipart_end(const struct multipart *form, enum http_rule *broken)
{
    if (form->state != MULTIPART_EPILOGUE || form->matched == 1)
        return http_break(broken, HTTP_PART_CUT);
    return true;
}
