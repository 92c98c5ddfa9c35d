#ifndef AUTHORITY_PROFILE_LINT_RULES_H
#define AUTHORITY_PROFILE_LINT_RULES_H

#include "authority/profile_lint.h"

/* The rules of profile_lint: each looks at one profile, and writes a sentence
 * about it where it is broken. */
struct profile_rule {
    const char *rule, *title, *cure;
    bool (*is_broken)(const struct profile *profile,
        char sentence[static PROFILE_FINDING_TEXT]);
    bool is_hint;
};

/* Ended by one without a rule. */
extern const struct profile_rule profile_rules[];

#endif
