#include "authority/authorise_parts.h"

#include <string.h>

#include "authority/people.h"

/* An approver and an auditor ask for nothing. */
static enum profile_asker asker_of_role(enum enrolment_role role)
{
    switch (role) {
    case ROLE_ADMINISTRATOR:
        return ASKER_ADMINISTRATOR;
    case ROLE_OPERATOR:
        return ASKER_OPERATOR;
    case ROLE_NOBODY:
    case ROLE_APPROVER:
    case ROLE_AUDITOR:
        break;
    }
    return (enum profile_asker)0;
}

/* What profiles call who asks (`who`).  A token is a program's, not the staff's
 * it was made by: its role says only whether it may ask at all. */
static enum profile_asker asker_of(const struct caller *caller)
{
    switch (caller->way) {
    case CALLER_PERSON:
        return asker_of_role(caller->role);
    case CALLER_TOKEN:
        return asker_of_role(caller->role) == 0 ? (enum profile_asker)0
                                                : ASKER_TOKEN;
    case CALLER_ACCOUNT:
        return ASKER_ACCOUNT;
    case CALLER_ANYONE:
        return ASKER_ANYONE;
    }
    return (enum profile_asker)0;
}

/* Whether a person may approve is the clerk's rule; the old certificate's key
 * is as good as a role (authority/renew.h). */
static bool is_vouched_for(const struct enrolment *enrolment)
{
    return enrolment->approved != 0 || enrolment->renewal_is_proven;
}

#define WAY_BIT(way) (1u << (way))

/* By what a caller may be known at each door of the server (incident 2: a token
 * for one door is none for another). */
static unsigned int ways_of(enum enrolment_door door)
{
    switch (door) {
    case DOOR_CONTROL:
    case DOOR_ADMIN:
        return WAY_BIT(CALLER_PERSON);
    case DOOR_WEB:
        return WAY_BIT(CALLER_ANYONE) | WAY_BIT(CALLER_ACCOUNT) |
               WAY_BIT(CALLER_PERSON);
    case DOOR_CERTSRV:
        return WAY_BIT(CALLER_ACCOUNT) | WAY_BIT(CALLER_PERSON);
    case DOOR_API:
        return WAY_BIT(CALLER_TOKEN) | WAY_BIT(CALLER_PERSON);
    case DOOR_FOUNDING:
    case DOOR_OWN:
        break;
    }
    return 0;
}

static const char *name_of_door(enum enrolment_door door)
{
    switch (door) {
    case DOOR_CONTROL:
        return "here";
    case DOOR_FOUNDING:
        return "while an authority is made";
    case DOOR_OWN:
        return "for the server itself";
    case DOOR_WEB:
        return "at the enrolment pages";
    case DOOR_ADMIN:
        return "at the admin pages";
    case DOOR_CERTSRV:
        return "at /certsrv";
    case DOOR_API:
        return "at /api/v1";
    }
    return "here";
}

/* Who renews by the old key over REST needs no token (incident 13). */
static bool renews_by_key(const struct enrolment *enrolment)
{
    return enrolment->caller->door == DOOR_API && enrolment->renewal_is_proven;
}

static bool allow_way(const struct enrolment *enrolment, struct failure *why)
{
    const struct caller *caller = enrolment->caller;
    static const char *const ways[] = {
        [CALLER_PERSON] = "a person with a role",
        [CALLER_TOKEN] = "a token",
        [CALLER_ACCOUNT] = "an account",
        [CALLER_ANYONE] = "nobody in particular",
    };

    if ((ways_of(caller->door) & WAY_BIT(caller->way)) != 0 ||
        renews_by_key(enrolment))
        return true;
    return fail_because(why, FAILURE_FORBIDDEN,
        "%s is %s, and as such can't ask %s", caller->actor, ways[caller->way],
        name_of_door(caller->door));
}

static bool allow_at_door(const struct authority *authority,
    const struct enrolment *enrolment, struct failure *why)
{
    const struct caller *caller = enrolment->caller;

    if (!allow_way(enrolment, why))
        return false;
    if (!authority->founds &&
        (is_vouched_for(enrolment) || asker_of(caller) != 0))
        return true;
    return fail_because(why, FAILURE_FORBIDDEN,
        "%s may not issue certificates %s", caller->actor,
        name_of_door(caller->door));
}

/* Its caller is made by the keeper's own code, and no row of the store and no
 * user of this machine is called so. */
static bool is_the_keeper(const struct caller *caller)
{
    return caller->way == CALLER_PERSON && strcmp(caller->who, "keeper") == 0;
}

/*
 * The rule for a door is chosen by the door, never by what a request says; a
 * door without a rule is refused (incidents 1, 2).
 */
bool authorise_door(const struct authority *authority,
    const struct enrolment *enrolment, struct failure *why)
{
    switch (enrolment->caller->door) {
    case DOOR_CONTROL:
    case DOOR_WEB:
    case DOOR_ADMIN:
    case DOOR_CERTSRV:
    case DOOR_API:
        return allow_at_door(authority, enrolment, why);
    case DOOR_FOUNDING:
        if (enrolment->caller->role == ROLE_ADMINISTRATOR && authority->founds)
            return true;
        return fail_because(
            why, FAILURE_FORBIDDEN, "authorities are made by init alone");
    case DOOR_OWN:
        if (is_the_keeper(enrolment->caller) && !authority->founds)
            return true;
        return fail_because(why, FAILURE_FORBIDDEN,
            "the server's own certificates are asked for by itself alone");
    }
    return fail_because(why, FAILURE_FORBIDDEN, "no rule for this door");
}

static bool refuse_asker(const struct caller *caller,
    const struct profile *profile, struct failure *why)
{
    static const char *const kinds[] = {
        [CALLER_TOKEN] = "tokens",
        [CALLER_ACCOUNT] = "accounts",
        [CALLER_ANYONE] = "anyone",
    };

    if (caller->way == CALLER_PERSON)
        return fail_because(why, FAILURE_FORBIDDEN,
            "%s, as %s, may not ask for profile %s", caller->actor,
            role_name(caller->role), profile->name);
    return fail_because(why, FAILURE_FORBIDDEN,
        "%s may not ask for profile %s: it is not for %s (who)", caller->actor,
        profile->name, kinds[caller->way]);
}

/* What the server needs for itself is asked for by the keeper's code, and `who`
 * says how others come by theirs; that it makes no authority is the signer's
 * limit.  Who approves a request asks for nothing: the profile said who may ask
 * when it was asked, and who renews by the old key had asked for that one. */
bool authorise_asker(const struct issuance *issuance, struct failure *why)
{
    const struct caller *caller = issuance->enrolment->caller;
    const struct profile *profile = issuance->rule->profile;

    if (caller->door == DOOR_FOUNDING || caller->door == DOOR_OWN ||
        is_vouched_for(issuance->enrolment))
        return true;
    if (!profile_allows_asker(profile, asker_of(caller)))
        return refuse_asker(caller, profile, why);
    if (!caller_is_limited(caller) ||
        rights_have_profile(caller->profiles, profile->name))
        return true;
    return fail_because(why, FAILURE_FORBIDDEN,
        "%s may not ask for profile %s; its profiles are: %s", caller->actor,
        profile->name, caller->profiles[0] == '\0' ? "none" : caller->profiles);
}
