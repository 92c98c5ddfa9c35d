#include "authority/authority.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/journal.h"
#include "base/clock.h"

/* --- issuers ------------------------------------------------------------- */

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
    return extension_key_identifier(
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
    return true;
}

struct reading {
    struct authority *authority;
    char (*keys)[SHA256_TEXT];
    size_t key_count;
};

static bool add_rules(struct authority_issuer *issuer,
    const struct configuration *configuration, struct failure *why)
{
    for (size_t i = 0; i < configuration->profile_count; i++) {
        if (!authority_add_rule(issuer, &configuration->profiles[i], why))
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
    issuer->issues = row->issues;
    issuer->issuer.authority = row->id;
    for (size_t i = 0; i < reading->key_count; i++) {
        if (strcmp(reading->keys[i], row->key_sha256) == 0)
            issuer->key = (unsigned int)i;
    }
    return !row->issues ||
           add_rules(issuer, reading->authority->configuration, why);
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
        .issuers = calloc(AUTHORITY_ISSUERS_MAX, sizeof(*authority->issuers))};
    (void)pthread_mutex_init(&authority->writing, NULL);
    (void)pthread_cond_init(&authority->turn, NULL);
    if (authority->issuers == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return store_list_authorities(store, take_row, &reading, why) &&
           read_checkpoint(authority, why);
}

static void free_issuer(struct authority_issuer *issuer)
{
    for (size_t i = 0; i < issuer->rule_count; i++)
        composer_free(issuer->rules[i].composer);
    buffer_free(&issuer->der);
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
    (void)pthread_cond_destroy(&authority->turn);
    (void)pthread_mutex_destroy(&authority->writing);
}

bool authority_commit(struct authority *authority, struct failure *why)
{
    if (store_commit(authority->store, why))
        return true;
    store_roll_back(authority->store);
    authority->is_broken = true;
    return false;
}

/* --- looking up ---------------------------------------------------------- */

static bool find_named(const struct authority *authority, const char *name,
    const struct authority_issuer **issuer, struct failure *why)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (strcmp(authority->issuers[i].name, name) != 0)
            continue;
        if (!authority->issuers[i].issues)
            return fail_because(why, FAILURE_FORBIDDEN,
                "the authority \"%s\" is kept apart and issues only "
                "authorities",
                name);
        *issuer = &authority->issuers[i];
        return true;
    }
    return fail_because(
        why, FAILURE_NOT_FOUND, "there is no authority \"%s\"", name);
}

static bool find_only(const struct authority *authority,
    const struct authority_issuer **issuer, struct failure *why)
{
    const struct authority_issuer *found = NULL;

    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (!authority->issuers[i].issues)
            continue;
        if (found != NULL)
            return fail_because(why, FAILURE_CONFLICT,
                "\"%s\" and \"%s\" both issue; name one with --ca", found->name,
                authority->issuers[i].name);
        found = &authority->issuers[i];
    }
    if (found == NULL)
        return fail_because(why, FAILURE_NOT_FOUND, "no authority here issues");
    *issuer = found;
    return true;
}

bool authority_issuer(const struct authority *authority, const char *name,
    const struct authority_issuer **issuer, struct failure *why)
{
    if (name != NULL)
        return find_named(authority, name, issuer, why);
    return find_only(authority, issuer, why);
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
