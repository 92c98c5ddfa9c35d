#ifndef TESTS_UNIT_SERVER_OCSP_DESK_H
#define TESTS_UNIT_SERVER_OCSP_DESK_H

#include "revocation_fixture.h"
#include "shared_clock.h"
#include "status_fixture.h"

#include "authority/ocsp_signer.h"
#include "server/status_signer_state.h"

/* An authority in this process; a signer, and a status signer that answers for
 * it, in processes of their own. */
static struct ocsp_desk {
    struct running_status status;
    struct ocsp_signer *signer;
    struct desk desk;
} ocsp;

/* Its channel is handed to the signer of answers of this process. */
static inline void start_status_here(void)
{
    int sockets[2];
    RELEASED(buffer) message = BUFFER("issuer", 64 * 1024);
    struct frame frame = {0};
    struct failure why = {0};

    spawn_status(&ocsp.status);
    for (size_t i = 0; i < ocsp_signer_count(ocsp.signer); i++) {
        const struct authority_issuer *issuer =
            ocsp_signer_issuer(ocsp.signer, i);

        buffer_clear(&message);
        assert_true(
            message_add_text(&message, STATUS_FIELD_NAME, issuer->name, &why));
        assert_true(message_add(
            &message, STATUS_FIELD_ISSUER, buffer_view(&issuer->der), &why));
        assert_done(channel_send(ocsp.status.parent, STATUS_ISSUER, 0,
                        buffer_view(&message), NULL, 0, 0, &why),
            why);
    }
    assert_done(channel_pair(sockets, &why), why);
    assert_done(channel_send(ocsp.status.parent, STATUS_START, 0,
                    (struct bytes){0}, &sockets[1], 1, 0, &why),
        why);
    descriptor_close(&sockets[1]);
    assert_done(channel_receive(ocsp.status.parent, 60000, &frame, &why), why);
    assert_done(ocsp_signer_connect(ocsp.signer, sockets[0], &why), why);
}

static inline int open_ocsp(void **state)
{
    struct failure why = {0};

    (void)open_here(state);
    ocsp = (struct ocsp_desk){.desk.reading = here.reading};
    assert_done(ocsp_signer_new(&here.authority, &ocsp.signer, &why), why);
    start_status_here();
    return 0;
}

static inline int close_ocsp(void **state)
{
    ocsp_signer_free(ocsp.signer);
    signing_free(&ocsp.desk.signing);
    if (ocsp.status.process > 0)
        assert_int_equal(end_status(&ocsp.status), 0);
    return close_here(state);
}

static inline void must_care(void)
{
    struct failure why = {0};

    assert_done(ocsp_signer_care(
                    ocsp.signer, &ocsp.desk, here.reading, clock_now(), &why),
        why);
}

/* The responder's certificate as it is now: 0. */
static inline struct ocsp_responder_facts facts_now(struct buffer *certificate)
{
    struct ocsp_responder_facts facts = {0};
    struct failure why = {0};

    if (certificate != NULL)
        buffer_clear(certificate);
    assert_done(ocsp_signer_facts(
                    ocsp.signer, 0, clock_now(), &facts, certificate, &why),
        why);
    return facts;
}

/* --- time ------------------------------------------------------------------
 */

/* A status signer in a thread of this process, whose clock it shares. */
static struct status_signer inside;

static inline void *answer_inside(void *context)
{
    (void)context;
    while (inside.keeper != NULL)
        status_signer_answer(&inside);
    return NULL;
}

static pthread_t inside_thread;

static inline int open_inside(void **state)
{
    const struct authority_issuer *issuer;
    int sockets[2];
    struct failure why = {0};

    (void)open_here(state);
    ocsp = (struct ocsp_desk){.desk.reading = here.reading};
    assert_done(ocsp_signer_new(&here.authority, &ocsp.signer, &why), why);
    issuer = ocsp_signer_issuer(ocsp.signer, 0);
    assert_done(status_signer_add(
                    &inside, issuer->name, buffer_view(&issuer->der), &why),
        why);
    assert_done(channel_pair(sockets, &why), why);
    assert_done(status_signer_listen(&inside, sockets[1], &why), why);
    assert_done(ocsp_signer_connect(ocsp.signer, sockets[0], &why), why);
    assert_int_equal(
        pthread_create(&inside_thread, NULL, answer_inside, NULL), 0);
    return 0;
}

static inline int close_inside(void **state)
{
    ocsp_signer_free(ocsp.signer);
    ocsp.signer = NULL;
    assert_int_equal(pthread_join(inside_thread, NULL), 0);
    status_signer_release(&inside);
    shared_clock_remove();
    return close_ocsp(state);
}

/* The machine's clock has not moved: a person says that this one is right. */
static inline bool accept_clock(
    struct authority *authority, void *context, struct failure *why)
{
    (void)context;
    return clock_guard_accept(&authority->clock, authority->store, why);
}

/* The authority's signer is another process, and started anew each day. */
static inline void begin_day(int64_t time)
{
    char key[SHA256_TEXT];
    struct failure why = {0};

    shared_clock_set(time);
    signer_client_free(here.client);
    assert_int_equal(end_signer(&here.signer), 0);
    start_signer_here(key);
    here.authority.signer = here.client;
    here.authority.next_ticket = 0;
    assert_done(
        authority_write(&here.authority, accept_clock, NULL, &why), why);
}

#define on_an_ocsp_desk(function) \
    cmocka_unit_test_setup_teardown(function, open_ocsp, close_ocsp)

#endif
