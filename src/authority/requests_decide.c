#include "authority/requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/approvals.h"
#include "authority/event.h"
#include "base/clock.h"
#include "base/json.h"
#include "crypto/openssl_scoped.h"

/* A row of the store, copied: it outlives the visit. */
struct held_request {
    struct request_row row;
    char id[REQUEST_ID_TEXT];
    char profile[PROFILE_NAME_MAX];
    char profile_sha256[SHA256_TEXT];
    char key_sha256[SHA256_TEXT];
    char actor[80], door[32], origin[256];
    struct buffer der, subject, general_names;
};

static void held_request_free(struct held_request *held)
{
    buffer_free(&held->der);
    buffer_free(&held->subject);
    buffer_free(&held->general_names);
}

static const char *copy(char *room, size_t size, const char *text)
{
    if (text == NULL)
        return NULL;
    (void)snprintf(room, size, "%s", text);
    return room;
}

static bool hold(
    void *context, const struct request_row *row, struct failure *why)
{
    struct held_request *held = context;

    held->row = *row;
    held->row.id = copy(held->id, sizeof(held->id), row->id);
    held->row.profile =
        copy(held->profile, sizeof(held->profile), row->profile);
    held->row.profile_sha256 = copy(held->profile_sha256,
        sizeof(held->profile_sha256), row->profile_sha256);
    held->row.key_sha256 =
        copy(held->key_sha256, sizeof(held->key_sha256), row->key_sha256);
    held->row.actor = copy(held->actor, sizeof(held->actor), row->actor);
    held->row.door = copy(held->door, sizeof(held->door), row->door);
    held->row.origin = copy(held->origin, sizeof(held->origin), row->origin);
    held->row.reason = "";
    if (!buffer_append(&held->der, row->der, why) ||
        !buffer_append(&held->subject, row->subject, why) ||
        !buffer_append(&held->general_names, row->general_names, why))
        return false;
    held->row.der = buffer_view(&held->der);
    held->row.subject = buffer_view(&held->subject);
    held->row.general_names = buffer_view(&held->general_names);
    return true;
}

static struct held_request empty_request(void)
{
    return (struct held_request){.der = BUFFER("request", REQUEST_MAX),
        .subject = BUFFER("subject", REQUEST_MAX),
        .general_names = BUFFER("names", REQUEST_MAX)};
}

static bool find(struct store *store, const char *id, struct held_request *held,
    struct failure *why)
{
    if (strlen(id) != REQUEST_ID_TEXT - 1)
        return fail_because(why, FAILURE_NOT_FOUND,
            "\"%.40s\" is no request's id; it has %d characters", id,
            REQUEST_ID_TEXT - 1);
    return store_request_by_id(store, id, hold, held, why);
}

static bool is_waiting(const struct held_request *held, struct failure *why)
{
    static const char *const states[] = {
        [REQUEST_WAITING] = "waiting",
        [REQUEST_ISSUED] = "issued",
        [REQUEST_DENIED] = "denied",
        [REQUEST_FAILED] = "refused by a rule",
        [REQUEST_WITHDRAWN] = "withdrawn",
    };
    char when[CLOCK_TEXT];

    if (held->row.state == REQUEST_WAITING)
        return true;
    clock_print(held->row.decided_at, when);
    return fail_because(why, FAILURE_CONFLICT,
        "request %s was %s already, at %s", held->id, states[held->row.state],
        when);
}

/* --- approvals ----------------------------------------------------------- */

struct approving {
    const struct request_decision *decision;
    struct held_request *held;
    int approvals;
};

static bool asked_himself(
    const struct held_request *held, const struct caller *caller)
{
    if (caller->person != 0 || held->row.person != 0)
        return caller->person == held->row.person;
    return strcmp(caller->who, "local") == 0 &&
           strcmp(held->door, REQUEST_BY_ROLE) == 0;
}

/* Where two are needed, who asked is neither (properties 37). */
static bool may_approve(const struct approving *approving, struct failure *why)
{
    if (approving->held->row.approvals_needed < 2 ||
        !asked_himself(approving->held, approving->decision->caller))
        return true;
    return fail_because(why, FAILURE_CONFLICT,
        "%s asked for this; profile %s wants the approval of two others",
        approving->decision->caller->actor, approving->held->profile);
}

/* What could not be issued now is not approved now. */
static bool check_moment(struct authority *authority,
    const struct request_row *row, struct failure *why)
{
    return room_check(&authority->room, why) &&
           clock_guard_check(&authority->clock, why) &&
           pauses_allow(&authority->pauses, row->profile, why);
}

