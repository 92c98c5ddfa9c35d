#include "authority/recover.h"

#include <string.h>

#include "authority/journal.h"
#include "authority/shard.h"
#include "authority/sign_log.h"
#include "base/clock.h"

/* The signer logs a whole group before it signs, so at most a group is
 * waiting for its results. */
struct waiting {
    struct buffer draft;
    uint8_t key_sha256[SHA256_BYTES];
};

struct recovery {
    struct authority *authority;
    struct waiting waiting[SIGNER_GROUP_MAX];
    size_t count;
    uint64_t recovered;
    uint64_t end;     /* of the last record */
    bool has_results; /* of the group that is waiting */
};

/* --- one certificate ----------------------------------------------------- */

/* After a rollover two authorities have one name, and each its key. */
static bool names_key(
    const struct tbs_certificate *draft, struct bytes identifier)
{
    struct authority_key_identifier named = {0};
    struct extension extension = {0};
    struct failure unread = {0};
    bool found = false;

    return extensions_find(draft->extensions, OID_AUTHORITY_KEY_IDENTIFIER,
               &extension, &found, &unread) &&
           found &&
           extension_authority_key_identifier(
               extension.value, &named, &unread) &&
           bytes_equal(named.identifier, identifier);
}

static const struct authority_issuer *issuer_of(
    const struct authority *authority, const struct tbs_certificate *draft)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct issuer *issuer = &authority->issuers[i].issuer;

        if (bytes_equal(issuer->subject, draft->issuer) &&
            names_key(draft, issuer->key_identifier))
            return &authority->issuers[i];
    }
    return &authority->issuers[0];
}

static bool store_revoked(struct recovery *recovery,
    const struct tbs_certificate *draft, struct bytes der, bool sealed,
    struct failure *why)
{
    const struct authority_issuer *issuer =
        issuer_of(recovery->authority, draft);
    const struct certificate_row row = {.serial = draft->serial,
        .der = der,
        .sealed = sealed,
        .authority = issuer->id,
        .profile = "",
        .issued_at = clock_now(),
        .not_after = draft->not_after,
        .status = CERTIFICATE_REVOKED,
        .revoked_at = clock_now(),
        .reason = REASON_UNSPECIFIED,
        .shard = (int)crl_shard_of(draft->serial, issuer->crl_shards),
        .actor = "keeper"};
    bool added = false;

    if (!store_add_certificate(recovery->authority->store, &row, &added, why) ||
        !journal_recovered(
            recovery->authority->store, draft->serial, der, sealed, why))
        return false;
    recovery->recovered++;
    return true;
}

static bool recover_one(struct recovery *recovery,
    const struct waiting *waiting, struct bytes signature, struct failure *why)
{
    RELEASED(buffer) sealed = BUFFER("certificate", CERTIFICATE_MAX);
    struct bytes draft_bytes = buffer_view(&waiting->draft);
    struct tbs_certificate draft = {0};

    if (!tbs_certificate_read(draft_bytes, &draft, why))
        return false;
    if (signature.length == 0)
        return store_revoked(recovery, &draft, draft_bytes, false, why);
    return certificate_seal(draft_bytes, draft.signature_algorithm, signature,
               &sealed, why) &&
           store_revoked(recovery, &draft, buffer_view(&sealed), true, why);
}

/* --- the walk
 * ---------------------------------------------------------------------------
 */

static void drop(struct recovery *recovery, size_t index)
{
    struct waiting *last = &recovery->waiting[recovery->count - 1];

    buffer_free(&recovery->waiting[index].draft);
    recovery->waiting[index] = *last;
    *last = (struct waiting){0};
    recovery->count--;
}

/* Drafts without a signature: the signer ended between the two. */
static bool give_up_waiting(struct recovery *recovery, struct failure *why)
{
    while (recovery->count > 0) {
        if (!recover_one(
                recovery, &recovery->waiting[0], (struct bytes){0}, why))
            return false;
        drop(recovery, 0);
    }
    return true;
}

static bool take_intent(
    struct recovery *recovery, struct bytes payload, struct failure *why)
{
    struct sign_log_intent intent = {0};
    struct waiting *waiting;

    if (!sign_log_intent_read(payload, &intent, why))
        return false;
    /* Another group begins: what is left of the one before stays unsigned. */
    if ((recovery->has_results || recovery->count == SIGNER_GROUP_MAX) &&
        !give_up_waiting(recovery, why))
        return false;
    recovery->has_results = false;
    waiting = &recovery->waiting[recovery->count++];
    waiting->draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    memcpy(waiting->key_sha256, intent.key_sha256.start, SHA256_BYTES);
    return buffer_append(&waiting->draft, intent.draft, why);
}

static bool take_signed(
    struct recovery *recovery, struct bytes payload, struct failure *why)
{
    struct sign_log_signed result = {0};

    if (!sign_log_signed_read(payload, &result, why))
        return false;
    if (result.serial.length == 0)
        return true;
    recovery->has_results = true;
    for (size_t i = 0; i < recovery->count; i++) {
        struct tbs_certificate draft = {0};

        if (!tbs_certificate_read(
                buffer_view(&recovery->waiting[i].draft), &draft, why))
            return false;
        if (!bytes_equal(draft.serial, result.serial))
            continue;
        if (!recover_one(
                recovery, &recovery->waiting[i], result.signature, why))
            return false;
        drop(recovery, i);
        return true;
    }
    return true;
}

static bool take_record(
    void *context, const struct sign_log_record *record, struct failure *why)
{
    struct recovery *recovery = context;

    recovery->end = record->end;
    switch (record->type) {
    case SIGN_LOG_INTENT:
        return take_intent(recovery, record->payload, why);
    case SIGN_LOG_SIGNED:
        return take_signed(recovery, record->payload, why);
    case SIGN_LOG_STARTED:
        return give_up_waiting(recovery, why);
    case SIGN_LOG_REFUSED:
    case SIGN_LOG_CHECKPOINT:
    case SIGN_LOG_LIST: /* a list that was never published is made again */
        return true;
    }
    return true;
}

static bool recover_from(
    struct recovery *recovery, int sign_log, uint64_t from, struct failure *why)
{
    struct store *store = recovery->authority->store;

    recovery->end = from;
    return sign_log_visit(sign_log, from, take_record, recovery, why) &&
           give_up_waiting(recovery, why) &&
           store_set_number(
               store, SIGN_LOG_TAKEN_IN, (int64_t)recovery->end, why);
}

bool recover_from_sign_log(struct authority *authority, int sign_log,
    uint64_t *recovered, struct failure *why)
{
    struct recovery *recovery = calloc(1, sizeof(*recovery));
    int64_t from = 0;
    bool ok;

    if (recovery == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    recovery->authority = authority;
    ok = store_number(authority->store, SIGN_LOG_TAKEN_IN, &from, why) &&
         store_begin(authority->store, why) && journal_moment(authority, why) &&
         recover_from(recovery, sign_log, (uint64_t)from, why) &&
         store_commit(authority->store, why);
    if (!ok)
        store_roll_back(authority->store);
    *recovered = recovery->recovered;
    while (recovery->count > 0)
        drop(recovery, 0);
    free(recovery);
    return ok;
}
