#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/profile_json.h"
#include "authority/profile_lint.h"
#include "base/clock.h"
#include "cli/authorities.h"
#include "cli/output.h"

/* --- list ---------------------------------------------------------------- */

static bool print_all_as_json(
    const struct configuration *settings, struct failure *why)
{
    SCOPED(json_t) *array = json_array();

    for (size_t i = 0; array != NULL && i < settings->profile_count; i++) {
        json_t *value = NULL;

        if (!profile_version_to_json(&settings->profiles[i], &value, why))
            return false;
        (void)json_array_append_new(array, value);
    }
    return output_json(array, why);
}

/* "a, b", or what stands for none. */
static bool append_joined(const json_t *words, const char *none,
    struct buffer *text, struct failure *why)
{
    const json_t *word = NULL;
    size_t index = 0;

    if (json_array_size(words) == 0)
        return buffer_append_text(text, none, why);
    json_array_foreach(words, index, word)
    {
        if (!buffer_print(text, why, "%s%s", index == 0 ? "" : ", ",
                json_string_value(word)))
            return false;
    }
    return true;
}

static bool print_line(const struct profile *profile, struct failure *why)
{
    RELEASED(buffer) purposes = BUFFER("the purposes", 1024);
    RELEASED(buffer) who = BUFFER("who may ask", 1024);
    SCOPED(json_t) *purpose_words = profile_purposes_to_json(profile);
    SCOPED(json_t) *who_words = profile_who_to_json(profile);
    char lifetime[DURATION_TEXT], longest[DURATION_TEXT];
    const char *purposes_text = NULL, *who_text = NULL;

    if (!append_joined(purpose_words,
            profile->is_authority ? "authorities" : "none", &purposes, why) ||
        !append_joined(who_words, "nobody", &who, why) ||
        !buffer_as_text(&purposes, &purposes_text, why) ||
        !buffer_as_text(&who, &who_text, why))
        return false;
    duration_print(profile->lifetime_s, lifetime);
    duration_print(profile->longest_lifetime_s, longest);
    return printf("%-16s  %-20s  %-8s  %-8s  %-9d  %s\n", profile->name,
               purposes_text, lifetime, longest, profile->approvals,
               who_text) >= 0 ||
           output_finish(why);
}

bool run_profiles_list(struct call *call, struct failure *why)
{
    SCOPED_STRUCT(configuration) *settings = NULL;
    struct place place = {0};

    if (!call_place(call, &place, why) ||
        !place_read_settings(&place, NULL, &settings, why))
        return false;
    if (call->json)
        return print_all_as_json(settings, why);
    (void)printf("%-16s  %-20s  %-8s  %-8s  %-9s  %s\n", "NAME", "PURPOSES",
        "LIFETIME", "LONGEST", "APPROVALS", "WHO MAY ASK");
    for (size_t i = 0; i < settings->profile_count; i++) {
        if (!print_line(&settings->profiles[i], why))
            return false;
    }
    return true;
}

/* --- show ---------------------------------------------------------------- */

static bool show_as_json(
    const struct profile *profile, const char *text, struct failure *why)
{
    SCOPED(json_t) *value = NULL;

    if (!profile_version_to_json(profile, &value, why))
        return false;
    if (value != NULL)
        (void)json_object_set_new(value, "text", json_string(text));
    return output_json(value, why);
}

bool run_profiles_show(struct call *call, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("a profile", PROFILE_TEXT_MAX);
    SCOPED_STRUCT(configuration) *settings = NULL;
    const struct profile *profile = NULL;
    struct place place = {0};
    char hash[SHA256_TEXT];
    const char *as_text = NULL;

    if (!call_place(call, &place, why) ||
        !place_read_settings(&place, NULL, &settings, why) ||
        !configuration_profile(
            settings, call->options.operands[0], &profile, why) ||
        !profile_text(profile, &text, why) ||
        !profile_hash(profile, hash, why) ||
        !buffer_as_text(&text, &as_text, why))
        return false;
    if (call->json)
        return show_as_json(profile, as_text, why);
    return printf("# version %s\n%s", hash, as_text) >= 0 || output_finish(why);
}

