#ifndef TESTS_UNIT_SERVER_SIGNER_FIXTURE_H
#define TESTS_UNIT_SERVER_SIGNER_FIXTURE_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "authority/compose.h"
#include "authority/configuration.h"
#include "authority/sign_log.h"
#include "authority/signer_client.h"
#include "authority/signer_limits.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "base/refusal.h"
#include "crypto/key.h"
#include "x509/certificate.h"

#define DAY_S INT64_C(86400)

#define assert_done(call, why)            \
    do {                                  \
        if (!(call))                      \
            fail_msg("%s", (why).reason); \
    } while (0)

/* --- keys ---------------------------------------------------------------- */

static inline struct private_key *new_key(const char *algorithm)
{
    struct private_key *key = NULL;
    struct failure why = {0};

    assert_done(key_generate(key_algorithm_named(algorithm), &key, &why), why);
    return key;
}

/* Bytes in a file without a name, to be handed to a role. */
static inline int file_of(struct bytes contents)
{
    int descriptor = memfd_create("file", MFD_CLOEXEC);
    struct failure why = {0};

    assert_true(descriptor >= 0);
    assert_done(descriptor_write(descriptor, "a file", contents, &why), why);
    assert_int_equal(lseek(descriptor, 0, SEEK_SET), 0);
    return descriptor;
}

static inline int file_of_text(const char *text)
{
    return file_of(bytes_of_text(text));
}

static inline void make_secret(struct secret *secret, const char *text)
{
    struct failure why = {0};

    assert_done(secret_new(secret, strlen(text), &why), why);
    memcpy(secret->start, text, strlen(text));
}

/* passphrase NULL: unencrypted, so that nothing has to be derived. */
static inline int key_file_of(
    const struct private_key *key, const char *passphrase)
{
    RELEASED(buffer) pem = BUFFER("key file", KEY_FILE_MAX);
    RELEASED(secret) secret = {0};
    struct failure why = {0};

    if (passphrase != NULL)
        make_secret(&secret, passphrase);
    assert_done(
        key_file_write(key, passphrase == NULL ? NULL : &secret, &pem, &why),
        why);
    return file_of(buffer_view(&pem));
}

/* --- an authority as far as a signer needs it ---------------------------- */

struct signing_authority {
    struct private_key *key;
    struct buffer subject, spki;
    uint8_t identifier[KEY_IDENTIFIER_BYTES];
    struct signer_limits limits;
};

static inline void signing_authority_free(struct signing_authority *authority)
{
    private_key_free(authority->key);
    buffer_free(&authority->subject);
    buffer_free(&authority->spki);
}

static inline struct spki read_spki(struct bytes encoded)
{
    struct der_reader reader = der_reader_of(encoded);
    struct failure why = {0};
    struct spki spki = {0};

    assert_done(spki_read(&reader, &spki, &why), why);
    return spki;
}

static inline void new_authority(struct signing_authority *authority,
    const char *name, const struct configuration *configuration)
{
    struct failure why = {0};

    *authority = (struct signing_authority){.key = new_key("p256"),
        .subject = BUFFER("name", 4096),
        .spki = BUFFER("key", KEY_FILE_MAX)};
    assert_done(name_read(name, &authority->subject, &why), why);
    assert_done(
        private_key_append_spki(authority->key, &authority->spki, &why), why);
    assert_done(key_identifier(read_spki(buffer_view(&authority->spki)).bits,
                    authority->identifier, &why),
        why);
    authority->limits =
        signer_limits_of(configuration->profiles, configuration->profile_count);
    (void)snprintf(authority->limits.name, PROFILE_NAME_MAX, "%s", name + 3);
    authority->limits.issuer = buffer_view(&authority->subject);
    authority->limits.own_key = buffer_view(&authority->spki);
    authority->limits.key_identifier =
        (struct bytes){authority->identifier, sizeof(authority->identifier)};
    authority->limits.not_after = clock_now() + 3650 * DAY_S;
}

static inline struct configuration *new_configuration(void)
{
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    struct configuration *configuration = NULL;
    struct failure why = {0};

    assert_done(configuration_write_first("Test", "",
                    key_algorithm_named("p256"), false, 1, &text, &why),
        why);
    assert_done(configuration_read(
                    buffer_view(&text), "chancery.yaml", &configuration, &why),
        why);
    return configuration;
}

/* A server's draft, as the road would compose it for these limits. */
static inline void compose_server(const struct configuration *configuration,
    const struct signer_limits *limits, const uint8_t serial[SERIAL_BYTES],
    struct buffer *draft)
{
    static const uint8_t www[] = "\x82\x0fwww.example.org";
    SCOPED_STRUCT(private_key) *key = new_key("p256");
    SCOPED_STRUCT(composer) *composer = NULL;
    RELEASED(buffer) spki = BUFFER("key", KEY_FILE_MAX);
    RELEASED(buffer) subject = BUFFER("name", 4096);
    const struct profile *profile = NULL;
    struct failure why = {0};
    const struct issuer issuer = {.authority = 1,
        .name = "issuing",
        .subject = limits->issuer,
        .key_identifier = limits->key_identifier,
        .not_before = clock_now() - DAY_S,
        .not_after = limits->not_after,
        .algorithm = key->algorithm->signs_with,
        .url = ""};
    struct draft_wishes wishes = {.serial = {serial, SERIAL_BYTES},
        .not_before = clock_now(),
        .not_after = clock_now() + 30 * DAY_S,
        .algorithm = key->algorithm,
        .general_names = {www, sizeof(www) - 1}};

