#include "server/watch/expiry.h"

#include <stdio.h>
#include <string.h>

#include "authority/ocsp_signer.h"
#include "base/clock.h"
#include "server/web/own_names.h"
#include "store/store_people.h"
#include "store/store_revocations.h"

#define DAY INT64_C(86400)

const int expiry_days[EXPIRY_STEPS] = {30, 14, 7, 1};

/* Who walks, and for whom. */
struct walk {
    const struct authority *authority;
    struct store *reading;
    expiry_visitor *visit;
    void *context;
};

/* --- words and days ------------------------------------------------------- */

const char *expiry_kind_name(enum expiry_kind kind)
{
    static const char *const names[EXPIRY_KINDS] = {"authority", "list",
        "ocsp-signer", "server", "person", "token", "certificate"};

    return names[kind];
}

/* While the server runs and its keys are open. */
static bool renews_itself(enum expiry_kind kind)
{
    return kind == EXPIRY_LIST || kind == EXPIRY_OCSP_SIGNER ||
           kind == EXPIRY_SERVER;
}

int expiry_step(const struct expiry *expiry, int64_t now)
{
    const int64_t left = expiry->ends - now;
    const int64_t life = expiry->ends - expiry->begins;
    int step = -1;

    if (left <= 0)
        return 0;
    for (size_t i = 0; i < EXPIRY_STEPS; i++) {
        const int64_t before = expiry_days[i] * DAY;
        const int64_t least = before * 3 + renews_itself(expiry->kind);

        if (left <= before && life >= least)
            step = expiry_days[i];
    }
    return step;
}

/* --- the listeners' own ----------------------------------------------------
 */

void own_ends_note(struct own_ends *own, enum listener listener, int64_t ends)
{
    int_fast64_t known = atomic_load(&own->ends[listener]);

    while (ends > known &&
           !atomic_compare_exchange_weak(&own->ends[listener], &known, ends))
        ;
}

static bool note_row(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct own_ends *own = context;
    char actor[OWN_ACTOR_ROOM];

    (void)why;
    for (unsigned i = 0; i < LISTENER_KINDS; i++) {
        own_actor((enum listener)i, actor);
        if (strcmp(row->actor, actor) == 0 && row->status == CERTIFICATE_VALID)
            own_ends_note(own, (enum listener)i, row->not_after);
    }
    return true;
}

bool own_ends_find(struct own_ends *own, struct store *reading, int64_t now,
    struct failure *why)
{
    const struct certificate_filter filter = {.by_status = true,
        .status = CERTIFICATE_VALID,
        .by_end = true,
        .not_after_from = now,
        .not_after_until = INT64_MAX,
        .profile = OWN_PROFILE};

    return store_list_certificates(reading, &filter, note_row, own, why);
}

/* --- each kind -------------------------------------------------------------
 */

static bool tell(
    const struct walk *walk, const struct expiry *expiry, struct failure *why)
{
    return walk->visit(walk->context, expiry, why);
}

static bool visit_authorities(const struct walk *walk, struct failure *why)
{
    for (size_t i = 0; i < walk->authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &walk->authority->issuers[i];
        struct expiry expiry = {.kind = EXPIRY_AUTHORITY,
            .begins = issuer->certificate.tbs.not_before,
            .ends = issuer->certificate.tbs.not_after};

        if (issuer->state == AUTHORITY_RETIRED)
            continue;
        (void)snprintf(expiry.name, sizeof(expiry.name), "%s", issuer->name);
        if (!tell(walk, &expiry, why))
            return false;
    }
    return true;
}

/* One that was never made ends nothing. */
static bool visit_list(const struct walk *walk,
    const struct authority_issuer *issuer, int kind, struct failure *why)
{
    struct expiry expiry = {.kind = EXPIRY_LIST};
    struct crl_row row = {0};
    bool found = false;

    if (!store_crl(walk->reading, issuer->id, kind, &row, &found, why))
        return false;
    if (!found)
        return true;
    expiry.begins = row.this_update;
    expiry.ends = row.next_update;
    if (kind < 0)
        (void)snprintf(expiry.name, sizeof(expiry.name), "%s", issuer->name);
    else
        (void)snprintf(
            expiry.name, sizeof(expiry.name), "%s/%d", issuer->name, kind);
    return tell(walk, &expiry, why);
}

