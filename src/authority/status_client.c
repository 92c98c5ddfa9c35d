#include "authority/status_client.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/channel.h"
#include "base/refusal.h"

/* 256 signatures take a tenth of a second; a signer that is stopped longer is
 * as good as gone. */
#define ANSWER_WAIT_MS 10000

struct status_client {
    pthread_mutex_t lock;
    struct channel *channel; /* NULL: none is there */
    uint64_t next_id;
};

static const struct channel_rule answers[] = {
    {STATUS_KEY_IS, "key is", 64 * 1024, 1, 0},
    {STATUS_DONE, "done", 0, 1, 0},
    {STATUS_SIGNED, "signed", STATUS_FRAME_MAX, 1, 0},
    {STATUS_FAILED, "failed", 4096, 1, 0},
    {0},
};

bool status_client_new(struct status_client **client, struct failure *why)
{
    struct status_client *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    (void)pthread_mutex_init(&made->lock, NULL);
    *client = made;
    return true;
}

void status_client_free(struct status_client *client)
{
    if (client == NULL)
        return;
    channel_free(client->channel);
    (void)pthread_mutex_destroy(&client->lock);
    free(client);
}

bool status_client_connect(
    struct status_client *client, int socket, struct failure *why)
{
    struct channel *channel = NULL;

    if (!channel_new(socket, answers, 0, &channel, why))
        return false;
    (void)pthread_mutex_lock(&client->lock);
    channel_free(client->channel);
    client->channel = channel;
    (void)pthread_mutex_unlock(&client->lock);
    return true;
}

/* --- one exchange; the caller holds the lock ------------------------------ */

static bool is_gone(struct status_client *client, struct failure *why)
{
    channel_free(client->channel);
    client->channel = NULL;
    return fail_because(why, FAILURE_UNAVAILABLE,
        "the signer of OCSP answers is not there; try again later");
}

static bool exchange(struct status_client *client, uint16_t question,
    struct bytes body, uint16_t answer, struct frame *frame,
    struct failure *why)
{
    uint64_t id = ++client->next_id;
    struct failure silence = {0};

    if (client->channel == NULL ||
        !channel_send(
            client->channel, question, id, body, NULL, 0, 0, &silence) ||
        !channel_receive(client->channel, ANSWER_WAIT_MS, frame, &silence) ||
        frame->id != id ||
        (frame->type != answer && frame->type != STATUS_FAILED))
        return is_gone(client, why);
    if (frame->type == STATUS_FAILED)
        return fail_as_told(why, frame->body, "status signer");
    return true;
}

/* What is kept of the answer is the frame's body, copied. */
static bool ask(struct status_client *client, uint16_t question,
    const struct buffer *body, uint16_t type, struct buffer *answer,
    struct failure *why)
{
    struct frame frame = {0};
    bool ok;

    (void)pthread_mutex_lock(&client->lock);
    ok = exchange(client, question, buffer_view(body), type, &frame, why) &&
         buffer_append(answer, frame.body, why);
    (void)pthread_mutex_unlock(&client->lock);
    return ok;
}

/* --- the verbs ------------------------------------------------------------ */

bool status_client_key(struct status_client *client, const char *authority,
    bool fresh, struct buffer *request, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 256);
    RELEASED(buffer) answer = BUFFER("answer", 64 * 1024);
    struct field field = {0};
    struct reader reader;

    if (!message_add_text(&question, STATUS_FIELD_NAME, authority, why) ||
        (fresh && !message_add_number(&question, STATUS_FIELD_FRESH, 1, why)) ||
        !ask(client, STATUS_KEY, &question, STATUS_KEY_IS, &answer, why))
        return false;
    reader = reader_of(buffer_view(&answer));
    return message_next(&reader, &field, why) &&
           buffer_append(request, field.value, why);
}

bool status_client_certify(struct status_client *client, const char *authority,
    struct bytes certificate, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 512 * 1024);
    RELEASED(buffer) answer = BUFFER("answer", 64);

    return message_add_text(&question, STATUS_FIELD_NAME, authority, why) &&
           message_add(&question, STATUS_FIELD_CERTIFICATE, certificate, why) &&
           ask(client, STATUS_CERTIFY, &question, STATUS_DONE, &answer, why);
}

/* --- groups --------------------------------------------------------------- */

void status_signing_free(struct status_signing *signing)
{
    buffer_free(&signing->answer);
}

static bool take_answer(struct status_signing *signing,
    const struct field *field, struct failure *why)
{
    struct signed_status *answer;

    if (field->tag == STATUS_FIELD_ALGORITHM) {
        signing->algorithm = field->value;
        return true;
    }
    if (signing->count == STATUS_GROUP_MAX || field->value.length == 0)
        return fail_because(why, FAILURE_INTERNAL,
            "the status signer answered what was not asked");
    answer = &signing->answers[signing->count++];
    *answer = (struct signed_status){.signature = field->value};
    if (field->tag == STATUS_FIELD_REFUSAL)
        (void)fail_because(&answer->why,
            (enum failure_kind)field->value.start[0], "%.*s",
            (int)field->value.length - 1, (const char *)field->value.start + 1);
    return true;
}

static bool read_answers(
    struct status_signing *signing, size_t count, struct failure *why)
{
    struct reader reader = reader_of(buffer_view(&signing->answer));

    signing->count = 0;
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_answer(signing, &field, why))
            return false;
    }
    return signing->count == count ||
           fail_because(why, FAILURE_INTERNAL,
               "the status signer answered %zu of %zu", signing->count, count);
}

bool status_client_sign(struct status_client *client, const char *authority,
    const struct bytes *bodies, size_t count, struct status_signing *signing,
    struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", STATUS_FRAME_MAX);

    if (signing->answer.ceiling == 0)
        signing->answer = BUFFER("status signatures", STATUS_FRAME_MAX);
    buffer_clear(&signing->answer);
    if (!message_add_text(&question, STATUS_FIELD_NAME, authority, why))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!message_add(&question, STATUS_FIELD_BODY, bodies[i], why))
            return false;
    }
    return ask(client, STATUS_SIGN, &question, STATUS_SIGNED, &signing->answer,
               why) &&
           read_answers(signing, count, why);
}
