#include "server/http/form.h"

#include <string.h>

#include "base/text.h"
#include "server/http/syntax.h"
#include "server/http/url.h"

static bool unescape(struct form *form, struct bytes raw, size_t *start,
    size_t *length, enum http_rule *broken)
{
    size_t before = form->text.length;

    if (!url_unescape(raw, true, &form->text, broken))
        return false;
    *start = before;
    *length = form->text.length - before;
    if (!text_is_utf8(http_slice(buffer_view(&form->text), *start, *length)))
        return http_break(broken, HTTP_ESCAPE_UTF8);
    return true;
}

/* Everything a form escapes must come escaped: the rest is printable ASCII
 * without the quote and the angle brackets, which no encoder leaves. */
static bool check_bytes(struct bytes raw, enum http_rule *broken)
{
    for (size_t i = 0; i < raw.length; i++)
        if (raw.start[i] <= ' ' || raw.start[i] >= 0x7f ||
            strchr("\"<>#", raw.start[i]) != NULL)
            return http_break(broken, HTTP_FORM_MALFORMED);
    return true;
}

static bool read_piece(
    struct form *form, struct bytes piece, enum http_rule *broken)
{
    struct form_field field = {0};
    const uint8_t *sign;
    struct bytes name = piece, value = {0};

    if (piece.length == 0)
        return http_break(broken, HTTP_FORM_MALFORMED);
    if (form->count == FORM_FIELDS_MAX)
        return http_break(broken, HTTP_FORM_MANY);
    sign = memchr(piece.start, '=', piece.length);
    if (sign != NULL) {
        name.length = (size_t)(sign - piece.start);
        value = (struct bytes){sign + 1, piece.length - name.length - 1};
    }
    if (!unescape(form, name, &field.name, &field.name_length, broken) ||
        !unescape(form, value, &field.value, &field.value_length, broken))
        return false;
    form->fields[form->count++] = field;
    return true;
}

bool form_read(struct bytes raw, struct form *form, enum http_rule *broken)
{
    size_t start = 0;

    form_free(form);
    *form = (struct form){.text = BUFFER("form", raw.length)};
    if (!check_bytes(raw, broken))
        return false;
    for (size_t i = 0; i <= raw.length && raw.length > 0; i++) {
        if (i < raw.length && raw.start[i] != '&')
            continue;
        if (!read_piece(
                form, (struct bytes){raw.start + start, i - start}, broken))
            return false;
        start = i + 1;
    }
    return true;
}

void form_free(struct form *form)
{
    buffer_free(&form->text);
    form->count = 0;
}

struct bytes form_name(const struct form *form, size_t index)
{
    const struct form_field *field = &form->fields[index];

    return http_slice(
        buffer_view(&form->text), field->name, field->name_length);
}

struct bytes form_value(const struct form *form, size_t index)
{
    const struct form_field *field = &form->fields[index];

    return http_slice(
        buffer_view(&form->text), field->value, field->value_length);
}

bool form_find(const struct form *form, const char *name, bool *is_there,
    struct bytes *value, enum http_rule *broken)
{
    size_t found = form->count;

    for (size_t i = 0; i < form->count; i++) {
        if (!bytes_equal(form_name(form, i), bytes_of_text(name)))
            continue;
        if (found < form->count)
            return http_break(broken, HTTP_FORM_TWICE);
        found = i;
    }
    *is_there = found < form->count;
    if (*is_there)
        *value = form_value(form, found);
    return true;
}
