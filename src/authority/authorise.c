#include "authority/steps.h"

#include <string.h>

/*
 * The rule for a door is chosen by the door, never by what a request says; a
 * door without a rule is refused (incidents 1, 2).
 */
static bool allow_door(const struct authority *authority,
    const struct enrolment *enrolment, struct failure *why)
{
    switch (enrolment->door) {
    case DOOR_CONTROL:
        if (enrolment->role == ROLE_ADMINISTRATOR && !authority->founds)
            return true;
        return fail_because(why, FAILURE_FORBIDDEN,
            "%s may not issue certificates here", enrolment->actor);
    case DOOR_FOUNDING:
        if (enrolment->role == ROLE_ADMINISTRATOR && authority->founds)
            return true;
        return fail_because(
            why, FAILURE_FORBIDDEN, "authorities are made by init alone");
    }
    return fail_because(why, FAILURE_FORBIDDEN, "no rule for this door");
}

static bool allow_key(const struct issuance *issuance,
    const struct profile *profile, struct failure *why)
{
    if (profile_allows_key(profile, issuance->key.algorithm))
        return true;
    return fail_because(why, FAILURE_UNSUITABLE, "profile %s takes no %s keys",
        profile->name, issuance->key.algorithm->title);
}

/* --- repeated requests --------------------------------------------------- */

bool issue_take_repeat(struct issuance *issuance,
    const struct certificate_row *row, struct failure *why)
{
    struct certificate certificate = {0};

    if (!certificate_read(row->der, &certificate, why))
        return false;
    if (!bytes_equal(certificate.tbs.key.whole, issuance->request.key.whole))
        return fail_because(why, FAILURE_CONFLICT,
            "the idempotency key \"%s\" was used before, for another key",
            issuance->enrolment->origin);
    if (strcmp(row->profile, issuance->rule->profile->name) != 0 ||
        row->authority != issuance->issuer->id)
        return fail_because(why, FAILURE_CONFLICT,
            "the idempotency key \"%s\" was used before, for another profile "
            "or authority",
            issuance->enrolment->origin);
    return buffer_append(&issuance->certificate, row->der, why);
}

static bool take_repeat(
    void *context, const struct certificate_row *row, struct failure *why)
{
    return issue_take_repeat(context, row, why);
}

static bool find_repeat(
    struct desk *desk, struct issuance *issuance, struct failure *why)
{
    if (issuance->enrolment->origin == NULL || desk->reading == NULL)
        return true;
    return store_certificate_by_origin(desk->reading,
        issuance->enrolment->origin, &issuance->is_repeat, take_repeat,
        issuance, why);
}

bool issue_authorise(struct authority *authority, struct desk *desk,
    struct issuance *issuance, struct failure *why)
{
    const struct enrolment *enrolment = issuance->enrolment;

    if (!allow_door(authority, enrolment, why) ||
        !authority_issuer(
            authority, enrolment->authority, &issuance->issuer, why) ||
        !authority_rule(
            issuance->issuer, enrolment->profile, &issuance->rule, why) ||
        !allow_key(issuance, issuance->rule->profile, why))
        return false;
    return find_repeat(desk, issuance, why);
}
