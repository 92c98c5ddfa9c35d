#include "x509/view/render.h"

#include <stdio.h>
#include <string.h>

#define LABEL_COLUMNS_MAX 26
#define VALUE_COLUMNS_MIN 20
#define INDENT 2

#define BOLD "\x1b[1m"
#define FAINT "\x1b[2m"
#define RED "\x1b[31m"
#define GREEN "\x1b[32m"
#define RESET "\x1b[0m"

/* Writes until something fails, and remembers that. */
struct pen {
    const struct view_document *document;
    const struct view_look *look;
    struct buffer *out;
    struct failure *why;
    bool ok;
};

static void put(struct pen *pen, struct bytes text)
{
    pen->ok = pen->ok && buffer_append(pen->out, text, pen->why);
}

static void put_text(struct pen *pen, const char *text)
{
    put(pen, bytes_of_text(text));
}

static void put_code(struct pen *pen, const char *code)
{
    if (pen->look->has_colour)
        put_text(pen, code);
}

static void put_blanks(struct pen *pen, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_text(pen, " ");
}

/* Columns, as far as every character takes one. */
static size_t columns_of(struct bytes text)
{
    size_t columns = 0;

    for (size_t i = 0; i < text.length; i++)
        columns += (text.start[i] & 0xc0) != 0x80;
    return columns;
}

/* The bytes of the first so many columns. */
static size_t bytes_in(struct bytes text, size_t columns)
{
    size_t i = 0;

    for (; i < text.length; i++) {
        if ((text.start[i] & 0xc0) == 0x80)
            continue;
        if (columns == 0)
            return i;
        columns--;
    }
    return i;
}

/* Where a line that is too long is broken: behind the last blank or comma that
 * fits, in hexadecimal behind a colon; a word that is longer than a line stays
 * whole, so that it can be copied. */
static size_t break_of(struct bytes text, size_t columns, bool is_hex)
{
    const char *ends = is_hex ? ":" : " ,";
    size_t most = bytes_in(text, columns);

    if (most >= text.length)
        return text.length;
    for (size_t i = most; i > 0; i--) {
        if (strchr(ends, text.start[i - 1]) != NULL)
            return i;
    }
    while (most < text.length && strchr(ends, text.start[most]) == NULL)
        most++;
    return most < text.length ? most + 1 : most;
}

static void put_wrapped(
    struct pen *pen, struct bytes text, size_t column, bool is_hex)
{
    size_t room = pen->look->width > column + VALUE_COLUMNS_MIN
                      ? pen->look->width - column
                      : VALUE_COLUMNS_MIN;

    for (;;) {
        size_t length = break_of(text, room, is_hex);
        size_t shown = length;

        if (length < text.length && text.start[length - 1] == ' ')
            shown--;
        put(pen, (struct bytes){text.start, shown});
        put_text(pen, "\n");
        text = (struct bytes){text.start + length, text.length - length};
        if (text.length == 0 || !pen->ok)
            return;
        put_blanks(pen, column);
    }
}

static const char *code_of(enum view_tone tone)
{
    switch (tone) {
    case VIEW_GOOD:
        return GREEN;
    case VIEW_BAD:
        return RED;
    case VIEW_FAINT:
        return FAINT;
    case VIEW_PLAIN:
    default:
        return "";
    }
}

static bool is_leaf(const struct view_node *node)
{
    return node->kind != VIEW_GROUP && node->kind != VIEW_LIST;
}

static bool append_value(const struct view_document *document,
    const struct view_node *node, struct buffer *text, struct failure *why)
{
    const char *note = view_text_at(document, node->note);

    switch (node->kind) {
    case VIEW_NUMBER:
        if (!buffer_print(text, why, "%lld", (long long)node->number))
            return false;
        break;
    case VIEW_YES_NO:
        if (!buffer_append_text(text, node->number != 0 ? "yes" : "no", why))
            return false;
        break;
    case VIEW_TEXT:
    case VIEW_GROUP:
    case VIEW_LIST:
    default:
        if (!buffer_append_text(text, view_text_at(document, node->value), why))
            return false;
        break;
    }
    return *note == 0 || buffer_print(text, why, " (%s)", note);
}

static void put_leaf(struct pen *pen, const struct view_node *node,
    size_t indent, size_t label_columns)
{
    RELEASED(buffer) value = BUFFER("a value", 2 * 16 * 1024);
    const char *label = view_text_at(pen->document, node->label);
    size_t used = columns_of(bytes_of_text(label));
    size_t column = indent + (node->label == 0 ? 2 : label_columns + 2);

    pen->ok = pen->ok && append_value(pen->document, node, &value, pen->why);
    put_blanks(pen, indent);
    put_text(pen, node->label == 0 ? "- " : label);
    if (node->label != 0 && used > label_columns) {
        put_text(pen, "\n");
        put_blanks(pen, column);
    } else if (node->label != 0) {
        put_blanks(pen, label_columns - used + 2);
    }
    if (!pen->ok)
        return;
    put_code(pen, code_of(node->tone));
    put_wrapped(pen, buffer_view(&value), column, node->tone == VIEW_FAINT);
    if (*code_of(node->tone) != 0)
        put_code(pen, RESET);
}