    assert_done(private_key_append_spki(key, &spki, &why), why);
    assert_done(name_read("CN=www.example.org", &subject, &why), why);
    wishes.key = read_spki(buffer_view(&spki));
    wishes.subject = buffer_view(&subject);
    assert_done(
        configuration_profile(configuration, "server", &profile, &why), why);
    assert_done(composer_new(profile, &issuer, &composer, &why), why);
    assert_done(compose_draft(composer, &wishes, draft, &why), why);
}

/* --- a signer's process -------------------------------------------------- */

static const struct channel_rule any_answer[] = {
    {SIGNER_READY, "ready", 64 * 1024, 1, 0},
    {SIGNER_RESERVED, "reserved", 64 * 1024, 1, 0},
    {SIGNER_SIGNED, "signed", SIGNER_FRAME_MAX, 1, 0},
    {SIGNER_CHECKED, "checked", 16384, 1, 0},
    {SIGNER_LISTED, "listed", 16384, 1, 0},
    {SIGNER_STATE, "state", 64 * 1024, 1, 0},
    {SIGNER_FAILED, "failed", 4096, 1, 0},
    {0},
};

/* What a signer is started with; keys may be more than one. */
struct signer_plan {
    const struct signer_limits *limits[SIGNER_KEYS_MAX];
    int key_files[SIGNER_KEYS_MAX];
    bool are_roots[SIGNER_KEYS_MAX];
    size_t key_count;
    int sign_log;   /* stays the test's */
    int passphrase; /* -1: none */
};

struct running_signer {
    pid_t process;
    struct channel *parent;
    int socket; /* the keeper's end, until a channel takes it over */
    struct channel *keeper;
    struct signer_state ready;
    uint64_t next_id;
};

static inline void send_key(
    const struct signer_plan *plan, size_t number, struct channel *parent)
{
    RELEASED(buffer) message = BUFFER("key", 512 * 1024);
    RELEASED(buffer) limits = BUFFER("limits", 64 * 1024);
    int file = plan->key_files[number];
    struct failure why = {0};

    assert_true(signer_limits_write(plan->limits[number], &limits, &why));
    assert_true(
        message_add(&message, FIELD_LIMITS, buffer_view(&limits), &why));
    assert_true(message_add_number(
        &message, FIELD_IS_ROOT, plan->are_roots[number], &why));
    assert_done(channel_send(parent, SIGNER_KEY, 1, buffer_view(&message),
                    &file, file >= 0 ? 1 : 0, 0, &why),
        why);
}

static inline void send_start(
    const struct signer_plan *plan, struct channel *parent, int keeper)
{
    RELEASED(buffer) message = BUFFER("start", 64);
    int descriptors[] = {keeper, plan->sign_log, plan->passphrase};
    struct failure why = {0};

    for (size_t i = 0; i < plan->key_count; i++)
        send_key(plan, i, parent);
    assert_true(message_add_number(&message, FIELD_INSTANCE, 1, &why));
    assert_true(message_add_number(&message, FIELD_PASSPHRASES,
        plan->passphrase >= 0 ? PASSPHRASE_OF_KEYS : 0, &why));
    assert_done(channel_send(parent, SIGNER_START, 1, buffer_view(&message),
                    descriptors, plan->passphrase >= 0 ? 3 : 2, 0, &why),
        why);
}

/* The test's own program, whose main gives "--role" to role_main. */
static inline pid_t spawn_role(const char *role, int theirs)
{
    const char *const arguments[] = {"chancery", "--role", role, NULL};
    const struct process_start start = {.program = "/proc/self/exe",
        .arguments = arguments,
        .descriptors = &theirs,
        .descriptor_count = 1,
        .user = (uid_t)-1,
        .group = (gid_t)-1};
    struct failure why = {0};
    pid_t process = 0;

    assert_done(process_spawn(&start, &process, &why), why);
    return process;
}

/* False: it said why it does not start. */
static inline bool try_signer(const struct signer_plan *plan,
    struct running_signer *signer, struct failure *why)
{
    SCOPED_DESCRIPTOR int parent_end = -1;
    SCOPED_DESCRIPTOR int keeper_end = -1;
    int parent[2], keeper[2];
    struct frame frame = {0};

