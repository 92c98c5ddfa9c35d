#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/algorithm.h"
#include "x509/crl.h"
#include "x509/ocsp_question.h"
#include "x509/ocsp_writer.h"
#include "x509/time.h"

#define PRODUCED_AT INT64_C(1795219200) /* 2026-11-21 */
#define REVOKED_AT INT64_C(1795132800)
#define NEXT_UPDATE (PRODUCED_AT + 86400)

static const uint8_t issuer_name[] = {0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06,
    0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'A'};
static const uint8_t issuer_key[] = {0x04, 0x01, 0x02, 0x03};
static const uint8_t responder_key[20] = {1, 2, 3};
/* ecdsa-with-SHA256 */
static const uint8_t algorithm[] = {
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
static const uint8_t signature[] = {0x30, 6, 2, 1, 1, 2, 1, 2};
static const uint8_t certificate[] = {0x30, 3, 2, 1, 9};

static struct buffer id_of(const char *digest, struct bytes serial)
{
    struct buffer id = BUFFER("id", OCSP_ID_MAX);
    struct failure why = {0};

    assert_true(ocsp_certificate_id_write(digest,
        (struct bytes){issuer_name, sizeof(issuer_name)},
        (struct bytes){issuer_key, sizeof(issuer_key)}, serial, &id, &why));
    return id;
}

static struct ocsp_answer_single good_for(const struct buffer *id)
{
    return (struct ocsp_answer_single){.id = buffer_view(id),
        .status = OCSP_GOOD,
        .reason = CRL_REASON_ABSENT,
        .this_update = PRODUCED_AT,
        .next_update = NEXT_UPDATE};
}

static struct ocsp_answer_plan plan_of(
    const struct ocsp_answer_single *singles, size_t count)
{
    return (struct ocsp_answer_plan){
        .responder_key = {responder_key, sizeof(responder_key)},
        .produced_at = PRODUCED_AT,
        .singles = singles,
        .single_count = count};
}

/* Writes the plan, seals it and reads it back. */
static struct ocsp_response answer_of(const struct ocsp_answer_plan *plan,
    struct bytes enclosed, struct buffer *answer)
{
    RELEASED(buffer) body = BUFFER("body", OCSP_RESPONSE_MAX);
    struct ocsp_response response = {0};
    struct failure why = {0};

    buffer_clear(answer);
    assert_true(ocsp_answer_body(plan, &body, &why));
    assert_true(ocsp_answer_seal(buffer_view(&body),
        (struct bytes){algorithm, sizeof(algorithm)},
        (struct bytes){signature, sizeof(signature)}, enclosed, answer, &why));
    if (!ocsp_response_read(buffer_view(answer), &response, &why))
        fail_msg("%s", why.reason);
    assert_true(bytes_equal(response.body, buffer_view(&body)));
    return response;
}

static struct ocsp_single next_single(struct ocsp_response *response)
{
    struct ocsp_single single = {0};
    struct failure why = {0};

    assert_true(ocsp_next_single(&response->singles, &single, &why));
    return single;
}

/* --- what is written ------------------------------------------------------ */

static void what_is_written_is_read_field_by_field(void **state)
{
    static const uint8_t serial[] = {0x41, 2, 3};
    RELEASED(buffer) id = id_of("SHA256", (struct bytes){serial, 3});
    RELEASED(buffer) answer = BUFFER("answer", OCSP_RESPONSE_MAX);
    struct ocsp_answer_single single = good_for(&id);
    struct ocsp_answer_plan plan = plan_of(&single, 1);
    struct bytes enclosed = {0};
    struct failure why = {0};

    (void)state;
    struct ocsp_response response = answer_of(
        &plan, (struct bytes){certificate, sizeof(certificate)}, &answer);
    struct ocsp_single read = next_single(&response);

    assert_int_equal(response.status, OCSP_SUCCESSFUL);
    assert_int_equal(response.produced_at, PRODUCED_AT);
    assert_int_equal(response.responder_name.length, 0);
    assert_true(bytes_equal(response.responder_key,
        (struct bytes){responder_key, sizeof(responder_key)}));
    assert_true(bytes_equal(response.signature_algorithm,
        (struct bytes){algorithm, sizeof(algorithm)}));
    assert_true(bytes_equal(
        response.signature, (struct bytes){signature, sizeof(signature)}));
    assert_int_equal(response.nonce.length, 0);
    assert_true(ocsp_next_certificate(&response.certificates, &enclosed, &why));
    assert_true(bytes_equal(
        enclosed, (struct bytes){certificate, sizeof(certificate)}));
    assert_true(der_at_end(&response.certificates));
    assert_true(bytes_equal(read.id.serial, (struct bytes){serial, 3}));
    assert_int_equal(read.id.name_hash.length, 32);
    assert_int_equal(read.status, OCSP_GOOD);
    assert_int_equal(read.this_update, PRODUCED_AT);
    assert_int_equal(read.next_update, NEXT_UPDATE);
    assert_true(der_at_end(&response.singles));
}

static void an_issuer_that_answers_itself_encloses_no_certificate(void **state)
{
    static const uint8_t serial[] = {1};
    RELEASED(buffer) id = id_of("SHA1", (struct bytes){serial, 1});
    RELEASED(buffer) answer = BUFFER("answer", OCSP_RESPONSE_MAX);
    struct ocsp_answer_single single = good_for(&id);
    struct ocsp_answer_plan plan = plan_of(&single, 1);

    (void)state;
    struct ocsp_response response =
        answer_of(&plan, (struct bytes){0}, &answer);
    assert_true(der_at_end(&response.certificates));
}

static void every_status_and_reason_comes_back(void **state)
{
    static const uint8_t serial[] = {1};
    RELEASED(buffer) id = id_of("SHA1", (struct bytes){serial, 1});
    RELEASED(buffer) answer = BUFFER("answer", OCSP_RESPONSE_MAX);
    struct ocsp_answer_single single = good_for(&id);
    struct ocsp_answer_plan plan = plan_of(&single, 1);

    (void)state;
    single.status = OCSP_UNKNOWN;
    struct ocsp_response response =
        answer_of(&plan, (struct bytes){0}, &answer);
    assert_int_equal(next_single(&response).status, OCSP_UNKNOWN);
    single.status = OCSP_REVOKED;
    single.revoked_at = REVOKED_AT;
    for (int reason = CRL_REASON_ABSENT; reason <= CRL_AA_COMPROMISE;
         reason++) {
        if (reason == 7 || reason == CRL_REMOVE_FROM_CRL)
            continue;
        single.reason = reason;
        response = answer_of(&plan, (struct bytes){0}, &answer);
        struct ocsp_single read = next_single(&response);

        assert_int_equal(read.status, OCSP_REVOKED);
        assert_int_equal(read.revoked_at, REVOKED_AT);
        /* Unspecified is said by saying nothing (RFC 5280, 5.3.1). */
        assert_int_equal(read.reason, reason == 0 ? -1 : reason);
    }
}

static void several_are_answered_in_their_order_with_the_nonce(void **state)
{
    static uint8_t nonce[OCSP_NONCE_MAX];
    struct buffer ids[OCSP_QUESTION_IDS_MAX] = {0};
    struct ocsp_answer_single singles[OCSP_QUESTION_IDS_MAX];
    RELEASED(buffer) answer = BUFFER("answer", OCSP_RESPONSE_MAX);
    struct ocsp_answer_plan plan = plan_of(singles, OCSP_QUESTION_IDS_MAX);

    (void)state;
    memset(nonce, 0x5a, sizeof(nonce));
    plan.nonce = (struct bytes){nonce, sizeof(nonce)};
    for (size_t i = 0; i < OCSP_QUESTION_IDS_MAX; i++) {
        uint8_t serial[20] = {(uint8_t)(i + 1)};

        ids[i] =
            id_of(i % 2 == 0 ? "SHA1" : "SHA256", (struct bytes){serial, 20});
        singles[i] = good_for(&ids[i]);
        if (i % 3 == 0) {
            singles[i].status = OCSP_REVOKED;
            singles[i].reason = CRL_SUPERSEDED;
            singles[i].revoked_at = REVOKED_AT;
        }
    }
    struct ocsp_response response =
        answer_of(&plan, (struct bytes){0}, &answer);
    assert_true(bytes_equal(response.nonce, plan.nonce));
    for (size_t i = 0; i < OCSP_QUESTION_IDS_MAX; i++) {
        struct ocsp_single read = next_single(&response);

        assert_int_equal(read.id.serial.start[0], i + 1);
        assert_int_equal(read.status, i % 3 == 0 ? OCSP_REVOKED : OCSP_GOOD);
        buffer_free(&ids[i]);
    }
    assert_true(der_at_end(&response.singles));
}

static void nonces_of_1_and_128_octets_come_back(void **state)
{
    static const uint8_t serial[] = {1};
    static const uint8_t nonce[OCSP_NONCE_MAX + 1] = {9};
    RELEASED(buffer) id = id_of("SHA1", (struct bytes){serial, 1});
    RELEASED(buffer) answer = BUFFER("answer", OCSP_RESPONSE_MAX);
    RELEASED(buffer) body = BUFFER("body", OCSP_RESPONSE_MAX);
    struct ocsp_answer_single single = good_for(&id);
    struct ocsp_answer_plan plan = plan_of(&single, 1);
    struct failure why = {0};

    (void)state;
    for (size_t length = 0; length <= OCSP_NONCE_MAX; length++) {
        plan.nonce = (struct bytes){nonce, length};
        struct ocsp_response response =
            answer_of(&plan, (struct bytes){0}, &answer);
        assert_true(bytes_equal(response.nonce, plan.nonce));
    }
    plan.nonce.length = OCSP_NONCE_MAX + 1;
    assert_false(ocsp_answer_body(&plan, &body, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason,
        "the OCSP answer cannot be written: its nonce has more than 128 octets "
        "(RFC 9654, 2.1)");
}

/* RFC 6960, 4.2.2.1: GeneralizedTime before 2050 too, unlike certificates. */
static void times_are_written_with_four_digits_of_the_year(void **state)
{
    static const int64_t times[] = {
        INT64_C(-62135596800), 0, PRODUCED_AT, TIME_WITHOUT_END - 1};
    static const uint8_t serial[] = {1};
    RELEASED(buffer) id = id_of("SHA1", (struct bytes){serial, 1});
    RELEASED(buffer) answer = BUFFER("answer", OCSP_RESPONSE_MAX);
    struct ocsp_answer_single single = good_for(&id);
    struct ocsp_answer_plan plan = plan_of(&single, 1);

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        single.this_update = plan.produced_at = times[i];
        single.next_update = times[i] + 1;
        struct ocsp_response response =
            answer_of(&plan, (struct bytes){0}, &answer);
        assert_int_equal(response.produced_at, times[i]);
        assert_int_equal(next_single(&response).next_update, times[i] + 1);
    }
}

static void a_bare_body_is_read_like_an_answers(void **state)
{
    static const uint8_t serial[] = {1};
    RELEASED(buffer) id = id_of("SHA1", (struct bytes){serial, 1});
    RELEASED(buffer) body = BUFFER("body", OCSP_RESPONSE_MAX);
    struct ocsp_answer_single single = good_for(&id);
    struct ocsp_answer_plan plan = plan_of(&single, 1);
    struct ocsp_response response = {0};
    struct failure why = {0};

    (void)state;
    assert_true(ocsp_answer_body(&plan, &body, &why));
    assert_true(ocsp_body_read(buffer_view(&body), &response, &why));
    assert_int_equal(response.produced_at, PRODUCED_AT);
    assert_int_equal(response.signature.length, 0);
    assert_int_equal(next_single(&response).status, OCSP_GOOD);
    for (size_t length = 0; length < body.length; length++) {
        assert_false(ocsp_body_read(
            (struct bytes){body.start, length}, &response, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
}

static void an_answer_without_a_body_says_its_status_in_five_bytes(void **state)
{
    static const enum ocsp_response_status statuses[] = {OCSP_MALFORMED_REQUEST,
        OCSP_INTERNAL_ERROR, OCSP_TRY_LATER, OCSP_SIG_REQUIRED,
        OCSP_UNAUTHORIZED};
    struct ocsp_response response = {0};
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        struct bytes answer = ocsp_answer_without_body(statuses[i]);

        assert_int_equal(answer.length, 5);
        assert_true(ocsp_response_read(answer, &response, &why));
        assert_int_equal(response.status, statuses[i]);
    }
    assert_true(ocsp_response_read(
        ocsp_answer_without_body(OCSP_SUCCESSFUL), &response, &why));
    assert_int_equal(response.status, OCSP_INTERNAL_ERROR);
}

/* --- what is refused ------------------------------------------------------ */

static void assert_refused(
    const struct ocsp_answer_plan *plan, const char *reason)
{
    RELEASED(buffer) body = BUFFER("body", OCSP_RESPONSE_MAX);
    struct failure why = {0};

    assert_false(ocsp_answer_body(plan, &body, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_int_equal(body.length, 0);
    if (strstr(why.reason, reason) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", why.reason, reason);
}

static void a_plan_that_makes_no_answer_is_refused(void **state)
{
    static const uint8_t serial[] = {1};
    RELEASED(buffer) id = id_of("SHA1", (struct bytes){serial, 1});
    struct ocsp_answer_single single = good_for(&id);
    struct ocsp_answer_plan plan = plan_of(&single, 1);

    (void)state;
    plan.responder_key.length = 19;
    assert_refused(&plan, "the responder's key is not named by a SHA-1");
    plan = plan_of(&single, 0);
    assert_refused(&plan, "it tells of no certificate, or of more than 32");
    plan = plan_of(&single, OCSP_QUESTION_IDS_MAX + 1);
    assert_refused(&plan, "it tells of no certificate, or of more than 32");
    plan = plan_of(&single, 1);
    plan.produced_at = TIME_WITHOUT_END + 1;
    assert_refused(&plan, "a time lies outside the years 1 to 9999");
}

static void what_is_told_of_a_certificate_must_have_a_meaning(void **state)
{
    static const uint8_t serial[] = {1};
    RELEASED(buffer) id = id_of("SHA1", (struct bytes){serial, 1});
    struct ocsp_answer_single single = good_for(&id);
    struct ocsp_answer_plan plan = plan_of(&single, 1);

    (void)state;
    single.next_update = single.this_update;
    assert_refused(&plan, "it ends before it begins");
    single = good_for(&id);
    single.id.length--;
    assert_refused(&plan, "a CertID is none");
    single = good_for(&id);
    single.id.length = 0;
    assert_refused(&plan, "a CertID is none");
    single = good_for(&id);
    single.next_update = TIME_WITHOUT_END + 1;
    assert_refused(&plan, "a time lies outside the years 1 to 9999");
    single = good_for(&id);
    single.status = OCSP_REVOKED;
    single.revoked_at = INT64_MAX;
    assert_refused(&plan, "a time lies outside the years 1 to 9999");
    single.revoked_at = REVOKED_AT;
    single.reason = 7;
    assert_refused(&plan, "a reason for revocation has no meaning here");
    single.reason = CRL_REMOVE_FROM_CRL;
    assert_refused(&plan, "a reason for revocation has no meaning here");
}

static void assert_not_sealed(
    size_t body, size_t signed_with, size_t signed_by, const char *reason)
{
    RELEASED(buffer) answer = BUFFER("answer", OCSP_RESPONSE_MAX);
    uint8_t *room = calloc(1, OCSP_RESPONSE_MAX + 1);
    struct failure why = {0};

    assert_non_null(room);
    assert_false(ocsp_answer_seal((struct bytes){room, body},
        (struct bytes){algorithm, signed_with}, (struct bytes){room, signed_by},
        (struct bytes){0}, &answer, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason, reason);
    assert_int_equal(answer.length, 0);
    free(room);
}

static void an_answer_without_one_of_its_parts_is_not_sealed(void **state)
{
    const char *lacks =
        "the OCSP answer lacks its body, algorithm or signature";

    (void)state;
    assert_not_sealed(0, sizeof(algorithm), 8, lacks);
    assert_not_sealed(8, 0, 8, lacks);
    assert_not_sealed(8, sizeof(algorithm), 0, lacks);
    assert_not_sealed(8, sizeof(algorithm), SIGNATURE_MAX + 1,
        "the signature of the OCSP answer has more than 5120 bytes");
    assert_not_sealed(OCSP_RESPONSE_MAX, sizeof(algorithm), 8,
        "the OCSP answer has more than 262144 bytes");
}

static void an_answer_is_put_behind_what_the_buffer_holds(void **state)
{
    RELEASED(buffer) answer = BUFFER("answer", OCSP_RESPONSE_MAX);
    static const uint8_t body[] = {0x30, 0};
    struct failure why = {0};

    (void)state;
    assert_true(buffer_append_text(&answer, "before", &why));
    assert_true(ocsp_answer_seal((struct bytes){body, sizeof(body)},
        (struct bytes){algorithm, sizeof(algorithm)},
        (struct bytes){signature, sizeof(signature)}, (struct bytes){0},
        &answer, &why));
    assert_memory_equal(answer.start, "before", 6);
    assert_int_equal(answer.start[6], 0x30);
    assert_int_equal(answer.start[7], answer.length - 8);
}

static void a_certificate_is_named_by_sha1_or_sha256(void **state)
{
    RELEASED(buffer) id = BUFFER("id", OCSP_ID_MAX);
    static const uint8_t serial[OCSP_ID_MAX] = {1};
    struct failure why = {0};

    (void)state;
    assert_false(ocsp_certificate_id_write("MD5", (struct bytes){0},
        (struct bytes){0}, (struct bytes){serial, 1}, &id, &why));
    assert_string_equal(
        why.reason, "a CertID is made with SHA1 or SHA256, not with MD5");
    assert_false(ocsp_certificate_id_write("SHA1",
        (struct bytes){issuer_name, sizeof(issuer_name)},
        (struct bytes){issuer_key, sizeof(issuer_key)},
        (struct bytes){serial, sizeof(serial)}, &id, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_int_equal(id.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_field_by_field),
        cmocka_unit_test(an_issuer_that_answers_itself_encloses_no_certificate),
        cmocka_unit_test(every_status_and_reason_comes_back),
        cmocka_unit_test(several_are_answered_in_their_order_with_the_nonce),
        cmocka_unit_test(nonces_of_1_and_128_octets_come_back),
        cmocka_unit_test(times_are_written_with_four_digits_of_the_year),
        cmocka_unit_test(a_bare_body_is_read_like_an_answers),
        cmocka_unit_test(
            an_answer_without_a_body_says_its_status_in_five_bytes),
        cmocka_unit_test(a_plan_that_makes_no_answer_is_refused),
        cmocka_unit_test(what_is_told_of_a_certificate_must_have_a_meaning),
        cmocka_unit_test(an_answer_without_one_of_its_parts_is_not_sealed),
        cmocka_unit_test(an_answer_is_put_behind_what_the_buffer_holds),
        cmocka_unit_test(a_certificate_is_named_by_sha1_or_sha256),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
