#include "server/signer_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/message.h"

struct member {
    uint64_t key_number;
    const struct signer_key *key;
    struct bytes draft;
    struct tbs_certificate tbs;
    struct failure why; /* FAILURE_NONE: it is signed */
    uint8_t *signature; /* SIGNATURE_MAX bytes of the group's */
    size_t signature_length;
};

struct signer_group {
    size_t count;
    uint64_t log_end; /* of its intents, which are durable */
    struct member members[SIGNER_GROUP_MAX];
    uint8_t signatures[SIGNER_GROUP_MAX][SIGNATURE_MAX];
};

/* Room for a whole group is more than malloc hands out without mapping it anew
 * each time. */
static bool empty_group(struct signer *signer, struct failure *why)
{
    if (signer->group == NULL)
        signer->group = calloc(1, sizeof(*signer->group));
    if (signer->group == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    signer->group->count = 0;
    return true;
}

static bool take_draft(struct signer_group *group, uint64_t key_number,
    struct bytes draft, struct failure *why)
{
    if (group->count == SIGNER_GROUP_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "a group of more than %d drafts", SIGNER_GROUP_MAX);
    if (draft.length > SIGNER_DRAFT_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "a draft of more than %d bytes", SIGNER_DRAFT_MAX);
    group->members[group->count++] =
        (struct member){.key_number = key_number, .draft = draft};
    return true;
}

static bool read_group(
    struct bytes question, struct signer_group *group, struct failure *why)
{
    struct reader reader = reader_of(question);
    uint64_t key_number = SIGNER_KEYS_MAX;

    while (!reader_at_end(&reader)) {
        struct field field = {0};
        bool ok = message_next(&reader, &field, why);

        if (ok && field.tag == FIELD_KEY)
            ok = field_number(&field, &key_number, why);
        else if (ok && field.tag == FIELD_DRAFT)
            ok = take_draft(group, key_number, field.value, why);
        if (!ok)
            return false;
    }
    if (group->count == 0)
        return fail_because(why, FAILURE_MALFORMED, "a group without drafts");
    return true;
}

static bool judge(
    struct signer *signer, struct member *member, struct failure *why)
{
    struct signer_key *key = NULL;

    if (!signer_key(signer, member->key_number, &key, why) ||
        !tbs_certificate_read(member->draft, &member->tbs, why))
        return false;
    member->key = key;
    return serial_pool_use(&signer->serials, clock_monotonic_ms(),
               member->tbs.serial, why) &&
           signer_limits_allow(&key->limits, &member->tbs,
               key->key->algorithm->signs_with->identifier, clock_now(), why);
}

static void judge_group(struct signer *signer, struct signer_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        struct failure refusal = {0};

        if (!judge(signer, &group->members[i], &refusal))
            group->members[i].why = refusal;
    }
}

static bool log_intent(
    struct signer *signer, const struct member *member, struct failure *why)
{
    uint8_t stamp[SIGN_LOG_TIME_BYTES];
    const struct bytes intent[] = {{stamp, sizeof(stamp)},
        {member->key->key_sha256, SHA256_BYTES}, member->draft};

    sign_log_stamp(stamp);
    return sign_log_add(&signer->log, SIGN_LOG_INTENT, intent, 3, why);
}

bool signer_log_refusal(
    struct signer *signer, const struct failure *refusal, struct failure *why)
{
    uint8_t stamp[SIGN_LOG_TIME_BYTES];
    const struct bytes parts[] = {
        {stamp, sizeof(stamp)}, bytes_of_text(refusal->reason)};

    sign_log_stamp(stamp);
    return sign_log_add(&signer->log, SIGN_LOG_REFUSED, parts, 2, why);
}

/* Every draft is durable in the log before the first one is signed. */
static bool log_group(
    struct signer *signer, struct signer_group *group, struct failure *why)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct member *member = &group->members[i];
        bool ok = member->why.kind == FAILURE_NONE
                      ? log_intent(signer, member, why)
                      : signer_log_refusal(signer, &member->why, why);

        if (!ok)
            return false;
    }
    if (!sign_log_write(&signer->log, why) || !sign_log_sync(&signer->log, why))
        return false;
    group->log_end = signer->log.size;
    return true;
}

static void sign_member(struct member *member)
{
    const struct private_key *key = member->key->key;
    struct failure why = {0};

    if (!private_key_sign(key, key->algorithm->signs_with, member->draft,
            member->signature, &member->signature_length, &why))
        member->why = why;
}

static bool log_result(
    struct signer *signer, const struct member *member, struct failure *why)
{
    uint8_t length = (uint8_t)member->tbs.serial.length;
    const struct bytes parts[] = {{&length, 1}, member->tbs.serial,
        {member->signature, member->signature_length}};

    return sign_log_add(&signer->log, SIGN_LOG_SIGNED, parts, 3, why);
}

static bool sign_group(
    struct signer *signer, struct signer_group *group, struct failure *why)
{
    for (size_t i = 0; i < group->count; i++) {
        struct member *member = &group->members[i];

        member->signature = group->signatures[i];
        if (member->why.kind != FAILURE_NONE)
            continue;
        sign_member(member);
        if (member->why.kind != FAILURE_NONE)
            continue;
        if (!log_result(signer, member, why))
            return false;
        signer->signatures++;
    }
    return sign_log_write(&signer->log, why);
}

