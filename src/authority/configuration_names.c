#include "authority/configuration_profile.h"

#include <string.h>

#include "authority/names_pattern.h"
#include "authority/profile_words.h"

static void take_name_kind(void *into, uint32_t value)
{
    struct profile *profile = into;

    profile->name_kinds |= 1u << value;
}

static void take_attribute(void *into, uint32_t value)
{
    struct profile *profile = into;

    profile->subject[profile->subject_count++] = (enum oid)value;
}

bool profile_read_names(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    return setting_words(
        document, node, profile_name_kinds, take_name_kind, into, why);
}

bool profile_read_names_required(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct profile *profile = into;

    return setting_boolean(document, node, &profile->names_required, why);
}

bool profile_read_wildcards(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct profile *profile = into;

    return setting_boolean(document, node, &profile->wildcards, why);
}

bool profile_read_subject(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    return setting_words(
        document, node, profile_attributes, take_attribute, into, why);
}

/* --- allowed-names ------------------------------------------------------- */

static bool check_pattern(const struct yaml_document *document,
    const struct yaml_node *item, struct failure *why)
{
    char shown[SETTING_SHOWN];
    const char *fault;

    if (item->kind != YAML_TEXT)
        return fail_at_yaml(
            why, document, item, "allowed-names is a list of patterns");
    fault = name_pattern_fault(item->text);
    if (fault == NULL)
        return true;
    setting_show(item->text, shown);
    return fail_at_yaml(
        why, document, item, "the pattern \"%s\" %s", shown, fault);
}

static bool has_pattern(const struct profile *profile, const char *pattern)
{
    const char *name = NULL;

    while ((name = profile_next_allowed_name(profile, name)) != NULL) {
        if (strcmp(name, pattern) == 0)
            return true;
    }
    return false;
}

/* The patterns stand one after another, each with its zero; used: bytes. */
static bool take_pattern(const struct yaml_document *document,
    const struct yaml_node *item, struct profile *profile, size_t *used,
    struct failure *why)
{
    size_t size = strlen(item->text) + 1;

    if (has_pattern(profile, item->text))
        return fail_at_yaml(why, document, item,
            "%s stands twice in allowed-names", item->text);
    if (profile->allowed_name_count == PROFILE_ALLOWED_NAMES_MAX ||
        *used + size > PROFILE_ALLOWED_NAMES_ROOM)
        return fail_at_yaml(why, document, item,
            "a profile has at most %d allowed-names, of %d bytes together",
            PROFILE_ALLOWED_NAMES_MAX, PROFILE_ALLOWED_NAMES_ROOM);
    memcpy(profile->allowed_names + *used, item->text, size);
    profile->allowed_name_count++;
    *used += size;
    return true;
}

bool profile_read_allowed_names(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why)
{
    struct profile *profile = into;
    size_t used = 0;

    if (node->kind != YAML_SEQUENCE)
        return fail_at_yaml(why, document, node,
            "allowed-names is a list: write [\"*.example.org\"], or [] for "
            "none");
    profile->restricts_names = true;
    for (const struct yaml_node *item = node->first; item != NULL;
         item = item->next) {
        if (!check_pattern(document, item, why) ||
            !take_pattern(document, item, profile, &used, why))
            return false;
    }
    return true;
}
