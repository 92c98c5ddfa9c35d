#include "authority/profile_json.h"

#include "authority/profile_words.h"
#include "base/clock.h"

static json_t *types_to_json(
    const struct word *words, const enum oid *types, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < count; i++)
        (void)json_array_append_new(
            array, json_string(profile_word(words, types[i])));
    return array;
}

static json_t *bits_to_json(const struct word *words, uint32_t bits)
{
    json_t *array = json_array();

    for (; array != NULL && words->text != NULL; words++) {
        if ((bits & words->value) != 0)
            (void)json_array_append_new(array, json_string(words->text));
    }
    return array;
}

static json_t *name_kinds_to_json(const struct profile *profile)
{
    json_t *array = json_array();

    for (const struct word *word = profile_name_kinds;
         array != NULL && word->text != NULL; word++) {
        if ((profile->name_kinds & 1u << word->value) != 0)
            (void)json_array_append_new(array, json_string(word->text));
    }
    return array;
}

/* null: any name. */
static json_t *allowed_names_to_json(const struct profile *profile)
{
    json_t *array;
    const char *name = NULL;

    if (!profile->restricts_names)
        return json_null();
    array = json_array();
    while (array != NULL &&
           (name = profile_next_allowed_name(profile, name)) != NULL)
        (void)json_array_append_new(array, json_string(name));
    return array;
}

static json_t *keys_to_json(const struct profile *profile)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < profile->key_count; i++)
        (void)json_array_append_new(array, json_string(profile->keys[i]->name));
    return array;
}

static json_t *path_length_to_json(const struct profile *profile)
{
    return profile->path_length < 0 ? json_null()
                                    : json_integer(profile->path_length);
}

json_t *profile_purposes_to_json(const struct profile *profile)
{
    return types_to_json(
        profile_purposes, profile->purposes, profile->purpose_count);
}

json_t *profile_who_to_json(const struct profile *profile)
{
    return bits_to_json(profile_askers, profile->who);
}

json_t *profile_to_json(const struct profile *profile)
{
    char lifetime[DURATION_TEXT], longest[DURATION_TEXT];

    duration_print(profile->lifetime_s, lifetime);
    duration_print(profile->longest_lifetime_s, longest);
    return json_pack("{s:s, s:o, s:o, s:b, s:o, s:b, s:o, s:b, s:o, s:b, s:o, "
                     "s:o, s:s, s:s, s:s, s:o, s:i, s:b}",
        "name", profile->name, "purposes", profile_purposes_to_json(profile),
        "key_usage", bits_to_json(profile_key_usages, profile->key_usage),
        "authority", (int)profile->is_authority, "path_length",
        path_length_to_json(profile), "ocsp_no_check",
        (int)profile->ocsp_no_check, "names", name_kinds_to_json(profile),
        "names_required", (int)profile->names_required, "allowed_names",
        allowed_names_to_json(profile), "wildcards", (int)profile->wildcards,
        "subject",
        types_to_json(
            profile_attributes, profile->subject, profile->subject_count),
        "keys", keys_to_json(profile), "lifetime", lifetime, "longest_lifetime",
        longest, "beyond_issuer",
        profile_word(profile_beyond_issuer, profile->beyond_issuer), "who",
        profile_who_to_json(profile), "approvals", profile->approvals,
        "browser_key", (int)profile->browser_key);
}

bool profile_version_to_json(
    const struct profile *profile, json_t **value, struct failure *why)
{
    char hash[SHA256_TEXT];

    if (!profile_hash(profile, hash, why))
        return false;
    *value = profile_to_json(profile);
    if (*value != NULL)
        (void)json_object_set_new(*value, "sha256", json_string(hash));
    return true;
}
