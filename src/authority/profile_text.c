#include "authority/profile.h"

#include "authority/profile_words.h"
#include "base/clock.h"
#include "base/yaml.h"

#define LIST_MAX 8192

/* Appends ", word", or the word alone when it is the first. */
static bool append_word(
    struct buffer *list, const char *word, struct failure *why)
{
    if (word == NULL)
        return fail_because(why, FAILURE_INTERNAL,
            "a profile says what chancery.yaml has no word for");
    return buffer_print(list, why, "%s%s", list->length == 0 ? "" : ", ", word);
}

static bool append_list(struct buffer *text, const char *key,
    struct buffer *list, struct failure *why)
{
    const char *words = NULL;

    return buffer_as_text(list, &words, why) &&
           buffer_print(text, why, "  %s: [%s]\n", key, words);
}

static bool append_types(struct buffer *text, const char *key,
    const struct word *words, const enum oid *types, size_t count,
    struct failure *why)
{
    RELEASED(buffer) list = BUFFER(key, LIST_MAX);

    for (size_t i = 0; i < count; i++) {
        if (!append_word(&list, profile_word(words, types[i]), why))
            return false;
    }
    return append_list(text, key, &list, why);
}

/* Words whose values are bits. */
static bool append_bits(struct buffer *text, const char *key,
    const struct word *words, uint32_t bits, struct failure *why)
{
    RELEASED(buffer) list = BUFFER(key, LIST_MAX);

    for (; words->text != NULL; words++) {
        if ((bits & words->value) != 0 && !append_word(&list, words->text, why))
            return false;
    }
    return append_list(text, key, &list, why);
}

/* Words whose values are numbers of bits. */
static bool append_name_kinds(
    const struct profile *profile, struct buffer *text, struct failure *why)
{
    RELEASED(buffer) list = BUFFER("names", LIST_MAX);

    for (const struct word *word = profile_name_kinds; word->text != NULL;
         word++) {
        if ((profile->name_kinds & 1u << word->value) != 0 &&
            !append_word(&list, word->text, why))
            return false;
    }
    return append_list(text, "names", &list, why);
}

/* A pattern has no character that means anything within double quotes. */
static bool append_allowed_names(
    const struct profile *profile, struct buffer *text, struct failure *why)
{
    RELEASED(buffer) list = BUFFER("allowed-names", LIST_MAX);
    const char *name = NULL;

    if (!profile->restricts_names)
        return true;
    while ((name = profile_next_allowed_name(profile, name)) != NULL) {
        if (!buffer_print(
                &list, why, "%s\"%s\"", list.length == 0 ? "" : ", ", name))
            return false;
    }
    return append_list(text, "allowed-names", &list, why);
}

static bool append_keys(
    const struct profile *profile, struct buffer *text, struct failure *why)
{
    RELEASED(buffer) list = BUFFER("keys", LIST_MAX);

    for (size_t i = 0; i < profile->key_count; i++) {
        if (!append_word(&list, profile->keys[i]->name, why))
            return false;
    }
    return append_list(text, "keys", &list, why);
}

static const char *yes_or_no(bool value)
{
    return value ? "yes" : "no";
}

static bool append_lifetimes(
    const struct profile *profile, struct buffer *text, struct failure *why)
{
    char lifetime[DURATION_TEXT], longest[DURATION_TEXT];
    const char *beyond =
        profile_word(profile_beyond_issuer, profile->beyond_issuer);

    duration_print(profile->lifetime_s, lifetime);
    duration_print(profile->longest_lifetime_s, longest);
    return buffer_print(text, why,
        "  lifetime: %s\n"
        "  longest-lifetime: %s\n"
        "  beyond-issuer: %s\n",
        lifetime, longest, beyond);
}

static bool append_use(
    const struct profile *profile, struct buffer *text, struct failure *why)
{
    return append_types(text, "purposes", profile_purposes, profile->purposes,
               profile->purpose_count, why) &&
           append_bits(text, "key-usage", profile_key_usages,
               profile->key_usage, why) &&
           buffer_print(text, why, "  authority: %s\n",
               yes_or_no(profile->is_authority)) &&
           (profile->path_length < 0 ||
               buffer_print(
                   text, why, "  path-length: %d\n", profile->path_length)) &&
           buffer_print(text, why, "  ocsp-no-check: %s\n",
               yes_or_no(profile->ocsp_no_check));
}

static bool append_naming(
    const struct profile *profile, struct buffer *text, struct failure *why)
{
    return append_name_kinds(profile, text, why) &&
           buffer_print(text, why, "  names-required: %s\n",
               yes_or_no(profile->names_required)) &&
           append_allowed_names(profile, text, why) &&
           buffer_print(
               text, why, "  wildcards: %s\n", yes_or_no(profile->wildcards)) &&
           append_types(text, "subject", profile_attributes, profile->subject,
               profile->subject_count, why);
}

bool profile_text(
    const struct profile *profile, struct buffer *text, struct failure *why)
{
    return buffer_print(text, why, "%s:\n", profile->name) &&
           append_use(profile, text, why) &&
           append_naming(profile, text, why) &&
           append_keys(profile, text, why) &&
           append_lifetimes(profile, text, why) &&
           append_bits(text, "who", profile_askers, profile->who, why) &&
           buffer_print(text, why, "  approvals: %d\n", profile->approvals) &&
           (!profile->browser_key ||
               buffer_append_text(text, "  browser-key: yes\n", why));
}

bool profile_hash(const struct profile *profile,
    char sha256[static SHA256_TEXT], struct failure *why)
{
    RELEASED(buffer) text = BUFFER("a profile", PROFILE_TEXT_MAX);

    return profile_text(profile, &text, why) &&
           sha256_text(buffer_view(&text), sha256, why);
}

bool profile_read_text(
    struct bytes text, struct profile *profile, struct failure *why)
{
    SCOPED_STRUCT(yaml_document) *document = NULL;
    const struct yaml_node *root = NULL;

    if (!yaml_read(text, "a stored profile", &document, why))
        return false;
    root = yaml_root(document);
    if (root->kind != YAML_MAPPING || root->first == NULL ||
        root->first->next != NULL)
        return fail_because(why, FAILURE_MALFORMED,
            "a stored profile is one name with what the profile says");
    return profile_read(document, root->first, profile, why);
}
