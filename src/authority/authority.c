#include "authority/authority.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/event.h"
#include "authority/hierarchy.h"
#include "authority/journal.h"
#include "authority/life.h"
#include "base/clock.h"

/* --- issuers ------------------------------------------------------------- */

static bool read_path_length(
    struct authority_issuer *issuer, struct failure *why)
{
    struct basic_constraints basic = {0};
    struct extension extension = {0};
    bool found = false;

    if (!extensions_find(issuer->certificate.tbs.extensions,
            OID_BASIC_CONSTRAINTS, &extension, &found, why) ||
        (found && !extension_basic_constraints(extension.value, &basic, why)))
        return false;
    issuer->path_length = basic.has_path_length ? (int)basic.path_length : -1;
    return true;
}

static bool describe_issuer(
    struct authority_issuer *issuer, const char *url, struct failure *why)
{
    const struct tbs_certificate *tbs = &issuer->certificate.tbs;
    struct public_key_parts parts = {0};
    struct extension extension = {0};
    bool found = false;

    if (!certificate_read(
            buffer_view(&issuer->der), &issuer->certificate, why) ||
        !spki_parts(&tbs->key, &parts, why) ||
        !extensions_find(tbs->extensions, OID_SUBJECT_KEY_IDENTIFIER,
            &extension, &found, why))
        return false;
    if (!found)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the certificate of \"%s\" has no subjectKeyIdentifier",
            issuer->name);
    issuer->issuer = (struct issuer){.authority = issuer->id,
        .name = issuer->name,
        .subject = tbs->subject,
        .not_before = tbs->not_before,
        .not_after = tbs->not_after,
        .algorithm = parts.algorithm->signs_with,
        .url = url};
    return read_path_length(issuer, why) &&
           extension_key_identifier(
               extension.value, &issuer->issuer.key_identifier, why);
}

bool authority_add_issuer(struct authority *authority, const char *name,
    struct bytes certificate, struct authority_issuer **issuer,
    struct failure *why)
{
    struct authority_issuer *added =
        &authority->issuers[authority->issuer_count];

    if (authority->issuer_count == AUTHORITY_ISSUERS_MAX)
        return fail_because(why, FAILURE_UNSUITABLE, "more than %d authorities",
            AUTHORITY_ISSUERS_MAX);
    *added = (struct authority_issuer){
        .key = SIGNER_KEYS_MAX, /* none, until it is found */
        .path_length = -1,
        .crl_shards = 1,
        .der = BUFFER("certificate", CERTIFICATE_MAX)};
    authority->issuer_count++;
    (void)snprintf(added->name, sizeof(added->name), "%s", name);
    if (certificate.length > 0 &&
        (!buffer_append(&added->der, certificate, why) ||
            !describe_issuer(added, authority->configuration->url, why)))
        return false;
    *issuer = added;
    return true;
}

bool authority_add_rule(struct authority_issuer *issuer,
    const struct profile *profile, struct failure *why)
{
    struct authority_rule *rule = &issuer->rules[issuer->rule_count];

    if (issuer->rule_count == CONFIGURATION_PROFILES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE, "more than %d profiles",
            CONFIGURATION_PROFILES_MAX);
    if (!composer_new(profile, &issuer->issuer, &rule->composer, why))
        return false;
    rule->profile = profile;
    issuer->rule_count++;
    return profile_hash(profile, rule->sha256, why);
}

struct reading {
    struct authority *authority;
    char (*keys)[SHA256_TEXT];
    size_t key_count;
};

/* One that retires certifies its OCSP responder, and nothing else. */
static bool has_rule_for(
    const struct authority_issuer *issuer, const struct profile *profile)
{
    if (issuer->state == AUTHORITY_RETIRING)
        return profile->ocsp_no_check;
    if (issuer->state != AUTHORITY_ACTIVE)
        return false;
    return profile->is_authority ? issuer->path_length != 0 : issuer->issues;
}

static bool add_rules(struct authority_issuer *issuer,
    const struct configuration *configuration, struct failure *why)
{
    for (size_t i = 0; i < configuration->profile_count; i++) {
        const struct profile *profile = &configuration->profiles[i];

        if (has_rule_for(issuer, profile) &&
            !authority_add_rule(issuer, profile, why))
            return false;
    }
    return true;
}

