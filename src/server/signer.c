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
#include "server/signer_state.h"

#define PARENT_DESCRIPTOR 3

static const struct channel_rule parent_rules[] = {
    {SIGNER_KEY, "key", 512 * 1024, SIGNER_IS_NEW, 1},
    {SIGNER_START, "start", 64, SIGNER_IS_NEW, 4},
    {SIGNER_KEEPER, "keeper", 0, SIGNER_IS_STARTED, 1},
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

bool signer_stat_keys(
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

static bool unlock(struct signer *signer, const struct frame *frame,
    struct buffer *answer, struct failure *why)
{
    if (frame->descriptor_count != 1)
        return fail_because(
            why, FAILURE_MALFORMED, "an unlock without a passphrase");
    if (!signer_open_with(
            signer, frame->descriptors[0], SIGNER_OTHER_KEYS, why))
        return false;
    return signer_stat_keys(signer, answer, why);
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
    case SIGNER_SIGN_LIST:
        *type = SIGNER_LISTED;
        return signer_sign_list(signer, frame, answer, why);
    case SIGNER_STAT:
        *type = SIGNER_STATE;
        return signer_stat_keys(signer, answer, why);
    case SIGNER_UNLOCK:
        *type = SIGNER_STATE;
        return unlock(signer, frame, answer, why);
    case SIGNER_LOCK:
        *type = SIGNER_STATE;
        signer_lock_keys(signer);
        return signer_stat_keys(signer, answer, why);
    case SIGNER_KEY:
    case SIGNER_START:
    case SIGNER_READY:
    case SIGNER_RESERVED:
    case SIGNER_SIGNED:
    case SIGNER_LISTED:
    case SIGNER_CHECKED:
    case SIGNER_STATE:
    case SIGNER_KEEPER:
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

/* --- the process --------------------------------------------------------- */

static bool say_why_not(struct signer *signer, const struct failure *refusal)
{
    RELEASED(buffer) answer = BUFFER("signer's answer", 4096);
    struct failure why = {0};

    return refusal_write(&answer, refusal, &why) &&
           channel_send(signer->parent, SIGNER_FAILED, 0, buffer_view(&answer),
               NULL, 0, 0, &why);
}

/* A keeper that has gone, perhaps within a frame, takes nothing with it: the
 * keys stay open for the next one (properties 31).  One that is there and
 * breaks the rules ends the signer. */
static bool leave_keeper(struct signer *signer)
{
    struct pollfd gone = {.fd = channel_descriptor(signer->keeper)};

    if (poll(&gone, 1, 0) < 0 || (gone.revents & POLLHUP) == 0)
        return false;
    channel_free(signer->keeper);
    signer->keeper = NULL;
    return true;
}

/* Parts of a question that came from the keeper before are dropped with its
 * channel: the next one reads the log only when that can't grow by it. */
static bool serve_parent(struct signer *signer, bool *ends, struct failure *why)
{
    RELEASED(buffer) answer = BUFFER("signer's answer", 64 * 1024);
    struct frame frame = {0};
    bool ok;

    if (!channel_receive(signer->parent, -1, &frame, why)) {
        *ends = true;
        return why->kind == FAILURE_NOT_FOUND;
    }
    ok = signer_take_keeper(signer, &frame, why) &&
         signer_stat_keys(signer, &answer, why) &&
         channel_answer(
             signer->parent, SIGNER_READY, frame.id, buffer_view(&answer), why);
    frame_close_descriptors(&frame);
    return ok;
}

/* Once the parent's channel has closed, the signer ends. */
static bool serve(struct signer *signer, struct failure *why)
{
    bool ends = false;

    while (!signer->is_broken && !ends) {
        struct pollfd polled[] = {
            {.fd = channel_descriptor(signer->parent), .events = POLLIN},
            {.fd = signer->keeper == NULL ? -1
                                          : channel_descriptor(signer->keeper),
                .events = POLLIN},
        };

        if (poll(polled, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            return fail_because(why, FAILURE_INTERNAL, "poll failed");
        }
        if (polled[0].revents != 0 && !serve_parent(signer, &ends, why))
            return false;
        if (polled[0].revents == 0 && polled[1].revents != 0 &&
            !serve_keeper(signer, why) && !leave_keeper(signer))
            return false;
    }
    return true; /* of a broken log the keeper was told, and tells who asked */
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
        !channel_new(PARENT_DESCRIPTOR, parent_rules, SIGNER_KEYS_MAX + 1,
            &signer->parent, &why))
        return log_event(
                   LOG_LEVEL_ERROR, "not-started", "why", why.reason, NULL),
               9;
    if (!signer_start(signer, &why)) {
        (void)say_why_not(signer, &why);
        return 9;
    }
    if (!serve(signer, &why)) {
        log_event(LOG_LEVEL_ERROR, "stopped", "why", why.reason, NULL);
        return 8;
    }
    return signer->is_broken ? 8 : 0;
}
