#include "authority/signer_client.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/refusal.h"

#define POOL_MAX 1024
#define POOL_LEAST 64
/* Serials lapse at the signer; ours are let go well before. */
#define POOL_LIFE_MS (SIGNER_SERIAL_LIFE_MS * 3 / 4)
/* Long enough for 256 signatures with the slowest key, or for a list of 1 GiB.
 */
#define ANSWER_WAIT_MS 120000

struct signer_client {
    pthread_mutex_t exchange; /* one question at a time */
    struct channel *channel;
    uint64_t next_id;
    uint64_t next_ticket;
    bool is_broken; /* what came of a group is unknown */

    pthread_mutex_t pool_lock;
    struct reserved_serial pool[POOL_MAX];
    size_t pooled;
    size_t wanted; /* how many are worth having ahead */
};

static const struct channel_rule signer_answers[] = {
    {SIGNER_RESERVED, "reserved", POOL_MAX *SERIAL_BYTES + 64, 1, 0},
    {SIGNER_SIGNED, "signed", SIGNER_FRAME_MAX, 1, 0},
    {SIGNER_CHECKED, "checked", 16384, 1, 0},
    {SIGNER_LISTED, "listed", 16384, 1, 0},
    {SIGNER_STATE, "state", 64 * 1024, 1, 0},
    {SIGNER_FAILED, "failed", 4096, 1, 0},
    {0},
};

bool signer_client_new(
    int socket, struct signer_client **client, struct failure *why)
{
    struct signer_client *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        descriptor_close(&socket);
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    }
    if (!channel_new(socket, signer_answers, 0, &made->channel, why)) {
        free(made);
        return false;
    }
    (void)pthread_mutex_init(&made->exchange, NULL);
    (void)pthread_mutex_init(&made->pool_lock, NULL);
    made->wanted = POOL_LEAST;
    *client = made;
    return true;
}

void signer_client_free(struct signer_client *client)
{
    if (client == NULL)
        return;
    channel_free(client->channel);
    (void)pthread_mutex_destroy(&client->exchange);
    (void)pthread_mutex_destroy(&client->pool_lock);
    free(client);
}

/* --- one exchange; the caller holds the lock ----------------------------- */

static bool exchange(struct signer_client *client, uint16_t question,
    struct bytes body, int descriptor, uint16_t answer, struct frame *frame,
    struct failure *why)
{
    uint64_t id = ++client->next_id;

    if (client->is_broken)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the signer has failed; nothing is signed until a restart");
    if (!channel_send(client->channel, question, id, body, &descriptor,
            descriptor < 0 ? 0 : 1, 0, why))
        return false;
    if (!channel_receive(client->channel, ANSWER_WAIT_MS, frame, why))
        return fail_because(
            why, FAILURE_UNAVAILABLE, "the signer does not answer");
    if (frame->id != id ||
        (frame->type != answer && frame->type != SIGNER_FAILED))
        return fail_because(
            why, FAILURE_INTERNAL, "the signer answered another question");
    if (frame->type == SIGNER_FAILED)
        return fail_as_told(why, frame->body, "signer");
    return true;
}

/* --- serials ------------------------------------------------------------- */

static void pool_put(struct signer_client *client, struct bytes serials)
{
    int64_t ends_ms = clock_monotonic_ms() + POOL_LIFE_MS;

    (void)pthread_mutex_lock(&client->pool_lock);
    for (size_t i = 0; i + SERIAL_BYTES <= serials.length; i += SERIAL_BYTES) {
        struct reserved_serial *pooled;

        if (client->pooled == POOL_MAX)
            break;
        pooled = &client->pool[client->pooled++];
        memcpy(pooled->bytes, serials.start + i, SERIAL_BYTES);
        pooled->ends_ms = ends_ms;
    }
    (void)pthread_mutex_unlock(&client->pool_lock);
}

static bool pool_take(
    struct signer_client *client, struct reserved_serial *serial)
{
    int64_t now_ms = clock_monotonic_ms();
    bool taken = false;

