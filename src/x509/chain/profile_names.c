#include "x509/chain/name_constraints.h"
#include "x509/chain/profile_rule.h"

/* What names may be: RFC 5280, 4.2.1.6 and 4.2.1.10. */

/* 4.1.2.6: who has no subject is named by a critical subjectAltName. */
static bool check_some_name(struct profile_trial *trial)
{
    if (profile_has_subject(trial))
        return true;
    if (!chain_has(trial->certificate, CHAIN_SUBJECT_ALT_NAME))
        return profile_breaks(
            trial, "has neither a subject nor subjectAltName");
    return profile_is_critical(trial, CHAIN_SUBJECT_ALT_NAME) ||
           profile_breaks(trial, "has no subject, and its subjectAltName is "
                                 "not critical");
}

static bool check_alternative_names(struct profile_trial *trial)
{
    struct der_reader names = trial->certificate->other_names;
    struct general_name name = {0};
    struct failure why = {0};

    while (!der_at_end(&names)) {
        if (!general_name_next(&names, &name, &why))
            return profile_breaks(
                trial, "has a name that can't be read: %s", why.reason);
        if (!general_name_check(&name, &why))
            return profile_breaks(trial, "is wrongly named: %s", why.reason);
    }
    return true;
}

/* 4.2.1.10: neither an empty sequence, nor a dot before a DNS name. */
static bool check_subtrees(
    struct profile_trial *trial, struct der_reader subtrees)
{
    struct general_name base = {0};
    struct failure unread = {0};

    while (!der_at_end(&subtrees) &&
           name_constraints_next(&subtrees, &base, &unread)) {
        if (base.kind == GENERAL_NAME_DNS && base.value.length > 0 &&
            base.value.start[0] == '.')
            return profile_breaks(trial, "constrains DNS names by one that "
                                         "begins with a dot");
    }
    return true;
}

static bool check_constraints(struct profile_trial *trial)
{
    struct name_constraints constraints = {0};
    struct failure unread = {0};

    if (!chain_has(trial->certificate, CHAIN_NAME_CONSTRAINTS))
        return true;
    if (!name_constraints_read(
            trial->certificate->values[CHAIN_NAME_CONSTRAINTS], &constraints,
            &unread) ||
        (der_at_end(&constraints.permitted) &&
            der_at_end(&constraints.excluded)))
        return profile_breaks(trial, "has nameConstraints that constrain "
                                     "nothing");
    return check_subtrees(trial, constraints.permitted) &&
           check_subtrees(trial, constraints.excluded);
}

#define RULE(title, section, function, where)                            \
    {                                                                    \
        .name = (title), .reference = "RFC 5280, " section,              \
        .check = (function), .profiles = PROFILE_BOTH, .places = (where) \
    }

const struct profile_rule profile_rules_of_names[] = {
    RULE("some-name", "4.1.2.6", check_some_name, PROFILE_LEAF),
    RULE("alternative-names", "4.2.1.6", check_alternative_names,
        PROFILE_ISSUED),
    RULE("name-constraints-form", "4.2.1.10", check_constraints,
        PROFILE_AUTHORITY),
    {0},
};
