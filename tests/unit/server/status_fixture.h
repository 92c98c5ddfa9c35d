#ifndef TESTS_UNIT_SERVER_STATUS_FIXTURE_H
#define TESTS_UNIT_SERVER_STATUS_FIXTURE_H

#include "signer_fixture.h"

#include "authority/status_limits.h"
#include "authority/status_protocol.h"
#include "support/self_signed.h"
#include "x509/der_writer.h"
#include "x509/request.h"

/* --- an authority and its responder's certificate ------------------------- */

struct status_authority {
    struct private_key *key;
    struct buffer der; /* its certificate, self-signed */
    struct certificate certificate;
    struct status_identity identity;
};

static inline void new_status_authority(
    struct status_authority *authority, const char *name)
{
    struct failure why = {0};

    *authority = (struct status_authority){
        .key = new_key("p256"), .der = BUFFER("certificate", CERTIFICATE_MAX)};
    assert_true(self_signed(authority->key->public_key, name,
        clock_now() + 3650 * DAY_S, &authority->der));
    assert_done(certificate_read(buffer_view(&authority->der),
                    &authority->certificate, &why),
        why);
    assert_done(
        status_identity_of(authority->certificate.tbs.subject,
            authority->certificate.tbs.key.bits, &authority->identity, &why),
        why);
}

static inline void status_authority_free(struct status_authority *authority)
{
    private_key_free(authority->key);
    buffer_free(&authority->der);
}

/* A certificate of this profile for the key of the request. */
static inline void certify(const struct status_authority *authority,
    const struct configuration *configuration, const char *profile_name,
    struct bytes request_der, int64_t not_after, struct buffer *der)
{
    static const uint8_t serial[] = {1, 2, 3};
    uint8_t identifier[KEY_IDENTIFIER_BYTES] = {1};
    uint8_t signature[SIGNATURE_MAX];
    SCOPED_STRUCT(composer) *composer = NULL;
    RELEASED(buffer) draft = BUFFER("draft", DRAFT_MAX);
    const struct profile *profile = NULL;
    struct request request = {0};
    struct failure why = {0};
    size_t length = 0;
    const struct signature_algorithm *algorithm =
        authority->key->algorithm->signs_with;
    const struct issuer issuer = {.authority = 1,
        .name = "issuing",
        .subject = authority->certificate.tbs.subject,
        .key_identifier = {identifier, sizeof(identifier)},
        .not_after = authority->certificate.tbs.not_after,
        .algorithm = algorithm,
        .url = ""};
    struct draft_wishes wishes = {.serial = {serial, sizeof(serial)},
        .not_before = clock_now() - DAY_S,
        .not_after = not_after,
        .algorithm = key_algorithm_named("p256")};

    assert_done(request_read(request_der, &request, &why), why);
    wishes.key = request.key;
    wishes.subject = request.subject;
    assert_done(
        configuration_profile(configuration, profile_name, &profile, &why),
        why);
    assert_done(composer_new(profile, &issuer, &composer, &why), why);
    assert_done(compose_draft(composer, &wishes, &draft, &why), why);
    assert_done(private_key_sign(authority->key, algorithm, buffer_view(&draft),
                    signature, &length, &why),
        why);
    assert_done(certificate_seal(buffer_view(&draft), algorithm->identifier,
                    (struct bytes){signature, length}, der, &why),
        why);
}

/* --- answers, bent as a test wants them ----------------------------------- */

struct bent_single {
    struct bytes algorithm; /* length 0: SHA-1 */
    struct bytes name_hash, key_hash, serial;
    enum ocsp_status status;
    int64_t revoked_at, this_update, next_update; /* 0: absent */
    bool has_extension;
};

struct bent_body {
    struct bytes responder_key, responder_name; /* one of the two */
    int64_t produced_at;
    struct bent_single single;
    size_t count; /* of the same single */
    struct bytes nonce;
    bool has_other_extension;
};

static inline void write_generalized(struct der_writer *writer, int64_t time)
{
    struct date date = date_of(time);
    char text[32];

    (void)snprintf(text, sizeof(text), "%04d%02d%02d%02d%02d%02dZ", date.year,
        date.month, date.day, date.hour, date.minute, date.second);
    der_write_element(writer, DER_GENERALIZED_TIME, bytes_of_text(text));
}

/* An extension of no meaning, 1.2.3, in Extensions under [1]. */
static inline void write_other(struct der_writer *writer, size_t mark)
{
    static const uint8_t type[] = {0x2a, 0x03};
    size_t begin = der_writer_mark(writer);

    der_write_element(writer, DER_OCTET_STRING, (struct bytes){type, 2});
    der_write_oid(writer, (struct bytes){type, sizeof(type)});
    der_write_head(writer, DER_SEQUENCE, begin);
    (void)mark;
}

