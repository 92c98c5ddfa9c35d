#include "server/client_internal.h"

#include <poll.h>
#include <string.h>

#include "base/message.h"

/* --- issue --------------------------------------------------------------- */

static bool add_text(struct buffer *message, enum control_field tag,
    const char *text, struct failure *why)
{
    return text == NULL || message_add_text(message, (uint8_t)tag, text, why);
}

static bool add_bytes(struct buffer *message, enum control_field tag,
    struct bytes bytes, struct failure *why)
{
    return bytes.length == 0 || message_add(message, (uint8_t)tag, bytes, why);
}

static bool write_issue(const struct client_issue *wish, struct buffer *message,
    struct failure *why)
{
    return add_text(message, CONTROL_PROFILE, wish->profile, why) &&
           add_bytes(message, CONTROL_RENEWS, wish->renews, why) &&
           add_bytes(message, CONTROL_PROOF, wish->proof, why) &&
           add_bytes(message, CONTROL_DER, wish->signed_request, why) &&
           add_text(message, CONTROL_AUTHORITY, wish->authority, why) &&
           add_text(message, CONTROL_ORIGIN, wish->origin, why) &&
           add_bytes(message, CONTROL_REQUEST, wish->request, why) &&
           add_bytes(message, CONTROL_SUBJECT, wish->subject, why) &&
           add_bytes(
               message, CONTROL_GENERAL_NAMES, wish->general_names, why) &&
           message_add_number(
               message, CONTROL_LIFETIME, (uint64_t)wish->lifetime_s, why) &&
           message_add_number(
               message, CONTROL_NOT_AFTER, (uint64_t)wish->not_after, why);
}

static void take_view(
    struct bytes value, struct bytes *views, size_t room, size_t *count)
{
    if (*count < room)
        views[(*count)++] = value;
}

static bool take_waiting(struct client_issued *issued,
    const struct field *field, struct failure *why)
{
    if (field->tag == CONTROL_ID)
        return field_text(
            field, issued->request_id, sizeof(issued->request_id), why);
    if (field->tag == CONTROL_NUMBER)
        return field_number(field, &issued->approvals_needed, why);
    return true;
}

static bool read_issued(struct client_issued *issued, struct failure *why)
{
    struct reader reader = reader_of(buffer_view(&issued->answer));

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why))
            return false;
        if (!take_waiting(issued, &field, why))
            return false;
        if (field.tag == CONTROL_CERTIFICATE)
            issued->certificate = field.value;
        else if (field.tag == CONTROL_CHAIN)
            take_view(field.value, issued->chain, CLIENT_CHAIN_MAX,
                &issued->chain_count);
        else if (field.tag == CONTROL_NOTICE)
            take_view(field.value, issued->notices,
                sizeof(issued->notices) / sizeof(*issued->notices),
                &issued->notice_count);
    }
    return true;
}

bool client_issue(struct client *client, const struct client_issue *wish,
    struct client_issued *issued, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("request", CONTROL_FRAME_MAX);
    RELEASED(client_issued)
    made = {.answer = BUFFER("answer", CONTROL_FRAME_MAX)};
    struct bytes answer = {0};

    if (!write_issue(wish, &message, why) ||
        !client_ask(client, CONTROL_ISSUE, buffer_view(&message), -1,
            CONTROL_ISSUED, &answer, why) ||
        !buffer_append(&made.answer, answer, why) || !read_issued(&made, why))
        return false;
    *issued = made;
    made = (struct client_issued){0};
    return true;
}

void client_issued_free(struct client_issued *issued)
{
    buffer_free(&issued->answer);
}

/* --- the clerk's verbs ---------------------------------------------------- */

bool client_call(struct client *client, uint16_t question, struct bytes fields,
    int descriptor, json_t **facts, struct failure *why)
{
    struct bytes answer = {0};
    struct field field = {0};
    struct reader reader;

    if (!client_ask(
            client, question, fields, descriptor, CONTROL_DONE, &answer, why))
        return false;
    reader = reader_of(answer);
    return message_next(&reader, &field, why) &&
           json_read(field.value, "the keeper's answer", facts, why);
}

/* --- state --------------------------------------------------------------- */

static bool take_key_name(
    struct client_state *state, const struct field *field, struct failure *why)
{
    if (state->key_count == SIGNER_KEYS_MAX)
        return fail_because(why, FAILURE_INTERNAL, "too many keys");
    state->key_count++;
    return field_text(field, state->keys[state->key_count - 1].name,
        sizeof(state->keys[0].name), why);
}

static bool take_key_state(
    struct client_state *state, const struct field *field, struct failure *why)
{
    struct field reason = {.tag = field->tag};

    if (state->key_count == 0 || field->value.length == 0)
        return fail_because(why, FAILURE_INTERNAL, "a state without its key");
    reason.value =
        (struct bytes){field->value.start + 1, field->value.length - 1};
    state->keys[state->key_count - 1].is_usable = field->value.start[0] == 1;
    return field_text(&reason, state->keys[state->key_count - 1].why,
        sizeof(state->keys[0].why), why);
}

static bool take_state_field(
    struct client_state *state, const struct field *field, struct failure *why)
{
    uint64_t stays = 0;

    if (field->tag == CONTROL_KEY_NAME)
        return take_key_name(state, field, why);
    if (field->tag == CONTROL_KEY_STATE)
        return take_key_state(state, field, why);
    if (field->tag == CONTROL_SIGNATURES)
        return field_number(field, &state->signatures, why);
    if (field->tag == CONTROL_CERTIFICATES)
        return field_number(field, &state->certificates, why);
    if (field->tag == CONTROL_STAYS) {
        if (!field_number(field, &stays, why))
            return false;
        state->stays = stays == 1;
    }
    return true;
}

static bool ask_state(struct client *client, uint16_t question, int descriptor,
    struct client_state *state, struct failure *why)
{
    struct client_state found = {.runs_here = client->runs_here};
    struct bytes answer = {0};
    struct reader reader;

    if (!client_ask(client, question, (struct bytes){0}, descriptor,
            CONTROL_STATE, &answer, why))
        return false;
    reader = reader_of(answer);
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_state_field(&found, &field, why))
            return false;
    }
    *state = found;
    return true;
}

bool client_state(
    struct client *client, struct client_state *state, struct failure *why)
{
    return ask_state(client, CONTROL_STATUS, -1, state, why);
}

bool client_unlock(struct client *client, int passphrase,
    struct client_state *state, struct failure *why)
{
    return ask_state(client, CONTROL_UNLOCK, passphrase, state, why);
}

#define END_TRIES 500
#define END_PAUSE_MS 20

/* Who stayed unlocked ends with its keys; the next command must not meet it on
 * its way out. */
static bool wait_for_the_end(const struct client *client, struct failure *why)
{
    for (int i = 0; i < END_TRIES; i++) {
        if (!client_is_served(&client->place))
            return true;
        (void)poll(NULL, 0, END_PAUSE_MS);
    }
    return fail_because(why, FAILURE_UNAVAILABLE,
        "the keys are forgotten, but a process still serves %s",
        client->place.directory);
}

bool client_lock(
    struct client *client, struct client_state *state, struct failure *why)
{
    return ask_state(client, CONTROL_LOCK, -1, state, why) &&
           (client->runs_here || state->stays || wait_for_the_end(client, why));
}
