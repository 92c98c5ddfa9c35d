#include "authority/profile_lint.h"

#include <stdio.h>
#include <stdlib.h>

#include "authority/profile_lint_rules.h"

#define WRITABLE_BY_OTHERS (S_IWGRP | S_IWOTH)

static void add(
    struct profile_lint_report *report, const struct profile_finding *finding)
{
    report->forbidding += !finding->is_hint;
    if (report->count < PROFILE_FINDINGS_MAX)
        report->findings[report->count++] = *finding;
    else
        report->left_out++;
}

static void lint_one(
    const struct profile *profile, struct profile_lint_report *report)
{
    for (const struct profile_rule *rule = profile_rules; rule->rule != NULL;
         rule++) {
        struct profile_finding finding = {.rule = rule->rule,
            .title = rule->title,
            .cure = rule->cure,
            .is_hint = rule->is_hint};

        if (!rule->is_broken(profile, finding.sentence))
            continue;
        (void)snprintf(
            finding.profile, sizeof(finding.profile), "%s", profile->name);
        add(report, &finding);
    }
}

/* --- the file itself ----------------------------------------------------- */

/* A file whose owner is neither root nor the folder's is somebody else's. */
static bool is_strangers(const struct settings_place *place)
{
    return place->file.st_uid != 0 &&
           place->file.st_uid != place->folder.st_uid;
}

static void lint_place(
    const struct settings_place *place, struct profile_lint_report *report)
{
    static const struct profile_finding writable = {.rule = "ESC4",
        .title = "profiles that others may change",
        .sentence = "others than its owner may write the file of settings",
        .cure = "chmod go-w chancery.yaml"};
    static const struct profile_finding strangers = {.rule = "ESC4",
        .title = "profiles that others may change",
        .sentence = "the file of settings belongs to another user than its "
                    "folder",
        .cure = "chown the file to the folder's owner"};
    static const struct profile_finding folder = {.rule = "ESC5",
        .title = "an authority that others may change",
        .sentence = "others than its owner may write the folder of the "
                    "settings, and put another file in their place",
        .cure = "chmod go-w the folder"};

    if ((place->file.st_mode & WRITABLE_BY_OTHERS) != 0)
        add(report, &writable);
    if (is_strangers(place))
        add(report, &strangers);
    if ((place->folder.st_mode & WRITABLE_BY_OTHERS) != 0)
        add(report, &folder);
}

bool profile_lint(const struct configuration *configuration,
    const struct settings_place *place, struct profile_lint_report *report)
{
    report->count = report->forbidding = report->left_out = 0;
    if (place != NULL)
        lint_place(place, report);
    for (size_t i = 0; i < configuration->profile_count; i++)
        lint_one(&configuration->profiles[i], report);
    return report->forbidding == 0;
}

bool profile_finding_print(const struct profile_finding *finding,
    struct buffer *text, struct failure *why)
{
    return buffer_print(text, why, "%s (%s)", finding->rule, finding->title) &&
           (finding->profile[0] == 0 ||
               buffer_print(text, why, ", profile %s", finding->profile)) &&
           buffer_print(
               text, why, ": %s; %s", finding->sentence, finding->cure);
}

static const struct profile_finding *first_forbidding(
    const struct profile_lint_report *report)
{
    const struct profile_finding *finding = report->findings;

    while (finding->is_hint)
        finding++;
    return finding;
}

static bool refuse(
    const struct profile_lint_report *report, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("a finding", 2048);
    const char *first = NULL;

    if (!profile_finding_print(first_forbidding(report), &text, why) ||
        !buffer_as_text(&text, &first, why))
        return false;
    if (report->forbidding == 1)
        return fail_because(
            why, FAILURE_UNSUITABLE, "these profiles are not used: %s", first);
    return fail_because(why, FAILURE_UNSUITABLE,
        "these profiles are not used, for %zu reasons that `chancery profiles "
        "lint` lists: %s",
        report->forbidding, first);
}

bool profiles_lint_check(const struct configuration *configuration,
    const struct settings_place *place, struct failure *why)
{
    struct profile_lint_report *report = calloc(1, sizeof(*report));
    bool ok;

    if (report == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    ok = profile_lint(configuration, place, report) || refuse(report, why);
    free(report);
    return ok;
}
