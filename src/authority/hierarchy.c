#include "authority/hierarchy.h"

#include <stdio.h>
#include <string.h>

#include "authority/event.h"
#include "base/clock.h"
#include "base/json.h"
#include "x509/name_match.h"

#define PROFILE_OF_AUTHORITIES "subordinate"

void hierarchy_made_free(struct hierarchy_made *made)
{
    buffer_free(&made->certificate);
    buffer_free(&made->notices);
}

bool check_authority_name(const char *name, struct failure *why)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t length = strlen(name);

    if (length > 6 && strcmp(name + length - 6, "-delta") == 0)
        return fail_because(why, FAILURE_MALFORMED,
            "\"%.80s\" is no name for an authority: NAME-delta is the delta "
            "list of NAME",
            name);
    if (length > 0 && length < PROFILE_NAME_MAX && name[0] != '.' &&
        name[0] != '-' && strspn(name, alphabet) == length)
        return true;
    return fail_because(why, FAILURE_MALFORMED,
        "\"%.80s\" is no name for an authority: it becomes the name of files, "
        "so 1 to %d letters, digits, \"-\", \"_\" and \".\", and a letter or "
        "digit first",
        name, PROFILE_NAME_MAX - 1);
}

bool issuer_is_root(const struct authority_issuer *issuer)
{
    return issuer->der.length == 0 ||
           bytes_equal(
               issuer->certificate.tbs.issuer, issuer->certificate.tbs.subject);
}

/* --- who is there already ------------------------------------------------ */

static const struct authority_issuer *named(
    const struct authority *authority, const char *name)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (strcmp(authority->issuers[i].name, name) == 0)
            return &authority->issuers[i];
    }
    return NULL;
}

static bool take_present(const struct authority *authority,
    const struct authority_issuer *present, const struct request *request,
    struct hierarchy_made *made, struct failure *why)
{
    if (!bytes_equal(present->certificate.tbs.key.whole, request->key.whole))
        return fail_because(why, FAILURE_CONFLICT,
            "an authority \"%s\" is here already, with another key",
            present->name);
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (authority->issuers[i].id == present->parent)
            (void)snprintf(made->parent, sizeof(made->parent), "%s",
                authority->issuers[i].name);
    }
    made->was_there = true;
    return buffer_append(&made->certificate, buffer_view(&present->der), why);
}

/* Two authorities of one name are one that changed its key: a rollover. */
static bool check_subject(const struct authority *authority,
    const struct request *request, const struct hierarchy_wish *wish,
    struct failure *why)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *other = &authority->issuers[i];

        if (wish->follows == 0 &&
            name_matches(other->issuer.subject, request->subject))
            return fail_because(why, FAILURE_CONFLICT,
                "the authority \"%s\" has this distinguished name already: "
                "give another by --subject, or a new key to \"%s\" by `ca "
                "rollover`",
                other->name, other->name);
    }
    return true;
}

/* --- the rule ------------------------------------------------------------ */

/* The settings' profile, as far as this wish narrows or widens it. */
struct making_rule {
    struct profile profile;
    struct authority_rule rule;
};

static void making_rule_free(struct making_rule *making)
{
    composer_free(making->rule.composer);
}

static const struct profile *profile_of(
    const struct configuration *configuration)
{
    const struct profile *found = NULL;
    struct failure absent = {0};

    if (configuration_profile(
            configuration, PROFILE_OF_AUTHORITIES, &found, &absent) &&
        found->is_authority)
        return found;
    return profile_subordinate();
}

static bool make_rule(const struct authority *authority,
    const struct authority_issuer *parent, int path_length,
    struct making_rule *making, struct failure *why)
{
    making->profile = *profile_of(authority->configuration);
    if (making->profile.approvals > 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "profile %s wants the approval of %d people: ask by `issue "
            "--profile %s --csr FILE`, and put the certificate in by `ca "
            "install`",
            making->profile.name, making->profile.approvals,
            making->profile.name);
    if (path_length >= 0)
        making->profile.path_length = path_length;
    /* What makes authorities lives as long as they, or its own issuer. */
    if (path_length > 0) {
        making->profile.lifetime_s = making->profile.longest_lifetime_s;
        making->profile.beyond_issuer = BEYOND_ISSUER_CAP;
    }
    if (parent->path_length > 0 &&
        making->profile.path_length >= parent->path_length)
        return fail_because(why, FAILURE_UNSUITABLE,
            "\"%s\" may have paths of length %d below it, so the path length "
            "of its authorities is %d at most",
            parent->name, parent->path_length, parent->path_length - 1);
    making->rule.profile = &making->profile;
    return composer_new(&making->profile, &parent->issuer,
               &making->rule.composer, why) &&
           profile_hash(&making->profile, making->rule.sha256, why);
}

/* --- adding one ---------------------------------------------------------- */

static bool find_root(const struct authority *authority,
    const struct authority_issuer **parent, struct failure *why)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        if (issuer->state == AUTHORITY_ACTIVE && issuer_is_root(issuer))
            return authority_issuer(authority, issuer->name, true, parent, why);
    }
    return authority_issuer(authority, NULL, true, parent, why);
}