static size_t widest_label(
    const struct view_document *document, const struct view_node *holder)
{
    size_t widest = 0;

    for (size_t i = holder->first; i != 0;) {
        const struct view_node *node = view_node_at(document, i);
        size_t columns =
            columns_of(bytes_of_text(view_text_at(document, node->label)));

        if (is_leaf(node) && columns > widest)
            widest = columns;
        i = node->next;
    }
    return widest < LABEL_COLUMNS_MAX ? widest : LABEL_COLUMNS_MAX;
}

static void put_children(
    struct pen *pen, const struct view_node *holder, size_t indent);

static void put_holder(
    struct pen *pen, const struct view_node *node, size_t indent, size_t number)
{
    char count[32] = "";
    const char *note = view_text_at(pen->document, node->note);

    (void)snprintf(count, sizeof(count), "#%zu", number);
    put_blanks(pen, indent);
    put_code(pen, BOLD);
    put_text(pen,
        node->label == 0 ? count : view_text_at(pen->document, node->label));
    put_code(pen, RESET);
    if (*note != 0) {
        put_text(pen, " (");
        put_text(pen, note);
        put_text(pen, ")");
    }
    if (node->first == 0)
        put_text(pen, ": none");
    put_text(pen, "\n");
    put_children(pen, node, indent + INDENT);
}

static void put_children(
    struct pen *pen, const struct view_node *holder, size_t indent)
{
    size_t label_columns = widest_label(pen->document, holder);
    size_t number = 0;

    for (size_t i = holder->first; i != 0 && pen->ok;) {
        const struct view_node *node = view_node_at(pen->document, i);

        number++;
        if (is_leaf(node))
            put_leaf(pen, node, indent, label_columns);
        else
            put_holder(pen, node, indent, number);
        i = node->next;
    }
}

/* --- raw: a line for each element ------------------------------------------
 */

#define RAW_INDENT_MAX 40

static void put_raw(
    struct pen *pen, const struct view_node *holder, size_t depth)
{
    for (size_t i = holder->first; i != 0 && pen->ok;) {
        const struct view_node *node = view_node_at(pen->document, i);
        size_t indent = 2 * depth < RAW_INDENT_MAX ? 2 * depth : RAW_INDENT_MAX;
        char place[64] = "                 ";

        if (node->length > 0)
            (void)snprintf(place, sizeof(place), "  %6zu %7zu ", node->offset,
                node->length);
        put_code(pen, FAINT);
        put_text(pen, place);
        put_code(pen, RESET);
        put_blanks(pen, indent + 1);
        put_leaf(pen, node, 0,
            columns_of(
                bytes_of_text(view_text_at(pen->document, node->label))));
        put_raw(pen, node, depth + 1);
        i = node->next;
    }
}

/* --- the whole -------------------------------------------------------------
 */

static void put_title(struct pen *pen, const char *title)
{
    put_code(pen, BOLD);
    put_text(pen, title);
    put_code(pen, RESET);
    put_text(pen, "\n");
}

static void put_part(struct pen *pen, size_t part)
{
    const struct view_node *node = view_node_at(pen->document, part);

    if (node->first == 0)
        return;
    put_text(pen, "\n");
    put_title(pen, view_text_at(pen->document, node->label));
    put_children(pen, node, INDENT);
}

static void put_raw_part(struct pen *pen)
{
    const struct view_node *node =
        view_node_at(pen->document, pen->document->raw);
    struct view_look wide = *pen->look;
    struct pen raw = *pen;

    if (node->first == 0)
        return;
    wide.width = SIZE_MAX;
    raw.look = &wide;
    put_text(pen, "\n");
    put_title(pen, "Raw");
    put_text(pen, "  offset  length  element\n");
    put_raw(&raw, node, 0);
    pen->ok = raw.ok;
}

bool view_render_text(const struct view_document *document,
    const struct view_look *look, struct buffer *out, struct failure *why)
{
    struct pen pen = {
        .document = document, .look = look, .out = out, .why = why, .ok = true};
    const struct view_node *root = view_node_at(document, VIEW_ROOT);

    put_title(&pen, view_text_at(document, root->label));
    put_part(&pen, document->general);
    put_part(&pen, document->details);
    put_part(&pen, document->path);
    if (look->shows_raw)
        put_raw_part(&pen);
    if (document->is_cut)
        put_text(&pen, "\nThere is more than is shown here.\n");
    if (document->command != 0) {
        put_text(&pen,
            "\nTo trust this root, when its fingerprint was compared "
            "with one from its owner:\n\n");
        put_text(&pen, view_text_at(document, document->command));
        put_text(&pen, "\n");
    }
    return pen.ok;
}
