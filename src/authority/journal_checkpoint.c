#include "authority/journal.h"

#include <string.h>

#include "authority/event.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/reader.h"

#define CHECKPOINT_AGE_MS 60000

/* --- the statement ------------------------------------------------------- */

bool checkpoint_read(
    struct bytes statement, struct checkpoint *checkpoint, struct failure *why)
{
    const struct bytes words = bytes_of_text(CHECKPOINT_WORDS);
    struct reader reader = reader_of(statement);
    struct bytes begins = {0}, journal_hash = {0}, log_hash = {0};
    uint64_t at = 0, seq = 0, log_size = 0;

    if (!read_bytes(&reader, words.length, &begins, why) ||
        !bytes_equal(begins, words) || !read_u64(&reader, &at, why) ||
        !read_u64(&reader, &seq, why) ||
        !read_bytes(&reader, SHA256_BYTES, &journal_hash, why) ||
        !read_u64(&reader, &log_size, why) ||
        !read_bytes(&reader, SHA256_BYTES, &log_hash, why) ||
        !reader_at_end(&reader) || seq > INT64_MAX || at > INT64_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "a checkpoint is not worded as the signer words it");
    *checkpoint = (struct checkpoint){
        .at = (int64_t)at, .journal_seq = (int64_t)seq, .log_size = log_size};
    memcpy(checkpoint->journal_hash, journal_hash.start, SHA256_BYTES);
    memcpy(checkpoint->log_hash, log_hash.start, SHA256_BYTES);
    return true;
}

/* --- the event ----------------------------------------------------------- */

static bool hex_of(struct bytes bytes, struct buffer *text, struct failure *why)
{
    if (!buffer_reserve(text, 2 * bytes.length + 1, why))
        return false;
    hex_print(bytes, (char *)text->start);
    text->length = 2 * bytes.length;
    return true;
}

static bool journal_checkpoint(struct authority *authority,
    const struct authority_issuer *signs, struct bytes statement,
    struct bytes signature, struct failure *why)
{
    RELEASED(buffer) stated = BUFFER("checkpoint", 1024);
    RELEASED(buffer) signed_text = BUFFER("signature", 16 * 1024);
    const char *statement_text = NULL;
    const char *signature_text = NULL;

    if (!hex_of(statement, &stated, why) ||
        !hex_of(signature, &signed_text, why) ||
        !buffer_as_text(&stated, &statement_text, why) ||
        !buffer_as_text(&signed_text, &signature_text, why))
        return false;
    return journal_event(authority->store,
        &(struct event){.kind = EVENT_CHECKPOINT,
            .actor = "signer",
            .object = signs->name,
            .more = json_pack("{s:s,s:s}", "statement", statement_text,
                "signature", signature_text)},
        why);
}

static bool record_checkpoint(struct authority *authority,
    const struct authority_issuer *signs, struct bytes statement,
    struct bytes signature, int64_t sequence, struct failure *why)
{
    struct store *store = authority->store;
    int64_t now_ms = clock_now_ms();

    if (store_begin(store, why) &&
        journal_checkpoint(authority, signs, statement, signature, why) &&
        store_set_number(store, CHECKPOINT_SEQUENCE, sequence + 1, why) &&
        store_set_number(store, CHECKPOINT_MS, now_ms, why)) {
        authority->checkpoint_seq = sequence + 1;
        authority->checkpoint_ms = now_ms;
        authority->events_at_most = 0;
        return authority_commit(authority, why);
    }
    store_roll_back(store);
    return false;
}

/* --- when and by whom ---------------------------------------------------- */

/* One that issues; before there is one, any that is active and has its key
 * here.  NULL: none. */
static const struct authority_issuer *who_signs(
    const struct authority *authority)
{
    const struct authority_issuer *other = NULL;

    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        if (issuer->key >= authority->key_count ||
            issuer->state != AUTHORITY_ACTIVE)
            continue;
        if (issuer->issues)
            return issuer;
        other = issuer;
    }
    return other;
}

static bool sign_locked(struct authority *authority, int64_t sequence,
    const uint8_t hash[static SHA256_BYTES], struct failure *why)
{
    RELEASED(buffer) statement = BUFFER("checkpoint", 1024);
    RELEASED(buffer) signature = BUFFER("signature", 8 * 1024);
    const struct authority_issuer *signs = who_signs(authority);

    if (signs == NULL)
        return true;
    return signer_client_checkpoint(authority->signer, signs->key,
               (uint64_t)sequence, (struct bytes){hash, SHA256_BYTES},
               &statement, &signature, why) &&
           record_checkpoint(authority, signs, buffer_view(&statement),
               buffer_view(&signature), sequence, why);
}

static bool is_due(const struct authority *authority, int64_t sequence)
{
    if (sequence == authority->checkpoint_seq)
        return false;
    return sequence - authority->checkpoint_seq >= JOURNAL_CHECKPOINT_EVENTS ||
           clock_now_ms() - authority->checkpoint_ms >= CHECKPOINT_AGE_MS;
}

static bool may_be_due(const struct authority *authority)
{
    return authority->events_at_most >= JOURNAL_CHECKPOINT_EVENTS ||
           clock_now_ms() - authority->checkpoint_ms >= CHECKPOINT_AGE_MS;
}

static bool checkpoint_if_due_locked(
    struct authority *authority, struct failure *why)
{
    uint8_t hash[SHA256_BYTES];
    int64_t sequence = 0;

    /* A folder that waits for its first certificate has no key to sign by. */
    if (authority->key_count == 0 || !may_be_due(authority))
        return true;
    if (!store_journal_head(authority->store, &sequence, hash, why))
        return false;
    authority->events_at_most = sequence - authority->checkpoint_seq;
    return !is_due(authority, sequence) ||
           sign_locked(authority, sequence, hash, why);
}

/* Once, until one is signed again. */
static bool journal_failed(
    struct authority *authority, void *context, struct failure *why)
{
    if (authority->has_told_checkpoint)
        return true;
    authority->has_told_checkpoint = true;
    return journal_event(authority->store,
        &(struct event){.kind = EVENT_CHECKPOINT_FAILED, .refusal = context},
        why);
}

bool journal_checkpoint_if_due(struct authority *authority, struct failure *why)
{
    struct failure cause;
    struct failure ignored = {0};
    bool ok;

    (void)pthread_mutex_lock(&authority->writing);
    ok = authority->is_broken || checkpoint_if_due_locked(authority, why);
    if (ok)
        authority->has_told_checkpoint = false;
    (void)pthread_mutex_unlock(&authority->writing);
    if (ok)
        return true;
    cause = *why;
    (void)!authority_write(authority, journal_failed, &cause, &ignored);
    return false;
}

bool journal_checkpoint_last(struct authority *authority, struct failure *why)
{
    uint8_t hash[SHA256_BYTES];
    int64_t sequence = 0;
    bool ok;

    (void)pthread_mutex_lock(&authority->writing);
    ok = authority->is_broken ||
         (store_journal_head(authority->store, &sequence, hash, why) &&
             (sequence == authority->checkpoint_seq ||
                 sign_locked(authority, sequence, hash, why)));
    (void)pthread_mutex_unlock(&authority->writing);
    return ok;
}