static inline void write_nonce(struct der_writer *writer, struct bytes nonce)
{
    static const uint8_t type[] = {
        0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02};
    size_t begin = der_writer_mark(writer);

    der_write_element(writer, DER_OCTET_STRING, nonce);
    der_write_head(writer, DER_OCTET_STRING, begin);
    der_write_oid(writer, (struct bytes){type, sizeof(type)});
    der_write_head(writer, DER_SEQUENCE, begin);
}

static inline void write_status(
    struct der_writer *writer, const struct bent_single *single)
{
    size_t mark = der_writer_mark(writer);

    if (single->status == OCSP_REVOKED) {
        write_generalized(writer, single->revoked_at);
        der_write_head(writer, DER_CONTEXT_HOLDING(1), mark);
        return;
    }
    der_write_element(writer,
        single->status == OCSP_GOOD ? DER_CONTEXT(0) : DER_CONTEXT(2),
        (struct bytes){0});
}

static inline void write_single(
    struct der_writer *writer, const struct bent_single *single)
{
    static const uint8_t sha1[] = {
        0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00};
    const size_t mark = der_writer_mark(writer);
    size_t inner;

    if (single->has_extension) {
        write_other(writer, mark);
        der_write_head(writer, DER_SEQUENCE, mark);
        der_write_head(writer, DER_CONTEXT_HOLDING(1), mark);
    }
    inner = der_writer_mark(writer);
    if (single->next_update != 0) {
        write_generalized(writer, single->next_update);
        der_write_head(writer, DER_CONTEXT_HOLDING(0), inner);
    }
    write_generalized(writer, single->this_update);
    write_status(writer, single);
    inner = der_writer_mark(writer);
    der_write_element(writer, DER_INTEGER, single->serial);
    der_write_element(writer, DER_OCTET_STRING, single->key_hash);
    der_write_element(writer, DER_OCTET_STRING, single->name_hash);
    der_write_raw(writer, single->algorithm.length > 0
                              ? single->algorithm
                              : (struct bytes){sha1, sizeof(sha1)});
    der_write_head(writer, DER_SEQUENCE, inner);
    der_write_head(writer, DER_SEQUENCE, mark);
}

static inline void write_body_extensions(
    struct der_writer *writer, const struct bent_body *body)
{
    const size_t mark = der_writer_mark(writer);

    if (body->nonce.length == 0 && !body->has_other_extension)
        return;
    if (body->has_other_extension)
        write_other(writer, mark);
    if (body->nonce.length > 0)
        write_nonce(writer, body->nonce);
    der_write_head(writer, DER_SEQUENCE, mark);
    der_write_head(writer, DER_CONTEXT_HOLDING(1), mark);
}

static inline void write_body(
    const struct bent_body *body, struct buffer *encoded)
{
    static uint8_t room[16 * 1024];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    const size_t end = der_writer_mark(&writer);
    struct bytes encoding = {0};
    struct failure why = {0};
    size_t mark;

    write_body_extensions(&writer, body);
    mark = der_writer_mark(&writer);
    for (size_t i = 0; i < body->count; i++)
        write_single(&writer, &body->single);
    der_write_head(&writer, DER_SEQUENCE, mark);
    write_generalized(&writer, body->produced_at);
    mark = der_writer_mark(&writer);
    if (body->responder_name.length > 0)
        der_write_raw(&writer, body->responder_name);
    else
        der_write_element(&writer, DER_OCTET_STRING, body->responder_key);
    der_write_head(&writer,
        body->responder_name.length > 0 ? DER_CONTEXT_HOLDING(1)
                                        : DER_CONTEXT_HOLDING(2),
        mark);
    der_write_head(&writer, DER_SEQUENCE, end);
    assert_done(der_writer_take(&writer, &encoding, &why), why);
    buffer_clear(encoded);
    assert_true(buffer_append(encoded, encoding, &why));
}

/* --- the process ---------------------------------------------------------- */

struct running_status {
    pid_t process;
    struct channel *parent, *keeper;
    uint64_t next_id;
};

static const struct channel_rule status_answers[] = {
    {STATUS_READY, "ready", 0, 1, 0},
    {STATUS_KEY_IS, "key is", 64 * 1024, 1, 0},
    {STATUS_DONE, "done", 0, 1, 0},
    {STATUS_SIGNED, "signed", STATUS_FRAME_MAX, 1, 0},
    {STATUS_FAILED, "failed", 4096, 1, 0},
    {0},
};

static inline void send_issuer(struct channel *parent, const char *name,
    const struct status_authority *authority)
{
    RELEASED(buffer) message = BUFFER("issuer", 64 * 1024);
    struct failure why = {0};

    assert_true(message_add_text(&message, STATUS_FIELD_NAME, name, &why));
    assert_true(message_add(
        &message, STATUS_FIELD_ISSUER, buffer_view(&authority->der), &why));
    assert_done(channel_send(parent, STATUS_ISSUER, 0, buffer_view(&message),
                    NULL, 0, 0, &why),
        why);
}

