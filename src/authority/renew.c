#include "authority/renew.h"

#include <stdio.h>
#include <string.h>

#include "authority/event.h"
#include "base/clock.h"
#include "base/json.h"
#include "crypto/openssl_scoped.h"
#include "x509/pkcs7.h"

void renewal_free(struct renewal *renewal)
{
    buffer_free(&renewal->certificate);
}

/* --- the old certificate ------------------------------------------------- */

/* Its row, without what lives only during the visit. */
struct old_row {
    struct renewal *renewal;
    int64_t id, authority, not_after;
    enum certificate_status status;
    bool sealed;
    struct certificate certificate;
};

static bool take_old(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct old_row *old = context;

    old->id = row->id;
    old->authority = row->authority;
    old->not_after = row->not_after;
    old->status = row->status;
    old->sealed = row->sealed;
    (void)snprintf(old->renewal->profile, sizeof(old->renewal->profile), "%s",
        row->profile);
    return buffer_append(&old->renewal->certificate, row->der, why);
}

static bool find_old(
    struct store *reading, struct old_row *old, struct failure *why)
{
    struct renewal *renewal = old->renewal;
    char serial[SERIAL_TEXT];

    serial_print(renewal->serial, serial);
    buffer_clear(&renewal->certificate);
    if (!store_certificate_by_serial(
            reading, renewal->serial, take_old, old, why))
        return false;
    if (!old->sealed)
        return fail_because(why, FAILURE_UNSUITABLE,
            "certificate %s was never delivered, so there is nothing to renew",
            serial);
    return certificate_read(
        buffer_view(&renewal->certificate), &old->certificate, why);
}

/* --- may it be renewed? -------------------------------------------------- */

static bool check_status(const struct old_row *old, struct failure *why)
{
    char serial[SERIAL_TEXT];

    serial_print(old->renewal->serial, serial);
    if (old->status == CERTIFICATE_REVOKED)
        return fail_because(why, FAILURE_UNSUITABLE,
            "certificate %s is revoked; a revoked certificate is not renewed: "
            "ask for a new one",
            serial);
    return old->status == CERTIFICATE_VALID ||
           fail_because(why, FAILURE_UNSUITABLE,
               "certificate %s is held; it can be renewed once `chancery "
               "unhold` has released it",
               serial);
}

static bool check_age(const struct old_row *old, struct failure *why)
{
    char serial[SERIAL_TEXT], end[CLOCK_TEXT];

    if (clock_now() - old->not_after <= RENEWAL_LATEST_S)
        return true;
    serial_print(old->renewal->serial, serial);
    clock_print(old->not_after, end);
    return fail_because(why, FAILURE_UNSUITABLE,
        "certificate %s ended at %s; at most 30 days after its end can one be "
        "renewed: ask for a new one",
        serial, end);
}

/* --- who asks? ----------------------------------------------------------- */

static bool verify_proof(
    const struct old_row *old, struct bytes request, struct failure *why)
{
    RELEASED(buffer)
    message = BUFFER("proof", sizeof(RENEWAL_PROOF) + REQUEST_MAX);
    struct public_key_parts parts = {0};
    SCOPED(EVP_PKEY) *key = NULL;
    char serial[SERIAL_TEXT];

    if (!buffer_append_text(&message, RENEWAL_PROOF, why) ||
        !buffer_append(&message, request, why) ||
        !spki_parts(&old->certificate.tbs.key, &parts, why) ||
        !public_key_make(&parts, &key, why))
        return false;
    if (signature_verify(key, parts.algorithm->signs_with,
            buffer_view(&message), old->renewal->proof, why))
        return true;
    serial_print(old->renewal->serial, serial);
    return fail_because(why, FAILURE_UNAUTHENTICATED,
        "the renewal is not signed by the key of certificate %s", serial);
}

static bool verify_signed_request(
    const struct old_row *old, struct bytes request, struct failure *why)
{
    const struct renewal *renewal = old->renewal;
    struct pkcs7_renewal found = {0};
    struct failure cause = {0};

    if (!pkcs7_renewal_read(renewal->signed_request, &found, why))
        return false;
    if (!bytes_equal(found.request, request))
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "the renewal was signed for another request");
    if (pkcs7_renewal_verify(
            &found, buffer_view(&renewal->certificate), &cause))
        return true;
    return fail_because(why, FAILURE_UNAUTHENTICATED,
        "the renewal is not signed by the old certificate's key: %.160s",
        cause.reason);
}

static bool has_role(const struct caller *caller)
{
    return caller->role == ROLE_ADMINISTRATOR || caller->role == ROLE_OPERATOR;
}

/* A proof that is there must hold, whoever asks. */
static bool prove(
    const struct old_row *old, struct enrolment *enrolment, struct failure *why)
{
    const struct renewal *renewal = old->renewal;

    if (renewal->signed_request.length > 0) {
        if (!verify_signed_request(old, enrolment->request, why))
            return false;
    } else if (renewal->proof.length > 0) {
        if (!verify_proof(old, enrolment->request, why))
            return false;
    } else {
        return has_role(enrolment->caller) ||
               fail_because(why, FAILURE_FORBIDDEN,
                   "%s may not renew without the old certificate's key",
                   enrolment->caller->actor);
    }
    enrolment->renewal_is_proven = true;
    return true;
}

