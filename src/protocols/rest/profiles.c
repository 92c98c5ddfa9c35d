#include <string.h>

#include "authority/control_protocol.h"
#include "authority/profile_json.h"
#include "base/message.h"
#include "protocols/rest/operation.h"

static bool add_profile(
    const struct profile *profile, json_t *array, struct failure *why)
{
    json_t *value = NULL;

    return profile_version_to_json(profile, &value, why) &&
           ((value != NULL && json_array_append_new(array, value) == 0) ||
               fail_because(why, FAILURE_INTERNAL, "out of memory"));
}

bool rest_list_profiles(struct rest_call *call, struct failure *why)
{
    const struct configuration *settings =
        call->exchange->authority->configuration;
    SCOPED(json_t) *array = json_array();
    SCOPED(json_t) *facts = json_pack("{s:O}", "profiles", array);

    for (size_t i = 0; i < settings->profile_count; i++) {
        if (!add_profile(&settings->profiles[i], array, why))
            return false;
    }
    return rest_answer_facts(call, facts, why);
}

static bool find_profile(
    struct rest_call *call, const struct profile **profile, struct failure *why)
{
    return configuration_profile(
        call->exchange->authority->configuration, call->argument, profile, why);
}

bool rest_show_profile(struct rest_call *call, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("a profile", PROFILE_TEXT_MAX);
    const struct profile *profile = NULL;
    const char *as_text = NULL;
    SCOPED(json_t) *value = NULL;

    if (!find_profile(call, &profile, why) ||
        !profile_text(profile, &text, why) ||
        !buffer_as_text(&text, &as_text, why) ||
        !profile_version_to_json(profile, &value, why))
        return false;
    if (value == NULL ||
        json_object_set_new(value, "text", json_string(as_text)) != 0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return rest_answer_facts(call, value, why);
}

/* --- pauses -------------------------------------------------------------- */

static bool ask(
    struct rest_call *call, const char *profile, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 4096);
    const char *reason = rest_member(call, "reason");

    return (profile == NULL ||
               message_add_text(&question, CONTROL_NAME, profile, why)) &&
           (reason == NULL ||
               message_add_text(&question, CONTROL_WORDS, reason, why)) &&
           rest_ask(call, &question, why);
}

/* And resume.  Of a profile that chancery.yaml has no more, the clerk may know
 * a pause. */
bool rest_pause_profile(struct rest_call *call, struct failure *why)
{
    const struct profile *profile = NULL;

    if (call->operation->verb == CONTROL_PAUSE &&
        !find_profile(call, &profile, why))
        return false;
    if (strlen(call->argument) >= PROFILE_NAME_MAX)
        return fail_because(why, FAILURE_NOT_FOUND,
            "no profile has a name of %d characters", PROFILE_NAME_MAX);
    return rest_reaches(call, call->argument, why) &&
           ask(call, call->argument, why);
}

bool rest_pause_all(struct rest_call *call, struct failure *why)
{
    return rest_reaches(call, "*", why) && ask(call, NULL, why);
}
