#include "server/keeper_state.h"

#include <stdlib.h>
#include <string.h>

#include "authority/found.h"
#include "authority/journal.h"
#include "authority/lists.h"
#include "base/log.h"
#include "base/message.h"
#include "server/clerk.h"

/* --- issue --------------------------------------------------------------- */

static bool take_text(const struct field *field, char *text, size_t room,
    const char **shown, struct failure *why)
{
    if (!field_text(field, text, room, why))
        return false;
    *shown = text;
    return true;
}

static bool take_time(
    const struct field *field, int64_t *time, struct failure *why)
{
    uint64_t number = 0;

    if (!field_number(field, &number, why))
        return false;
    if (number > (uint64_t)INT64_MAX)
        return fail_because(
            why, FAILURE_MALFORMED, "a time or lifetime below zero");
    *time = (int64_t)number;
    return true;
}

static bool take_view(const struct field *field, struct bytes *view)
{
    *view = field->value;
    return true;
}

static bool take_issue_field(
    struct errand *errand, const struct field *field, struct failure *why)
{
    struct enrolment *enrolment = &errand->enrolment;

    if (field->tag == CONTROL_PROFILE)
        return take_text(field, errand->profile, sizeof(errand->profile),
            &enrolment->profile, why);
    if (field->tag == CONTROL_AUTHORITY)
        return take_text(field, errand->authority, sizeof(errand->authority),
            &enrolment->authority, why);
    if (field->tag == CONTROL_ORIGIN)
        return take_text(field, errand->origin, sizeof(errand->origin),
            &enrolment->origin, why);
    if (field->tag == CONTROL_LIFETIME)
        return take_time(field, &enrolment->lifetime_s, why);
    if (field->tag == CONTROL_NOT_AFTER)
        return take_time(field, &enrolment->not_after, why);
    if (field->tag == CONTROL_REQUEST)
        return take_view(field, &enrolment->request);
    if (field->tag == CONTROL_SUBJECT)
        return take_view(field, &enrolment->subject);
    if (field->tag == CONTROL_GENERAL_NAMES)
        return take_view(field, &enrolment->general_names);
    if (field->tag == CONTROL_RENEWS)
        return take_view(field, &errand->renewal.serial);
    if (field->tag == CONTROL_PROOF)
        return take_view(field, &errand->renewal.proof);
    if (field->tag == CONTROL_DER)
        return take_view(field, &errand->renewal.signed_request);
    return fail_because(why, FAILURE_MALFORMED,
        "a field %u that a request does not have", field->tag);
}

/* The origin's door is the door's to say: a key given at one never meets one
 * given at another. */
static bool name_origin(struct errand *errand, struct failure *why)
{
    static const char door[] = "control:";
    size_t length = strlen(errand->origin);

    if (errand->enrolment.origin == NULL)
        return true;
    if (length == 0)
        return fail_because(
            why, FAILURE_UNSUITABLE, "the idempotency key is empty");
    if (length + sizeof(door) > sizeof(errand->origin))
        return fail_because(why, FAILURE_UNSUITABLE,
            "an idempotency key is longer than %zu characters",
            sizeof(errand->origin) - sizeof(door));
    memmove(errand->origin + sizeof(door) - 1, errand->origin, length + 1);
    memcpy(errand->origin, door, sizeof(door) - 1);
    return true;
}

static bool read_issue(struct errand *errand, struct failure *why)
{
    struct reader reader = reader_of(buffer_view(&errand->body));

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_issue_field(errand, &field, why))
            return false;
    }
    if (errand->enrolment.profile == NULL && errand->renewal.serial.length == 0)
        return fail_because(
            why, FAILURE_MALFORMED, "a request without a profile");
    return name_origin(errand, why);
}

static bool new_errand(struct connection *connection, const struct frame *frame,
    struct errand **errand, struct failure *why)
{
    struct errand *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    connection_hold(connection);
    made->connection = connection;
    made->id = frame->id;
    made->body = BUFFER("request", CONTROL_FRAME_MAX);
    made->enrolment = (struct enrolment){.caller = &connection->caller};
    if (!buffer_append(&made->body, frame->body, why) ||
        !read_issue(made, why)) {
        errand_free(made);
        return false;
    }
    *errand = made;
    return true;
}

static bool queue_issue(struct keeper *keeper, struct connection *connection,
    const struct frame *frame, struct failure *why)
{
    struct errand *errand = NULL;

    return new_errand(connection, frame, &errand, why) &&
           errand_queue_put(&keeper->queue, errand, why);
}

/* --- found --------------------------------------------------------------- */

static bool read_founding(struct bytes message,
    struct founding_requests *requests, struct failure *why)
{
    struct reader reader = reader_of(message);

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why))
            return false;
        if (field.tag == CONTROL_ROOT_REQUEST)
            requests->root = field.value;
        else if (field.tag == CONTROL_ISSUING_REQUEST)
            requests->issuing = field.value;
    }
    return true;
}

