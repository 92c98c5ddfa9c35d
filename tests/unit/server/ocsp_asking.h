#ifndef TESTS_UNIT_SERVER_OCSP_ASKING_H
#define TESTS_UNIT_SERVER_OCSP_ASKING_H

#include "ocsp_desk.h"

#include "authority/status_answer.h"
#include "x509/crl.h"
#include "x509/ocsp_request.h"

static struct buffer issued; /* DER of the last */
static struct certificate leaf;

static inline void issue_one(void)
{
    struct issuance issuance = {0};
    struct failure why = {0};

    issue_here(&issuance);
    buffer_free(&issued);
    issued = BUFFER("certificate", CERTIFICATE_MAX);
    assert_true(
        buffer_append(&issued, buffer_view(&issuance.certificate), &why));
    assert_done(certificate_read(buffer_view(&issued), &leaf, &why), why);
    issuance_free(&issuance);
}

static inline void question_of(const struct certificate *certificate,
    const char *digest, struct bytes nonce, struct buffer *request,
    struct ocsp_question *question)
{
    struct failure why = {0};

    buffer_clear(request);
    assert_done(ocsp_request_write(certificate, &issuing()->certificate, digest,
                    nonce, request, &why),
        why);
    assert_done(ocsp_question_read(buffer_view(request), question, &why), why);
}

/* Signed by a certificate within, which the issuer signed. */
static inline void assert_signed(const struct ocsp_response *response)
{
    struct der_reader certificates = response->certificates;
    SCOPED(EVP_PKEY) *issuer_key = NULL;
    SCOPED(EVP_PKEY) *key = NULL;
    struct public_key_parts parts = {0};
    struct certificate responder = {0};
    struct bytes der = {0};
    struct failure why = {0};

    assert_done(ocsp_next_certificate(&certificates, &der, &why), why);
    assert_done(certificate_read(der, &responder, &why), why);
    assert_done(spki_parts(&issuing()->certificate.tbs.key, &parts, &why), why);
    assert_done(public_key_make(&parts, &issuer_key, &why), why);
    assert_done(certificate_verify(&responder, issuer_key, &why), why);
    assert_done(spki_parts(&responder.tbs.key, &parts, &why), why);
    assert_done(public_key_make(&parts, &key, &why), why);
    assert_done(signature_verify(key, parts.algorithm->signs_with,
                    response->body, response->signature, &why),
        why);
}

static inline struct ocsp_single read_answer(
    struct bytes answer, struct ocsp_response *response)
{
    struct ocsp_single single = {0};
    struct failure why = {0};

    assert_done(ocsp_response_read(answer, response, &why), why);
    assert_int_equal(response->status, OCSP_SUCCESSFUL);
    assert_signed(response);
    assert_done(ocsp_next_single(&response->singles, &single, &why), why);
    return single;
}

/* As the keeper answers what no front can; a group of one. */
static inline struct bytes answer_one(
    const struct ocsp_question *question, struct buffer *answer)
{
    SCOPED_STRUCT(status_room) *room = NULL;
    struct status_asked asked = {.question = question};
    struct failure why = {0};

    assert_done(status_room_new(1, &room, &why), why);
    status_answer(room, ocsp.signer, here.reading, &asked, 1, clock_now());
    assert_int_equal(asked.why.kind, FAILURE_NONE);
    assert_true(buffer_append(answer, asked.answer, &why));
    return buffer_view(answer);
}

static inline struct ocsp_single ask_keeper(
    const struct certificate *certificate, const char *digest,
    struct bytes nonce, struct ocsp_response *response)
{
    RELEASED(buffer) request = BUFFER("request", OCSP_QUESTION_MAX);
    static struct buffer answer;
    struct ocsp_question question = {0};

    buffer_free(&answer);
    answer = BUFFER("answer", OCSP_RESPONSE_MAX);
    question_of(certificate, digest, nonce, &request, &question);
    return read_answer(answer_one(&question, &answer), response);
}

#endif
