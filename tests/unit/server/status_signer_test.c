#include "status_fixture.h"

#include <sys/wait.h>

#include "crypto/start.h"
#include "server/roles.h"

static struct configuration *configuration;
static struct status_authority issuing, other;
static struct running_status status;
static struct buffer request, certificate, body, signature;
static struct request asked; /* of request */
static struct status_identity own;
static const uint8_t serial[] = {0x01, 0x5a, 0x00, 0xff};

static int make_authorities(void **state)
{
    (void)state;
    configuration = new_configuration();
    new_status_authority(&issuing, "Issuing");
    new_status_authority(&other, "Other");
    request = BUFFER("request", REQUEST_MAX);
    certificate = BUFFER("certificate", CERTIFICATE_MAX);
    body = BUFFER("body", 64 * 1024);
    signature = BUFFER("signature", SIGNATURE_MAX);
    return 0;
}

static int free_authorities(void **state)
{
    (void)state;
    configuration_free(configuration);
    status_authority_free(&issuing);
    status_authority_free(&other);
    buffer_free(&request);
    buffer_free(&certificate);
    buffer_free(&body);
    buffer_free(&signature);
    return 0;
}

/* Its key is known, and has no certificate yet. */
static int start_bare(void **state)
{
    struct frame frame = {0};
    struct failure why = {0};

    (void)state;
    spawn_status(&status);
    send_issuer(status.parent, "issuing", &issuing);
    send_issuer(status.parent, "other", &other);
    give_keeper(&status, STATUS_START);
    assert_done(channel_receive(status.parent, 60000, &frame, &why), why);
    assert_int_equal(frame.type, STATUS_READY);
    ask_for_key(&status, "issuing", false, &request);
    assert_done(request_read(buffer_view(&request), &asked, &why), why);
    assert_done(
        status_identity_of((struct bytes){0}, asked.key.bits, &own, &why), why);
    return 0;
}

static void make_certificate(const struct status_authority *authority,
    const char *profile, int64_t not_after)
{
    buffer_clear(&certificate);
    certify(authority, configuration, profile, buffer_view(&request), not_after,
        &certificate);
}

static int start_certified(void **state)
{
    struct failure why = {0};

    start_bare(state);
    make_certificate(&issuing, "ocsp", clock_now() + 10 * DAY_S);
    assert_done(hand_certificate(&status, "issuing", &certificate, &why), why);
    return 0;
}

static int end_it(void **state)
{
    (void)state;
    assert_int_equal(end_status(&status), 0);
    return 0;
}

static struct bytes hash_view(const struct status_hash *hash)
{
    return (struct bytes){hash->bytes, hash->length};
}

static struct bent_body good_body(void)
{
    return (struct bent_body){.responder_key = hash_view(&own.keys[0]),
        .produced_at = clock_now(),
        .count = 1,
        .single = {.name_hash = hash_view(&issuing.identity.names[0]),
            .key_hash = hash_view(&issuing.identity.keys[0]),
            .serial = {serial, sizeof(serial)},
            .this_update = clock_now(),
            .next_update = clock_now() + 2 * DAY_S}};
}

static bool try_body(const struct bent_body *bent, struct failure *why)
{
    write_body(bent, &body);
    buffer_clear(&signature);
    return ask_to_sign_status(
        &status, "issuing", buffer_view(&body), &signature, why);
}

static void assert_signed(const struct bent_body *bent)
{
    SCOPED(EVP_PKEY) *key = NULL;
    struct public_key_parts parts = {0};
    struct failure why = {0};

    assert_done(try_body(bent, &why), why);
    assert_done(spki_parts(&asked.key, &parts, &why), why);
    assert_done(public_key_make(&parts, &key, &why), why);
    assert_done(signature_verify(key, parts.algorithm->signs_with,
                    buffer_view(&body), buffer_view(&signature), &why),
        why);
}

static void assert_refused(const struct bent_body *bent, const char *what)
{
    struct failure why = {0};
    char expected[256];

    (void)snprintf(expected, sizeof(expected),
        "the status signer's limits for \"issuing\" do not allow %s", what);
    assert_false(try_body(bent, &why));
    assert_string_equal(why.reason, expected);
    assert_int_equal(why.kind, FAILURE_FORBIDDEN);
}

