#include "server/signer_state.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/reader.h"

struct list {
    uint64_t key_number;
    struct crl_span span;
    struct signer_key *key;

    struct crl_facts facts;
    uint8_t body_sha256[SHA256_BYTES];
    struct signing_in_pieces *signing; /* of keys that hash first */
    EVP_MD_CTX *body_hash;             /* goes with it */
    struct buffer copy;                /* of the list, for the other keys */

    uint8_t signature[SIGNATURE_MAX];
    size_t signature_length;
    uint64_t log_end; /* of the intent, which is durable */
};

static void list_free(struct list *list)
{
    signing_in_pieces_free(list->signing);
    EVP_MD_CTX_free(list->body_hash);
    buffer_free(&list->copy);
}

/* --- the question -------------------------------------------------------- */

static bool take_field(
    struct list *list, const struct field *field, struct failure *why)
{
    if (field->tag == FIELD_KEY)
        return field_number(field, &list->key_number, why);
    if (field->tag == FIELD_OFFSET)
        return field_number(field, &list->span.offset, why);
    if (field->tag == FIELD_LENGTH)
        return field_number(field, &list->span.length, why);
    if (field->tag == FIELD_ENTRIES)
        return field_number(field, &list->span.entries, why);
    return true;
}

static bool read_question(
    const struct frame *frame, struct list *list, struct failure *why)
{
    struct reader reader = reader_of(frame->body);

    list->key_number = SIGNER_KEYS_MAX;
    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_field(list, &field, why))
            return false;
    }
    if (frame->descriptor_count != 1)
        return fail_because(
            why, FAILURE_MALFORMED, "a list without a descriptor");
    return true;
}

static bool check_span(const struct list *list, struct failure *why)
{
    uint64_t most = private_key_signs_in_pieces(list->key->key)
                        ? SIGNER_LIST_MAX
                        : SIGNER_LIST_COPIED_MAX;

    if (list->span.length == 0 || list->span.length > most)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a list of %llu bytes is not signed by this key, which takes 1 to "
            "%llu",
            (unsigned long long)list->span.length, (unsigned long long)most);
    if (list->span.offset > (uint64_t)INT64_MAX - list->span.length)
        return fail_because(why, FAILURE_MALFORMED,
            "a list at offset %llu, where no file reaches",
            (unsigned long long)list->span.offset);
    return true;
}

/* --- reading, once ------------------------------------------------------- */

static bool take_piece(void *context, struct bytes piece, struct failure *why)
{
    struct list *list = context;

    if (EVP_DigestUpdate(list->body_hash, piece.start, piece.length) <= 0)
        return fail_because(why, FAILURE_INTERNAL, "the list can't be hashed");
    return private_key_sign_add(list->signing, piece, why);
}

static bool scan_in_pieces(
    struct list *list, int descriptor, struct failure *why)
{
    const EVP_MD *digest = NULL;

    if (!digest_named("SHA256", &digest, why) ||
        !private_key_sign_begin(list->key->key, &list->signing, why))
        return false;
    list->body_hash = EVP_MD_CTX_new();
    if (list->body_hash == NULL ||
        EVP_DigestInit_ex(list->body_hash, digest, NULL) <= 0)
        return fail_because(why, FAILURE_INTERNAL, "the list can't be hashed");
    if (!crl_scan(descriptor, &list->span, take_piece, list, &list->facts, why))
        return false;
    if (EVP_DigestFinal_ex(list->body_hash, list->body_sha256, NULL) <= 0)
        return fail_because(why, FAILURE_INTERNAL, "the list can't be hashed");
    return true;
}

static bool copy_list(struct list *list, int descriptor, struct failure *why)
{
    size_t length = (size_t)list->span.length;

    list->copy = BUFFER("revocation list", SIGNER_LIST_COPIED_MAX);
    if (!buffer_reserve(&list->copy, length, why))
        return false;
    while (list->copy.length < length) {
        ssize_t count = pread(descriptor, list->copy.start + list->copy.length,
            length - list->copy.length,
            (off_t)(list->span.offset + list->copy.length));

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return fail_because(why, FAILURE_UNAVAILABLE,
                "the list can't be read: %s",
                count == 0 ? "its file ends before it" : strerror(errno));
        list->copy.length += (size_t)count;
    }
    return true;
}

