#include "server/status_signer_state.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/refusal.h"
#include "x509/request.h"

/* What answers are signed with, whatever the authority's own key is: every
 * client verifies it, and an answer stays short. */
#define RESPONDER_KEY "p256"

static const struct channel_rule keeper_rules[] = {
    {STATUS_KEY, "key", 1024, 1, 0},
    {STATUS_CERTIFY, "certify", CERTIFICATE_MAX + 1024, 1, 0},
    {STATUS_SIGN, "sign", STATUS_FRAME_MAX, 1, 0},
    {0},
};

/* --- keys ----------------------------------------------------------------- */

static bool make_key(struct status_key *key, struct failure *why)
{
    SCOPED_STRUCT(private_key) *made = NULL;
    RELEASED(buffer) spki = BUFFER("public key", KEY_FILE_MAX);

    if (!key_generate(key_algorithm_named(RESPONDER_KEY), &made, why) ||
        !private_key_prove(made, why) ||
        !private_key_append_spki(made, &spki, why) ||
        !status_limits_own(&key->limits, buffer_view(&spki), why))
        return false;
    private_key_free(key->key);
    key->key = KEEP(private_key, &made);
    return true;
}

bool status_signer_add(struct status_signer *signer, const char *name,
    struct bytes certificate, struct failure *why)
{
    struct status_key *key = &signer->keys[signer->key_count];

    if (signer->key_count == STATUS_ISSUERS_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "the status signer answers for at most %d authorities",
            STATUS_ISSUERS_MAX);
    signer->key_count++;
    return status_limits_of(name, certificate, &key->limits, why) &&
           make_key(key, why);
}

void status_signer_release(struct status_signer *signer)
{
    for (size_t i = 0; i < signer->key_count; i++) {
        private_key_free(signer->keys[i].key);
        status_limits_free(&signer->keys[i].limits);
        signer->keys[i] = (struct status_key){0};
    }
    signer->key_count = 0;
}

static bool find_key(struct status_signer *signer, const char *name,
    struct status_key **key, struct failure *why)
{
    for (size_t i = 0; i < signer->key_count; i++) {
        if (strcmp(signer->keys[i].limits.name, name) == 0) {
            *key = &signer->keys[i];
            return true;
        }
    }
    return fail_because(why, FAILURE_NOT_FOUND,
        "the status signer answers for no authority \"%s\"", name);
}

/* --- questions ------------------------------------------------------------ */

struct question {
    char name[PROFILE_NAME_MAX];
    bool wants_fresh;
    struct bytes certificate;
    struct bytes bodies[STATUS_GROUP_MAX];
    size_t body_count;
};

static bool take_field(
    struct question *question, const struct field *field, struct failure *why)
{
    switch (field->tag) {
    case STATUS_FIELD_NAME:
        return field_text(field, question->name, sizeof(question->name), why);
    case STATUS_FIELD_FRESH:
        question->wants_fresh = true;
        return true;
    case STATUS_FIELD_CERTIFICATE:
        question->certificate = field->value;
        return true;
    case STATUS_FIELD_BODY:
        if (question->body_count == STATUS_GROUP_MAX ||
            field->value.length > STATUS_BODY_MAX)
            return fail_because(why, FAILURE_MALFORMED,
                "more than %d answers, or one of more than %d bytes",
                STATUS_GROUP_MAX, STATUS_BODY_MAX);
        question->bodies[question->body_count++] = field->value;
        return true;
    default:
        return fail_because(why, FAILURE_MALFORMED,
            "a question to the status signer with a field %u", field->tag);
    }
}

static bool read_question(
    struct bytes message, struct question *question, struct failure *why)
{
    struct reader reader = reader_of(message);

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_field(question, &field, why))
            return false;
    }
    return true;
}

/* --- the verbs ------------------------------------------------------------ */

static bool give_key(struct status_key *key, const struct question *question,
    struct buffer *answer, struct failure *why)
{
    RELEASED(buffer) subject = BUFFER("name", 256);
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);

    if (question->wants_fresh && !make_key(key, why))
        return false;
    return name_read("CN=OCSP responder", &subject, why) &&
           request_make(key->key, buffer_view(&subject), (struct bytes){0},
               &request, why) &&
           message_add(
               answer, STATUS_FIELD_REQUEST, buffer_view(&request), why);
}

