#include "x509/view/document.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"

#define NODES_FIRST 64
#define WORDS_MAX 1024 /* of one printed value */

static void remember_failure(
    struct view_document *document, const struct failure *why)
{
    if (!document->has_failed)
        document->failure = *why;
    document->has_failed = true;
}

/* --- texts ---------------------------------------------------------------- */

/* Keeps what was appended to texts from start on; 0 when there is no room. */
static size_t end_text(
    struct view_document *document, size_t start, bool ok, struct failure *why)
{
    if (ok && buffer_append_byte(&document->texts, 0, why))
        return start;
    document->texts.length = start;
    if (why->kind == FAILURE_UNSUITABLE)
        document->is_cut = true;
    else
        remember_failure(document, why);
    return 0;
}

static size_t keep_foreign(struct view_document *document, struct bytes text)
{
    struct failure why = {0};
    size_t start = document->texts.length;
    struct bytes shown = text_beginning(text, VIEW_VALUE_MAX);
    bool ok = text_append_visible(&document->texts, shown, &why) &&
              (shown.length == text.length ||
                  buffer_print(&document->texts, &why, "... (%zu bytes in all)",
                      text.length));

    return end_text(document, start, ok, &why);
}

/* As keep_foreign, with backslashes left alone. */
static size_t keep_words(struct view_document *document, struct bytes words)
{
    struct failure why = {0};
    size_t start = document->texts.length;
    struct bytes left = text_beginning(words, VIEW_VALUE_MAX);
    bool is_short = left.length < words.length;
    bool ok = true;

    while (ok && left.length > 0) {
        const uint8_t *backslash = memchr(left.start, '\\', left.length);
        size_t length =
            backslash == NULL ? left.length : (size_t)(backslash - left.start);

        ok = text_append_visible(
                 &document->texts, (struct bytes){left.start, length}, &why) &&
             (backslash == NULL ||
                 buffer_append_byte(&document->texts, '\\', &why));
        length += backslash == NULL ? 0 : 1;
        left = (struct bytes){left.start + length, left.length - length};
    }
    ok = ok && (!is_short || buffer_append_text(&document->texts, "...", &why));
    return end_text(document, start, ok, &why);
}

static size_t keep_hex(struct view_document *document, struct bytes value)
{
    struct failure why = {0};
    size_t start = document->texts.length;
    size_t shown = value.length < VIEW_HEX_MAX ? value.length : VIEW_HEX_MAX;
    bool ok = true;

    for (size_t i = 0; ok && i < shown; i++)
        ok = buffer_print(&document->texts, &why, "%s%02x", i == 0 ? "" : ":",
            value.start[i]);
    if (ok && shown < value.length)
        ok = buffer_print(
            &document->texts, &why, "... (%zu bytes in all)", value.length);
    return end_text(document, start, ok, &why);
}

/* --- nodes ---------------------------------------------------------------- */

static bool make_room(struct view_document *document)
{
    size_t capacity =
        document->capacity == 0 ? NODES_FIRST : document->capacity * 2;
    struct view_node *nodes = NULL;

    if (document->count < document->capacity)
        return true;
    nodes = realloc(document->nodes, capacity * sizeof(*nodes));
    if (nodes == NULL) {
        struct failure why = {0};

        (void)fail_because(
            &why, FAILURE_INTERNAL, "no memory for what is to be shown");
        remember_failure(document, &why);
        return false;
    }
    document->nodes = nodes;
    document->capacity = capacity;
    return true;
}

static void hang(struct view_document *document, size_t parent, size_t node)
{
    struct view_node *holder = &document->nodes[parent];

    if (holder->first == 0)
        holder->first = node;
    else
        document->nodes[holder->last].next = node;
    holder->last = node;
}

static size_t add_node(struct view_document *document, size_t parent,
    enum view_kind kind, const char *label)
{
    size_t node = document->count;
    size_t text = 0;

    if (document->has_failed || parent == VIEW_NOWHERE)
        return VIEW_NOWHERE;
    document->is_cut |= node == VIEW_NODES_MAX;
    if (node == VIEW_NODES_MAX || !make_room(document))
        return VIEW_NOWHERE;
    text = label == NULL ? 0 : keep_words(document, bytes_of_text(label));
    document->nodes[node] = (struct view_node){.kind = kind, .label = text};
    document->count++;
    if (node != VIEW_ROOT)
        hang(document, parent, node);
    return node;
}

static struct view_node *node_of(struct view_document *document, size_t node)
{
    return document->has_failed || node == VIEW_NOWHERE
               ? NULL
               : &document->nodes[node];
}

size_t view_group(
    struct view_document *document, size_t parent, const char *label)
{
    return add_node(document, parent, VIEW_GROUP, label);
}

