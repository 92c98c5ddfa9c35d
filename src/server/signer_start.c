#include "server/signer_state.h"

#include <stdio.h>

#include "base/file.h"
#include "base/log.h"
#include "base/message.h"
#include "server/role_lock.h"

static const struct channel_rule keeper_rules[] = {
    {SIGNER_RESERVE, "reserve", 64, 1, 0},
    {SIGNER_SIGN, "sign", SIGNER_FRAME_MAX, 1, 0},
    {SIGNER_CHECKPOINT, "checkpoint", 4096, 1, 0},
    {SIGNER_STAT, "stat", 0, 1, 0},
    {SIGNER_UNLOCK, "unlock", 0, 1, 1},
    {SIGNER_LOCK, "lock", 0, 1, 0},
    {SIGNER_SIGN_LIST, "sign list", 256, 1, 1},
    {0},
};

/* --- the keys, before the start ------------------------------------------ */

static bool take_limits(
    struct signer_key *key, struct bytes message, struct failure *why)
{
    key->limits_message = BUFFER("limits", 1024 * 1024);
    return buffer_append(&key->limits_message, message, why) &&
           signer_limits_read(
               buffer_view(&key->limits_message), &key->limits, why) &&
           sha256(&key->limits.own_key, 1, key->key_sha256, why);
}

static bool take_key_field(
    struct signer_key *key, const struct field *field, struct failure *why)
{
    uint64_t number = 0;

    if (field->tag == FIELD_LIMITS)
        return take_limits(key, field->value, why);
    if (field->tag == FIELD_WHY)
        return field_text(field, key->why, sizeof(key->why), why);
    if (field->tag == FIELD_IS_ROOT) {
        if (!field_number(field, &number, why))
            return false;
        key->is_root = number == 1;
    }
    return true;
}

static bool take_key(
    struct signer *signer, struct frame *frame, struct failure *why)
{
    struct reader reader = reader_of(frame->body);
    struct signer_key *key = &signer->keys[signer->key_count];

    if (signer->key_count == SIGNER_KEYS_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "the signer holds at most %d keys", SIGNER_KEYS_MAX);
    *key = (struct signer_key){
        .file = -1, .sealed = BUFFER("key file", KEY_FILE_MAX)};
    signer->key_count++;
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_key_field(key, &field, why))
            return false;
    }
    if (key->limits_message.length == 0)
        return fail_because(why, FAILURE_MALFORMED, "a key without limits");
    if (frame->descriptor_count == 1)
        key->file = descriptor_keep(&frame->descriptors[0]);
    return true;
}

static bool receive_keys(
    struct signer *signer, struct frame *frame, struct failure *why)
{
    for (;;) {
        bool ok;

        if (!channel_receive(signer->parent, -1, frame, why))
            return false;
        if (frame->type == SIGNER_START)
            return true;
        ok = take_key(signer, frame, why);
        frame_close_descriptors(frame);
        if (!ok)
            return false;
    }
}

/* --- the start ----------------------------------------------------------- */

static bool take_start(struct signer *signer, struct bytes message,
    uint64_t *passphrases, struct failure *why)
{
    struct reader reader = reader_of(message);
    uint64_t instance = 0;

    while (!reader_at_end(&reader)) {
        struct field field = {0};
        bool ok = message_next(&reader, &field, why);

        if (ok && field.tag == FIELD_INSTANCE)
            ok = field_number(&field, &instance, why);
        else if (ok && field.tag == FIELD_PASSPHRASES)
            ok = field_number(&field, passphrases, why);
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

bool signer_take_keeper(
    struct signer *signer, struct frame *frame, struct failure *why)
{
    if (frame->descriptor_count < 1)
        return fail_because(
            why, FAILURE_MALFORMED, "a keeper came without its channel");
    channel_free(signer->keeper);
    signer->keeper = NULL;
    return channel_new(
        take_descriptor(frame, 0), keeper_rules, 8, &signer->keeper, why);
}

static bool take_descriptors(
    struct signer *signer, struct frame *frame, struct failure *why)
{
    uint64_t torn = 0;

    if (frame->descriptor_count < 2)
        return fail_because(
            why, FAILURE_MALFORMED, "the start brought too few descriptors");
    if (!signer_take_keeper(signer, frame, why) ||
        !sign_log_open(take_descriptor(frame, 1), &signer->log, &torn, why))
        return false;
    if (torn > 0)
        log_event(LOG_LEVEL_WARNING, "sign-log-tail-cut", "what",
            "an unfinished record, on which nothing was signed", NULL);
    return true;
}

/* A file that can't be read makes one key unusable, not the others. */
static void read_key_file(struct signer_key *key)
{
    struct failure why = {0};

    if (key->file < 0 && key->why[0] == '\0')
        (void)snprintf(key->why, sizeof(key->why), "it has no file");
    if (key->file < 0)
        return;
    key->has_file =
        descriptor_read(key->file, key->limits.name, &key->sealed, &why);
    if (!key->has_file)
        (void)snprintf(key->why, sizeof(key->why), "%s", why.reason);
}

/* A root that can't be opened hinders nothing else: what needs it says why. */
static void open_roots(struct signer *signer, int passphrase)
{
    struct failure why = {0};

    if (signer_open_with(signer, passphrase, SIGNER_ROOT_KEYS, &why))
        return;
    for (size_t i = 0; i < signer->key_count; i++) {
        if (signer->keys[i].is_root)
            (void)snprintf(signer->keys[i].why, sizeof(signer->keys[i].why),
                "%s", why.reason);
    }
}

static bool open_with_passphrases(struct signer *signer,
    const struct frame *frame, uint64_t passphrases, struct failure *why)
{
    size_t next = 2;

    if ((passphrases & PASSPHRASE_OF_KEYS) != 0 &&
        next < frame->descriptor_count &&
        !signer_open_with(
            signer, frame->descriptors[next++], SIGNER_OTHER_KEYS, why))
        return false;
    if ((passphrases & PASSPHRASE_OF_ROOTS) != 0 &&
        next < frame->descriptor_count)
        open_roots(signer, frame->descriptors[next]);
    return true;
}

/* Keys are read only after the role is locked in. */
static bool open_keys_at_start(struct signer *signer, const struct frame *frame,
    uint64_t passphrases, struct failure *why)
{
    for (size_t i = 0; i < signer->key_count; i++)
        read_key_file(&signer->keys[i]);
    signer_open_keys(signer, NULL, SIGNER_OTHER_KEYS);
    signer_open_keys(signer, NULL, SIGNER_ROOT_KEYS);
    return open_with_passphrases(signer, frame, passphrases, why);
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

bool signer_start(struct signer *signer, struct failure *why)
{
    RELEASED(buffer) answer = BUFFER("signer's answer", 64 * 1024);
    struct frame frame = {0};
    uint64_t passphrases = 0;
    bool ok;

    if (!receive_keys(signer, &frame, why))
        return false;
    ok = take_start(signer, frame.body, &passphrases, why) &&
         take_descriptors(signer, &frame, why) &&
         role_lock_in(SANDBOX_SIGNER, NULL, why) && log_start(signer, why) &&
         open_keys_at_start(signer, &frame, passphrases, why);
    frame_close_descriptors(&frame);
    if (!ok)
        return false;
    channel_enter(signer->parent, SIGNER_IS_STARTED);
    return signer_stat_keys(signer, &answer, why) &&
           channel_answer(signer->parent, SIGNER_READY, frame.id,
               buffer_view(&answer), why);
}
