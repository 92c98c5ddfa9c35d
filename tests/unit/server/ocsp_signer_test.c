#include "ocsp_desk.h"

#include "x509/ocsp_writer.h"

#define CERTIFICATES_OF_INIT 2

static size_t certificates_of_ocsp(void)
{
    int64_t count = 0;
    struct failure why = {0};

    assert_done(store_count_certificates(here.reading, &count, &why), why);
    return (size_t)count - CERTIFICATES_OF_INIT;
}

/* A good answer that the responder signs and its certificate verifies. */
static void assert_answers(void)
{
    static const uint8_t serial[] = {0x11, 0x22};
    RELEASED(buffer) certificate = BUFFER("certificate", CERTIFICATE_MAX);
    RELEASED(buffer) body = BUFFER("body", STATUS_BODY_MAX);
    RELEASED(buffer) id = BUFFER("id", 256);
    RELEASED(status_signing) signing = {0};
    struct ocsp_responder_facts facts = facts_now(&certificate);
    const struct authority_issuer *issuer = ocsp_signer_issuer(ocsp.signer, 0);
    SCOPED(EVP_PKEY) *key = NULL;
    struct public_key_parts parts = {0};
    struct certificate read = {0};
    struct failure why = {0};
    struct ocsp_answer_single single = {.status = OCSP_GOOD,
        .this_update = clock_now(),
        .next_update = clock_now() + DAY_S};
    struct ocsp_answer_plan plan = {
        .responder_key = {facts.key.bytes, facts.key.length},
        .produced_at = clock_now(),
        .singles = &single,
        .single_count = 1};

    assert_done(
        ocsp_certificate_id_write("SHA1", issuer->certificate.tbs.subject,
            issuer->certificate.tbs.key.bits,
            (struct bytes){serial, sizeof(serial)}, &id, &why),
        why);
    single.id = buffer_view(&id);
    assert_done(ocsp_answer_body(&plan, &body, &why), why);
    assert_done(
        ocsp_signer_sign(ocsp.signer, 0,
            &(struct bytes){body.start, body.length}, 1, &signing, &why),
        why);
    assert_string_equal(signing.answers[0].why.reason, "");
    assert_done(certificate_read(buffer_view(&certificate), &read, &why), why);
    assert_done(spki_parts(&read.tbs.key, &parts, &why), why);
    assert_done(public_key_make(&parts, &key, &why), why);
    assert_done(signature_verify(key, parts.algorithm->signs_with,
                    buffer_view(&body), signing.answers[0].signature, &why),
        why);
}

static void a_responder_is_certified_for_ocsp_and_never_asked_about(
    void **state)
{
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    struct certificate certificate = {0};
    struct extension extension = {0};
    struct failure why = {0};
    bool found = false;

    (void)state;
    must_care();
    (void)facts_now(&der);
    assert_done(certificate_read(buffer_view(&der), &certificate, &why), why);
    assert_true(extensions_find(certificate.tbs.extensions, OID_OCSP_NO_CHECK,
        &extension, &found, &why));
    assert_true(found);
    assert_true(bytes_equal(certificate.tbs.issuer, issuing()->issuer.subject));
    assert_answers();
}