static bool note_approval(struct authority *authority,
    struct approving *approving, struct failure *why)
{
    const struct request_decision *decision = approving->decision;
    const struct request_row *row = &approving->held->row;
    int all = 0;

    return store_approve(authority->store, row->number, decision->caller->who,
               decision->caller->actor, clock_now(), &all, why) &&
           approvals_count(
               authority->store, row->number, &approving->approvals, why) &&
           journal_event(authority->store,
               &(struct event){.kind = EVENT_REQUEST_APPROVED,
                   .caller = decision->caller,
                   .object = decision->id,
                   .request = decision->id,
                   .more = json_pack("{s:i,s:i}", "approvals",
                       approving->approvals, "needed", row->approvals_needed)},
               why);
}

/* In the writer's transaction, on what the store says now. */
static bool approve_in_store(
    struct authority *authority, void *context, struct failure *why)
{
    struct approving *approving = context;
    const struct request_decision *decision = approving->decision;
    struct held_request *held = approving->held;

    if (!find(authority->store, decision->id, held, why) ||
        !is_waiting(held, why) ||
        !approvals_check_caller(authority->store, decision->caller, why) ||
        !may_approve(approving, why) ||
        !check_moment(authority, &held->row, why) ||
        !approvals_count(
            authority->store, held->row.number, &approving->approvals, why))
        return false;
    return approving->approvals >= held->row.approvals_needed ||
           note_approval(authority, approving, why);
}

/* --- issuing ------------------------------------------------------------- */

/* The version of the profile that the request was asked under. */
struct profile_version {
    struct profile profile;
    struct authority_rule rule;
};

static void profile_version_free(struct profile_version *version)
{
    composer_free(version->rule.composer);
}

static const struct authority_issuer *issuer_of(
    const struct authority *authority, int64_t id)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (authority->issuers[i].id == id)
            return &authority->issuers[i];
    }
    return NULL;
}

static bool compile_version(const struct authority_issuer *issuer,
    struct store *reading, const struct request_row *row,
    struct profile_version *version, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("profile", PROFILE_TEXT_MAX);

    if (!store_profile_text(reading, row->profile_sha256, &text, why) ||
        !profile_read_text(buffer_view(&text), &version->profile, why) ||
        !composer_new(
            &version->profile, &issuer->issuer, &version->rule.composer, why))
        return false;
    version->rule.profile = &version->profile;
    memcpy(version->rule.sha256, row->profile_sha256, SHA256_TEXT);
    return true;
}

/* The profile as it stands, when it is the one that was asked under. */
static const struct authority_rule *current_rule(
    const struct authority_issuer *issuer, const struct request_row *row)
{
    for (size_t i = 0; i < issuer->rule_count; i++) {
        if (strcmp(issuer->rules[i].profile->name, row->profile) == 0 &&
            strcmp(issuer->rules[i].sha256, row->profile_sha256) == 0)
            return &issuer->rules[i];
    }
    return NULL;
}

/* The signer's limits are those of today's settings. */
static bool fail_narrowed(const struct enrolment *enrolment,
    const struct failure *cause, struct failure *why)
{
    return fail_because(why, FAILURE_FORBIDDEN,
        "request %s goes on waiting: since it was asked for, the settings "
        "allow "
        "less (%.120s); widen profile %s and approve again, or deny it",
        enrolment->approved_id, cause->reason, enrolment->profile);
}

static bool take_the_road(struct authority *authority, struct desk *desk,
    const struct enrolment *enrolment, struct approved *approved,
    struct failure *why)
{
    struct issuance issuance = {0};
    bool ok;

    issuance_begin(&issuance, enrolment);
    issue_certificates(authority, desk, &issuance, 1);
    *why = issuance.why;
    if (issuance.why.kind == FAILURE_FORBIDDEN)
        (void)fail_narrowed(enrolment, &issuance.why, why);
    ok = why->kind == FAILURE_NONE &&
         buffer_append(
             &approved->certificate, buffer_view(&issuance.certificate), why) &&
         buffer_append(
             &approved->notices, buffer_view(&issuance.names.notices), why);
    approved->is_issued = ok;
    issuance_free(&issuance);
    return ok;
}