static bool take_row(
    void *context, const struct authority_row *row, struct failure *why)
{
    struct reading *reading = context;
    struct authority_issuer *issuer = NULL;

    if (!authority_add_issuer(
            reading->authority, row->name, row->certificate, &issuer, why))
        return false;
    issuer->id = row->id;
    issuer->parent = row->parent;
    issuer->issues = row->issues && row->state == AUTHORITY_ACTIVE;
    issuer->state = row->state;
    issuer->crl_shards = row->crl_shards;
    issuer->issuer.crl_shards = row->crl_shards;
    issuer->follows = row->follows;
    issuer->issuer.authority = row->id;
    for (size_t i = 0; i < reading->key_count; i++) {
        if (strcmp(reading->keys[i], row->key_sha256) == 0)
            issuer->key = (unsigned int)i;
    }
    return add_rules(issuer, reading->authority->configuration, why);
}

/* --- open and close ------------------------------------------------------ */

static bool read_checkpoint(struct authority *authority, struct failure *why)
{
    authority->events_at_most = JOURNAL_CHECKPOINT_EVENTS;
    return store_number(authority->store, CHECKPOINT_SEQUENCE,
               &authority->checkpoint_seq, why) &&
           store_number(
               authority->store, CHECKPOINT_MS, &authority->checkpoint_ms, why);
}

bool authority_open(struct authority *authority,
    const struct configuration *configuration, struct signer_client *signer,
    struct store *store, char (*keys)[SHA256_TEXT], size_t key_count,
    struct failure *why)
{
    struct reading reading = {authority, keys, key_count};

    *authority = (struct authority){.configuration = configuration,
        .signer = signer,
        .store = store,
        .keys = keys,
        .key_count = key_count,
        .room = authority->room,
        .issuers = calloc(AUTHORITY_ISSUERS_MAX, sizeof(*authority->issuers))};
    (void)pthread_mutex_init(&authority->writing, NULL);
    (void)pthread_cond_init(&authority->turn, NULL);
    if (authority->issuers == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return clock_guard_start(&authority->clock, store, why) &&
           pauses_start(&authority->pauses, store, why) &&
           store_list_authorities(store, take_row, &reading, why) &&
           hierarchy_read_above(authority, why) &&
           read_checkpoint(authority, why);
}

static void free_issuer(struct authority_issuer *issuer)
{
    for (size_t i = 0; i < issuer->rule_count; i++)
        composer_free(issuer->rules[i].composer);
    buffer_free(&issuer->der);
    buffer_free(&issuer->above);
}

void authority_forget_issuers(struct authority *authority)
{
    for (size_t i = 0; i < authority->issuer_count; i++)
        free_issuer(&authority->issuers[i]);
    authority->issuer_count = 0;
}

void authority_close(struct authority *authority)
{
    authority_forget_issuers(authority);
    free(authority->issuers);
    pauses_end(&authority->pauses);
    clock_guard_end(&authority->clock);
    (void)pthread_cond_destroy(&authority->turn);
    (void)pthread_mutex_destroy(&authority->writing);
}

bool authority_commit(struct authority *authority, struct failure *why)
{
    if (store_commit(authority->store, why))
        return true;
    store_roll_back(authority->store);
    authority->is_broken = !store_was_full(authority->store);
    return false;
}

static bool journal_freed(struct authority *authority, struct failure *why)
{
    return store_set_number(authority->store, LIFE_RESERVE, 1, why) &&
           journal_event(authority->store,
               &(struct event){
                   .kind = EVENT_RESERVE_FREED, .object = "reserve"},
               why);
}

bool authority_write(struct authority *authority, authority_change *change,
    void *context, struct failure *why)
{
    bool freed;
    bool ok = false;

    (void)pthread_mutex_lock(&authority->writing);
    freed = room_make(&authority->room);
    if (authority->is_broken)
        (void)fail_because(why, FAILURE_UNAVAILABLE,
            "an earlier change could not be recorded; nothing is changed "
            "until a restart");
    else if (store_begin(authority->store, why)) {
        ok = journal_moment(authority, why) &&
             (!freed || journal_freed(authority, why)) &&
             change(authority, context, why) &&
             clock_guard_note(&authority->clock, authority->store, why);
        /* How many events there were is not known here. */
        authority->events_at_most = JOURNAL_CHECKPOINT_EVENTS;
        if (ok)
            ok = authority_commit(authority, why);
        else
            store_roll_back(authority->store);
        if (ok && freed)
            room_told(&authority->room);
    }
    (void)pthread_mutex_unlock(&authority->writing);
    return ok;
}

/* --- looking up ---------------------------------------------------------- */

static bool has_key(const struct authority_issuer *issuer)
{
    return issuer->key < SIGNER_KEYS_MAX;
}

/* May it make authorities at all?  What its certificate forbids, no profile
 * mends. */
static bool makes_authorities(const struct authority_issuer *issuer)
{
    return issuer->state == AUTHORITY_ACTIVE && issuer->path_length != 0;
}

static bool fail_apart(
    const struct authority_issuer *issuer, struct failure *why)
{
    if (issuer->state != AUTHORITY_ACTIVE)
        return fail_because(why, FAILURE_FORBIDDEN,
            "the authority \"%s\" is retired, or not in use yet, and issues "
            "nothing",
            issuer->name);
    return fail_because(why, FAILURE_FORBIDDEN,
        "the authority \"%s\" is kept apart and issues only authorities",
        issuer->name);
}

static bool check_makes_authorities(
    const struct authority_issuer *issuer, struct failure *why)
{
    if (!makes_authorities(issuer))
        return fail_because(why, FAILURE_FORBIDDEN,
            "the authority \"%s\" may make no authorities: its certificate "
            "ends the path; name another with --ca",
            issuer->name);
    return has_key(issuer) ||
           fail_because(why, FAILURE_UNAVAILABLE,
               "the key of \"%s\" is not open; roots are opened by `ca` "
               "commands, and by `issue` of an authority",
               issuer->name);
}

static bool find_named(const struct authority *authority, const char *name,
    bool for_authorities, const struct authority_issuer **issuer,
    struct failure *why)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *found = &authority->issuers[i];

