#include "authority/steps.h"

#include "authority/hierarchy.h"
#include "authority/journal.h"
#include "authority/renew.h"
#include "authority/requests.h"
#include "authority/shard.h"
#include "base/clock.h"

/* --- one member ---------------------------------------------------------- */

static struct certificate_row row_of(const struct issuance *issuance)
{
    bool is_root = issuance->issuer->id == 0;

    return (struct certificate_row){
        .serial = {issuance->serial, SERIAL_BYTES},
        .der = buffer_view(&issuance->certificate),
        .sealed = true,
        .authority = is_root ? issuance->founded : issuance->issuer->id,
        .profile = issuance->rule->profile->name,
        .issued_at = clock_now(),
        .not_after = issuance->not_after,
        .status = CERTIFICATE_VALID,
        .origin = issuance->enrolment->origin,
        .shard =
            (int)crl_shard_of((struct bytes){issuance->serial, SERIAL_BYTES},
                issuance->issuer->crl_shards),
        .request = issuance->enrolment->approved,
        .actor = issuance->enrolment->asked_by != NULL
                     ? issuance->enrolment->asked_by
                     : issuance->enrolment->caller->actor,
    };
}

static bool take_first(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct issuance *issuance = context;

    buffer_clear(&issuance->certificate);
    return issue_take_repeat(issuance, row, why);
}

/* Two retries met on the road: the first is the certificate, this one was never
 * handed out and is revoked. */
static bool record_twin(
    struct authority *authority, struct issuance *issuance, struct failure *why)
{
    struct certificate_row row = row_of(issuance);
    struct failure refusal = {0};
    bool added = false;
    bool found = false;

    row.origin = NULL;
    row.status = CERTIFICATE_REVOKED;
    row.revoked_at = clock_now();
    row.reason = REASON_SUPERSEDED;
    if (!store_add_certificate(authority->store, &row, &added, why) ||
        !journal_twin(authority->store, issuance, why))
        return false;
    if (store_certificate_by_origin(authority->store,
            issuance->enrolment->origin, &found, take_first, issuance,
            &refusal))
        return true;
    issuance->why = refusal;
    return journal_refusal(authority->store, issuance, why);
}

static bool record_member(struct authority *authority, const struct desk *desk,
    struct issuance *issuance, struct failure *why)
{
    struct certificate_row row;
    bool added = false;

    if (issuance->is_repeat)
        return true;
    if (issuance->why.kind != FAILURE_NONE)
        return journal_refusal(authority->store, issuance, why) &&
               request_settle(authority, issuance, why);
    if (issuance->awaits)
        return request_record(authority, issuance, why);
    if (!hierarchy_record(authority, issuance, why))
        return false;
    row = row_of(issuance);
    if (!store_add_certificate(authority->store, &row, &added, why))
        return false;
    if (!added)
        return record_twin(authority, issuance, why);
    return journal_issuance(
               authority->store, issuance, desk->signing.log_end, why) &&
           renewal_record(authority, issuance, why) &&
           request_settle(authority, issuance, why);
}

/* --- the group ----------------------------------------------------------- */

static bool record_members(struct authority *authority, const struct desk *desk,
    struct issuance *group, size_t count, struct failure *why)
{
    for (size_t i = 0; i < count; i++) {
        if (!record_member(authority, desk, &group[i], why))
            return false;
    }
    return !desk->has_ticket ||
           store_set_number(authority->store, SIGN_LOG_TAKEN_IN,
               (int64_t)desk->signing.log_end, why);
}

static bool record_group(struct authority *authority, const struct desk *desk,
    struct issuance *group, size_t count, struct failure *why)
{
    if (authority->is_broken || desk->has_lost)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "an earlier group could not be recorded; nothing is issued until "
            "a restart");
    if (!store_begin(authority->store, why) ||
        !journal_moment(authority, why) ||
        !record_members(authority, desk, group, count, why)) {
        store_roll_back(authority->store);
        return false;
    }
    if (!clock_guard_note(&authority->clock, authority->store, why)) {
        store_roll_back(authority->store);
        return false;
    }
    authority->events_at_most += (int64_t)count;
    return authority_commit(authority, why);
}

/* Something in the group changes the store.  On a full disk, which is told
 * once, refusals are not journalled one by one: what is left is kept for
 * revocations. */
static bool has_news(
    struct authority *authority, const struct issuance *group, size_t count)
{
    struct failure full = {0};
    bool is_full =
        !room_check(&authority->room, &full) && authority->has_told_room;

    for (size_t i = 0; i < count; i++) {
        if (!group[i].is_repeat &&
            (!is_full || group[i].why.kind == FAILURE_NONE))
            return true;
    }
    return false;
}

bool issue_record(struct authority *authority, struct desk *desk,
    struct issuance *group, size_t count, struct failure *why)
{
    bool ok;

    (void)pthread_mutex_lock(&authority->writing);
    if (!desk->has_ticket && !has_news(authority, group, count)) {
        (void)pthread_mutex_unlock(&authority->writing);
        return true;
    }
    while (desk->has_ticket && desk->signing.ticket != authority->next_ticket)
        (void)pthread_cond_wait(&authority->turn, &authority->writing);
    ok = record_group(authority, desk, group, count, why);
    if (desk->has_ticket) {
        authority->next_ticket++;
        /* Signed and not recorded: what follows must not be recorded as if
         * this group had been. */
        authority->is_broken |= !ok;
    }
    (void)pthread_cond_broadcast(&authority->turn);
    (void)pthread_mutex_unlock(&authority->writing);
    return ok;
}
