#include "server/signer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/refusal.h"
#include "base/sandbox.h"
#include "crypto/start.h"
#include "server/role_lock.h"
#include "server/signer_state.h"

#define PARENT_DESCRIPTOR 3

static const struct channel_rule parent_rules[] = {
    {SIGNER_START, "start", 1024 * 1024, 1, CHANNEL_DESCRIPTORS_MAX},
    {0},
};

static const struct channel_rule keeper_rules[] = {
    {SIGNER_RESERVE, "reserve", 64, 1, 0},
    {SIGNER_SIGN, "sign", SIGNER_FRAME_MAX, 1, 0},
    {SIGNER_CHECKPOINT, "checkpoint", 4096, 1, 0},
    {SIGNER_STAT, "stat", 0, 1, 0},
    {SIGNER_UNLOCK, "unlock", 0, 1, 1},
    {SIGNER_LOCK, "lock", 0, 1, 0},
    {0},
};

/* --- the verbs ----------------------------------------------------------- */

static bool reserve(struct signer *signer, struct bytes question,
    struct buffer *answer, struct failure *why)
{
    RELEASED(buffer)
    serials = BUFFER("serials", (size_t)SIGNER_OPEN_SERIALS_MAX * SERIAL_BYTES);
    struct reader reader = reader_of(question);
    struct field field = {0};
    uint64_t count = 0;

    if (!message_next(&reader, &field, why) ||
        !field_number(&field, &count, why))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        uint8_t serial[SERIAL_BYTES];

        if (!serial_pool_reserve(
                &signer->serials, clock_monotonic_ms(), serial, why) ||
            !buffer_append(&serials, (struct bytes){serial, SERIAL_BYTES}, why))
            return false;
    }
    return message_add(answer, FIELD_SERIALS, buffer_view(&serials), why);
}

static bool state_key(
    const struct signer_key *key, struct buffer *answer, struct failure *why)
{
    char state[sizeof(key->why) + 1];
    size_t length = strlen(key->why);

    state[0] = key->key != NULL;
    memcpy(state + 1, key->why, length);
    return message_add(answer, FIELD_KEY_STATE,
        (struct bytes){(const uint8_t *)state, length + 1}, why);
}

static bool stat_keys(
    const struct signer *signer, struct buffer *answer, struct failure *why)
{
    for (size_t i = 0; i < signer->key_count; i++) {
        if (!state_key(&signer->keys[i], answer, why))
            return false;
    }
    return message_add_number(
               answer, FIELD_SIGNATURES, signer->signatures, why) &&
           message_add_number(answer, FIELD_LOG_END, signer->log.size, why);
}

static bool open_with_descriptor(
    struct signer *signer, int descriptor, struct failure *why)
{
    RELEASED(secret) passphrase = {0};

    if (!descriptor_read_secret(descriptor, "passphrase", &passphrase, why))
        return false;
    signer_open_keys(signer, &passphrase);
    return true;
}

static bool unlock(struct signer *signer, const struct frame *frame,
    struct buffer *answer, struct failure *why)
{
    if (frame->descriptor_count != 1)
        return fail_because(
            why, FAILURE_MALFORMED, "an unlock without a passphrase");
    if (!open_with_descriptor(signer, frame->descriptors[0], why))
        return false;
    return stat_keys(signer, answer, why);
}

static bool answer_question(struct signer *signer, const struct frame *frame,
    struct buffer *answer, uint16_t *type, struct failure *why)
{
    switch ((enum signer_message)frame->type) {
    case SIGNER_RESERVE:
        *type = SIGNER_RESERVED;
        return reserve(signer, frame->body, answer, why);
    case SIGNER_SIGN:
        *type = SIGNER_SIGNED;
        return signer_sign(signer, frame->body, answer, why);
    case SIGNER_CHECKPOINT:
        *type = SIGNER_CHECKED;
        return signer_checkpoint(signer, frame->body, answer, why);
    case SIGNER_STAT:
        *type = SIGNER_STATE;
        return stat_keys(signer, answer, why);
    case SIGNER_UNLOCK:
        *type = SIGNER_STATE;
        return unlock(signer, frame, answer, why);
    case SIGNER_LOCK:
        *type = SIGNER_STATE;
        signer_lock_keys(signer);
        return stat_keys(signer, answer, why);
    case SIGNER_START:
    case SIGNER_READY:
    case SIGNER_RESERVED:
    case SIGNER_SIGNED:
    case SIGNER_CHECKED:
    case SIGNER_STATE:
    case SIGNER_FAILED:
        break;
    }
    return fail_because(
        why, FAILURE_MALFORMED, "message %u is no question", frame->type);
}

