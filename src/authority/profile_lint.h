#ifndef AUTHORITY_PROFILE_LINT_H
#define AUTHORITY_PROFILE_LINT_H

#include <sys/stat.h>

#include "authority/configuration.h"

/*
 * Profiles that would turn a mistake in the settings into somebody's power over
 * others (properties 55; the names ESC1 to ESC16 are those of the attacks on
 * another authority, incident 59).  One function a rule; a set of profiles with
 * a finding that is no hint is not used.
 */
#define PROFILE_FINDINGS_MAX 256
#define PROFILE_FINDING_TEXT 400

struct profile_finding {
    const char *rule;               /* "ESC1" */
    const char *title;              /* "names chosen by who asks" */
    char profile[PROFILE_NAME_MAX]; /* "": the file as a whole */
    char sentence[PROFILE_FINDING_TEXT];
    const char *cure; /* a sentence */
    bool is_hint;     /* useless rather than dangerous: it is used */
};

struct profile_lint_report {
    struct profile_finding findings[PROFILE_FINDINGS_MAX];
    size_t count;
    size_t forbidding; /* findings that are no hints, with those left out */
    size_t left_out;   /* beyond PROFILE_FINDINGS_MAX */
};

/* Who may change the settings: of chancery.yaml and the folder it is in. */
struct settings_place {
    struct stat file, folder;
};

/* place: NULL when it is not known.  True: no finding, or hints alone. */
bool profile_lint(const struct configuration *configuration,
    const struct settings_place *place, struct profile_lint_report *report);

/* The same as a refusal: FAILURE_UNSUITABLE with the first finding and how many
 * there are. */
MUST_CHECK bool profiles_lint_check(const struct configuration *configuration,
    const struct settings_place *place, struct failure *why);

/* One line: "ESC1 (names chosen by who asks), profile web: ...". */
MUST_CHECK bool profile_finding_print(const struct profile_finding *finding,
    struct buffer *text, struct failure *why);

#endif
