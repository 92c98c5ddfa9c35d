#include "authority/requests.h"

#include <stdlib.h>
#include <string.h>

#include "authority/event.h"
#include "authority/journal.h"
#include "authority/steps.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"

/* --- ids ----------------------------------------------------------------- */

#define ID_BYTES 16
#define ID_CHARACTERS (REQUEST_ID_TEXT - 1)

/* Without letters that are read as others. */
static void new_id(char id[static REQUEST_ID_TEXT])
{
    static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";
    uint8_t random[ID_BYTES + 1] = {0};

    random_fill(random, ID_BYTES);
    for (size_t i = 0; i < ID_CHARACTERS; i++) {
        size_t bit = 5 * i;
        unsigned int two =
            (unsigned int)(random[bit / 8] << 8 | random[bit / 8 + 1]);

        id[i] = alphabet[two >> (11 - bit % 8) & 31];
    }
    id[ID_CHARACTERS] = '\0';
}

const char *request_state_name(enum request_state state)
{
    static const char *const names[REQUEST_STATES] = {
        [REQUEST_WAITING] = "waiting",
        [REQUEST_ISSUED] = "issued",
        [REQUEST_DENIED] = "denied",
        [REQUEST_FAILED] = "failed",
        [REQUEST_WITHDRAWN] = "withdrawn",
    };

    return names[state];
}

/* --- waiting ------------------------------------------------------------- */

bool issue_await(struct authority *authority, struct desk *desk,
    struct issuance *issuance, struct failure *why)
{
    enum enrolment_door door = issuance->enrolment->caller->door;

    (void)authority;
    (void)desk;
    (void)why;
    issuance->awaits = issuance->rule->profile->approvals > 0 &&
                       issuance->enrolment->approved == 0 &&
                       door != DOOR_FOUNDING && door != DOOR_OWN;
    if (issuance->awaits)
        new_id(issuance->request_id);
    return true;
}

static bool keep_version(struct authority *authority,
    const struct authority_rule *rule, struct failure *why)
{
    RELEASED(buffer) canonical = BUFFER("profile", PROFILE_TEXT_MAX);
    const char *text = NULL;

    return profile_text(rule->profile, &canonical, why) &&
           buffer_as_text(&canonical, &text, why) &&
           store_keep_profile(authority->store, rule->sha256,
               rule->profile->name, text, clock_now(), why);
}

static struct request_row row_of(
    const struct issuance *issuance, const char *key_sha256)
{
    const struct enrolment *enrolment = issuance->enrolment;

    return (struct request_row){.id = issuance->request_id,
        .state = REQUEST_WAITING,
        .key_sha256 = key_sha256,
        .authority = issuance->issuer->id,
        .profile = issuance->rule->profile->name,
        .profile_sha256 = issuance->rule->sha256,
        .door = enrolment->caller->role == ROLE_NOBODY ? REQUEST_BY_KEY
                                                       : REQUEST_BY_ROLE,
        .actor = enrolment->caller->actor,
        .person = enrolment->caller->person,
        .der = enrolment->request,
        .subject = enrolment->subject,
        .general_names = enrolment->general_names,
        .lifetime_s = enrolment->lifetime_s,
        .not_after = enrolment->not_after,
        .origin = enrolment->origin,
        .approvals_needed = issuance->rule->profile->approvals,
        .asked_at = clock_now(),
        .reason = ""};
}

/* A key for idempotency that asked before. */
struct older {
    struct issuance *issuance;
    const struct request_row *row; /* of ours */
};

static bool fail_used(const struct older *older, const char *what)
{
    return fail_because(&older->issuance->why, FAILURE_CONFLICT,
        "the idempotency key \"%s\" was used before, %s", older->row->origin,
        what);
}