size_t view_list(
    struct view_document *document, size_t parent, const char *label)
{
    return add_node(document, parent, VIEW_LIST, label);
}

size_t view_text(struct view_document *document, size_t parent,
    const char *label, struct bytes value)
{
    size_t node = add_node(document, parent, VIEW_TEXT, label);

    if (node != VIEW_NOWHERE)
        document->nodes[node].value = keep_foreign(document, value);
    return node;
}

size_t view_words(struct view_document *document, size_t parent,
    const char *label, struct bytes words)
{
    size_t node = add_node(document, parent, VIEW_TEXT, label);

    if (node != VIEW_NOWHERE)
        document->nodes[node].value = keep_words(document, words);
    return node;
}

size_t view_print(struct view_document *document, size_t parent,
    const char *label, const char *format, ...)
{
    char words[WORDS_MAX] = "";
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    return view_words(document, parent, label, bytes_of_text(words));
}

size_t view_hex(struct view_document *document, size_t parent,
    const char *label, struct bytes value)
{
    size_t node = add_node(document, parent, VIEW_TEXT, label);

    if (node == VIEW_NOWHERE)
        return node;
    document->nodes[node].value = keep_hex(document, value);
    document->nodes[node].tone = VIEW_FAINT;
    return node;
}

size_t view_number(struct view_document *document, size_t parent,
    const char *label, int64_t number)
{
    size_t node = add_node(document, parent, VIEW_NUMBER, label);

    if (node != VIEW_NOWHERE)
        document->nodes[node].number = number;
    return node;
}

size_t view_yes_no(
    struct view_document *document, size_t parent, const char *label, bool yes)
{
    size_t node = add_node(document, parent, VIEW_YES_NO, label);

    if (node != VIEW_NOWHERE)
        document->nodes[node].number = yes;
    return node;
}

void view_note(
    struct view_document *document, size_t node, const char *format, ...)
{
    struct view_node *noted = node_of(document, node);
    char words[WORDS_MAX] = "";
    va_list arguments;

    if (noted == NULL)
        return;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    noted->note = keep_words(document, bytes_of_text(words));
}

void view_tone(struct view_document *document, size_t node, enum view_tone tone)
{
    struct view_node *toned = node_of(document, node);

    if (toned != NULL)
        toned->tone = tone;
}

void view_at(struct view_document *document, size_t node, struct bytes part)
{
    struct view_node *placed = node_of(document, node);

    /* A key's public part is made, and stands in no file. */
    if (placed == NULL || part.start < document->der.start ||
        part.start > document->der.start + document->der.length)
        return;
    placed->offset = (size_t)(part.start - document->der.start);
    placed->length = part.length;
}

void view_damage(
    struct view_document *document, size_t parent, const struct failure *why)
{
    size_t node = VIEW_NOWHERE;

    if (why->kind == FAILURE_INTERNAL) {
        remember_failure(document, why);
        return;
    }
    node = view_print(document, parent, "Damaged", "%s", why->reason);
    view_tone(document, node, VIEW_BAD);
    if (!document->is_damaged)
        document->damage = *why;
    document->is_damaged = true;
}

void view_close(struct view_document *document, const char *format, ...)
{
    char words[WORDS_MAX] = "";
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    document->command = keep_words(document, bytes_of_text(words));
}

/* --- the document --------------------------------------------------------- */

bool view_start(struct view_document *document, struct bytes der,
    const char *kind, const char *title, struct failure *why)
{
    size_t root = 0;

    *document = (struct view_document){
        .der = der, .texts = BUFFER("the texts of a view", VIEW_TEXTS_MAX)};
    /* Place 0 is for a text that is not there. */
    if (!buffer_append_byte(&document->texts, 0, why))
        return false;
    root = add_node(document, VIEW_ROOT, VIEW_GROUP, title);
    if (root != VIEW_NOWHERE)
        document->nodes[root].value = keep_words(document, bytes_of_text(kind));
    document->general = view_group(document, VIEW_ROOT, "General");
    document->details = view_group(document, VIEW_ROOT, "Details");
    document->path = view_group(document, VIEW_ROOT, "Path");
    document->raw = view_list(document, VIEW_ROOT, "Raw");
    return view_finish(document, why);
}

bool view_finish(const struct view_document *document, struct failure *why)
{
    if (!document->has_failed)
        return true;
    *why = document->failure;
    return false;
}

void view_document_free(struct view_document *document)
{
    free(document->nodes);
    buffer_free(&document->texts);
    *document = (struct view_document){0};
}

const struct view_node *view_node_at(
    const struct view_document *document, size_t node)
{
    return &document->nodes[node];
}

const char *view_text_at(const struct view_document *document, size_t text)
{
    return (const char *)document->texts.start + text;
}
