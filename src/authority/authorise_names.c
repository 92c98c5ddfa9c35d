#include <string.h>

#include "authority/names_parts.h"
#include "authority/people.h"
#include "authority/steps.h"
#include "x509/name.h"

#define PATTERNS_SHOWN 200

/* The kind of refusal differs from the profile's: the name may be certified,
 * and not for this caller (kb 58). */
static bool refuse_name(
    struct bytes text, const struct caller *caller, struct failure *why)
{
    char shown[NAME_SHOWN];
    size_t length = strlen(caller->names);

    name_show(text, shown);
    if (length == 0)
        return fail_because(why, FAILURE_FORBIDDEN,
            "%s may not ask for \"%s\": it may ask for no name", caller->actor,
            shown);
    return fail_because(why, FAILURE_FORBIDDEN,
        "%s may not ask for \"%s\"; its names are: %.*s%s", caller->actor,
        shown, PATTERNS_SHOWN, caller->names,
        length > PATTERNS_SHOWN ? " ..." : "");
}

static bool has_name(const void *context, const struct general_name *name)
{
    const struct caller *caller = context;

    return rights_have_name(caller->names, name);
}

static bool allow_alternative_names(const struct caller *caller,
    struct bytes general_names, struct failure *why)
{
    struct der_reader reader = der_reader_of(general_names);

    while (!der_at_end(&reader)) {
        RELEASED(buffer) printed = BUFFER("a name", 1024 * 1024);
        struct general_name name = {0};

        if (!general_name_next(&reader, &name, why))
            return false;
        if (has_name(caller, &name))
            continue;
        return general_name_print(&name, &printed, why) &&
               refuse_name(buffer_view(&printed), caller, why);
    }
    return true;
}

static bool allow_attribute(const struct caller *caller,
    const struct profile *profile, const struct name_attribute *attribute,
    struct failure *why)
{
    RELEASED(buffer) text = BUFFER("a name", REQUEST_MAX * 4);
    struct failure unread = {0};

    if (!name_attribute_append_text(attribute, &text, why))
        return false;
    return !names_is_name_in_subject(
               attribute->type, buffer_view(&text), profile) ||
           names_match_as_any(buffer_view(&text), has_name, caller, &unread) ||
           refuse_name(buffer_view(&text), caller, why);
}

static bool allow_subject(const struct caller *caller,
    const struct profile *profile, struct bytes subject, struct failure *why)
{
    struct name_walk walk = {0};
    struct name_attribute attribute = {0};

    if (!name_walk_start(subject, &walk, why))
        return false;
    while (!name_walk_at_end(&walk)) {
        if (!name_walk_next(&walk, &attribute, why) ||
            !allow_attribute(caller, profile, &attribute, why))
            return false;
    }
    return true;
}

bool issue_authorise_names(const struct issuance *issuance, struct failure *why)
{
    const struct enrolment *enrolment = issuance->enrolment;
    const struct caller *caller = enrolment->caller;

    if (!caller_is_limited(caller) || enrolment->approved != 0 ||
        enrolment->renewal_is_proven)
        return true;
    return allow_alternative_names(
               caller, issuance->names.general_names, why) &&
           allow_subject(
               caller, issuance->rule->profile, issuance->names.subject, why);
}