static bool answer_member(
    struct buffer *answer, const struct member *member, struct failure *why)
{
    char refusal[sizeof(member->why.reason) + 1];
    size_t length = strlen(member->why.reason);

    if (member->why.kind == FAILURE_NONE)
        return message_add(answer, FIELD_SIGNATURE,
            (struct bytes){member->signature, member->signature_length}, why);
    refusal[0] = (char)member->why.kind;
    memcpy(refusal + 1, member->why.reason, length);
    return message_add(answer, FIELD_REFUSAL,
        (struct bytes){(const uint8_t *)refusal, length + 1}, why);
}

/* The store notes the log's end as taken in.  It must not lie beyond what a
 * power cut leaves of the log: results that are met again have no intent that
 * waits for them, and pass. */
static bool answer_group(const struct signer_group *group,
    struct buffer *answer, struct failure *why)
{
    for (size_t i = 0; i < group->count; i++) {
        if (!answer_member(answer, &group->members[i], why))
            return false;
    }
    return message_add_number(answer, FIELD_LOG_END, group->log_end, why);
}

bool signer_sign(struct signer *signer, struct bytes question,
    struct buffer *answer, struct failure *why)
{
    struct signer_group *group;

    if (!empty_group(signer, why) || !read_group(question, signer->group, why))
        return false;
    group = signer->group;
    judge_group(signer, group);
    if (log_group(signer, group, why) && sign_group(signer, group, why) &&
        answer_group(group, answer, why))
        return true;
    signer->is_broken = true;
    return false;
}

/* --- checkpoints --------------------------------------------------------- */

/* Worded here, and beginning with what no DER structure begins with, so that a
 * checkpoint can't be taken for a certificate or anything else. */
static bool word_checkpoint(struct signer *signer, uint64_t journal_sequence,
    struct bytes journal_hash, struct buffer *statement, struct failure *why)
{
    return buffer_print(statement, why, "chancery checkpoint 1\n") &&
           append_u64(statement, (uint64_t)clock_now(), why) &&
           append_u64(statement, journal_sequence, why) &&
           buffer_append(statement, journal_hash, why) &&
           append_u64(statement, signer->log.size, why) &&
           buffer_append(
               statement, (struct bytes){signer->log.hash, SHA256_BYTES}, why);
}

static bool log_checkpoint(struct signer *signer, struct bytes statement,
    struct bytes signature, struct failure *why)
{
    uint8_t length[] = {
        (uint8_t)(statement.length >> 8), (uint8_t)statement.length};
    const struct bytes parts[] = {
        {length, sizeof(length)}, statement, signature};

    return sign_log_add(&signer->log, SIGN_LOG_CHECKPOINT, parts, 3, why) &&
           sign_log_write(&signer->log, why) &&
           sign_log_sync(&signer->log, why);
}

struct checkpoint_question {
    uint64_t key_number;
    uint64_t journal_sequence;
    struct bytes journal_hash;
};

static bool read_checkpoint_question(struct bytes message,
    struct checkpoint_question *question, struct failure *why)
{
    struct reader reader = reader_of(message);

    while (!reader_at_end(&reader)) {
        struct field field = {0};
        bool ok = message_next(&reader, &field, why);

        if (ok && field.tag == FIELD_KEY)
            ok = field_number(&field, &question->key_number, why);
        else if (ok && field.tag == FIELD_JOURNAL_SEQUENCE)
            ok = field_number(&field, &question->journal_sequence, why);
        else if (ok && field.tag == FIELD_JOURNAL_HASH)
            question->journal_hash = field.value;
        if (!ok)
            return false;
    }
    if (question->journal_hash.length != SHA256_BYTES)
        return fail_because(why, FAILURE_MALFORMED,
            "a journal hash of %zu bytes", question->journal_hash.length);
    return true;
}

static bool allow_checkpoint(const struct signer_key *key, struct failure *why)
{
    if (!key->limits.signs_lists_only)
        return true;
    return fail_because(why, FAILURE_FORBIDDEN,
        "the signer's limits for \"%s\" do not allow checkpoints: the key "
        "signs lists alone",
        key->limits.name);
}

bool signer_checkpoint(struct signer *signer, struct bytes question_message,
    struct buffer *answer, struct failure *why)
{
    RELEASED(buffer) statement = BUFFER("checkpoint", 512);
    struct checkpoint_question question = {0};
    uint8_t signature[SIGNATURE_MAX];
    struct signer_key *key = NULL;
    struct bytes signed_bytes = {signature, 0};

    if (!read_checkpoint_question(question_message, &question, why) ||
        !signer_key(signer, question.key_number, &key, why) ||
        !allow_checkpoint(key, why) ||
        !word_checkpoint(signer, question.journal_sequence,
            question.journal_hash, &statement, why))
        return false;
    if (!private_key_sign(key->key, key->key->algorithm->signs_with,
            buffer_view(&statement), signature, &signed_bytes.length, why))
        return false;
    if (!log_checkpoint(signer, buffer_view(&statement), signed_bytes, why)) {
        signer->is_broken = true;
        return false;
    }
    return message_add(answer, FIELD_STATEMENT, buffer_view(&statement), why) &&
           message_add(answer, FIELD_SIGNATURE, signed_bytes, why) &&
           message_add_number(answer, FIELD_LOG_END, signer->log.size, why);
}