static bool answer_failure(struct signer *signer, uint64_t id,
    const struct failure *refusal, struct failure *why)
{
    RELEASED(buffer) answer = BUFFER("signer's answer", 4096);

    return refusal_write(&answer, refusal, why) &&
           channel_answer(
               signer->keeper, SIGNER_FAILED, id, buffer_view(&answer), why);
}

static bool serve_keeper(struct signer *signer, struct failure *why)
{
    RELEASED(buffer) answer = BUFFER("signer's answer", SIGNER_FRAME_MAX);
    struct failure refusal = {0};
    struct frame frame = {0};
    uint16_t type = 0;
    bool ok;

    if (!channel_receive(signer->keeper, -1, &frame, why))
        return false;
    ok = answer_question(signer, &frame, &answer, &type, &refusal);
    frame_close_descriptors(&frame);
    if (ok)
        return channel_answer(
            signer->keeper, type, frame.id, buffer_view(&answer), why);
    return answer_failure(signer, frame.id, &refusal, why);
}

/* --- the start ----------------------------------------------------------- */

static bool take_limits(
    struct signer *signer, struct bytes message, struct failure *why)
{
    struct signer_key *key = &signer->keys[signer->key_count];

    if (signer->key_count == SIGNER_KEYS_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "the signer holds at most %d keys", SIGNER_KEYS_MAX);
    key->limits_message = BUFFER("limits", 1024 * 1024);
    key->file = -1;
    key->sealed = BUFFER("key file", KEY_FILE_MAX);
    signer->key_count++;
    return buffer_append(&key->limits_message, message, why) &&
           signer_limits_read(
               buffer_view(&key->limits_message), &key->limits, why) &&
           sha256(&key->limits.own_key, 1, key->key_sha256, why);
}

static bool take_start(
    struct signer *signer, struct bytes message, struct failure *why)
{
    struct reader reader = reader_of(message);
    uint64_t instance = 0;

    while (!reader_at_end(&reader)) {
        struct field field = {0};
        bool ok = message_next(&reader, &field, why);

        if (ok && field.tag == FIELD_LIMITS)
            ok = take_limits(signer, field.value, why);
        else if (ok && field.tag == FIELD_INSTANCE)
            ok = field_number(&field, &instance, why);
        if (!ok)
            return false;
    }
    if (instance < 0x01 || instance > 0x7f)
        return fail_because(why, FAILURE_MALFORMED,
            "the instance byte is not from 0x01 to 0x7f");
    signer->serials.instance = (uint8_t)instance;
    return true;
}

static int take_descriptor(struct frame *frame, size_t index)
{
    return descriptor_keep(&frame->descriptors[index]);
}

static bool take_descriptors(
    struct signer *signer, struct frame *frame, struct failure *why)
{
    uint64_t torn = 0;

    if (frame->descriptor_count < 2 + signer->key_count)
        return fail_because(
            why, FAILURE_MALFORMED, "the start brought too few descriptors");
    if (!channel_new(
            take_descriptor(frame, 0), keeper_rules, 8, &signer->keeper, why) ||
        !sign_log_open(take_descriptor(frame, 1), &signer->log, &torn, why))
        return false;
    for (size_t i = 0; i < signer->key_count; i++)
        signer->keys[i].file = take_descriptor(frame, 2 + i);
    if (torn > 0)
        log_event(LOG_LEVEL_WARNING, "sign-log-tail-cut", "what",
            "an unfinished record, on which nothing was signed", NULL);
    return true;
}

/* Keys are read only after the role is locked in. */
static bool open_keys_at_start(
    struct signer *signer, const struct frame *frame, struct failure *why)
{
    size_t passphrase = 2 + signer->key_count;