        if (strcmp(found->name, name) != 0)
            continue;
        if (!for_authorities && !found->issues)
            return fail_apart(found, why);
        if (for_authorities && !check_makes_authorities(found, why))
            return false;
        *issuer = found;
        return true;
    }
    return fail_because(
        why, FAILURE_NOT_FOUND, "there is no authority \"%s\"", name);
}

static bool find_only(const struct authority *authority, bool for_authorities,
    const struct authority_issuer **issuer, struct failure *why)
{
    const struct authority_issuer *found = NULL;

    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *candidate = &authority->issuers[i];

        if (for_authorities ? !makes_authorities(candidate)
                            : !candidate->issues)
            continue;
        if (found != NULL)
            return fail_because(why, FAILURE_CONFLICT,
                "\"%s\" and \"%s\" both issue; name one with --ca", found->name,
                candidate->name);
        found = candidate;
    }
    if (found == NULL && authority->awaited[0] != '\0')
        return fail_because(why, FAILURE_NOT_FOUND,
            "the authority \"%s\" has no certificate yet: send its request to "
            "who is to certify it, and give the answer to `ca install`",
            authority->awaited);
    if (found == NULL)
        return fail_because(why, FAILURE_NOT_FOUND, "no authority here %s",
            for_authorities ? "may make authorities" : "issues");
    *issuer = found;
    return !for_authorities || check_makes_authorities(found, why);
}

bool authority_issuer(const struct authority *authority, const char *name,
    bool for_authorities, const struct authority_issuer **issuer,
    struct failure *why)
{
    if (name != NULL)
        return find_named(authority, name, for_authorities, issuer, why);
    return find_only(authority, for_authorities, issuer, why);
}

const char *authority_of_doors(const struct authority *authority)
{
    const char *first = NULL;
    size_t count = 0;

    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        if (!issuer->issues)
            continue;
        count++;
        if (first == NULL && issuer->state == AUTHORITY_ACTIVE)
            first = issuer->name;
    }
    return count > 1 ? first : NULL;
}

static bool fail_without_profile(const struct authority_issuer *issuer,
    const char *profile, struct failure *why)
{
    char known[160] = "";
    size_t used = 0;

    for (size_t i = 0; i < issuer->rule_count && used < sizeof(known); i++)
        used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
            i == 0 ? "" : ", ", issuer->rules[i].profile->name);
    return fail_because(why, FAILURE_NOT_FOUND,
        "there is no profile \"%.40s\"; there are: %s", profile, known);
}

bool authority_rule(const struct authority_issuer *issuer, const char *profile,
    const struct authority_rule **rule, struct failure *why)
{
    for (size_t i = 0; i < issuer->rule_count; i++) {
        if (strcmp(issuer->rules[i].profile->name, profile) == 0) {
            *rule = &issuer->rules[i];
            return true;
        }
    }
    return fail_without_profile(issuer, profile, why);
}
