#ifndef TESTS_UNIT_SERVER_ROAD_FIXTURE_H
#define TESTS_UNIT_SERVER_ROAD_FIXTURE_H

#include "fixture.h"

#include <pthread.h>
#include <signal.h>

#include "authority/issue.h"
#include "crypto/start.h"
#include "server/client_internal.h"
#include "server/roles.h"

/*
 * The one road, end to end: a client, a keeper and a signer in their own
 * processes, a store and a journal on a disk.
 */
static char template_folder[FOLDER_ROOM];
static char folder[FOLDER_ROOM];

/* Setting up takes seconds under a sanitizer: a run of many test programs makes
 * one authority, and each of them copies it (./check).  Who comes second to the
 * rename keeps what is there. */
static inline void share_template(const char *shared)
{
    char made[PATH_ROOM];

    (void)snprintf(made, sizeof(made), "%s.%d", shared, (int)getpid());
    assert_int_equal(mkdir(made, 0700), 0);
    copy_folder(template_folder, made);
    if (rename(made, shared) != 0)
        remove_folder(made);
}

static inline int make_template(void **state)
{
    const char *shared = getenv("CHANCERY_TEST_TEMPLATE");

    (void)state;
    new_folder(template_folder);
    if (shared != NULL && access(shared, F_OK) == 0) {
        copy_folder(shared, template_folder);
        return 0;
    }
    found_in(template_folder);
    decrypt_key(template_folder, "keys/issuing.key");
    if (shared != NULL)
        share_template(shared);
    return 0;
}

static inline int remove_template(void **state)
{
    (void)state;
    remove_folder(template_folder);
    return 0;
}

static inline int copy_template(void **state)
{
    (void)state;
    new_folder(folder);
    copy_folder(template_folder, folder);
    return 0;
}

static inline int remove_copy(void **state)
{
    (void)state;
    remove_folder(folder);
    return 0;
}

/* A signer of the folder's issuing key, whose hash key becomes. */
static inline void start_signer_of_folder(
    const struct configuration *configuration, struct running_signer *signer,
    struct signer_client **client, char key[static SHA256_TEXT])
{
    RELEASED(household_keys) keys = {0};
    SCOPED_DESCRIPTOR int log = -1;
    struct signer_plan plan = {.key_count = 1, .passphrase = -1};
    struct place place = {0};
    struct failure why = {0};

    assert_done(place_open(folder, &place, &why), why);
    assert_done(household_find_keys(&place, configuration,
                    &(struct household_wishes){0}, &keys, &why),
        why);
    assert_int_equal(keys.count, 1);
    assert_done(sha256_text(keys.keys[0].limits.own_key, key, &why), why);
    assert_done(household_open_sign_log(&place, &log, &why), why);
    plan.limits[0] = &keys.keys[0].limits;
    plan.key_files[0] = keys.keys[0].file;
    plan.sign_log = log;
    assert_done(try_signer(&plan, signer, &why), why);
    assert_done(
        signer_client_new(descriptor_keep(&signer->socket), client, &why), why);
}

/* --- asking -------------------------------------------------------------- */

static inline bool issue(struct client *client, const struct client_issue *wish,
    struct buffer *certificate, struct failure *why)
{
    RELEASED(client_issued) issued = {0};

    return client_issue(client, wish, &issued, why) &&
           buffer_append(certificate, issued.certificate, why);
}

static inline void must_issue(struct client *client,
    const struct client_issue *wish, struct buffer *certificate)
{
    struct failure why = {0};

    assert_done(issue(client, wish, certificate, &why), why);
}

static inline void assert_refused(struct client *client,
    const struct client_issue *wish, enum failure_kind kind, const char *reason)
{
    RELEASED(client_issued) issued = {0};
    struct failure why = {0};

    assert_false(client_issue(client, wish, &issued, &why));
    assert_string_equal(why.reason, reason);
    assert_int_equal(why.kind, kind);
}

#define EMPTY_CERTIFICATE BUFFER("certificate", CERTIFICATE_MAX)

static inline uint64_t send_wish(struct client *client, const char *profile,
    const char *origin, struct bytes request)
{
    RELEASED(buffer) message = BUFFER("request", CONTROL_FRAME_MAX);
    struct failure why = {0};
    uint64_t id = ++client->next_id;

    assert_true(message_add_text(&message, CONTROL_PROFILE, profile, &why));
    assert_true(message_add(&message, CONTROL_REQUEST, request, &why));
    if (origin != NULL)
        assert_true(message_add_text(&message, CONTROL_ORIGIN, origin, &why));
    assert_done(channel_send(client->channel, CONTROL_ISSUE, id,
                    buffer_view(&message), NULL, 0, 0, &why),
        why);
    return id;
}

/* Answers come in any order: one is kept for each id. */
struct answers {
    uint16_t types[256];
    struct buffer certificates[256];
    struct failure refusals[256];
};

static inline void answers_free(struct answers *answers)
{
    for (size_t i = 0; i < 256; i++)
        buffer_free(&answers->certificates[i]);
}

static inline void take_answer(struct client *client, struct answers *answers)
{
    struct frame frame = {0};
    struct field field = {0};
    struct failure why = {0};
    struct reader reader;

    assert_done(channel_receive(client->channel, 60000, &frame, &why), why);
    assert_true(frame.id < 256);
    assert_int_equal(answers->types[frame.id], 0);
    answers->types[frame.id] = frame.type;
    if (frame.type == CONTROL_FAILED) {
        (void)fail_as_told(&answers->refusals[frame.id], frame.body, "keeper");
        return;
    }
    reader = reader_of(frame.body);
    assert_true(message_next(&reader, &field, &why));
    assert_int_equal(field.tag, CONTROL_CERTIFICATE);
    answers->certificates[frame.id] = EMPTY_CERTIFICATE;
    assert_true(
        buffer_append(&answers->certificates[frame.id], field.value, &why));
}

#define on_a_copy(function) \
    cmocka_unit_test_setup_teardown(function, copy_template, remove_copy)

#endif
