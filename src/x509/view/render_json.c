#include "x509/view/render.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define KEY_TEXT 96

/* "Fingerprint SHA-256": "fingerprint_sha_256". */
static void print_key(const char *label, char key[static KEY_TEXT])
{
    size_t used = 0;

    for (const char *next = label; *next != 0 && used + 1 < KEY_TEXT; next++) {
        if (isalnum((unsigned char)*next))
            key[used++] = (char)tolower((unsigned char)*next);
        else if (used > 0 && key[used - 1] != '_')
            key[used++] = '_';
    }
    while (used > 0 && key[used - 1] == '_')
        used--;
    key[used] = 0;
}

/* A second one of a name, as damaged files have it, is told as "name_2". */
static bool set(json_t *object, const char *name, json_t *value)
{
    char key[KEY_TEXT + 24] = "";

    (void)snprintf(key, sizeof(key), "%s", name);
    for (unsigned int i = 2; json_object_get(object, key) != NULL; i++)
        (void)snprintf(key, sizeof(key), "%s_%u", name, i);
    return json_object_set_new(object, key, value) == 0;
}

static json_t *value_of(
    const struct view_document *document, const struct view_node *node);

static json_t *scalar_of(
    const struct view_document *document, const struct view_node *node)
{
    switch (node->kind) {
    case VIEW_NUMBER:
        return json_integer(node->number);
    case VIEW_YES_NO:
        return json_boolean(node->number != 0);
    case VIEW_TEXT:
    case VIEW_GROUP:
    case VIEW_LIST:
    default:
        return json_string(view_text_at(document, node->value));
    }
}

static bool set_note(json_t *object, const char *key,
    const struct view_document *document, const struct view_node *node)
{
    char name[KEY_TEXT + 8] = "";

    if (node->note == 0)
        return true;
    (void)snprintf(name, sizeof(name), "%s%snote", key, *key == 0 ? "" : "_");
    return set(object, name, json_string(view_text_at(document, node->note)));
}

static bool set_place(json_t *object, const struct view_node *node)
{
    return node->length == 0 ||
           (set(object, "offset", json_integer((json_int_t)node->offset)) &&
               set(object, "length", json_integer((json_int_t)node->length)));
}

static bool fill_group(json_t *object, const struct view_document *document,
    const struct view_node *group)
{
    for (size_t i = group->first; i != 0;) {
        const struct view_node *node = view_node_at(document, i);
        char key[KEY_TEXT] = "";

        print_key(view_text_at(document, node->label), key);
        if (!set(object, key, value_of(document, node)) ||
            (node->kind != VIEW_GROUP &&
                !set_note(object, key, document, node)))
            return false;
        i = node->next;
    }
    return true;
}

/* What stands in a list says its own name. */
static json_t *item_of(
    const struct view_document *document, const struct view_node *node)
{
    SCOPED(json_t) *item = NULL;
    bool is_group = node->kind == VIEW_GROUP;

    if (!is_group && node->kind != VIEW_LIST && node->label == 0 &&
        node->note == 0)
        return scalar_of(document, node);
    item = json_object();
    if (item == NULL)
        return NULL;
    if (node->label != 0 &&
        !set(item, "name", json_string(view_text_at(document, node->label))))
        return NULL;
    if (is_group ? !fill_group(item, document, node)
                 : !set(item, node->kind == VIEW_LIST ? "items" : "value",
                       value_of(document, node)))
        return NULL;
    if (!set_note(item, "", document, node) || !set_place(item, node))
        return NULL;
    return KEEP(json_t, &item);
}

static json_t *list_of(
    const struct view_document *document, const struct view_node *list)
{
    SCOPED(json_t) *items = json_array();

    for (size_t i = list->first; i != 0 && items != NULL;) {
        const struct view_node *node = view_node_at(document, i);

        if (json_array_append_new(items, item_of(document, node)) != 0)
            return NULL;
        i = node->next;
    }
    return KEEP(json_t, &items);
}

static json_t *value_of(
    const struct view_document *document, const struct view_node *node)
{
    SCOPED(json_t) *object = NULL;

    if (node->kind == VIEW_LIST)
        return list_of(document, node);
    if (node->kind != VIEW_GROUP)
        return scalar_of(document, node);
    object = json_object();
    if (object == NULL || !fill_group(object, document, node) ||
        !set_note(object, "", document, node) || !set_place(object, node))
        return NULL;
    return KEEP(json_t, &object);
}

static bool set_part(json_t *object, const char *key,
    const struct view_document *document, size_t part)
{
    return set(object, key, value_of(document, view_node_at(document, part)));
}

bool view_render_json(const struct view_document *document, bool shows_raw,
    json_t **json, struct failure *why)
{
    SCOPED(json_t) *object = json_object();
    const struct view_node *root = view_node_at(document, VIEW_ROOT);

    if (object == NULL ||
        !set(
            object, "kind", json_string(view_text_at(document, root->value))) ||
        !set(object, "damaged", json_boolean(document->is_damaged)) ||
        !set(object, "cut", json_boolean(document->is_cut)) ||
        !set_part(object, "general", document, document->general) ||
        !set_part(object, "details", document, document->details) ||
        !set_part(object, "path", document, document->path) ||
        (document->command != 0 &&
            !set(object, "command",
                json_string(view_text_at(document, document->command)))) ||
        (shows_raw && !set_part(object, "raw", document, document->raw)))
        return fail_because(
            why, FAILURE_INTERNAL, "no memory for what is to be shown");
    *json = KEEP(json_t, &object);
    return true;
}
