#include <stdio.h>

#include "authority/profile_json.h"
#include "authority/profile_lint.h"
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
        !configuration_read(buffer_view(&text), path, &settings, why) ||
        !profiles_lint_check(settings, NULL, why))
        return false;
    if (!call->json)
        return printf("%s is right\n", path) >= 0 || output_finish(why);
    value = json_pack("{s:o, s:b}", "file", json_of_text(path), "is_right", 1);
    return output_json(value, why);
}

/* --- show ---------------------------------------------------------------- */

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
