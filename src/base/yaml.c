#include "base/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/text.h"

#define YAML_BYTES_MAX ((size_t)1024 * 1024)
#define YAML_DEPTH_MAX 16
#define YAML_NODES_MAX 10000
#define NAME_ROOM 80

/* A node and the texts it owns, chained for the end. */
struct owned_node {
    struct yaml_node node;
    char *text, *key;
    struct owned_node *before;
};

struct yaml_document {
    char name[NAME_ROOM];
    struct yaml_node *root;
    struct owned_node *last;
    size_t count;
};

/* A mapping or sequence that is still open. */
struct level {
    struct yaml_node *container;
    struct yaml_node *last_child;
    char *key; /* of a mapping: read, its value not yet */
    unsigned int key_line, key_column;
};

struct reading {
    yaml_parser_t parser;
    struct yaml_document *document;
    struct level levels[YAML_DEPTH_MAX];
    size_t depth;
};

typedef char yaml_text;
DEFINE_SCOPED(yaml_text, free)

static void reading_free(struct reading *reading)
{
    for (size_t i = 0; i < YAML_DEPTH_MAX; i++)
        free(reading->levels[i].key);
    yaml_parser_delete(&reading->parser);
}

void yaml_document_free(struct yaml_document *document)
{
    if (document == NULL)
        return;
    while (document->last != NULL) {
        struct owned_node *last = document->last;

        document->last = last->before;
        free(last->text);
        free(last->key);
        free(last);
    }
    free(document);
}

static bool fail_at_place(struct failure *why, const char *name,
    unsigned int line, unsigned int column, const char *what)
{
    return fail_because(why, FAILURE_MALFORMED, "%s, line %u, column %u: %s",
        name, line, column, what);
}

static bool fail_at_mark(struct failure *why, const struct reading *reading,
    const yaml_mark_t *mark, const char *what)
{
    return fail_at_place(why, reading->document->name,
        (unsigned int)mark->line + 1, (unsigned int)mark->column + 1, what);
}

bool fail_at_yaml(struct failure *why, const struct yaml_document *document,
    const struct yaml_node *node, const char *format, ...)
{
    char what[sizeof(why->reason)];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    return fail_at_place(why, document->name, node->line, node->column, what);
}

static bool fail_without_memory(struct failure *why)
{
    return fail_because(
        why, FAILURE_INTERNAL, "no memory to read a settings file");
}

static bool text_of_scalar(const struct reading *reading,
    const yaml_event_t *event, char **text, struct failure *why)
{
    const char *value = (const char *)event->data.scalar.value;

    if (strlen(value) != event->data.scalar.length)
        return fail_at_mark(
            why, reading, &event->start_mark, "a text has a zero within");
    *text = strdup(value);
    return *text != NULL || fail_without_memory(why);
}

static bool fail_for_twin(struct failure *why, const struct reading *reading,
    const yaml_mark_t *mark, const char *key)
{
    RELEASED(buffer) what = BUFFER("a key", 8 * YAML_BYTES_MAX);
    const char *text = NULL;

    if (!buffer_append_text(&what, "this key is there twice: ", why) ||
        !text_append_visible(&what, bytes_of_text(key), why) ||
        !buffer_as_text(&what, &text, why))
        return false;
    return fail_at_mark(why, reading, mark, text);
}

static bool take_key(struct reading *reading, struct level *level,
    const yaml_event_t *event, struct failure *why)
{
    SCOPED(yaml_text) *key = NULL;

    if (event->type != YAML_SCALAR_EVENT)
        return fail_at_mark(
            why, reading, &event->start_mark, "a key is not a text");
    if (!text_of_scalar(reading, event, &key, why))
        return false;
    if (key[0] == '\0')
        return fail_at_mark(why, reading, &event->start_mark, "a key is empty");
    if (yaml_find(level->container, key) != NULL)
        return fail_for_twin(why, reading, &event->start_mark, key);
    level->key = KEEP(yaml_text, &key);
    level->key_line = (unsigned int)event->start_mark.line + 1;
    level->key_column = (unsigned int)event->start_mark.column + 1;
    return true;
}