/* --- what is signed ------------------------------------------------------- */

static void answers_of_each_status_are_signed(void **state)
{
    struct bent_body bent = good_body();

    (void)state;
    assert_signed(&bent);
    bent.single.status = OCSP_UNKNOWN;
    assert_signed(&bent);
    bent.single.status = OCSP_REVOKED;
    bent.single.revoked_at = clock_now() - 300 * DAY_S;
    assert_signed(&bent);
}

static void a_nonce_and_32_certificates_are_signed_in_one_answer(void **state)
{
    static const uint8_t nonce[OCSP_NONCE_MAX] = {7};
    struct bent_body bent = good_body();

    (void)state;
    bent.nonce = (struct bytes){nonce, sizeof(nonce)};
    bent.count = OCSP_QUESTION_IDS_MAX;
    assert_signed(&bent);
}

static void ids_by_sha256_are_signed_with_and_without_null(void **state)
{
    static const uint8_t bare[] = {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
        0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
    static const uint8_t null[] = {0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
        0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00};
    struct bent_body bent = good_body();

    (void)state;
    bent.single.name_hash = hash_view(&issuing.identity.names[1]);
    bent.single.key_hash = hash_view(&issuing.identity.keys[1]);
    bent.single.algorithm = (struct bytes){bare, sizeof(bare)};
    assert_signed(&bent);
    bent.single.algorithm = (struct bytes){null, sizeof(null)};
    assert_signed(&bent);
}

/* --- what is not ---------------------------------------------------------- */

static void times_beyond_the_limits_are_refused(void **state)
{
    struct bent_body bent = good_body();
    int64_t now = clock_now();

    (void)state;
    bent.single.this_update = now - 3700;
    assert_refused(&bent, "a thisUpdate away from now");
    bent.single.this_update = now + 400;
    assert_refused(&bent, "a thisUpdate away from now");
    bent = good_body();
    bent.single.next_update = 0;
    assert_refused(&bent, "an answer without an end");
    bent.single.next_update = bent.single.this_update;
    assert_refused(&bent, "an end before the beginning");
    bent.single.next_update = bent.single.this_update + 7 * DAY_S + 1;
    assert_refused(&bent, "an answer for more than 7 days");
    bent = good_body();
    bent.produced_at = now - 3700;
    assert_refused(&bent, "a producedAt away from now");
    bent = good_body();
    bent.single.status = OCSP_REVOKED;
    bent.single.revoked_at = now + DAY_S;
    assert_refused(&bent, "a revocation in the future");
}

static void properties13_no_answer_outlives_the_responders_certificate(
    void **state)
{
    struct bent_body bent = good_body();
    struct failure why = {0};

    (void)state;
    make_certificate(&issuing, "ocsp", clock_now() + DAY_S);
    assert_done(hand_certificate(&status, "issuing", &certificate, &why), why);
    bent.single.next_update = clock_now() + DAY_S + 60;
    assert_refused(&bent, "an end after that of the responder's certificate");
    bent.single.next_update = clock_now() + DAY_S - 60;
    assert_signed(&bent);
}

static void ids_of_others_are_refused(void **state)
{
    static const uint8_t sha512[] = {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
        0x01, 0x65, 0x03, 0x04, 0x02, 0x03};
    struct bent_body bent = good_body();

    (void)state;
    bent.single.name_hash = hash_view(&other.identity.names[0]);
    assert_refused(&bent, "a CertID of another issuer");
    bent = good_body();
    bent.single.key_hash = hash_view(&other.identity.keys[0]);
    assert_refused(&bent, "a CertID of another issuer");
    bent.single.key_hash = hash_view(&issuing.identity.keys[1]);
    assert_refused(&bent, "a CertID of another issuer");
    bent = good_body();
    bent.single.algorithm = (struct bytes){sha512, sizeof(sha512)};
    assert_refused(&bent, "a CertID by another hash than SHA-1 and SHA-256");
}

static void another_responder_is_refused(void **state)
{
    struct bent_body bent = good_body();

    (void)state;
    bent.responder_key = hash_view(&other.identity.keys[0]);
    assert_refused(&bent, "another responder");
    bent = good_body();
    bent.responder_name = issuing.certificate.tbs.subject;
    assert_refused(&bent, "another responder");
}

static void what_an_answer_does_not_need_is_refused(void **state)
{
    static const uint8_t nonce[] = {1, 2, 3, 4};
    struct bent_body bent = good_body();

    (void)state;
    bent.has_other_extension = true;
    assert_refused(&bent, "an extension beside the nonce");
    bent.nonce = (struct bytes){nonce, sizeof(nonce)};
    assert_refused(&bent, "an extension beside the nonce");
    bent = good_body();
    bent.single.has_extension = true;
    assert_refused(&bent, "an extension of a single answer");
    bent = good_body();
    bent.count = OCSP_QUESTION_IDS_MAX + 1;
    assert_refused(&bent, "so many single answers");
    bent.count = 0;
    assert_refused(&bent, "an answer about nothing");
}

/* What else a key could be made to sign: a certificate's body, a request, a
 * list, text, nothing. */
static void nothing_but_response_data_is_signed(void **state)
{
    const struct bytes others[] = {issuing.certificate.tbs.whole,
        asked.information, bytes_of_text("chancery checkpoint 1\n"),
        {(const uint8_t *)"", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        struct failure why = {0};

        assert_false(ask_to_sign_status(
            &status, "issuing", others[i], &signature, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
}

static void every_body_cut_short_or_with_a_byte_behind_is_refused(void **state)
{
    const struct bent_body bent = good_body();

    (void)state;
    write_body(&bent, &body);
    for (size_t length = 0; length <= body.length + 1; length++) {
        uint8_t copy[1024] = {0};
        struct failure why = {0};

        assert_true(body.length < sizeof(copy));
        memcpy(copy, body.start, body.length);
        if (length == body.length)
            continue;
        assert_false(ask_to_sign_status(&status, "issuing",
            (struct bytes){copy, length}, &signature, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
}

/* --- the certificate ------------------------------------------------------ */

static void a_key_without_a_certificate_signs_nothing(void **state)
{
    const struct bent_body bent = good_body();
    struct failure why = {0};

    (void)state;
    assert_false(try_body(&bent, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    assert_string_equal(why.reason,
        "the key for OCSP answers of \"issuing\" has no certificate in force");
}

static void assert_not_taken(const char *reason)
{
    const struct bent_body bent = good_body();
    struct failure why = {0};

    assert_false(hand_certificate(&status, "issuing", &certificate, &why));
    assert_string_equal(why.reason, reason);
    assert_false(try_body(&bent, &why));
}

static void only_the_authoritys_certificate_for_this_key_is_taken(void **state)
{
    RELEASED(buffer) another = BUFFER("request", REQUEST_MAX);

    (void)state;
    make_certificate(&issuing, "server", clock_now() + DAY_S);
    assert_not_taken("the certificate for OCSP answers of \"issuing\" is not "
                     "for OCSP signing alone");
    make_certificate(&other, "ocsp", clock_now() + DAY_S);
    assert_not_taken("the certificate for OCSP answers of \"issuing\" is not "
                     "issued by that authority");
    ask_for_key(&status, "other", false, &another);
    buffer_clear(&certificate);
    certify(&issuing, configuration, "ocsp", buffer_view(&another),
        clock_now() + DAY_S, &certificate);
    assert_not_taken("the certificate for OCSP answers of \"issuing\" is not "
                     "of the signer's own key");
    make_certificate(&issuing, "ocsp", clock_now() + DAY_S);
    certificate.start[certificate.length - 1] ^= 1;
    assert_not_taken("the signature does not match");
}

static void a_fresh_key_needs_a_certificate_of_its_own(void **state)
{
    RELEASED(buffer) fresh = BUFFER("request", REQUEST_MAX);
    const struct bent_body bent = good_body();
    struct failure why = {0};

    (void)state;
    assert_signed(&bent);
    ask_for_key(&status, "issuing", true, &fresh);
    assert_false(bytes_equal(buffer_view(&fresh), buffer_view(&request)));
    assert_false(try_body(&bent, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
}

/* --- the process ---------------------------------------------------------- */

static void an_unknown_authority_is_refused(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_false(ask_to_sign_status(
        &status, "root", issuing.certificate.tbs.whole, &signature, &why));
    assert_string_equal(
        why.reason, "the status signer answers for no authority \"root\"");
}

static void a_new_keeper_finds_the_same_keys_and_certificates(void **state)
{
    RELEASED(buffer) again = BUFFER("request", REQUEST_MAX);
    const struct bent_body bent = good_body();
    struct request found = {0};
    struct failure why = {0};

    (void)state;
    for (int i = 0; i < 20; i++)
        give_keeper(&status, STATUS_KEEPER);
    ask_for_key(&status, "issuing", false, &again);
    assert_done(request_read(buffer_view(&again), &found, &why), why);
    assert_true(bytes_equal(found.key.whole, asked.key.whole));
    assert_signed(&bent);
}

static void a_keeper_that_breaks_the_rules_is_let_go_and_the_next_served(
    void **state)
{
    const struct bent_body bent = good_body();
    struct frame frame = {0};
    struct failure why = {0};

    (void)state;
    assert_done(channel_send(status.keeper, STATUS_START, 1, (struct bytes){0},
                    NULL, 0, 0, &why),
        why);
    assert_false(channel_receive(status.keeper, 60000, &frame, &why));
    give_keeper(&status, STATUS_KEEPER);
    assert_signed(&bent);
}

static void assert_answers(size_t members, const char *reason)
{
    RELEASED(buffer) question = BUFFER("question", STATUS_FRAME_MAX);
    struct frame answer = {0};
    struct failure why = {0};

    assert_true(
        message_add_text(&question, STATUS_FIELD_NAME, "issuing", &why));
    for (size_t i = 0; i < members; i++)
        assert_true(message_add(
            &question, STATUS_FIELD_BODY, buffer_view(&body), &why));
    if (reason == NULL) {
        assert_done(
            ask_status(&status, STATUS_SIGN, &question, &answer, &why), why);
        return;
    }
    assert_false(ask_status(&status, STATUS_SIGN, &question, &answer, &why));
    assert_string_equal(why.reason, reason);
}

static void a_group_has_1_to_256_answers(void **state)
{
    const struct bent_body bent = good_body();

    (void)state;
    write_body(&bent, &body);
    assert_answers(0, "a group without answers");
    assert_answers(STATUS_GROUP_MAX, NULL);
    assert_answers(STATUS_GROUP_MAX + 1,
        "more than 256 answers, or one of more than 8192 bytes");
}

#define bare(function) \
    cmocka_unit_test_setup_teardown(function, start_bare, end_it)
#define certified(function) \
    cmocka_unit_test_setup_teardown(function, start_certified, end_it)

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        certified(answers_of_each_status_are_signed),
        certified(a_nonce_and_32_certificates_are_signed_in_one_answer),
        certified(ids_by_sha256_are_signed_with_and_without_null),
        certified(times_beyond_the_limits_are_refused),
        certified(properties13_no_answer_outlives_the_responders_certificate),
        certified(ids_of_others_are_refused),
        certified(another_responder_is_refused),
        certified(what_an_answer_does_not_need_is_refused),
        certified(nothing_but_response_data_is_signed),
        certified(every_body_cut_short_or_with_a_byte_behind_is_refused),
        bare(a_key_without_a_certificate_signs_nothing),
        bare(only_the_authoritys_certificate_for_this_key_is_taken),
        certified(a_fresh_key_needs_a_certificate_of_its_own),
        certified(an_unknown_authority_is_refused),
        certified(a_new_keeper_finds_the_same_keys_and_certificates),
        certified(a_keeper_that_breaks_the_rules_is_let_go_and_the_next_served),
        certified(a_group_has_1_to_256_answers),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_authorities, free_authorities);
}