    (void)pthread_mutex_lock(&client->pool_lock);
    while (!taken && client->pooled > 0) {
        const struct reserved_serial *last = &client->pool[--client->pooled];

        taken = last->ends_ms > now_ms;
        if (taken)
            *serial = *last;
    }
    (void)pthread_mutex_unlock(&client->pool_lock);
    return taken;
}

static size_t pool_missing(struct signer_client *client)
{
    size_t missing;

    (void)pthread_mutex_lock(&client->pool_lock);
    missing = client->pooled < client->wanted / 2
                  ? client->wanted - client->pooled
                  : 0;
    (void)pthread_mutex_unlock(&client->pool_lock);
    return missing;
}

static bool refill(
    struct signer_client *client, size_t count, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 64);
    struct frame frame = {0};
    struct reader reader;
    struct field field = {0};

    if (!message_add_number(&question, FIELD_COUNT, count, why) ||
        !exchange(client, SIGNER_RESERVE, buffer_view(&question), -1,
            SIGNER_RESERVED, &frame, why))
        return false;
    reader = reader_of(frame.body);
    if (!message_next(&reader, &field, why))
        return false;
    pool_put(client, field.value);
    return true;
}

bool signer_client_serial(struct signer_client *client,
    struct reserved_serial *serial, struct failure *why)
{
    bool ok = pool_take(client, serial);

    if (ok)
        return true;
    (void)pthread_mutex_lock(&client->exchange);
    ok = pool_take(client, serial) ||
         (refill(client, client->wanted, why) && pool_take(client, serial));
    (void)pthread_mutex_unlock(&client->exchange);
    return ok;
}

void signer_client_give_back(
    struct signer_client *client, struct reserved_serial *serial)
{
    if (serial->ends_ms == 0)
        return;
    (void)pthread_mutex_lock(&client->pool_lock);
    if (client->pooled < POOL_MAX)
        client->pool[client->pooled++] = *serial;
    (void)pthread_mutex_unlock(&client->pool_lock);
    *serial = (struct reserved_serial){0};
}

/* --- signing ------------------------------------------------------------- */

void signing_free(struct signing *signing)
{
    buffer_free(&signing->answer);
}

static bool take_refusal(
    struct signed_draft *draft, struct bytes value, struct failure *why)
{
    uint8_t kind = value.length == 0 ? 0 : value.start[0];

    if (kind == FAILURE_NONE || kind > FAILURE_INTERNAL)
        return fail_because(
            why, FAILURE_INTERNAL, "the signer refused without a kind");
    (void)fail_because(&draft->why, (enum failure_kind)kind, "%.*s",
        (int)value.length - 1, (const char *)value.start + 1);
    return true;
}

static bool take_result(struct signing *signing, size_t *count,
    const struct field *field, struct failure *why)
{
    struct signed_draft *draft = &signing->drafts[*count];

    if (field->tag == FIELD_LOG_END)
        return field_number(field, &signing->log_end, why);
    if (*count == signing->count)
        return fail_because(why, FAILURE_INTERNAL,
            "the signer answered more than it was asked");
    (*count)++;
    *draft = (struct signed_draft){0};
    if (field->tag == FIELD_REFUSAL)
        return take_refusal(draft, field->value, why);
    draft->signature = field->value;
    return true;
}

static bool read_signed(
    struct signing *signing, size_t asked, struct failure *why)
{
    struct reader reader = reader_of(buffer_view(&signing->answer));
    size_t count = 0;

    signing->count = asked;
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_result(signing, &count, &field, why))
            return false;
    }
    if (count != asked)
        return fail_because(why, FAILURE_INTERNAL,
            "the signer answered less than it was asked");
    return true;
}

static bool write_question(const struct draft_to_sign *drafts, size_t count,
    struct buffer *question, struct failure *why)
{
    for (size_t i = 0; i < count; i++) {
        bool is_new = i == 0 || drafts[i].key != drafts[i - 1].key;

        if (is_new &&
            !message_add_number(question, FIELD_KEY, drafts[i].key, why))
            return false;
        if (!message_add(question, FIELD_DRAFT, drafts[i].draft, why))
            return false;
    }
    return true;
}