    for (size_t i = 0; i < signer->key_count; i++) {
        struct signer_key *key = &signer->keys[i];

        if (!descriptor_read(key->file, key->limits.name, &key->sealed, why))
            return false;
    }
    signer_open_keys(signer, NULL);
    if (frame->descriptor_count <= passphrase)
        return true;
    return open_with_descriptor(signer, frame->descriptors[passphrase], why);
}

/* The keeper takes in the log up to here, and notes that in the store: a power
 * cut must not leave a log that ends before it. */
static bool log_start(struct signer *signer, struct failure *why)
{
    uint8_t stamp[SIGN_LOG_TIME_BYTES];
    const struct bytes part = {stamp, sizeof(stamp)};

    sign_log_stamp(stamp);
    return sign_log_add(&signer->log, SIGN_LOG_STARTED, &part, 1, why) &&
           sign_log_write(&signer->log, why) &&
           sign_log_sync(&signer->log, why);
}

static bool start(struct signer *signer, struct failure *why)
{
    RELEASED(buffer) answer = BUFFER("signer's answer", 64 * 1024);
    struct frame frame = {0};
    bool ok;

    if (!channel_receive(signer->parent, -1, &frame, why))
        return false;
    ok = take_start(signer, frame.body, why) &&
         take_descriptors(signer, &frame, why) &&
         role_lock_in(SANDBOX_SIGNER, why) && log_start(signer, why) &&
         open_keys_at_start(signer, &frame, why);
    frame_close_descriptors(&frame);
    if (!ok)
        return false;
    return stat_keys(signer, &answer, why) &&
           channel_answer(signer->parent, SIGNER_READY, frame.id,
               buffer_view(&answer), why);
}

static bool say_why_not(struct signer *signer, const struct failure *refusal)
{
    RELEASED(buffer) answer = BUFFER("signer's answer", 4096);
    struct failure why = {0};

    return refusal_write(&answer, refusal, &why) &&
           channel_send(signer->parent, SIGNER_FAILED, 0, buffer_view(&answer),
               NULL, 0, 0, &why);
}

/* The parent says nothing more after the start: when its channel moves, it has
 * closed, and the signer ends. */
static bool serve(struct signer *signer, struct failure *why)
{
    struct pollfd polled[] = {
        {.fd = channel_descriptor(signer->keeper), .events = POLLIN},
        {.fd = channel_descriptor(signer->parent), .events = POLLIN},
    };

    while (!signer->is_broken) {
        if (poll(polled, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            return fail_because(why, FAILURE_INTERNAL, "poll failed");
        }
        if (polled[1].revents != 0)
            return true;
        if (polled[0].revents != 0 && !serve_keeper(signer, why))
            return why->kind == FAILURE_NOT_FOUND;
    }
    return true; /* the keeper was told why, and tells who asked */
}

static void signer_free(struct signer *signer)
{
    for (size_t i = 0; i < signer->key_count; i++) {
        private_key_free(signer->keys[i].key);
        descriptor_close(&signer->keys[i].file);
        buffer_free(&signer->keys[i].sealed);
        buffer_free(&signer->keys[i].limits_message);
    }
    free(signer->group);
    sign_log_free(&signer->log);
    channel_free(signer->keeper);
    channel_free(signer->parent);
    free(signer);
}

DEFINE_SCOPED_STRUCT(signer, signer_free)

int signer_main(void)
{
    SCOPED_STRUCT(signer) *signer = calloc(1, sizeof(*signer));
    struct failure why = {0};

    if (signer == NULL)
        return 9;
    signer->log.descriptor = -1;
    log_open("signer", LOG_LEVEL_INFO);
    if (!sandbox_keep_private(&why) || !crypto_start(&why) ||
        !channel_new(PARENT_DESCRIPTOR, parent_rules, 1, &signer->parent, &why))
        return log_event(
                   LOG_LEVEL_ERROR, "not-started", "why", why.reason, NULL),
               9;
    if (!start(signer, &why)) {
        (void)say_why_not(signer, &why);
        return 9;
    }
    if (!serve(signer, &why)) {
        log_event(LOG_LEVEL_ERROR, "stopped", "why", why.reason, NULL);
        return 8;
    }
    return signer->is_broken ? 8 : 0;
}