/* --- the enrolment ------------------------------------------------------- */

/* Who may issue below it is decided in a ceremony. */
static bool check_no_authority(
    const struct tbs_certificate *old, struct failure *why)
{
    struct basic_constraints constraints = {0};
    struct extension extension = {0};
    bool found = false;

    if (!extensions_find(
            old->extensions, OID_BASIC_CONSTRAINTS, &extension, &found, why) ||
        (found &&
            !extension_basic_constraints(extension.value, &constraints, why)))
        return false;
    return !constraints.is_authority ||
           fail_because(why, FAILURE_UNSUITABLE,
               "an authority's own certificate is not renewed so: "
               "`chancery ca rollover` makes its successor");
}

static const struct authority_issuer *issuer_with(
    const struct authority *authority, int64_t id, int64_t follows)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        if (id != 0 ? issuer->id == id : issuer->follows == follows)
            return issuer;
    }
    return NULL;
}

/* The one that issued it, or that took over from it and issues today. */
static const struct authority_issuer *issuer_today(
    const struct authority *authority, int64_t id)
{
    const struct authority_issuer *issuer = issuer_with(authority, id, 0);

    for (size_t i = 0; issuer != NULL && i < authority->issuer_count; i++) {
        const struct authority_issuer *next =
            issuer_with(authority, 0, issuer->id);

        if (issuer->state == AUTHORITY_ACTIVE || next == NULL ||
            next->state == AUTHORITY_COMING)
            return issuer;
        issuer = next;
    }
    return issuer;
}

/* The old one's, as far as profile and issuer give it today. */
static int64_t lifetime_of(const struct tbs_certificate *old,
    const struct profile *profile, const struct authority_issuer *issuer)
{
    int64_t lifetime_s = old->not_after - old->not_before + 1;
    int64_t left_s = issuer->issuer.not_after - clock_now();

    if (lifetime_s == profile->lifetime_s)
        return 0;
    if (lifetime_s > profile->longest_lifetime_s)
        lifetime_s = profile->longest_lifetime_s;
    if (profile->beyond_issuer == BEYOND_ISSUER_CAP && lifetime_s > left_s)
        lifetime_s = left_s;
    return lifetime_s > 0 ? lifetime_s : 0;
}

static bool take_names(const struct tbs_certificate *old,
    struct enrolment *enrolment, struct failure *why)
{
    struct extension extension = {0};
    struct der_reader names = {0};
    bool found = false;

    enrolment->subject = old->subject;
    enrolment->general_names = (struct bytes){0};
    if (!extensions_find(
            old->extensions, OID_SUBJECT_ALT_NAME, &extension, &found, why) ||
        (found && !extension_general_names(extension.value, &names, why)))
        return false;
    if (found)
        enrolment->general_names = der_remaining(&names);
    return true;
}

static bool fill_in(const struct authority *authority,
    const struct old_row *old, struct enrolment *enrolment, struct failure *why)
{
    const struct authority_issuer *issuer =
        issuer_today(authority, old->authority);
    const struct authority_rule *rule = NULL;

    if (issuer == NULL)
        return fail_because(why, FAILURE_NOT_FOUND,
            "the authority that issued it is not here any more");
    if (!check_no_authority(&old->certificate.tbs, why) ||
        !authority_rule(issuer, old->renewal->profile, &rule, why) ||
        !take_names(&old->certificate.tbs, enrolment, why))
        return false;
    enrolment->profile = old->renewal->profile;
    enrolment->authority = issuer->name;
    enrolment->lifetime_s =
        lifetime_of(&old->certificate.tbs, rule->profile, issuer);
    enrolment->not_after = 0;
    enrolment->renews = old->id;
    enrolment->renewed = buffer_view(&old->renewal->certificate);
    return true;
}

bool renewal_prepare(const struct authority *authority, struct store *reading,
    struct renewal *renewal, struct enrolment *enrolment, struct failure *why)
{
    struct old_row old = {.renewal = renewal};

    if (renewal->certificate.ceiling == 0)
        renewal->certificate = BUFFER("old certificate", CERTIFICATE_MAX);
    return find_old(reading, &old, why) && prove(&old, enrolment, why) &&
           check_status(&old, why) && check_age(&old, why) &&
           fill_in(authority, &old, enrolment, why);
}

/* --- the journal --------------------------------------------------------- */

bool renewal_record(struct authority *authority,
    const struct issuance *issuance, struct failure *why)
{
    const struct enrolment *enrolment = issuance->enrolment;
    struct certificate old = {0};
    char old_serial[SERIAL_TEXT], new_serial[SERIAL_TEXT];

    if (enrolment->renews == 0)
        return true;
    if (!certificate_read(enrolment->renewed, &old, why))
        return false;
    serial_print(old.tbs.serial, old_serial);
    serial_print((struct bytes){issuance->serial, SERIAL_BYTES}, new_serial);
    return journal_event(authority->store,
        &(struct event){.kind = EVENT_RENEWED,
            .caller = enrolment->caller,
            .object = old_serial,
            .more = json_pack("{s:s,s:s,s:s}", "renewed_by", new_serial,
                "profile", issuance->rule->profile->name, "proof",
                enrolment->renewal_is_proven ? "old key" : "role")},
        why);
}