/* --- lint ---------------------------------------------------------------- */

/* The folder that a path ends in. */
static bool stat_folder_of(
    const char *path, struct stat *folder, struct failure *why)
{
    char copy[PATH_ROOM];

    (void)snprintf(copy, sizeof(copy), "%s", path);
    if (stat(dirname(copy), folder) != 0)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the folder of %s could not be looked at", path);
    return true;
}

/* The settings in force with their place, or a file that is not in force, of
 * which only what it says matters. */
struct judged {
    struct configuration *settings;
    struct settings_place place;
    bool is_in_force;
};

static bool read_judged(
    struct call *call, struct judged *judged, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("the file of settings", CONFIGURATION_MAX);
    const char *given = call_text(call, "config");
    struct place place = {0};
    char path[PATH_ROOM];

    judged->is_in_force = given == NULL;
    if (given != NULL)
        (void)snprintf(path, sizeof(path), "%s", given);
    else if (!call_place(call, &place, why) ||
             !place_path(&place, "chancery.yaml", path, why))
        return false;
    if (!file_read(path, &text, why) ||
        !configuration_read(buffer_view(&text), path, &judged->settings, why))
        return false;
    if (!judged->is_in_force)
        return true;
    if (stat(path, &judged->place.file) != 0)
        return fail_because(
            why, FAILURE_UNAVAILABLE, "%s could not be looked at", path);
    return stat_folder_of(path, &judged->place.folder, why);
}

static json_t *finding_to_json(const struct profile_finding *finding)
{
    return json_pack("{s:s, s:s, s:s?, s:s, s:s, s:b}", "rule", finding->rule,
        "title", finding->title, "profile",
        finding->profile[0] == 0 ? NULL : finding->profile, "sentence",
        finding->sentence, "cure", finding->cure, "is_hint",
        (int)finding->is_hint);
}

static bool print_findings_as_json(
    const struct profile_lint_report *report, struct failure *why)
{
    SCOPED(json_t) *value = NULL;
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < report->count; i++)
        (void)json_array_append_new(
            array, finding_to_json(&report->findings[i]));
    value = json_pack("{s:b, s:o}", "is_used", (int)(report->forbidding == 0),
        "findings", array);
    return output_json(value, why);
}

static bool print_findings(
    const struct profile_lint_report *report, struct failure *why)
{
    if (report->count == 0)
        return puts("nothing found") >= 0 || output_finish(why);
    for (size_t i = 0; i < report->count; i++) {
        RELEASED(buffer) text = BUFFER("a finding", 2048);
        const char *line = NULL;

        if (!profile_finding_print(&report->findings[i], &text, why) ||
            !buffer_as_text(&text, &line, why))
            return false;
        (void)printf(
            "%s%s\n", report->findings[i].is_hint ? "hint: " : "", line);
    }
    return true;
}

static bool judge(struct call *call, const struct judged *judged,
    struct profile_lint_report *report, struct failure *why)
{
    const struct settings_place *place =
        judged->is_in_force ? &judged->place : NULL;
    bool is_used = profile_lint(judged->settings, place, report);

    if (!(call->json ? print_findings_as_json(report, why)
                     : print_findings(report, why)))
        return false;
    if (!is_used)
        return profiles_lint_check(judged->settings, place, why);
    call->status = report->count > 0;
    return true;
}

bool run_profiles_lint(struct call *call, struct failure *why)
{
    struct profile_lint_report *report = calloc(1, sizeof(*report));
    struct judged judged = {0};
    bool ok;

    if (report == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    ok = read_judged(call, &judged, why) && judge(call, &judged, report, why);
    configuration_free(judged.settings);
    free(report);
    return ok;
}
