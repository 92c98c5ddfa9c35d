#include "server/pages/profile_page.h"

#include "authority/profile_words.h"
#include "base/clock.h"
#include "server/pages/html.h"

bool profile_is_open(const struct profile *profile)
{
    return !profile->is_authority &&
           (profile->who & (ASKER_ANYONE | ASKER_ACCOUNT)) != 0;
}

/* A list in words: "dns, ip"; "none". */
struct enumeration {
    struct buffer *out;
    size_t count;
};

static bool add_word(
    struct enumeration *list, const char *word, struct failure *why)
{
    return html_print(list->out, why, "%s%s", list->count++ == 0 ? "" : ", ",
        word == NULL ? "?" : word);
}

static bool end_words(struct enumeration *list, struct failure *why)
{
    return html_raw(
        list->out, list->count == 0 ? "none</dd>\n" : "</dd>\n", why);
}

static bool add_types(struct buffer *out, const char *label,
    const struct word *words, const enum oid *types, size_t count,
    struct failure *why)
{
    struct enumeration list = {out, 0};

    if (!html_print(out, why, "<dt>%s</dt><dd>", label))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!add_word(&list, profile_word(words, types[i]), why))
            return false;
    }
    return end_words(&list, why);
}

static bool add_name_kinds(
    struct buffer *out, const struct profile *profile, struct failure *why)
{
    struct enumeration list = {out, 0};

    if (!html_raw(out, "<dt>Names</dt><dd>", why))
        return false;
    for (const struct word *word = profile_name_kinds; word->text != NULL;
         word++) {
        if ((profile->name_kinds & 1u << word->value) != 0 &&
            !add_word(&list, word->text, why))
            return false;
    }
    return (!profile->names_required ||
               html_raw(out, " (at least one)", why)) &&
           end_words(&list, why);
}

static bool add_allowed_names(
    struct buffer *out, const struct profile *profile, struct failure *why)
{
    struct enumeration list = {out, 0};
    const char *name = NULL;

    if (!profile->restricts_names)
        return true;
    if (!html_raw(out, "<dt>Each name must match</dt><dd>", why))
        return false;
    while ((name = profile_next_allowed_name(profile, name)) != NULL) {
        if (!add_word(&list, name, why))
            return false;
    }
    return end_words(&list, why);
}

static bool add_keys(
    struct buffer *out, const struct profile *profile, struct failure *why)
{
    struct enumeration list = {out, 0};

    if (!html_raw(out, "<dt>Kinds of keys</dt><dd>", why))
        return false;
    for (size_t i = 0; i < profile->key_count; i++) {
        if (!add_word(&list, profile->keys[i]->name, why))
            return false;
    }
    return end_words(&list, why);
}

static bool add_terms(
    struct buffer *out, const struct profile *profile, struct failure *why)
{
    char lifetime[DURATION_TEXT], longest[DURATION_TEXT];

    duration_print(profile->lifetime_s, lifetime);
    duration_print(profile->longest_lifetime_s, longest);
    if (!html_print(out, why, "<dt>Lifetime</dt><dd>%s, at most %s</dd>\n",
            lifetime, longest))
        return false;
    return profile->approvals == 0 ||
           html_print(out, why,
               "<dt>Approval</dt><dd>%d %s it before it is issued</dd>\n",
               profile->approvals,
               profile->approvals == 1 ? "person approves" : "people approve");
}

bool profile_describe(
    struct buffer *out, const struct profile *profile, struct failure *why)
{
    return html_raw(out, "<dl>\n", why) &&
           add_types(out, "For", profile_purposes, profile->purposes,
               profile->purpose_count, why) &&
           add_name_kinds(out, profile, why) &&
           add_allowed_names(out, profile, why) &&
           add_types(out, "In the subject", profile_attributes,
               profile->subject, profile->subject_count, why) &&
           add_keys(out, profile, why) && add_terms(out, profile, why) &&
           html_raw(out, "</dl>\n", why);
}