static bool sign_body(const struct status_key *key, struct bytes body,
    int64_t now, struct buffer *answer, struct failure *why)
{
    uint8_t signature[SIGNATURE_MAX];
    size_t length = 0;

    return status_limits_allow(&key->limits, body, now, why) &&
           private_key_sign(key->key, key->key->algorithm->signs_with, body,
               signature, &length, why) &&
           message_add(answer, STATUS_FIELD_SIGNATURE,
               (struct bytes){signature, length}, why);
}

static bool refuse_body(
    struct buffer *answer, const struct failure *refusal, struct failure *why)
{
    char said[sizeof(refusal->reason) + 1];
    size_t length = strlen(refusal->reason);

    said[0] = (char)refusal->kind;
    memcpy(said + 1, refusal->reason, length);
    return message_add(answer, STATUS_FIELD_REFUSAL,
        (struct bytes){(const uint8_t *)said, length + 1}, why);
}

static bool sign(const struct status_key *key, const struct question *question,
    struct buffer *answer, struct failure *why)
{
    const int64_t now = clock_now();

    if (question->body_count == 0)
        return fail_because(why, FAILURE_MALFORMED, "a group without answers");
    if (!message_add(answer, STATUS_FIELD_ALGORITHM,
            key->key->algorithm->signs_with->identifier, why))
        return false;
    for (size_t i = 0; i < question->body_count; i++) {
        struct failure refusal = {0};

        if (!sign_body(key, question->bodies[i], now, answer, &refusal) &&
            !refuse_body(answer, &refusal, why))
            return false;
    }
    return true;
}

static bool answer_question(struct status_signer *signer,
    const struct frame *frame, struct buffer *answer, uint16_t *type,
    struct failure *why)
{
    struct question question = {0};
    struct status_key *key = NULL;

    if (!read_question(frame->body, &question, why) ||
        !find_key(signer, question.name, &key, why))
        return false;
    switch (frame->type) {
    case STATUS_KEY:
        *type = STATUS_KEY_IS;
        return give_key(key, &question, answer, why);
    case STATUS_CERTIFY:
        *type = STATUS_DONE;
        return status_limits_certify(&key->limits, question.certificate, why);
    case STATUS_SIGN:
        *type = STATUS_SIGNED;
        return sign(key, &question, answer, why);
    default:
        return fail_because(
            why, FAILURE_MALFORMED, "message %u is no question", frame->type);
    }
}

/* --- the keeper's channel ------------------------------------------------- */

static bool answer_keeper(struct status_signer *signer,
    const struct frame *frame, struct failure *why)
{
    RELEASED(buffer)
    answer = BUFFER("status signer's answer", STATUS_FRAME_MAX);
    struct failure refusal = {0};
    uint16_t type = STATUS_FAILED;

    if (!answer_question(signer, frame, &answer, &type, &refusal)) {
        type = STATUS_FAILED;
        buffer_clear(&answer);
        if (!refusal_write(&answer, &refusal, why))
            return false;
    }
    return channel_answer(
        signer->keeper, type, frame->id, buffer_view(&answer), why);
}

bool status_signer_listen(
    struct status_signer *signer, int socket, struct failure *why)
{
    struct channel *keeper = NULL;

    if (!channel_new(socket, keeper_rules, 1, &keeper, why))
        return false;
    channel_free(signer->keeper);
    signer->keeper = keeper;
    return true;
}

void status_signer_answer(struct status_signer *signer)
{
    struct frame frame = {0};
    struct failure why = {0};

    if (channel_receive(signer->keeper, -1, &frame, &why) &&
        answer_keeper(signer, &frame, &why))
        return;
    if (why.kind != FAILURE_NOT_FOUND)
        log_event(LOG_LEVEL_WARNING, "keeper-let-go", "why", why.reason, NULL);
    channel_free(signer->keeper);
    signer->keeper = NULL;
}
