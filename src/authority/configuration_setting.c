#include "authority/configuration_setting.h"

#include <stdio.h>
#include <string.h>

#include "authority/configuration_danger.h"
#include "base/text.h"

#define LIST_MAX 512

void setting_show(const char *text, char shown[static SETTING_SHOWN])
{
    RELEASED(buffer) visible = BUFFER("a shown text", 4096);
    struct failure unshown = {0};
    struct bytes start = bytes_of_text(text);
    const char *as_text = "?";

    if (start.length > SETTING_SHOWN / 2)
        start.length = SETTING_SHOWN / 2;
    if (text_append_visible(&visible, start, &unshown))
        (void)!buffer_as_text(&visible, &as_text, &unshown);
    (void)snprintf(shown, SETTING_SHOWN, "%s", as_text);
}

static bool append_to_list(
    struct buffer *list, const char *word, struct failure *why)
{
    return buffer_print(list, why, "%s%s", list->length == 0 ? "" : ", ", word);
}

/* Refuses a text with the words that may stand in its place. */
static bool fail_with_list(const struct yaml_document *document,
    const struct yaml_node *node, const char *found, struct buffer *list,
    struct failure *why)
{
    char shown[SETTING_SHOWN];
    const char *words = NULL;

    if (!buffer_as_text(list, &words, why))
        return false;
    setting_show(found, shown);
    return fail_at_yaml(why, document, node,
        "\"%s\" is not known here; allowed: %s", shown, words);
}

static bool fail_for_danger(const struct yaml_document *document,
    const struct yaml_node *node, const char *word, const struct danger *danger,
    struct failure *why)
{
    char shown[SETTING_SHOWN];

    setting_show(word, shown);
    return fail_at_yaml(why, document, node,
        "\"%s\": no such switch exists: %s (%s): %s", shown, danger->rule,
        danger->title, danger->sentence);
}

static bool fail_unknown_key(const struct yaml_document *document,
    const struct yaml_node *node, const struct setting *settings,
    struct failure *why)
{
    RELEASED(buffer) list = BUFFER("the allowed keys", LIST_MAX);
    const struct danger *danger = danger_of(node->key);
    struct yaml_node at_key = *node;

    at_key.line = node->key_line;
    at_key.column = node->key_column;
    if (danger != NULL)
        return fail_for_danger(document, &at_key, node->key, danger, why);
    for (; settings->key != NULL; settings++) {
        if (!append_to_list(&list, settings->key, why))
            return false;
    }
    return fail_with_list(document, &at_key, node->key, &list, why);
}

static const struct setting *setting_of(
    const struct setting *settings, const char *key)
{
    while (settings->key != NULL && strcmp(settings->key, key) != 0)
        settings++;
    return settings;
}

bool settings_read(const struct yaml_document *document,
    const struct yaml_node *mapping, const char *what,
    const struct setting *settings, void *into, struct failure *why)
{
    if (mapping->kind != YAML_MAPPING)
        return fail_at_yaml(
            why, document, mapping, "%s is written as keys with values", what);
    for (const struct yaml_node *node = mapping->first; node != NULL;
         node = node->next) {
        const struct setting *setting = setting_of(settings, node->key);

        if (setting->key == NULL)
            return fail_unknown_key(document, node, settings, why);
        if (!setting->read(document, node, into, why))
            return false;
    }
    return true;
}

static bool fail_unknown_word(const struct yaml_document *document,
    const struct yaml_node *node, const struct word *words, struct failure *why)
{
    RELEASED(buffer) list = BUFFER("the allowed words", LIST_MAX);
    const struct danger *danger = danger_of(node->text);

    if (danger != NULL)
        return fail_for_danger(document, node, node->text, danger, why);
    for (; words->text != NULL; words++) {
        if (!append_to_list(&list, words->text, why))
            return false;
    }
    return fail_with_list(document, node, node->text, &list, why);
}

static bool stands_before(
    const struct yaml_node *first, const struct yaml_node *node)
{
    for (; first != node; first = first->next) {
        if (strcmp(first->text, node->text) == 0)
            return true;
    }
    return false;
}

bool setting_words(const struct yaml_document *document,
    const struct yaml_node *node, const struct word *words,
    void (*take)(void *into, uint32_t value), void *into, struct failure *why)
{
    if (node->kind != YAML_SEQUENCE)
        return fail_at_yaml(why, document, node,
            "%s is a list: write [one, another], or [] for none", node->key);
    for (const struct yaml_node *item = node->first; item != NULL;
         item = item->next) {
        const struct word *word = words;

        if (item->kind != YAML_TEXT)
            return fail_at_yaml(
                why, document, item, "%s is a list of words", node->key);
        while (word->text != NULL && strcmp(word->text, item->text) != 0)
            word++;
        if (word->text == NULL)
            return fail_unknown_word(document, item, words, why);
        if (stands_before(node->first, item))
            return fail_at_yaml(why, document, item, "%s stands twice in %s",
                word->text, node->key);
        take(into, word->value);
    }
    return true;
}

bool setting_text(const struct yaml_document *document,
    const struct yaml_node *node, const char **text, struct failure *why)
{
    if (node->kind != YAML_TEXT)
        return fail_at_yaml(
            why, document, node, "%s is one text, no list or keys", node->key);
    *text = node->text;
    return true;
}

bool setting_boolean(const struct yaml_document *document,
    const struct yaml_node *node, bool *value, struct failure *why)
{
    static const char *const meaning[2][2] = {{"no", "false"}, {"yes", "true"}};

    for (int truth = 0; node->kind == YAML_TEXT && !node->quoted && truth < 2;
         truth++) {
        if (strcmp(node->text, meaning[truth][0]) == 0 ||
            strcmp(node->text, meaning[truth][1]) == 0) {
            *value = truth == 1;
            return true;
        }
    }
    return fail_at_yaml(
        why, document, node, "%s is yes or no, without quotes", node->key);
}

bool setting_key_algorithm(const struct yaml_document *document,
    const struct yaml_node *node, const struct key_algorithm **algorithm,
    struct failure *why)
{
    RELEASED(buffer) list = BUFFER("the kinds of keys", LIST_MAX);
    const struct key_algorithm *found;

    if (node->kind != YAML_TEXT)
        return fail_at_yaml(
            why, document, node, "a kind of key is one word, such as p256");
    found = key_algorithm_named(node->text);
    if (found != NULL) {
        *algorithm = found;
        return true;
    }
    for (const struct key_algorithm *row = key_algorithms(); row->name != NULL;
         row++) {
        if (!append_to_list(&list, row->name, why))
            return false;
    }
    return fail_with_list(document, node, node->text, &list, why);
}