static void join(struct yaml_document *document, struct level *level,
    struct owned_node *owned)
{
    if (level == NULL) {
        document->root = &owned->node;
        return;
    }
    owned->key = KEEP(yaml_text, &level->key);
    owned->node.key = owned->key;
    owned->node.key_line = level->key_line;
    owned->node.key_column = level->key_column;
    if (level->last_child == NULL)
        level->container->first = &owned->node;
    else
        level->last_child->next = &owned->node;
    level->last_child = &owned->node;
}

static struct level *innermost(struct reading *reading)
{
    return reading->depth == 0 ? NULL : &reading->levels[reading->depth - 1];
}

static bool add_node(struct reading *reading, const yaml_event_t *event,
    enum yaml_kind kind, struct owned_node **added, struct failure *why)
{
    struct yaml_document *document = reading->document;
    struct owned_node *owned;

    if (document->count == YAML_NODES_MAX)
        return fail_at_mark(
            why, reading, &event->start_mark, "more than 10000 values");
    owned = calloc(1, sizeof(*owned));
    if (owned == NULL)
        return fail_without_memory(why);
    owned->node.kind = kind;
    owned->node.line = (unsigned int)event->start_mark.line + 1;
    owned->node.column = (unsigned int)event->start_mark.column + 1;
    owned->before = document->last;
    document->last = owned;
    document->count++;
    join(document, innermost(reading), owned);
    *added = owned;
    return true;
}

static bool take_text(
    struct reading *reading, const yaml_event_t *event, struct failure *why)
{
    struct owned_node *owned = NULL;

    if (!add_node(reading, event, YAML_TEXT, &owned, why) ||
        !text_of_scalar(reading, event, &owned->text, why))
        return false;
    owned->node.text = owned->text;
    owned->node.quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return true;
}

static bool open_container(struct reading *reading, const yaml_event_t *event,
    enum yaml_kind kind, struct failure *why)
{
    struct owned_node *owned = NULL;

    if (reading->depth == YAML_DEPTH_MAX)
        return fail_at_mark(
            why, reading, &event->start_mark, "more than 16 levels");
    if (!add_node(reading, event, kind, &owned, why))
        return false;
    reading->levels[reading->depth++] =
        (struct level){.container = &owned->node};
    return true;
}

static bool refuse_marks(const struct reading *reading,
    const yaml_event_t *event, const yaml_char_t *anchor,
    const yaml_char_t *tag, struct failure *why)
{
    if (anchor != NULL)
        return fail_at_mark(why, reading, &event->start_mark,
            "anchors (&name) are not allowed here");
    if (tag != NULL)
        return fail_at_mark(why, reading, &event->start_mark,
            "tags (!name) are not allowed here");
    return true;
}

static bool check_marks(const struct reading *reading,
    const yaml_event_t *event, struct failure *why)
{
    if (event->type == YAML_SCALAR_EVENT)
        return refuse_marks(reading, event, event->data.scalar.anchor,
            event->data.scalar.tag, why);
    if (event->type == YAML_MAPPING_START_EVENT)
        return refuse_marks(reading, event, event->data.mapping_start.anchor,
            event->data.mapping_start.tag, why);
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return refuse_marks(reading, event, event->data.sequence_start.anchor,
            event->data.sequence_start.tag, why);
    return true;
}

static bool starts_value(const yaml_event_t *event)
{
    return event->type == YAML_SCALAR_EVENT ||
           event->type == YAML_MAPPING_START_EVENT ||
           event->type == YAML_SEQUENCE_START_EVENT;
}

static bool take_value(
    struct reading *reading, const yaml_event_t *event, struct failure *why)
{
    struct level *level = innermost(reading);

    if (!check_marks(reading, event, why))
        return false;
    if (level != NULL && level->container->kind == YAML_MAPPING &&
        level->key == NULL)
        return take_key(reading, level, event, why);
    if (event->type == YAML_SCALAR_EVENT)
        return take_text(reading, event, why);
    return open_container(reading, event,
        event->type == YAML_MAPPING_START_EVENT ? YAML_MAPPING : YAML_SEQUENCE,
        why);
}