static bool scan_copied(struct list *list, int descriptor, struct failure *why)
{
    struct bytes body;

    if (!copy_list(list, descriptor, why))
        return false;
    body = buffer_view(&list->copy);
    return crl_scan_bytes(body, &list->facts, why) &&
           sha256(&body, 1, list->body_sha256, why);
}

static bool scan(struct list *list, int descriptor, struct failure *why)
{
    return private_key_signs_in_pieces(list->key->key)
               ? scan_in_pieces(list, descriptor, why)
               : scan_copied(list, descriptor, why);
}

static bool judge(struct signer *signer, struct list *list, int descriptor,
    struct failure *why)
{
    if (!signer_key(signer, list->key_number, &list->key, why) ||
        !check_span(list, why) || !scan(list, descriptor, why))
        return false;
    if (list->facts.entries != list->span.entries)
        return fail_because(why, FAILURE_MALFORMED,
            "a list of %llu entries that was announced with %llu",
            (unsigned long long)list->facts.entries,
            (unsigned long long)list->span.entries);
    return signer_limits_allow_list(&list->key->limits, &list->facts,
        list->key->key->algorithm->signs_with->identifier, clock_now(), why);
}

/* --- the log, then the signature ----------------------------------------- */

static bool log_intent(
    struct signer *signer, struct list *list, struct failure *why)
{
    RELEASED(buffer) numbers = BUFFER("numbers of a list", 64);
    uint8_t stamp[SIGN_LOG_TIME_BYTES];
    struct bytes parts[] = {{stamp, sizeof(stamp)},
        {list->key->key_sha256, SHA256_BYTES}, {0},
        {list->body_sha256, SHA256_BYTES}};

    sign_log_stamp(stamp);
    if (!append_u64(&numbers, list->facts.number, why) ||
        !append_u64(&numbers, list->facts.base_number, why) ||
        !append_u64(&numbers, list->facts.entries, why))
        return false;
    parts[2] = buffer_view(&numbers);
    if (!sign_log_add(&signer->log, SIGN_LOG_LIST, parts, 4, why) ||
        !sign_log_write(&signer->log, why) || !sign_log_sync(&signer->log, why))
        return false;
    list->log_end = signer->log.size;
    return true;
}

static bool sign(struct list *list, struct failure *why)
{
    const struct private_key *key = list->key->key;

    if (list->signing != NULL)
        return private_key_sign_end(
            list->signing, list->signature, &list->signature_length, why);
    return private_key_sign(key, key->algorithm->signs_with,
        buffer_view(&list->copy), list->signature, &list->signature_length,
        why);
}

static bool log_result(
    struct signer *signer, const struct list *list, struct failure *why)
{
    const uint8_t no_serial = 0;
    const struct bytes parts[] = {
        {&no_serial, 1}, {list->signature, list->signature_length}};

    return sign_log_add(&signer->log, SIGN_LOG_SIGNED, parts, 2, why) &&
           sign_log_write(&signer->log, why);
}

/* Always false; what can't be logged is the signer's end. */
static bool refuse(
    struct signer *signer, const struct failure *refusal, struct failure *why)
{
    signer->is_broken = !signer_log_refusal(signer, refusal, why) ||
                        !sign_log_write(&signer->log, why) ||
                        !sign_log_sync(&signer->log, why);
    if (!signer->is_broken)
        *why = *refusal;
    return false;
}

static bool sign_logged(
    struct signer *signer, struct list *list, struct failure *why)
{
    struct failure fault = {0};

    if (!log_intent(signer, list, why)) {
        signer->is_broken = true;
        return false;
    }
    if (!sign(list, &fault))
        return refuse(signer, &fault, why);
    if (log_result(signer, list, why))
        return true;
    signer->is_broken = true;
    return false;
}

bool signer_sign_list(struct signer *signer, const struct frame *frame,
    struct buffer *answer, struct failure *why)
{
    RELEASED(list) list = {0};
    struct failure refusal = {0};

    if (!read_question(frame, &list, why))
        return false;
    if (!judge(signer, &list, frame->descriptors[0], &refusal))
        return refuse(signer, &refusal, why);
    if (!sign_logged(signer, &list, why))
        return false;
    signer->signatures++;
    return message_add(answer, FIELD_SIGNATURE,
               (struct bytes){list.signature, list.signature_length}, why) &&
           message_add_number(answer, FIELD_LOG_END, list.log_end, why);
}