/* The list of a root that is kept apart: later its key is closed, and its
 * address is in the issuing one's certificate.  One that issues signs its own
 * at the first start. */
static bool publish_root(struct keeper *keeper, struct failure *why)
{
    struct authority_issuer root;
    struct lists_made made;

    if (keeper->authority.issuer_count == 0)
        return true;
    root = keeper->authority.issuers[0];
    root.issues = false;
    return lists_publish(
        &keeper->authority, keeper->clerk_reading, &root, &made, why);
}

static bool found(struct keeper *keeper, struct connection *connection,
    const struct frame *frame, struct failure *why)
{
    RELEASED(buffer) root = BUFFER("root certificate", CERTIFICATE_MAX);
    RELEASED(buffer) issuing = BUFFER("certificate", CERTIFICATE_MAX);
    RELEASED(buffer) answer = BUFFER("answer", CONTROL_FRAME_MAX);
    struct caller caller = connection->caller;
    struct founding_requests requests = {.caller = &caller};

    caller.door = DOOR_FOUNDING;
    if (keeper->mode != KEEPER_FOUNDS)
        return fail_because(
            why, FAILURE_FORBIDDEN, "authorities are made by init alone");
    if (!read_founding(frame->body, &requests, why) ||
        !found_authorities(
            &keeper->authority, &requests, &root, &issuing, why) ||
        !publish_root(keeper, why) ||
        !message_add(&answer, CONTROL_CERTIFICATE, buffer_view(&root), why) ||
        !message_add(&answer, CONTROL_CERTIFICATE, buffer_view(&issuing), why))
        return false;
    return channel_answer(connection->channel, CONTROL_FOUNDED, frame->id,
        buffer_view(&answer), why);
}

/* --- state --------------------------------------------------------------- */

static const char *name_of_key(const struct keeper *keeper, size_t number)
{
    for (size_t i = 0; i < keeper->authority.issuer_count; i++) {
        if (keeper->authority.issuers[i].key == number)
            return keeper->authority.issuers[i].name;
    }
    return "";
}

static bool add_key_state(struct buffer *answer, const char *name,
    const struct signer_key_state *key, struct failure *why)
{
    RELEASED(buffer) state = BUFFER("key state", 1024);

    return message_add_text(answer, CONTROL_KEY_NAME, name, why) &&
           buffer_append_byte(&state, key->is_usable, why) &&
           buffer_append_text(&state, key->why, why) &&
           message_add(answer, CONTROL_KEY_STATE, buffer_view(&state), why);
}

static bool answer_state(struct keeper *keeper, struct connection *connection,
    uint64_t id, const struct signer_state *state, struct failure *why)
{
    RELEASED(buffer) answer = BUFFER("answer", 64 * 1024);
    int64_t certificates = 0;

    for (size_t i = 0; i < state->key_count; i++) {
        const char *name = name_of_key(keeper, i);

        /* A pair of files in keys/ that is no authority's changes nothing. */
        if (name[0] != '\0' &&
            !add_key_state(&answer, name, &state->keys[i], why))
            return false;
    }
    return store_count_certificates(keeper->counting, &certificates, why) &&
           message_add_number(
               &answer, CONTROL_SIGNATURES, state->signatures, why) &&
           message_add_number(&answer, CONTROL_STAYS, keeper->stays, why) &&
           message_add_number(
               &answer, CONTROL_CERTIFICATES, (uint64_t)certificates, why) &&
           channel_answer(connection->channel, CONTROL_STATE, id,
               buffer_view(&answer), why);
}

static bool administers(
    const struct connection *connection, struct failure *why)
{
    return connection->caller.role == ROLE_ADMINISTRATOR ||
           fail_because(why, FAILURE_FORBIDDEN,
               "%s may not administer this authority",
               connection->caller.actor);
}

/* Who issues or approves must learn that a key is locked. */
static bool has_role(const struct connection *connection, struct failure *why)
{
    return connection->caller.role != ROLE_NOBODY ||
           fail_because(why, FAILURE_FORBIDDEN,
               "%s has no role at this authority", connection->caller.actor);
}

static bool status(struct keeper *keeper, struct connection *connection,
    const struct frame *frame, struct failure *why)
{
    struct signer_state state = {0};

    return has_role(connection, why) &&
           signer_client_state(keeper->signer, &state, why) &&
           answer_state(keeper, connection, frame->id, &state, why);
}

static bool journal_given(
    struct authority *authority, void *context, struct failure *why)
{
    return journal_event(authority->store, context, why);
}

static bool tell_keys(struct keeper *keeper,
    const struct connection *connection, enum event_kind kind,
    const struct failure *refusal, struct failure *why)
{
    struct event event = {.kind = kind,
        .caller = &connection->caller,
        .object = "keys",
        .refusal = refusal};

    return authority_write(&keeper->authority, journal_given, &event, why);
}