static bool take_event(
    struct reading *reading, const yaml_event_t *event, struct failure *why)
{
    if (starts_value(event))
        return take_value(reading, event, why);
    if (event->type == YAML_ALIAS_EVENT)
        return fail_at_mark(why, reading, &event->start_mark,
            "aliases (*name) are not allowed here");
    if (event->type == YAML_DOCUMENT_START_EVENT &&
        reading->document->root != NULL)
        return fail_at_mark(
            why, reading, &event->start_mark, "a second document starts");
    if (event->type == YAML_MAPPING_END_EVENT ||
        event->type == YAML_SEQUENCE_END_EVENT)
        reading->depth--;
    return true;
}

/* libyaml gives the offset alone of what is no UTF-8. */
static yaml_mark_t mark_of_offset(struct bytes text, size_t offset)
{
    yaml_mark_t mark = {0};

    for (size_t i = 0; i < offset && i < text.length; i++) {
        bool starts_character = (text.start[i] & 0xc0u) != 0x80;

        mark.column += starts_character ? 1 : 0;
        if (text.start[i] == '\n') {
            mark.line++;
            mark.column = 0;
        }
    }
    return mark;
}

static bool fail_in_parser(
    const struct reading *reading, struct bytes text, struct failure *why)
{
    const yaml_parser_t *parser = &reading->parser;
    yaml_mark_t mark = parser->problem_mark;

    if (parser->error == YAML_MEMORY_ERROR)
        return fail_without_memory(why);
    if (parser->error == YAML_READER_ERROR)
        mark = mark_of_offset(text, parser->problem_offset);
    return fail_at_mark(why, reading, &mark,
        parser->problem == NULL ? "this is not YAML" : parser->problem);
}

static bool read_events(
    struct reading *reading, struct bytes text, struct failure *why)
{
    bool at_end = false;

    while (!at_end) {
        yaml_event_t event;
        bool taken;

        if (!yaml_parser_parse(&reading->parser, &event))
            return fail_in_parser(reading, text, why);
        taken = take_event(reading, &event, why);
        at_end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        if (!taken)
            return false;
    }
    if (reading->document->root == NULL)
        return fail_at_place(
            why, reading->document->name, 1, 1, "there is nothing in it");
    return true;
}

/* A byte order mark would be taken for the start of the first key. */
static struct bytes without_byte_order_mark(struct bytes text)
{
    if (text.length >= 3 && memcmp(text.start, "\xef\xbb\xbf", 3) == 0)
        return (struct bytes){
            .start = text.start + 3, .length = text.length - 3};
    return text;
}

bool yaml_read(struct bytes text, const char *name,
    struct yaml_document **document, struct failure *why)
{
    SCOPED_STRUCT(yaml_document) *made = calloc(1, sizeof(*made));
    RELEASED(reading) reading = {.document = made};

    if (made == NULL)
        return fail_without_memory(why);
    (void)snprintf(made->name, sizeof(made->name), "%s", name);
    if (text.length > YAML_BYTES_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "%s is longer than %zu bytes", made->name, YAML_BYTES_MAX);

    if (!yaml_parser_initialize(&reading.parser))
        return fail_without_memory(why);
    text = without_byte_order_mark(text);
    yaml_parser_set_encoding(&reading.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reading.parser, text.start, text.length);
    if (!read_events(&reading, text, why))
        return false;
    *document = KEEP(yaml_document, &made);
    return true;
}

const struct yaml_node *yaml_root(const struct yaml_document *document)
{
    return document->root;
}

const struct yaml_node *yaml_find(
    const struct yaml_node *mapping, const char *key)
{
    if (mapping->kind != YAML_MAPPING)
        return NULL;
    for (const struct yaml_node *child = mapping->first; child != NULL;
         child = child->next) {
        if (strcmp(child->key, key) == 0)
            return child;
    }
    return NULL;
}