static bool visit_lists(const struct walk *walk, struct failure *why)
{
    for (size_t i = 0; i < walk->authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &walk->authority->issuers[i];
        const int shards = issuer->crl_shards > 1 ? issuer->crl_shards : 0;

        if (issuer->state == AUTHORITY_RETIRED)
            continue;
        if (!visit_list(walk, issuer, CRL_COMPLETE, why))
            return false;
        for (int shard = 0; shard < shards; shard++) {
            if (!visit_list(walk, issuer, shard, why))
                return false;
        }
    }
    return true;
}

static bool visit_responders(const struct walk *walk, struct failure *why)
{
    struct ocsp_signer *signer = walk->authority->ocsp;
    size_t count = signer == NULL ? 0 : ocsp_signer_count(signer);

    for (size_t i = 0; i < count; i++) {
        RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
        struct expiry expiry = {.kind = EXPIRY_OCSP_SIGNER};
        struct ocsp_responder_facts facts = {0};
        struct certificate certificate;
        struct failure none = {0};

        if (!ocsp_signer_facts(signer, i, clock_now(), &facts, &der, &none) ||
            !certificate_read(buffer_view(&der), &certificate, &none))
            continue; /* it has none in force */
        expiry.begins = certificate.tbs.not_before;
        expiry.ends = certificate.tbs.not_after;
        (void)snprintf(expiry.name, sizeof(expiry.name), "%s",
            ocsp_signer_issuer(signer, i)->name);
        if (!tell(walk, &expiry, why))
            return false;
    }
    return true;
}

static int64_t own_life(const struct authority *authority)
{
    const struct profile *profile = NULL;
    struct failure why = {0};

    return configuration_profile(
               authority->configuration, OWN_PROFILE, &profile, &why)
               ? profile->lifetime_s
               : 90 * DAY;
}

static bool visit_own(
    const struct walk *walk, struct own_ends *own, struct failure *why)
{
    for (unsigned i = 0; own != NULL && i < LISTENER_KINDS; i++) {
        struct expiry expiry = {
            .kind = EXPIRY_SERVER, .ends = atomic_load(&own->ends[i])};

        expiry.begins = expiry.ends - own_life(walk->authority);
        (void)snprintf(expiry.name, sizeof(expiry.name), "%s",
            listener_name((enum listener)i));
        if (expiry.ends != 0 && !tell(walk, &expiry, why))
            return false;
    }
    return true;
}

static bool visit_person(
    void *context, const struct person_row *row, struct failure *why)
{
    struct expiry expiry = {.kind = EXPIRY_PERSON,
        .begins = row->added_at,
        .ends = row->certificate_not_after};

    if (row->ended_at != 0 || row->certificate_sha256[0] == '\0')
        return true;
    (void)snprintf(expiry.name, sizeof(expiry.name), "%s", row->name);
    return tell(context, &expiry, why);
}

static bool visit_token(
    void *context, const struct token_row *row, struct failure *why)
{
    struct expiry expiry = {
        .kind = EXPIRY_TOKEN, .begins = row->made_at, .ends = row->expires_at};

    if (row->ended_at != 0)
        return true;
    (void)snprintf(expiry.name, sizeof(expiry.name), "%s", row->name);
    return tell(context, &expiry, why);
}

bool expiries_visit(const struct authority *authority, struct own_ends *own,
    struct store *reading, expiry_visitor *visit, void *context,
    struct failure *why)
{
    struct walk walk = {authority, reading, visit, context};

    return visit_authorities(&walk, why) && visit_lists(&walk, why) &&
           visit_responders(&walk, why) && visit_own(&walk, own, why) &&
           store_list_people(reading, visit_person, &walk, why) &&
           store_list_tokens(reading, visit_token, &walk, why);
}
