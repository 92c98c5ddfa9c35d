#include <stdio.h>

#include "cli/authorities.h"
#include "cli/output.h"

bool run_config_path(struct call *call, struct failure *why)
{
    SCOPED(json_t) *value = NULL;
    struct place place = {0};
    char path[PATH_ROOM];

    if (!call_place(call, &place, why) ||
        !place_path(&place, "chancery.yaml", path, why))
        return false;
    if (!call->json)
        return puts(path) >= 0 || output_finish(why);
    value = json_pack("{s:o}", "path", json_of_text(path));
    return output_json(value, why);
}

static bool settings_path(
    struct call *call, char path[static PATH_ROOM], struct failure *why)
{
    struct place place = {0};

    if (call->options.operand_count == 0)
        return call_place(call, &place, why) &&
               place_path(&place, "chancery.yaml", path, why);
    (void)snprintf(path, PATH_ROOM, "%s", call->options.operands[0]);
    return true;
}

bool run_config_check(struct call *call, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("the file of settings", CONFIGURATION_MAX);
    SCOPED_STRUCT(configuration) *settings = NULL;
    SCOPED(json_t) *value = NULL;
    char path[PATH_ROOM];

    if (!settings_path(call, path, why) || !file_read(path, &text, why) ||
        !configuration_read(buffer_view(&text), path, &settings, why))
        return false;
    if (!call->json)
        return printf("%s is right\n", path) >= 0 || output_finish(why);
    value = json_pack("{s:o, s:b}", "file", json_of_text(path), "is_right", 1);
    return output_json(value, why);
}

/* --- show ---------------------------------------------------------------- */

static json_t *purposes_to_json(const struct profile *profile)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < profile->purpose_count; i++)
        (void)json_array_append_new(
            array, json_string(oid_row(profile->purposes[i])->name));
    return array;
}

static json_t *keys_to_json(const struct profile *profile)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < profile->key_count; i++)
        (void)json_array_append_new(array, json_string(profile->keys[i]->name));
    return array;
}

static json_t *subject_to_json(const struct profile *profile)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < profile->subject_count; i++) {
        const struct oid_row *row = oid_row(profile->subject[i]);

        (void)json_array_append_new(array,
            json_string(row->short_name != NULL ? row->short_name : row->name));
    }
    return array;
}

/* In the order of their bits. */
static json_t *bits_to_json(
    unsigned int bits, const char *const *names, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < count; i++) {
        if ((bits & 1u << i) != 0)
            (void)json_array_append_new(array, json_string(names[i]));
    }
    return array;
}

static json_t *name_kinds_to_json(const struct profile *profile)
{
    static const char *const kinds[] = {"other", "email", "dns", "x400",
        "directory", "edi", "uri", "ip", "registered-id"};

    return bits_to_json(
        profile->name_kinds, kinds, sizeof(kinds) / sizeof(*kinds));
}

static json_t *key_usage_to_json(const struct profile *profile)
{
    static const char *const usages[] = {"digitalSignature", "nonRepudiation",
        "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign",
        "cRLSign", "encipherOnly", "decipherOnly"};

    return bits_to_json(profile->key_usage | profile->key_usage_rsa_only,
        usages, sizeof(usages) / sizeof(*usages));
}

static json_t *profile_to_json(const struct profile *profile)
{
    char lifetime[DURATION_TEXT], longest[DURATION_TEXT];

    duration_print(profile->lifetime_s, lifetime);
    duration_print(profile->longest_lifetime_s, longest);
    return json_pack("{s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:s, s:s}", "name",
        profile->name, "purposes", purposes_to_json(profile), "key_usage",
        key_usage_to_json(profile), "names", name_kinds_to_json(profile),
        "names_required", (int)profile->names_required, "subject",
        subject_to_json(profile), "keys", keys_to_json(profile), "lifetime",
        lifetime, "longest_lifetime", longest);
}

static json_t *settings_to_json(const struct configuration *settings)
{
    json_t *profiles = json_array();

    for (size_t i = 0; profiles != NULL && i < settings->profile_count; i++)
        (void)json_array_append_new(
            profiles, profile_to_json(&settings->profiles[i]));
    return json_pack("{s:s, s:s, s:s?, s:b, s:i, s:o}", "name", settings->name,
        "url", settings->url, "key",
        settings->key == NULL ? NULL : settings->key->name, "one_tier",
        (int)settings->one_tier, "crl_shards", settings->crl_shards, "profiles",
        profiles);
}

bool run_config_show(struct call *call, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    SCOPED_STRUCT(configuration) *settings = NULL;
    SCOPED(json_t) *value = NULL;
    struct place place = {0};

    if (!call_place(call, &place, why))
        return false;
    if (!call->json)
        return place_read_settings(&place, &text, NULL, why) &&
               output_bytes(buffer_view(&text), why);
    if (!place_read_settings(&place, NULL, &settings, why))
        return false;
    value = settings_to_json(settings);
    return output_json(value, why);
}