/* Hands over a keeper's channel with this message, and keeps the other end. */
static inline void give_keeper(struct running_status *status, uint16_t message)
{
    int sockets[2];
    struct failure why = {0};

    assert_done(channel_pair(sockets, &why), why);
    channel_free(status->keeper);
    assert_done(
        channel_new(sockets[0], status_answers, 0, &status->keeper, &why), why);
    assert_done(channel_send(status->parent, message, 0, (struct bytes){0},
                    &sockets[1], 1, 0, &why),
        why);
    descriptor_close(&sockets[1]);
}

static inline void spawn_status(struct running_status *status)
{
    int sockets[2];
    struct failure why = {0};

    *status = (struct running_status){0};
    assert_done(channel_pair(sockets, &why), why);
    assert_done(
        channel_new(sockets[0], status_answers, 0, &status->parent, &why), why);
    status->process = spawn_role("status", sockets[1]);
    descriptor_close(&sockets[1]);
}

static inline int end_status(struct running_status *status)
{
    struct failure why = {0};
    int ended = 0;

    channel_free(status->keeper);
    channel_free(status->parent);
    if (!process_end(status->process, 20000, &ended, &why))
        return -1;
    return WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
}

/* False: the whole question was refused. */
static inline bool ask_status(struct running_status *status, uint16_t question,
    const struct buffer *body, struct frame *answer, struct failure *why)
{
    uint64_t id = ++status->next_id;

    assert_done(channel_send(status->keeper, question, id, buffer_view(body),
                    NULL, 0, 0, why),
        *why);
    assert_done(channel_receive(status->keeper, 60000, answer, why), *why);
    assert_int_equal(answer->id, id);
    return answer->type != STATUS_FAILED ||
           fail_as_told(why, answer->body, "status signer");
}

static inline struct field field_of(struct bytes message, uint8_t tag)
{
    struct reader reader = reader_of(message);
    struct field field = {0};
    struct failure why = {0};

    while (!reader_at_end(&reader)) {
        assert_true(message_next(&reader, &field, &why));
        if (field.tag == tag)
            return field;
    }
    fail_msg("no field %u in the answer", tag);
    return field;
}

static inline void ask_for_key(struct running_status *status, const char *name,
    bool fresh, struct buffer *request)
{
    RELEASED(buffer) question = BUFFER("question", 256);
    struct frame answer = {0};
    struct failure why = {0};

    assert_true(message_add_text(&question, STATUS_FIELD_NAME, name, &why));
    if (fresh)
        assert_true(message_add_number(&question, STATUS_FIELD_FRESH, 1, &why));
    assert_done(ask_status(status, STATUS_KEY, &question, &answer, &why), why);
    assert_int_equal(answer.type, STATUS_KEY_IS);
    buffer_clear(request);
    assert_true(buffer_append(
        request, field_of(answer.body, STATUS_FIELD_REQUEST).value, &why));
}

static inline bool hand_certificate(struct running_status *status,
    const char *name, const struct buffer *certificate, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 64 * 1024);
    struct frame answer = {0};

    assert_true(message_add_text(&question, STATUS_FIELD_NAME, name, why));
    assert_true(message_add(
        &question, STATUS_FIELD_CERTIFICATE, buffer_view(certificate), why));
    return ask_status(status, STATUS_CERTIFY, &question, &answer, why);
}

/* One body; *signature: appended. */
static inline bool ask_to_sign_status(struct running_status *status,
    const char *name, struct bytes body, struct buffer *signature,
    struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", STATUS_FRAME_MAX);
    struct frame answer = {0};
    struct reader reader;
    struct field field = {0};

    assert_true(message_add_text(&question, STATUS_FIELD_NAME, name, why));
    assert_true(message_add(&question, STATUS_FIELD_BODY, body, why));
    if (!ask_status(status, STATUS_SIGN, &question, &answer, why))
        return false;
    reader = reader_of(answer.body);
    assert_true(message_next(&reader, &field, why));
    assert_int_equal(field.tag, STATUS_FIELD_ALGORITHM);
    assert_true(message_next(&reader, &field, why));
    assert_true(reader_at_end(&reader));
    if (field.tag == STATUS_FIELD_SIGNATURE)
        return buffer_append(signature, field.value, why);
    assert_int_equal(field.tag, STATUS_FIELD_REFUSAL);
    return fail_because(why, (enum failure_kind)field.value.start[0], "%.*s",
        (int)field.value.length - 1, (const char *)field.value.start + 1);
}

#endif