static bool issue_approved(struct authority *authority, struct desk *desk,
    struct store *reading, const struct approving *approving,
    struct approved *approved, struct failure *why)
{
    const struct request_row *row = &approving->held->row;
    const struct authority_issuer *issuer =
        issuer_of(authority, row->authority);
    RELEASED(profile_version) version = {0};
    struct enrolment enrolment = {.caller = approving->decision->caller,
        .profile = row->profile,
        .request = row->der,
        .subject = row->subject,
        .general_names = row->general_names,
        .lifetime_s = row->lifetime_s,
        .not_after = row->not_after,
        .origin = row->origin,
        .approved = row->number,
        .approved_id = row->id,
        .asked_by = row->actor};

    if (issuer == NULL)
        return fail_because(why, FAILURE_NOT_FOUND,
            "the authority this was asked of is not here any more");
    enrolment.authority = issuer->name;
    enrolment.rule = current_rule(issuer, row);
    if (enrolment.rule == NULL) {
        if (!compile_version(issuer, reading, row, &version, why))
            return false;
        enrolment.rule = &version.rule;
    }
    return take_the_road(authority, desk, &enrolment, approved, why);
}

bool request_approve(struct authority *authority, struct desk *desk,
    struct store *reading, const struct request_decision *decision,
    struct approved *approved, struct failure *why)
{
    RELEASED(held_request) held = empty_request();
    struct approving approving = {.decision = decision, .held = &held};

    if (!authority_write(authority, approve_in_store, &approving, why))
        return false;
    approved->approvals = approving.approvals;
    approved->needed = held.row.approvals_needed;
    return approving.approvals < held.row.approvals_needed ||
           issue_approved(authority, desk, reading, &approving, approved, why);
}

/* --- denial and withdrawal ----------------------------------------------- */

struct ending {
    const struct request_decision *decision;
    enum request_state state;
    enum event_kind kind;
};

static bool may_end(const struct ending *ending,
    const struct held_request *held, struct failure *why)
{
    const struct caller *caller = ending->decision->caller;

    if (ending->state == REQUEST_DENIED || caller->role == ROLE_ADMINISTRATOR ||
        asked_himself(held, caller))
        return true;
    return fail_because(why, FAILURE_FORBIDDEN,
        "%s did not ask for request %s, and so can't withdraw it",
        caller->actor, held->id);
}

static bool end_in_store(
    struct authority *authority, void *context, struct failure *why)
{
    const struct ending *ending = context;
    const struct request_decision *decision = ending->decision;
    RELEASED(held_request) held = empty_request();

    return find(authority->store, decision->id, &held, why) &&
           is_waiting(&held, why) && may_end(ending, &held, why) &&
           store_decide_request(authority->store, held.row.number,
               ending->state, clock_now(), decision->words, 0, why) &&
           journal_event(authority->store,
               &(struct event){.kind = ending->kind,
                   .caller = decision->caller,
                   .object = decision->id,
                   .request = decision->id,
                   .more = json_pack("{s:s}", "words", decision->words)},
               why);
}

bool request_deny(struct authority *authority,
    const struct request_decision *decision, struct failure *why)
{
    struct ending ending = {decision, REQUEST_DENIED, EVENT_REQUEST_DENIED};

    if (decision->words == NULL || decision->words[0] == '\0')
        return fail_because(why, FAILURE_UNSUITABLE,
            "a denial says why, in words: who asked will read them");
    return authority_write(authority, end_in_store, &ending, why);
}

bool request_withdraw(struct authority *authority,
    const struct request_decision *decision, struct failure *why)
{
    struct ending ending = {
        decision, REQUEST_WITHDRAWN, EVENT_REQUEST_WITHDRAWN};

    return authority_write(authority, end_in_store, &ending, why);
}

/* --- proof of the key ---------------------------------------------------- */

bool request_prove(
    const struct request_row *row, struct bytes signature, struct failure *why)
{
    char text[sizeof(REQUEST_PROOF) + REQUEST_ID_TEXT];
    struct public_key_parts parts = {0};
    struct request request = {0};
    SCOPED(EVP_PKEY) *key = NULL;

    (void)snprintf(text, sizeof(text), "%s%s", REQUEST_PROOF, row->id);
    if (!request_read(row->der, &request, why) ||
        !spki_parts(&request.key, &parts, why) ||
        !public_key_make(&parts, &key, why))
        return false;
    if (signature_verify(key, parts.algorithm->signs_with, bytes_of_text(text),
            signature, why))
        return true;
    return fail_because(why, FAILURE_UNAUTHENTICATED,
        "the proof is not signed by the key of request %s", row->id);
}
