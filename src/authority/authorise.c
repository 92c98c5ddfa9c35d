#include "authority/authorise_parts.h"

#include <string.h>

#include "x509/name_match.h"

/* --- the key ------------------------------------------------------------- */

static bool is_an_authoritys(const struct authority *authority,
    const struct issuance *issuance, const char **name)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        *name = issuer->name;
        if (issuer->der.length > 0 &&
            bytes_equal(
                issuer->certificate.tbs.key.whole, issuance->request.key.whole))
            return true;
    }
    return false;
}

static bool check_blocked(const struct authority *authority,
    const struct issuance *issuance, struct failure *why)
{
    uint8_t hash[SHA256_BYTES];

    if (authority->configuration->blocked_key_count == 0)
        return true;
    if (!sha256(&issuance->request.key.whole, 1, hash, why))
        return false;
    return !configuration_blocks_key(authority->configuration, hash) ||
           fail_because(why, FAILURE_UNSUITABLE,
               "the key is on the list blocked-keys of chancery.yaml; make "
               "another (test blocked-key)");
}

/* A second certificate of an authority's key comes by `ca cross-sign` and
 * `ca rollover`, which don't take this road; a founded root's is its first. */
static bool allow_key(const struct authority *authority,
    const struct issuance *issuance, struct failure *why)
{
    const struct profile *profile = issuance->rule->profile;
    const char *name = NULL;

    if (!profile_allows_key(profile, issuance->key.algorithm))
        return fail_because(why, FAILURE_UNSUITABLE,
            "profile %s takes no %s keys", profile->name,
            issuance->key.algorithm->title);
    if (!check_blocked(authority, issuance, why))
        return false;
    if (issuance->enrolment->caller->door != DOOR_FOUNDING &&
        is_an_authoritys(authority, issuance, &name))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the key is that of the authority \"%s\"; make one of its own "
            "(test authority-key)",
            name);
    return true;
}

/* --- an authority's name -------------------------------------------------- */

/* Who asked for an authority of a name that is there already, or of the
 * issuer's own, would be taken for it: one name has a further key after a
 * rollover alone. */
static bool allow_authority_name(const struct authority *authority,
    const struct issuance *issuance, struct failure *why)
{
    const struct enrolment *enrolment = issuance->enrolment;
    struct bytes subject = enrolment->subject.length > 0
                               ? enrolment->subject
                               : issuance->request.subject;

    if (!issuance->rule->profile->is_authority ||
        enrolment->caller->door == DOOR_FOUNDING ||
        enrolment->founds_follows != 0)
        return true;
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *other = &authority->issuers[i];

        if (name_matches(subject, other->issuer.subject))
            return fail_because(why, FAILURE_UNSUITABLE,
                "the subject is the name of the authority \"%s\": choose "
                "another; a new key is given to it by `ca rollover` (test "
                "authority-name)",
                other->name);
    }
    return true;
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

/* --- the rule ------------------------------------------------------------ */

/* An authority is made by whoever may make one, also when it is kept apart. */
static bool makes_authority(
    const struct authority *authority, const struct enrolment *enrolment)
{
    const struct profile *profile = NULL;
    struct failure unknown = {0};

    if (enrolment->rule != NULL)
        return enrolment->rule->profile->is_authority;
    return enrolment->caller->door == DOOR_FOUNDING ||
           (configuration_profile(authority->configuration, enrolment->profile,
                &profile, &unknown) &&
               profile->is_authority);
}

/* One that retires certifies its responder still: its certificates are asked
 * about until the last has ended (incident 47). */
static const struct authority_issuer *retiring_issuer(
    const struct authority *authority, const struct enrolment *enrolment)
{
    if (enrolment->caller->door != DOOR_OWN || enrolment->authority == NULL)
        return NULL;
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        if (issuer->state == AUTHORITY_RETIRING &&
            strcmp(issuer->name, enrolment->authority) == 0)
            return issuer;
    }
    return NULL;
}

static bool find_rule(const struct authority *authority,
    struct issuance *issuance, struct failure *why)
{
    const struct enrolment *enrolment = issuance->enrolment;

    issuance->issuer = retiring_issuer(authority, enrolment);
    if (issuance->issuer == NULL &&
        !authority_issuer(authority, enrolment->authority,
            makes_authority(authority, enrolment), &issuance->issuer, why))
        return false;
    if (enrolment->rule != NULL) {
        issuance->rule = enrolment->rule;
        return true;
    }
    return authority_rule(
        issuance->issuer, enrolment->profile, &issuance->rule, why);
}

/* The clock and the pauses are a serving authority's; one that is founded has
 * neither past nor profiles. */
static bool may_issue_now(struct authority *authority,
    const struct issuance *issuance, struct failure *why)
{
    if (issuance->enrolment->caller->door == DOOR_FOUNDING)
        return true;
    return room_check(&authority->room, why) &&
           clock_guard_check(&authority->clock, why) &&
           pauses_allow(&authority->pauses, issuance->rule->profile->name, why);
}

bool issue_authorise(struct authority *authority, struct desk *desk,
    struct issuance *issuance, struct failure *why)
{
    if (!authorise_door(authority, issuance->enrolment, why) ||
        !find_rule(authority, issuance, why) ||
        !authorise_asker(issuance, why) ||
        !may_issue_now(authority, issuance, why) ||
        !allow_key(authority, issuance, why) ||
        !allow_authority_name(authority, issuance, why))
        return false;
    return find_repeat(desk, issuance, why);
}