static void a_responder_without_a_certificate_answers_nothing(void **state)
{
    struct ocsp_responder_facts facts = {0};
    struct failure why = {0};

    (void)state;
    assert_false(
        ocsp_signer_facts(ocsp.signer, 0, clock_now(), &facts, NULL, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(why.reason,
        "the responder of \"issuing\" has no certificate in force; try again "
        "later");
}

static void one_that_is_young_is_not_renewed(void **state)
{
    (void)state;
    must_care();
    assert_int_equal(certificates_of_ocsp(), 1);
    must_care();
    assert_int_equal(certificates_of_ocsp(), 1);
}

/* The signer of answers lives on, and its key has a certificate already. */
static void a_new_keeper_finds_the_certificate_of_the_old_one(void **state)
{
    RELEASED(buffer) before = BUFFER("certificate", CERTIFICATE_MAX);
    RELEASED(buffer) after = BUFFER("certificate", CERTIFICATE_MAX);
    int sockets[2];
    struct failure why = {0};

    (void)state;
    must_care();
    (void)facts_now(&before);
    ocsp_signer_free(ocsp.signer);
    assert_done(ocsp_signer_new(&here.authority, &ocsp.signer, &why), why);
    assert_done(channel_pair(sockets, &why), why);
    assert_done(channel_send(ocsp.status.parent, STATUS_KEEPER, 0,
                    (struct bytes){0}, &sockets[1], 1, 0, &why),
        why);
    descriptor_close(&sockets[1]);
    assert_done(ocsp_signer_connect(ocsp.signer, sockets[0], &why), why);
    must_care();
    (void)facts_now(&after);
    assert_true(bytes_equal(buffer_view(&before), buffer_view(&after)));
    assert_int_equal(certificates_of_ocsp(), 1);
}

static void a_status_signer_started_anew_gets_a_certificate_for_its_new_key(
    void **state)
{
    struct ocsp_responder_facts before, after;
    struct failure why = {0};

    (void)state;
    must_care();
    before = facts_now(NULL);
    assert_int_equal(end_status(&ocsp.status), 0);
    start_status_here();
    assert_false(
        ocsp_signer_facts(ocsp.signer, 0, clock_now(), &after, NULL, &why));
    must_care();
    after = facts_now(NULL);
    assert_memory_not_equal(before.key.bytes, after.key.bytes, 20);
    assert_answers();
}

static void a_status_signer_that_has_gone_is_unavailable(void **state)
{
    static const uint8_t body[] = {0};
    RELEASED(status_signing) signing = {0};
    struct failure why = {0};

    (void)state;
    must_care();
    assert_int_equal(end_status(&ocsp.status), 0);
    ocsp.status = (struct running_status){0};
    assert_false(ocsp_signer_sign(
        ocsp.signer, 0, &(struct bytes){body, 1}, 1, &signing, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(
        why.reason, "the signer of OCSP answers is not there; try again later");
}

static bool revoke_it(
    struct authority *authority, void *context, struct failure *why)
{
    const int64_t *id = context;
    bool changed = false;

    return store_revoke(authority->store, *id, 0, clock_now(),
        REASON_KEY_COMPROMISE, &changed, why);
}

static void the_key_of_a_revoked_responder_is_used_no_more(void **state)
{
    struct ocsp_responder_facts before, after;
    struct failure why = {0};
    int64_t id = CERTIFICATES_OF_INIT + 1;
    int sockets[2];

    (void)state;
    must_care();
    before = facts_now(NULL);
    assert_done(authority_write(&here.authority, revoke_it, &id, &why), why);
    assert_done(channel_pair(sockets, &why), why);
    assert_done(channel_send(ocsp.status.parent, STATUS_KEEPER, 0,
                    (struct bytes){0}, &sockets[1], 1, 0, &why),
        why);
    descriptor_close(&sockets[1]);
    assert_done(ocsp_signer_connect(ocsp.signer, sockets[0], &why), why);
    must_care();
    after = facts_now(NULL);
    assert_memory_not_equal(before.key.bytes, after.key.bytes, 20);
    assert_answers();
}

/* --- time ------------------------------------------------------------------
 */

/* Certificates of 14 days: on each day one is in force for four more at least,
 * and its key answers. */
static void incident47_no_day_of_60_is_without_a_responder(void **state)
{
    int64_t begin = clock_now();

    (void)state;
    must_care();
    for (int day = 1; day <= 60; day++) {
        begin_day(begin + day * DAY_S);
        must_care();
        assert_true(facts_now(NULL).not_after > clock_now() + 4 * DAY_S);
        assert_answers();
    }
    assert_int_equal(certificates_of_ocsp(), 7);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        on_an_ocsp_desk(
            a_responder_is_certified_for_ocsp_and_never_asked_about),
        on_an_ocsp_desk(a_responder_without_a_certificate_answers_nothing),
        on_an_ocsp_desk(one_that_is_young_is_not_renewed),
        on_an_ocsp_desk(a_new_keeper_finds_the_certificate_of_the_old_one),
        on_an_ocsp_desk(
            a_status_signer_started_anew_gets_a_certificate_for_its_new_key),
        on_an_ocsp_desk(a_status_signer_that_has_gone_is_unavailable),
        on_an_ocsp_desk(the_key_of_a_revoked_responder_is_used_no_more),
        cmocka_unit_test_setup_teardown(
            incident47_no_day_of_60_is_without_a_responder, open_inside,
            close_inside),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0) {
        shared_clock_take();
        return role_main(arguments[2]);
    }
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_template, remove_template);
}