static bool sign_locked(struct signer_client *client, struct bytes question,
    size_t count, struct signing *signing, struct failure *why)
{
    struct frame frame = {0};
    struct failure ignored = {0};
    size_t missing;

    if (!exchange(
            client, SIGNER_SIGN, question, -1, SIGNER_SIGNED, &frame, why))
        return false;
    /* Signed, and nobody knows what: a later group must not be recorded as if
     * this one had been. */
    client->is_broken = !buffer_append(&signing->answer, frame.body, why) ||
                        !read_signed(signing, count, why);
    if (client->is_broken)
        return false;
    signing->ticket = client->next_ticket++;
    missing = pool_missing(client);
    /* Serials ahead are a convenience: without them the next one asks. */
    if (missing > 0)
        (void)!refill(client, missing, &ignored);
    return true;
}

bool signer_client_sign(struct signer_client *client,
    const struct draft_to_sign *drafts, size_t count, struct signing *signing,
    struct failure *why)
{
    RELEASED(buffer) question = BUFFER("drafts to sign", SIGNER_FRAME_MAX);
    bool ok;

    if (count > SIGNER_GROUP_MAX)
        return fail_because(why, FAILURE_INTERNAL, "the group is too large");
    if (!write_question(drafts, count, &question, why))
        return false;
    if (signing->answer.ceiling == 0)
        signing->answer = BUFFER("signer's answer", SIGNER_FRAME_MAX);
    buffer_clear(&signing->answer);

    (void)pthread_mutex_lock(&client->exchange);
    if (count * 4 > client->wanted && client->wanted < POOL_MAX)
        client->wanted = count * 4 < POOL_MAX ? count * 4 : POOL_MAX;
    ok = sign_locked(client, buffer_view(&question), count, signing, why);
    (void)pthread_mutex_unlock(&client->exchange);
    return ok;
}

/* --- lists --------------------------------------------------------------- */

static bool write_list_question(unsigned int key, const struct crl_span *list,
    struct buffer *question, struct failure *why)
{
    return message_add_number(question, FIELD_KEY, key, why) &&
           message_add_number(question, FIELD_OFFSET, list->offset, why) &&
           message_add_number(question, FIELD_LENGTH, list->length, why) &&
           message_add_number(question, FIELD_ENTRIES, list->entries, why);
}

static bool read_listed(struct bytes answer,
    uint8_t signature[static SIGNATURE_MAX], size_t *length,
    struct failure *why)
{
    struct reader reader = reader_of(answer);
    struct field field = {0};

    if (!message_next(&reader, &field, why))
        return false;
    if (field.tag != FIELD_SIGNATURE || field.value.length == 0 ||
        field.value.length > SIGNATURE_MAX)
        return fail_because(why, FAILURE_INTERNAL,
            "the signer answered a list without a signature");
    memcpy(signature, field.value.start, field.value.length);
    *length = field.value.length;
    return true;
}

bool signer_client_sign_list(struct signer_client *client, unsigned int key,
    int descriptor, const struct crl_span *list,
    uint8_t signature[static SIGNATURE_MAX], size_t *length,
    struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 256);
    struct frame frame = {0};
    bool ok;

    if (!write_list_question(key, list, &question, why))
        return false;
    (void)pthread_mutex_lock(&client->exchange);
    ok = exchange(client, SIGNER_SIGN_LIST, buffer_view(&question), descriptor,
             SIGNER_LISTED, &frame, why) &&
         read_listed(frame.body, signature, length, why);
    (void)pthread_mutex_unlock(&client->exchange);
    return ok;
}

/* --- checkpoint and state ------------------------------------------------ */

static bool read_checked(struct bytes answer, struct buffer *statement,
    struct buffer *signature, struct failure *why)
{
    struct reader reader = reader_of(answer);

