#include "server/clerk.h"

#include <stdlib.h>
#include <string.h>

#include "authority/issuer_chain.h"
#include "authority/lists.h"
#include "authority/requests.h"
#include "base/base64.h"
#include "base/clock.h"

/* --- fields -------------------------------------------------------------- */

struct request_fields {
    char id[64];
    char words[400];
    struct bytes proof;
};

/* Anybody may ask for one, and what they ask for is journalled. */
static bool take_id(struct request_fields *fields, const struct field *field,
    struct failure *why)
{
    for (size_t i = 0; i < field->value.length; i++) {
        uint8_t c = field->value.start[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
            return fail_because(why, FAILURE_NOT_FOUND,
                "no request has such an id: ids are letters a to z and digits");
    }
    return field_text(field, fields->id, sizeof(fields->id), why);
}

static bool take_field(struct request_fields *fields, const struct field *field,
    struct failure *why)
{
    if (field->tag == CONTROL_ID)
        return take_id(fields, field, why);
    if (field->tag == CONTROL_WORDS)
        return field_text(field, fields->words, sizeof(fields->words), why);
    if (field->tag == CONTROL_PROOF) {
        fields->proof = field->value;
        return true;
    }
    return fail_because(why, FAILURE_MALFORMED,
        "a field %u that a decision does not have", field->tag);
}

static bool take_fields(const struct clerk_question *question,
    struct request_fields *fields, char object[static 128], struct failure *why)
{
    struct reader reader = reader_of(question->body);

    *fields = (struct request_fields){0};
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_field(fields, &field, why))
            return false;
    }
    (void)snprintf(object, 128, "%s", fields->id);
    return true;
}

/* --- approve, deny, withdraw --------------------------------------------- */

static void approved_free(struct approved *approved)
{
    buffer_free(&approved->certificate);
    buffer_free(&approved->notices);
}

/* ID.  Facts: approvals, needed, issued, certificate (base64 of the DER),
 * notices. */
