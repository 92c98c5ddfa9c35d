#include "server/keys_role.h"

#include "base/channel.h"
#include "base/file.h"
#include "base/log.h"
#include "base/refusal.h"
#include "base/sandbox.h"
#include "crypto/key.h"
#include "crypto/start.h"
#include "server/keys_protocol.h"
#include "x509/request.h"

#define PARENT_DESCRIPTOR 3

static const struct channel_rule parent_rules[] = {
    {KEYS_MAKE, "make", 16 * 1024, 1, 2},
    {KEYS_PROVE, "prove", 0, 1, 4},
    {KEYS_ENCRYPT, "encrypt", 16 * 1024, 1, 4},
    {0},
};

struct question {
    char algorithm[32];
    struct bytes subject;
    bool has_old_passphrase;
};

static bool read_question(
    struct bytes message, struct question *question, struct failure *why)
{
    struct reader reader = reader_of(message);

    while (!reader_at_end(&reader)) {
        struct field field = {0};
        bool ok = message_next(&reader, &field, why);

        if (ok && field.tag == KEYS_ALGORITHM)
            ok = field_text(
                &field, question->algorithm, sizeof(question->algorithm), why);
        else if (ok && field.tag == KEYS_SUBJECT)
            question->subject = field.value;
        else if (ok && field.tag == KEYS_HAS_OLD_PASSPHRASE)
            question->has_old_passphrase = true;
        if (!ok)
            return false;
    }
    return true;
}

static bool wants_descriptors(
    const struct frame *frame, size_t least, struct failure *why)
{
    return frame->descriptor_count >= least ||
           fail_because(why, FAILURE_MALFORMED,
               "a question about a key brought too few descriptors");
}

static bool report(const struct private_key *key, struct bytes subject,
    struct buffer *answer, struct failure *why)
{
    RELEASED(buffer) spki = BUFFER("public key", KEY_FILE_MAX);
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);

    if (!private_key_append_spki(key, &spki, why) ||
        !message_add(answer, KEYS_SPKI, buffer_view(&spki), why) ||
        !message_add_text(answer, KEYS_ALGORITHM, key->algorithm->name, why))
        return false;
    if (subject.length == 0)
        return true;
    return request_make(key, subject, (struct bytes){0}, &request, why) &&
           message_add(answer, KEYS_REQUEST, buffer_view(&request), why);
}

/* key_file_write reads back and proves what it writes. */
static bool write_key(const struct private_key *key, int passphrase_file,
    int key_file, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("key file", KEY_FILE_MAX);
    RELEASED(secret) passphrase = {0};

    return descriptor_read_secret(
               passphrase_file, "the new passphrase", &passphrase, why) &&
           key_file_write(key, &passphrase, &pem, why) &&
           descriptor_write(
               key_file, "the new key file", buffer_view(&pem), why);
}

static bool make(const struct frame *frame, const struct question *question,
    struct buffer *answer, struct failure *why)
{
    const struct key_algorithm *algorithm =
        key_algorithm_named(question->algorithm);
    SCOPED_STRUCT(private_key) *key = NULL;

    if (algorithm == NULL)
        return fail_because(why, FAILURE_UNSUITABLE,
            "there is no key algorithm \"%s\"", question->algorithm);
    return wants_descriptors(frame, 2, why) &&
           key_generate(algorithm, &key, why) && private_key_prove(key, why) &&
           write_key(key, frame->descriptors[1], frame->descriptors[0], why) &&
           report(key, question->subject, answer, why);
}

static bool open_with(struct bytes file, int passphrase_file,
    struct private_key **key, struct failure *why)
{
    RELEASED(secret) passphrase = {0};

    return descriptor_read_secret(
               passphrase_file, "the passphrase", &passphrase, why) &&
           key_file_read(file, &passphrase, key, why);
}

/* With each passphrase in turn; without any, only a key that needs none. */
static bool open_key(const int *descriptors, size_t count,
    struct private_key **key, struct failure *why)
{
    RELEASED(buffer) file = BUFFER("key file", KEY_FILE_MAX);

    if (!descriptor_read(descriptors[0], "the key file", &file, why))
        return false;
    if (key_file_read(buffer_view(&file), NULL, key, why))
        return true;
    for (size_t i = 1; i < count; i++) {
        *why = (struct failure){0};
        if (open_with(buffer_view(&file), descriptors[i], key, why))
            return true;
        if (why->kind != FAILURE_UNAUTHENTICATED)
            return false;
    }
    return false;
}

static bool prove(
    const struct frame *frame, struct buffer *answer, struct failure *why)
{
    SCOPED_STRUCT(private_key) *key = NULL;

    return wants_descriptors(frame, 1, why) &&
           open_key(frame->descriptors, frame->descriptor_count, &key, why) &&
           private_key_prove(key, why) &&
           report(key, (struct bytes){0}, answer, why);
}

static bool encrypt_anew(const struct frame *frame,
    const struct question *question, struct buffer *answer, struct failure *why)
{
    const size_t old_count = question->has_old_passphrase ? 1 : 0;
    SCOPED_STRUCT(private_key) *key = NULL;
    int to_open[2];

    if (!wants_descriptors(frame, 3 + old_count, why))
        return false;
    to_open[0] = frame->descriptors[0];
    to_open[1] = frame->descriptors[2];
    return open_key(to_open, 1 + old_count, &key, why) &&
           private_key_prove(key, why) &&
           write_key(key, frame->descriptors[2 + old_count],
               frame->descriptors[1], why) &&
           report(key, question->subject, answer, why);
}

static bool answer_question(
    const struct frame *frame, struct buffer *answer, struct failure *why)
{
    struct question question = {0};

    if (!read_question(frame->body, &question, why))
        return false;
    if (frame->type == KEYS_MAKE)
        return make(frame, &question, answer, why);
    if (frame->type == KEYS_PROVE)
        return prove(frame, answer, why);
    return encrypt_anew(frame, &question, answer, why);
}

static bool serve(struct channel *channel, struct failure *why)
{
    RELEASED(buffer) answer = BUFFER("answer", 256 * 1024);
    struct failure refusal = {0};
    struct frame frame = {0};
    bool ok;

    if (!channel_receive(channel, -1, &frame, why))
        return false;
    ok = answer_question(&frame, &answer, &refusal);
    frame_close_descriptors(&frame);
    if (ok)
        return channel_answer(
            channel, KEYS_REPORT, frame.id, buffer_view(&answer), why);
    buffer_clear(&answer);
    return refusal_write(&answer, &refusal, why) &&
           channel_answer(
               channel, KEYS_FAILED, frame.id, buffer_view(&answer), why);
}

int keys_main(void)
{
    const struct sandbox sandbox = {.role = SANDBOX_KEYS};
    SCOPED_STRUCT(channel) *channel = NULL;
    char degraded[120] = "";
    struct failure why = {0};

    log_open("keys", LOG_LEVEL_INFO);
    if (sandbox_keep_private(&why) && crypto_start(&why) &&
        channel_new(PARENT_DESCRIPTOR, parent_rules, 1, &channel, &why) &&
        sandbox_enter(&sandbox, degraded, &why) && serve(channel, &why))
        return 0;
    log_event(LOG_LEVEL_ERROR, "failed", "why", why.reason, NULL);
    return 9;
}
