#include "authority/revoke.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "authority/event.h"
#include "authority/lists.h"
#include "authority/shard.h"
#include "base/clock.h"
#include "base/json.h"

/* --- reasons ------------------------------------------------------------- */

static const struct {
    enum revocation_reason reason;
    const char *name;
} reasons[] = {
    {REASON_UNSPECIFIED, "unspecified"},
    {REASON_KEY_COMPROMISE, "keyCompromise"},
    {REASON_CA_COMPROMISE, "cACompromise"},
    {REASON_AFFILIATION_CHANGED, "affiliationChanged"},
    {REASON_SUPERSEDED, "superseded"},
    {REASON_CESSATION_OF_OPERATION, "cessationOfOperation"},
    {REASON_CERTIFICATE_HOLD, "certificateHold"},
    {REASON_REMOVE_FROM_CRL, "removeFromCRL"},
    {REASON_PRIVILEGE_WITHDRAWN, "privilegeWithdrawn"},
    {REASON_AA_COMPROMISE, "aACompromise"},
};

#define REASONS (sizeof(reasons) / sizeof(*reasons))

const char *revocation_reason_name(enum revocation_reason reason)
{
    for (size_t i = 0; i < REASONS; i++) {
        if (reasons[i].reason == reason)
            return reasons[i].name;
    }
    return "unknown";
}

bool revocation_reason_read(
    const char *text, enum revocation_reason *reason, struct failure *why)
{
    char number[4];

    for (size_t i = 0; i < REASONS; i++) {
        (void)snprintf(number, sizeof(number), "%d", (int)reasons[i].reason);
        if (strcasecmp(reasons[i].name, text) == 0 ||
            strcmp(number, text) == 0) {
            *reason = reasons[i].reason;
            return true;
        }
    }
    return fail_because(why, FAILURE_UNSUITABLE,
        "\"%.40s\" is no reason; there are unspecified, keyCompromise, "
        "cACompromise, affiliationChanged, superseded, cessationOfOperation, "
        "privilegeWithdrawn and aACompromise (RFC 5280, 5.3.1)",
        text);
}

/* RFC 5280, 5.3.1: 6 is `hold`, 8 belongs to deltas, 7 is unused. */
bool revocation_reason_check(enum revocation_reason reason, struct failure *why)
{
    if (reason == REASON_CERTIFICATE_HOLD)
        return fail_because(why, FAILURE_UNSUITABLE,
            "certificateHold is no revocation: `chancery hold` holds, and "
            "`unhold` releases");
    if (reason == REASON_REMOVE_FROM_CRL)
        return fail_because(why, FAILURE_UNSUITABLE,
            "removeFromCRL is no revocation: delta lists alone say it, of a "
            "hold that ended; `chancery unhold` ends one (RFC 5280, 5.3.1)");
    if (strcmp(revocation_reason_name(reason), "unknown") == 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "%d is no reason to revoke for (RFC 5280, 5.3.1)", (int)reason);
    return true;
}

/* --- recording ----------------------------------------------------------- */

struct recording {
    const struct revocation *revocation;
    struct revoked *revoked;
    int64_t certificate;
};

/* Serials of different authorities may be the same: a file says which
 * certificate is meant. */
static bool check_is_meant(const struct revocation *revocation,
    const struct certificate_row *row, struct failure *why)
{
    uint8_t digest[SHA256_BYTES];

    if (revocation->sha256.length == 0)
        return true;
    if (!sha256(&row->der, 1, digest, why))
        return false;
    return bytes_equal(
               (struct bytes){digest, sizeof(digest)}, revocation->sha256) ||
           fail_because(why, FAILURE_NOT_FOUND,
               "the certificate was not issued here: another one has its "
               "serial");
}

static bool take_row(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct recording *recording = context;

    recording->certificate = row->id;
    recording->revoked->authority = row->authority;
    recording->revoked->reason = row->reason;
    /* What was held counts from its hold on. */
    if (row->status != CERTIFICATE_VALID &&
        recording->revocation->act != ACT_RELEASE)
        recording->revoked->at = row->revoked_at;
    return check_is_meant(recording->revocation, row, why);
}

static bool change_status(struct authority *authority,
    const struct recording *recording, struct failure *why)
{
    const struct revocation *revocation = recording->revocation;
    struct revoked *revoked = recording->revoked;
    const struct authority_issuer *issuer =
        authority_by_id(authority, revoked->authority);
    int shard = (int)crl_shard_of(
        revocation->serial, issuer == NULL ? 1 : issuer->crl_shards);
    enum revocation_reason reason = revocation->act == ACT_HOLD
                                        ? REASON_CERTIFICATE_HOLD
                                        : revocation->reason;

    if (revocation->act == ACT_RELEASE) {
        revoked->has_changed = true;
        return store_release(
            authority->store, recording->certificate, revoked->at, why);
    }
    if (!store_revoke(authority->store, recording->certificate, shard,
            revoked->at, reason, &revoked->has_changed, why))
        return false;
    if (revoked->has_changed)
        revoked->reason = reason;
    return true;
}

static enum event_kind kind_of(enum revocation_act act)
{
    switch (act) {
    case ACT_REVOKE:
        return EVENT_REVOKED;
    case ACT_HOLD:
        return EVENT_HELD;
    case ACT_RELEASE:
        return EVENT_RELEASED;
    }
    return EVENT_REVOKED;
}

/* What the journal tells beside serial and caller. */
static json_t *details_of(const struct revocation *revocation)
{
    const char *words = revocation->words;
    json_t *details;

    if (revocation->act != ACT_REVOKE)
        return NULL;
    details = json_pack("{s:s}", "revocation_reason",
        revocation_reason_name(revocation->reason));
    if (words != NULL && words[0] != '\0')
        (void)json_object_set_new(details, "words", json_of_text(words));
    return details;
}

bool revocation_record(struct authority *authority,
    const struct revocation *revocation, struct revoked *revoked,
    struct failure *why)
{
    struct recording recording = {.revocation = revocation, .revoked = revoked};
    char serial[SERIAL_TEXT];

    *revoked = (struct revoked){.at = clock_now()};
    serial_print(revocation->serial, serial);
    if (!store_certificate_by_serial(
            authority->store, revocation->serial, take_row, &recording, why) ||
        !change_status(authority, &recording, why))
        return false;
    if (!revoked->has_changed)
        return true;
    return journal_event(authority->store,
        &(struct event){.kind = kind_of(revocation->act),
            .caller = revocation->caller,
            .object = serial,
            .more = details_of(revocation)},
        why);
}

static bool record(
    struct authority *authority, void *context, struct failure *why)
{
    const struct recording *recording = context;

    return revocation_record(
        authority, recording->revocation, recording->revoked, why);
}

bool revoke_certificate(struct authority *authority,
    const struct revocation *revocation, struct revoked *revoked,
    struct failure *why)
{
    struct recording recording = {.revocation = revocation, .revoked = revoked};

    return (revocation->act != ACT_REVOKE ||
               revocation_reason_check(revocation->reason, why)) &&
           authority_write(authority, record, &recording, why);
}