    *signer = (struct running_signer){.socket = -1};
    assert_done(channel_pair(parent, why), *why);
    assert_done(channel_pair(keeper, why), *why);
    parent_end = parent[1];
    keeper_end = keeper[1];
    signer->socket = keeper[0];
    assert_done(
        channel_new(parent[0], any_answer, 0, &signer->parent, why), *why);
    signer->process = spawn_role("signer", parent_end);
    for (size_t i = 0; i < plan->key_count; i++) {
        if (plan->key_files[i] >= 0)
            assert_int_equal(lseek(plan->key_files[i], 0, SEEK_SET), 0);
    }
    send_start(plan, signer->parent, keeper_end);
    descriptor_close(&parent_end);
    descriptor_close(&keeper_end);
    assert_done(channel_receive(signer->parent, 60000, &frame, why), *why);
    if (frame.type == SIGNER_FAILED)
        return fail_as_told(why, frame.body, "signer");
    assert_int_equal(frame.type, SIGNER_READY);
    assert_done(signer_state_read(frame.body, &signer->ready, why), *why);
    return true;
}

static inline void start_signer(
    const struct signer_plan *plan, struct running_signer *signer)
{
    struct failure why = {0};

    assert_done(try_signer(plan, signer, &why), why);
    assert_done(channel_new(descriptor_keep(&signer->socket), any_answer, 0,
                    &signer->keeper, &why),
        why);
}

/* Its exit status; -1: it was killed by a signal or did not end. */
static inline int end_signer(struct running_signer *signer)
{
    struct failure why = {0};
    int status = 0;

    descriptor_close(&signer->socket);
    channel_free(signer->keeper);
    channel_free(signer->parent);
    signer->keeper = NULL;
    signer->parent = NULL;
    if (!process_end(signer->process, 20000, &status, &why))
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* --- questions, as a keeper asks them ------------------------------------ */

/* False: the whole question was refused. */
static inline bool ask_signer(struct running_signer *signer, uint16_t question,
    struct bytes body, int descriptor, struct frame *answer,
    struct failure *why)
{
    uint64_t id = ++signer->next_id;

    assert_done(channel_send(signer->keeper, question, id, body, &descriptor,
                    descriptor < 0 ? 0 : 1, 0, why),
        *why);
    assert_done(channel_receive(signer->keeper, 60000, answer, why), *why);
    assert_int_equal(answer->id, id);
    if (answer->type == SIGNER_FAILED)
        return fail_as_told(why, answer->body, "signer");
    return true;
}

static inline void reserve_serials(
    struct running_signer *signer, uint64_t count, uint8_t *serials)
{
    RELEASED(buffer) question = BUFFER("question", 64);
    struct frame answer = {0};
    struct field field = {0};
    struct failure why = {0};
    struct reader reader;

    assert_true(message_add_number(&question, FIELD_COUNT, count, &why));
    assert_done(ask_signer(signer, SIGNER_RESERVE, buffer_view(&question), -1,
                    &answer, &why),
        why);
    reader = reader_of(answer.body);
    assert_true(message_next(&reader, &field, &why));
    assert_int_equal(field.tag, FIELD_SERIALS);
    assert_int_equal(field.value.length, count * SERIAL_BYTES);
    memcpy(serials, field.value.start, field.value.length);
}

/* What came of one member of a group. */
struct outcome {
    bool is_signed;
    uint8_t signature[SIGNATURE_MAX];
    size_t signature_length;
    struct failure why;
};

static inline size_t read_outcomes(
    struct bytes answer, struct outcome *outcomes, size_t room)
{
    struct reader reader = reader_of(answer);
    struct failure why = {0};
    size_t count = 0;

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        assert_true(message_next(&reader, &field, &why));
        if (field.tag == FIELD_LOG_END)
            continue;
        assert_true(count < room);
        outcomes[count] = (struct outcome){0};
        if (field.tag == FIELD_SIGNATURE) {
            outcomes[count].is_signed = true;
            outcomes[count].signature_length = field.value.length;
            memcpy(outcomes[count].signature, field.value.start,
                field.value.length);
        } else {
            assert_int_equal(field.tag, FIELD_REFUSAL);
            (void)fail_because(&outcomes[count].why,
                (enum failure_kind)field.value.start[0], "%.*s",
                (int)field.value.length - 1,
                (const char *)field.value.start + 1);
        }
        count++;
    }
    return count;
}

/* One draft for one key. */
static inline struct outcome ask_to_sign(
    struct running_signer *signer, uint64_t key, struct bytes draft)
{
    RELEASED(buffer) question = BUFFER("question", SIGNER_FRAME_MAX);
    struct outcome outcome = {0};
    struct frame answer = {0};
    struct failure why = {0};

    assert_true(message_add_number(&question, FIELD_KEY, key, &why));
    assert_true(message_add(&question, FIELD_DRAFT, draft, &why));
    if (!ask_signer(
            signer, SIGNER_SIGN, buffer_view(&question), -1, &answer, &why)) {
        outcome.why = why;
        return outcome;
    }
    assert_int_equal(answer.type, SIGNER_SIGNED);
    assert_int_equal(read_outcomes(answer.body, &outcome, 1), 1);
    return outcome;
}

#endif