static bool open_keys(struct keeper *keeper,
    const struct connection *connection, const struct frame *frame,
    struct signer_state *state, struct failure *why)
{
    if (frame->descriptor_count != 1)
        return fail_because(
            why, FAILURE_MALFORMED, "an unlock without a passphrase");
    return administers(connection, why) &&
           signer_client_unlock(
               keeper->signer, frame->descriptors[0], state, why) &&
           signer_state_is_open(state, FAILURE_UNAUTHENTICATED, why);
}

static bool unlock(struct keeper *keeper, struct connection *connection,
    const struct frame *frame, struct failure *why)
{
    struct signer_state state = {0};
    struct failure refusal = {0};
    struct failure untold = {0};

    if (open_keys(keeper, connection, frame, &state, &refusal))
        return tell_keys(keeper, connection, EVENT_UNLOCKED, NULL, why) &&
               answer_state(keeper, connection, frame->id, &state, why);
    if (!tell_keys(keeper, connection, EVENT_UNLOCK_REFUSED, &refusal, &untold))
        log_event(LOG_LEVEL_WARNING, "refusal-not-journalled", "why",
            untold.reason, NULL);
    *why = refusal;
    return false;
}

/* What the journal tells up to here is signed while there is a key for it: the
 * next keeper may come late, and unlocked later still. */
static void sign_before_lock(struct authority *authority)
{
    struct failure why = {0};

    if (!journal_checkpoint_last(authority, &why) &&
        why.kind != FAILURE_UNAVAILABLE)
        log_event(LOG_LEVEL_WARNING, "no-checkpoint", "why", why.reason, NULL);
}

/* A keeper that was started to stay unlocked has nothing left to serve. */
static bool lock(struct keeper *keeper, struct connection *connection,
    const struct frame *frame, struct failure *why)
{
    struct signer_state state = {0};

    if (!administers(connection, why))
        return false;
    sign_before_lock(&keeper->authority);
    if (!signer_client_lock(keeper->signer, &state, why) ||
        !tell_keys(keeper, connection, EVENT_LOCKED, NULL, why))
        return false;
    keeper->ends = keeper->listener >= 0 && !keeper->stays;
    return answer_state(keeper, connection, frame->id, &state, why);
}

/* --- all of them --------------------------------------------------------- */

/* A renewal that brings the old key's proof needs no role; the road verifies
 * it (authority/renew.h). */
static bool brings_proof(const struct frame *frame)
{
    struct reader reader = reader_of(frame->body);
    struct field field = {0};
    struct failure malformed = {0};
    bool renews = false, proof = false;

    if (frame->type != CONTROL_ISSUE)
        return false;
    while (
        !reader_at_end(&reader) && message_next(&reader, &field, &malformed)) {
        renews |= field.tag == CONTROL_RENEWS;
        proof |= field.tag == CONTROL_PROOF || field.tag == CONTROL_DER;
    }
    return renews && proof;
}

static bool take_question(struct keeper *keeper, struct connection *connection,
    struct frame *frame, struct failure *why)
{
    if (!brings_proof(frame) &&
        !connection_may_ask(keeper, connection, frame->type, why))
        return false;
    if (clerk_knows(frame->type))
        return clerk_ask(keeper, connection, frame, why);
    if (frame->type == CONTROL_ISSUE)
        return queue_issue(keeper, connection, frame, why);
    if (frame->type == CONTROL_FOUND)
        return found(keeper, connection, frame, why);
    if (frame->type == CONTROL_STATUS)
        return status(keeper, connection, frame, why);
    if (frame->type == CONTROL_UNLOCK)
        return unlock(keeper, connection, frame, why);
    if (frame->type == CONTROL_LOCK)
        return lock(keeper, connection, frame, why);
    return fail_because(
        why, FAILURE_MALFORMED, "message %u is no question", frame->type);
}

/* *taken is false when none is there. */
static bool take_frame(
    struct keeper *keeper, struct connection *connection, bool *taken)
{
    struct failure why = {0};
    struct frame frame = {0};

    *taken = channel_receive(connection->channel, 0, &frame, &why);
    if (!*taken)
        return why.kind == FAILURE_UNAVAILABLE;
    /* Who has gone gets its answer all the same; nobody reads it. */
    if (frame.type != CHANNEL_CANCEL &&
        !take_question(keeper, connection, &frame, &why))
        connection_refuse(connection, frame.id, &why);
    frame_close_descriptors(&frame);
    return true;
}

/* Then it is the others' turn. */
#define FRAMES_AT_ONCE 64

bool keeper_take_frames(struct keeper *keeper, struct connection *connection)
{
    bool taken = true;

    for (int i = 0; taken && !keeper->ends && i < FRAMES_AT_ONCE; i++) {
        if (!take_frame(keeper, connection, &taken))
            return false;
    }
    return true;
}