    while (!reader_at_end(&reader)) {
        struct field field = {0};
        bool ok = message_next(&reader, &field, why);

        if (ok && field.tag == FIELD_STATEMENT)
            ok = buffer_append(statement, field.value, why);
        else if (ok && field.tag == FIELD_SIGNATURE)
            ok = buffer_append(signature, field.value, why);
        if (!ok)
            return false;
    }
    return true;
}

bool signer_client_checkpoint(struct signer_client *client, unsigned int key,
    uint64_t journal_sequence, struct bytes journal_hash,
    struct buffer *statement, struct buffer *signature, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 256);
    struct frame frame = {0};
    bool ok;

    if (!message_add_number(&question, FIELD_KEY, key, why) ||
        !message_add_number(
            &question, FIELD_JOURNAL_SEQUENCE, journal_sequence, why) ||
        !message_add(&question, FIELD_JOURNAL_HASH, journal_hash, why))
        return false;
    (void)pthread_mutex_lock(&client->exchange);
    ok = exchange(client, SIGNER_CHECKPOINT, buffer_view(&question), -1,
             SIGNER_CHECKED, &frame, why) &&
         read_checked(frame.body, statement, signature, why);
    (void)pthread_mutex_unlock(&client->exchange);
    return ok;
}

static bool take_key_state(
    struct signer_state *state, struct bytes value, struct failure *why)
{
    struct signer_key_state *key = &state->keys[state->key_count];
    const struct field reason = {
        .value = {value.start + 1, value.length == 0 ? 0 : value.length - 1}};

    if (value.length == 0 || state->key_count == SIGNER_KEYS_MAX)
        return fail_because(why, FAILURE_INTERNAL, "a key state of no meaning");
    state->key_count++;
    key->is_usable = value.start[0] == 1;
    return field_text(&reason, key->why, sizeof(key->why), why);
}

bool signer_state_read(
    struct bytes message, struct signer_state *state, struct failure *why)
{
    struct reader reader = reader_of(message);
    struct signer_state found = {0};

    while (!reader_at_end(&reader)) {
        struct field field = {0};
        bool ok = message_next(&reader, &field, why);

        if (ok && field.tag == FIELD_KEY_STATE)
            ok = take_key_state(&found, field.value, why);
        else if (ok && field.tag == FIELD_SIGNATURES)
            ok = field_number(&field, &found.signatures, why);
        else if (ok && field.tag == FIELD_LOG_END)
            ok = field_number(&field, &found.log_end, why);
        if (!ok)
            return false;
    }
    *state = found;
    return true;
}

bool signer_state_is_open(const struct signer_state *state,
    enum failure_kind kind, struct failure *why)
{
    for (size_t i = 0; i < state->key_count; i++) {
        if (state->keys[i].is_usable)
            return true;
    }
    return state->key_count == 0 ||
           fail_because(why, kind, "no key of the authority can be used: %s",
               state->keys[0].why);
}

static bool ask_state(struct signer_client *client, uint16_t question,
    int descriptor, struct signer_state *state, struct failure *why)
{
    struct frame frame = {0};
    bool ok;

    (void)pthread_mutex_lock(&client->exchange);
    ok = exchange(client, question, (struct bytes){0}, descriptor, SIGNER_STATE,
             &frame, why) &&
         signer_state_read(frame.body, state, why);
    (void)pthread_mutex_unlock(&client->exchange);
    return ok;
}

bool signer_client_state(struct signer_client *client,
    struct signer_state *state, struct failure *why)
{
    return ask_state(client, SIGNER_STAT, -1, state, why);
}

bool signer_client_unlock(struct signer_client *client, int passphrase,
    struct signer_state *state, struct failure *why)
{
    return ask_state(client, SIGNER_UNLOCK, passphrase, state, why);
}

bool signer_client_lock(struct signer_client *client,
    struct signer_state *state, struct failure *why)
{
    return ask_state(client, SIGNER_LOCK, -1, state, why);
}