static bool take_the_road(struct authority *authority, struct desk *desk,
    const struct enrolment *enrolment, struct hierarchy_made *made,
    struct failure *why)
{
    struct issuance issuance = {0};
    bool ok;

    issuance_begin(&issuance, enrolment);
    issue_certificates(authority, desk, &issuance, 1);
    *why = issuance.why;
    ok = why->kind == FAILURE_NONE &&
         buffer_append(
             &made->certificate, buffer_view(&issuance.certificate), why) &&
         buffer_append(
             &made->notices, buffer_view(&issuance.names.notices), why);
    issuance_free(&issuance);
    return ok;
}

bool hierarchy_add(struct authority *authority, struct desk *desk,
    const struct hierarchy_wish *wish, struct hierarchy_made *made,
    struct failure *why)
{
    RELEASED(making_rule) making = {0};
    const struct authority_issuer *present = named(authority, wish->name);
    const struct authority_issuer *parent = NULL;
    struct request request = {0};
    struct enrolment enrolment = {.caller = wish->caller,
        .profile = PROFILE_OF_AUTHORITIES,
        .request = wish->request,
        .lifetime_s = wish->lifetime_s,
        .founds = wish->name,
        .founds_shards = authority->configuration->crl_shards,
        .founds_follows = wish->follows};

    if (!check_authority_name(wish->name, why) ||
        !request_read(wish->request, &request, why))
        return false;
    if (present != NULL)
        return take_present(authority, present, &request, made, why);
    if (!check_subject(authority, &request, wish, why) ||
        !(wish->parent == NULL ? find_root(authority, &parent, why)
                               : authority_issuer(authority, wish->parent, true,
                                     &parent, why)) ||
        !make_rule(authority, parent, wish->path_length, &making, why))
        return false;
    (void)snprintf(made->parent, sizeof(made->parent), "%s", parent->name);
    enrolment.authority = parent->name;
    enrolment.rule = &making.rule;
    enrolment.founds_issuing = making.profile.path_length == 0;
    return take_the_road(authority, desk, &enrolment, made, why);
}

/* --- in the transaction -------------------------------------------------- */

static bool journal_founded(struct authority *authority,
    const struct issuance *issuance, struct failure *why)
{
    const struct enrolment *enrolment = issuance->enrolment;

    if (enrolment->caller->door == DOOR_FOUNDING)
        return true;
    return store_forget_awaited(authority->store, enrolment->founds, why) &&
           journal_event(authority->store,
               &(struct event){.kind = enrolment->founds_follows != 0
                                           ? EVENT_ROLLOVER_CERTIFIED
                                           : EVENT_AUTHORITY_ADDED,
                   .caller = enrolment->caller,
                   .object = enrolment->founds,
                   .more = json_pack("{s:s,s:I,s:b}", "issuer",
                       issuance->issuer->name, "follows",
                       (json_int_t)enrolment->founds_follows, "issues",
                       (int)enrolment->founds_issuing)},
               why);
}

/* An authority that is made here has its row before its certificate's. */
static bool record_founded(
    struct authority *authority, struct issuance *issuance, struct failure *why)
{
    const struct enrolment *enrolment = issuance->enrolment;
    char key_sha256[SHA256_TEXT];
    struct authority_row row = {.name = enrolment->founds,
        .certificate = buffer_view(&issuance->certificate),
        .key_sha256 = key_sha256,
        .parent = issuance->issuer->id,
        .issues = enrolment->founds_issuing,
        .crl_shards = enrolment->founds_shards,
        .made_at = clock_now(),
        .state = enrolment->founds_follows != 0 ? AUTHORITY_COMING
                                                : AUTHORITY_ACTIVE,
        .follows = enrolment->founds_follows};
    int64_t id = 0;

    if (!sha256_text(issuance->request.key.whole, key_sha256, why) ||
        !store_add_authority(authority->store, &row, &id, why))
        return false;
    issuance->founded = id;
    return journal_founded(authority, issuance, why);
}

static bool record_cross(
    struct authority *authority, struct issuance *issuance, struct failure *why)
{
    const struct enrolment *enrolment = issuance->enrolment;
    const struct cross_certificate row = {
        .authority = enrolment->crosses_authority,
        .kind = enrolment->crosses,
        .certificate = buffer_view(&issuance->certificate),
        .made_at = clock_now()};

    return store_add_cross_certificate(authority->store, &row, why) &&
           journal_event(authority->store,
               &(struct event){.kind = EVENT_CROSS_SIGNED,
                   .caller = enrolment->caller,
                   .object = issuance->issuer->name,
                   .more = json_pack("{s:s,s:I}", "kind", enrolment->crosses,
                       "authority", (json_int_t)enrolment->crosses_authority)},
               why);
}

bool hierarchy_record(
    struct authority *authority, struct issuance *issuance, struct failure *why)
{
    if (issuance->enrolment->founds != NULL)
        return record_founded(authority, issuance, why);
    return issuance->enrolment->crosses == NULL ||
           record_cross(authority, issuance, why);
}