bool clerk_approve(struct clerk *clerk, const struct clerk_question *question,
    json_t *answer, char object[static 128], struct failure *why)
{
    RELEASED(approved)
    approved = {.certificate = BUFFER("certificate", CERTIFICATE_MAX),
        .notices = BUFFER("notices", CONTROL_FRAME_MAX)};
    RELEASED(buffer) encoded = BUFFER("certificate", 2 * CERTIFICATE_MAX);
    struct request_fields fields;
    const struct request_decision decision = {
        .caller = question->caller, .id = fields.id};
    const char *text = "";
    const char *notices = "";

    if (!take_fields(question, &fields, object, why) ||
        !request_approve(clerk->authority, &clerk->desk, clerk->reading,
            &decision, &approved, why) ||
        !base64_append(&encoded, buffer_view(&approved.certificate), 0, why) ||
        !buffer_as_text(&encoded, &text, why) ||
        !buffer_as_text(&approved.notices, &notices, why))
        return false;
    return json_object_update_new(
               answer, json_pack("{s:s,s:i,s:i,s:b,s:s,s:s}", "id", fields.id,
                           "approvals", approved.approvals, "needed",
                           approved.needed, "issued", (int)approved.is_issued,
                           "certificate", text, "notices", notices)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

static bool say_state(
    json_t *answer, const char *id, const char *state, struct failure *why)
{
    return json_object_update_new(
               answer, json_pack("{s:s,s:s}", "id", id, "state", state)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

/* ID, WORDS. */
bool clerk_deny(struct clerk *clerk, const struct clerk_question *question,
    json_t *answer, char object[static 128], struct failure *why)
{
    struct request_fields fields;
    const struct request_decision decision = {
        .caller = question->caller, .id = fields.id, .words = fields.words};

    return take_fields(question, &fields, object, why) &&
           request_deny(clerk->authority, &decision, why) &&
           say_state(answer, fields.id, "denied", why);
}

/* ID; WORDS may be left out. */
bool clerk_withdraw(struct clerk *clerk, const struct clerk_question *question,
    json_t *answer, char object[static 128], struct failure *why)
{
    struct request_fields fields;
    const struct request_decision decision = {
        .caller = question->caller, .id = fields.id, .words = fields.words};

    return take_fields(question, &fields, object, why) &&
           request_withdraw(clerk->authority, &decision, why) &&
           say_state(answer, fields.id, "withdrawn", why);
}

/* --- fetch --------------------------------------------------------------- */

struct fetching {
    struct clerk *clerk;
    const struct clerk_question *question;
    const struct request_fields *fields;
    json_t *answer;
    int64_t certificate;
};

/* The proof comes before anything is told. */
static bool tell_request(
    void *context, const struct request_row *row, struct failure *why)
{
    struct fetching *fetching = context;
    char decided[CLOCK_TEXT] = "";

    if (!request_prove(row, fetching->fields->proof, why))
        return false;
    if (row->decided_at != 0)
        clock_print(row->decided_at, decided);
    fetching->certificate = row->certificate;
    return json_object_update_new(fetching->answer,
               json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:o}", "id", row->id,
                   "state", request_state_name(row->state), "profile",
                   row->profile, "reason", row->reason, "decided_at", decided,
                   "approvals_needed", row->approvals_needed, "chain",
                   json_array())) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

static bool add_encoded(json_t *answer, const char *key, bool in_array,
    struct bytes der, struct failure *why)
{
    RELEASED(buffer) encoded = BUFFER("certificate", 2 * CERTIFICATE_MAX);
    const char *text = NULL;
    int done;

    if (!base64_append(&encoded, der, 0, why) ||
        !buffer_as_text(&encoded, &text, why))
        return false;
    done = in_array ? json_array_append_new(
                          json_object_get(answer, key), json_string(text))
                    : json_object_set_new(answer, key, json_string(text));
    return done == 0 || fail_because(why, FAILURE_INTERNAL, "out of memory");
}

/* The issuers up to the root, without it. */
static bool add_chain(const struct authority *authority, int64_t id,
    json_t *answer, struct failure *why)
{
    const struct authority_issuer *issuer = authority_by_id(authority, id);
    struct bytes chain[ISSUER_CHAIN_MAX];
    size_t count = 0;

    if (issuer != NULL && !issuer_chain(authority, issuer, chain, &count, why))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!add_encoded(answer, "chain", true, chain[i], why))
            return false;
    }
    return true;
}

static bool add_certificate(
    void *context, const struct certificate_row *row, struct failure *why)
{
    const struct fetching *fetching = context;

    return add_encoded(fetching->answer, "certificate", false, row->der, why) &&
           add_chain(fetching->clerk->authority, row->authority,
               fetching->answer, why);
}

static bool journal_fetched(
    struct authority *authority, void *context, struct failure *why)
{
    const struct fetching *fetching = context;

    return journal_event(authority->store,
        &(struct event){.kind = EVENT_REQUEST_FETCHED,
            .caller = fetching->question->caller,
            .object = fetching->fields->id,
            .request = fetching->fields->id},
        why);
}

/* ID, PROOF (request_prove).  Facts: id, state, profile, reason, decided_at,
 * approvals_needed; certificate (base64 of the DER) when it is issued, and its
 * chain. */
bool clerk_fetch(struct clerk *clerk, const struct clerk_question *question,
    json_t *answer, char object[static 128], struct failure *why)
{
    struct request_fields fields;
    struct fetching fetching = {clerk, question, &fields, answer, 0};

    if (!take_fields(question, &fields, object, why) ||
        !store_request_by_id(
            clerk->reading, fields.id, tell_request, &fetching, why))
        return false;
    if (fetching.certificate != 0 &&
        !store_certificate_by_id(clerk->reading, fetching.certificate,
            add_certificate, &fetching, why))
        return false;
    return authority_write(clerk->authority, journal_fetched, &fetching, why);
}

/* --- pauses -------------------------------------------------------------- */

struct pausing {
    const struct clerk_question *question;
    bool pauses;
    char profile[PROFILE_NAME_MAX];
    char words[200];
    bool has_changed;
};

static bool take_pause_field(
    struct pausing *pausing, const struct field *field, struct failure *why)
{
    if (field->tag == CONTROL_NAME)
        return field_text(
            field, pausing->profile, sizeof(pausing->profile), why);
    if (field->tag == CONTROL_WORDS)
        return field_text(field, pausing->words, sizeof(pausing->words), why);
    return fail_because(why, FAILURE_MALFORMED,
        "a field %u that a pause does not have", field->tag);
}

/* A profile that is not there any more can still be resumed. */
static bool check_profile(const struct clerk *clerk,
    const struct pausing *pausing, struct failure *why)
{
    const struct profile *profile = NULL;

    if (!pausing->pauses || strcmp(pausing->profile, PAUSE_ALL) == 0)
        return true;
    return configuration_profile(
        clerk->authority->configuration, pausing->profile, &profile, why);
}

static bool pause_in_store(
    struct authority *authority, void *context, struct failure *why)
{
    struct pausing *pausing = context;
    struct store *store = authority->store;
    const struct caller *caller = pausing->question->caller;
    bool ok =
        pausing->pauses
            ? store_pause(store, pausing->profile, caller->actor,
                  pausing->words, clock_now(), &pausing->has_changed, why)
            : store_resume(store, pausing->profile, &pausing->has_changed, why);

    if (!ok || !pausing->has_changed)
        return ok;
    return journal_event(store,
        &(struct event){.kind = pausing->pauses ? EVENT_PAUSED : EVENT_RESUMED,
            .caller = caller,
            .object = pausing->profile,
            .more = json_pack("{s:s}", "words", pausing->words)},
        why);
}

static bool change_pause(struct clerk *clerk, struct pausing *pausing,
    json_t *answer, char object[static 128], struct failure *why)
{
    struct reader reader = reader_of(pausing->question->body);

    (void)snprintf(pausing->profile, sizeof(pausing->profile), "%s", PAUSE_ALL);
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_pause_field(pausing, &field, why))
            return false;
    }
    (void)snprintf(object, 128, "%s", pausing->profile);
    if (!check_profile(clerk, pausing, why) ||
        !authority_write(clerk->authority, pause_in_store, pausing, why) ||
        !pauses_refresh(&clerk->authority->pauses, clerk->reading, why))
        return false;
    return json_object_update_new(
               answer, json_pack("{s:s,s:b,s:b}", "profile", pausing->profile,
                           "paused", (int)pausing->pauses, "changed",
                           (int)pausing->has_changed)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

/* NAME of a profile (left out: all), WORDS. */
bool clerk_pause(struct clerk *clerk, const struct clerk_question *question,
    json_t *answer, char object[static 128], struct failure *why)
{
    struct pausing pausing = {.question = question, .pauses = true};

    return change_pause(clerk, &pausing, answer, object, why);
}

/* NAME of a profile (left out: what paused them all). */
bool clerk_resume(struct clerk *clerk, const struct clerk_question *question,
    json_t *answer, char object[static 128], struct failure *why)
{
    struct pausing pausing = {.question = question};

    return change_pause(clerk, &pausing, answer, object, why);
}