/* What is wrong with it is its member's matter, not the group's. */
static bool take_older(
    void *context, const struct request_row *row, struct failure *why)
{
    const struct older *older = context;

    (void)why;
    if (strcmp(row->key_sha256, older->row->key_sha256) != 0)
        (void)fail_used(older, "for another key");
    else if (strcmp(row->profile, older->row->profile) != 0 ||
             row->authority != older->row->authority)
        (void)fail_used(older, "for another profile or authority");
    else if (row->state != REQUEST_WAITING && row->state != REQUEST_ISSUED)
        (void)fail_used(
            older, row->state == REQUEST_WITHDRAWN
                       ? "for a request that was withdrawn"
                       : "for a request that was denied or refused");
    else
        memcpy(older->issuance->request_id, row->id, REQUEST_ID_TEXT);
    return true;
}

static bool meet_older(struct authority *authority, struct issuance *issuance,
    const struct request_row *row, int64_t number, struct failure *why)
{
    const struct request_filter one = {.after_number = number - 1, .limit = 1};
    struct older older = {issuance, row};

    if (!store_list_requests(authority->store, &one, take_older, &older, why))
        return false;
    return issuance->why.kind == FAILURE_NONE ||
           journal_refusal(authority->store, issuance, why);
}

bool request_record(
    struct authority *authority, struct issuance *issuance, struct failure *why)
{
    char key_sha256[SHA256_TEXT];
    struct request_row row;
    int64_t number = 0;
    bool added = false;

    if (!sha256_text(issuance->request.key.whole, key_sha256, why) ||
        !keep_version(authority, issuance->rule, why))
        return false;
    row = row_of(issuance, key_sha256);
    if (!store_add_request(authority->store, &row, &number, &added, why))
        return false;
    if (!added)
        return meet_older(authority, issuance, &row, number, why);
    return journal_event(authority->store,
        &(struct event){.kind = EVENT_REQUEST_RECEIVED,
            .caller = issuance->enrolment->caller,
            .object = issuance->request_id,
            .request = issuance->request_id,
            .more = json_pack("{s:s,s:s,s:s,s:i}", "profile", row.profile,
                "profile_sha256", row.profile_sha256, "authority",
                issuance->issuer->name, "approvals_needed",
                row.approvals_needed)},
        why);
}

/* --- what became of it --------------------------------------------------- */

static bool take_number(
    void *context, const struct certificate_row *row, struct failure *why)
{
    int64_t *id = context;

    (void)why;
    *id = row->id;
    return true;
}

/* Another time it may do: also when what the signer may sign today is less than
 * what was approved, since the settings are an administrator's to widen. */
static bool may_go_on_waiting(enum failure_kind kind)
{
    return kind == FAILURE_UNAVAILABLE || kind == FAILURE_INTERNAL ||
           kind == FAILURE_FORBIDDEN;
}

static bool settle_refusal(struct authority *authority,
    const struct issuance *issuance, struct failure *why)
{
    const struct enrolment *enrolment = issuance->enrolment;

    if (may_go_on_waiting(issuance->why.kind))
        return true;
    return store_decide_request(authority->store, enrolment->approved,
               REQUEST_FAILED, clock_now(), issuance->why.reason, 0, why) &&
           journal_event(authority->store,
               &(struct event){.kind = EVENT_REQUEST_FAILED,
                   .caller = enrolment->caller,
                   .object = enrolment->approved_id,
                   .request = enrolment->approved_id,
                   .refusal = &issuance->why},
               why);
}

bool request_settle(struct authority *authority,
    const struct issuance *issuance, struct failure *why)
{
    int64_t certificate = 0;

    if (issuance->enrolment->approved == 0)
        return true;
    if (issuance->why.kind != FAILURE_NONE)
        return settle_refusal(authority, issuance, why);
    return store_certificate_by_serial(authority->store,
               (struct bytes){issuance->serial, SERIAL_BYTES}, take_number,
               &certificate, why) &&
           store_decide_request(authority->store, issuance->enrolment->approved,
               REQUEST_ISSUED, clock_now(), "", certificate, why);
}
