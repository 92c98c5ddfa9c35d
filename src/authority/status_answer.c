#include "authority/status_answer.h"

#include "x509/crl.h"

struct status_said status_said_of(enum certificate_status status,
    int64_t revoked_at, enum revocation_reason reason, int64_t now)
{
    if (status == CERTIFICATE_VALID)
        return (struct status_said){OCSP_GOOD, 0, CRL_REASON_ABSENT};
    return (struct status_said){OCSP_REVOKED,
        revoked_at < now ? revoked_at : now,
        reason == REASON_UNSPECIFIED ? CRL_REASON_ABSENT : (int)reason};
}

int64_t status_end(
    int64_t now, int64_t life_s, const struct ocsp_responder_facts *facts)
{
    return now + life_s < facts->not_after ? now + life_s : facts->not_after;
}

/* --- one answer ----------------------------------------------------------- */

/* What one answer is made of. */
struct answering {
    const struct ocsp_question *question;
    size_t responder;
    int64_t now;
    struct ocsp_responder_facts facts;
    struct buffer certificate;
    struct ocsp_answer_single singles[OCSP_QUESTION_IDS_MAX];
    bool knows_all;
    struct buffer body;
    struct status_signing signing;
};

static void answering_free(struct answering *answering)
{
    buffer_free(&answering->certificate);
    buffer_free(&answering->body);
    status_signing_free(&answering->signing);
}

/* An answer is signed by one responder, for its own issuer. */
static bool find_responder(
    const struct ocsp_signer *signer, struct answering *answering)
{
    const struct ocsp_question *question = answering->question;

    for (size_t i = 0; i < question->id_count; i++) {
        size_t found = 0;

        if (!ocsp_signer_find(signer, &question->ids[i].id, &found) ||
            (i > 0 && found != answering->responder))
            return false;
        answering->responder = found;
    }
    return true;
}

static bool look_up(const struct ocsp_signer *signer, struct store *reading,
    struct answering *answering, size_t number, struct failure *why)
{
    const struct ocsp_question_id *id = &answering->question->ids[number];
    const struct authority_issuer *issuer =
        ocsp_signer_issuer(signer, answering->responder);
    struct status_said said = {OCSP_UNKNOWN, 0, CRL_REASON_ABSENT};
    struct status_row row = {0};
    bool found = false;

    if (!store_status(reading, issuer->id, id->id.serial, &row, &found, why))
        return false;
    if (found)
        said = status_said_of(
            row.status, row.revoked_at, row.reason, answering->now);
    answering->knows_all = answering->knows_all && found;
    answering->singles[number] = (struct ocsp_answer_single){.id = id->whole,
        .status = said.status,
        .revoked_at = said.revoked_at,
        .reason = said.reason,
        .this_update = answering->now,
        .next_update = status_end(answering->now,
            found ? STATUS_LIFE_S : STATUS_UNKNOWN_LIFE_S, &answering->facts)};
    return true;
}

static bool look_up_all(const struct ocsp_signer *signer, struct store *reading,
    struct answering *answering, struct failure *why)
{
    answering->knows_all = true;
    for (size_t i = 0; i < answering->question->id_count; i++) {
        if (!look_up(signer, reading, answering, i, why))
            return false;
    }
    return true;
}

/* A key that was changed meanwhile refuses the body: as if it were not there.
 */
static bool sign(struct ocsp_signer *signer, struct answering *answering,
    struct failure *why)
{
    const struct ocsp_answer_plan plan = {
        .responder_key = {answering->facts.key.bytes,
            answering->facts.key.length},
        .produced_at = answering->now,
        .singles = answering->singles,
        .single_count = answering->question->id_count,
        .nonce = answering->question->nonce};
    struct bytes body;

    if (!ocsp_answer_body(&plan, &answering->body, why))
        return false;
    body = buffer_view(&answering->body);
    return ocsp_signer_sign(signer, answering->responder, &body, 1,
               &answering->signing, why) &&
           (answering->signing.answers[0].why.kind == FAILURE_NONE ||
               fail_because(why, FAILURE_UNAVAILABLE, "%s",
                   answering->signing.answers[0].why.reason));
}

static bool is_for_the_table(const struct answering *answering)
{
    return answering->question->id_count == 1 &&
           answering->question->nonce.length == 0 && answering->knows_all;
}

static bool answer_signed(struct ocsp_signer *signer, struct store *reading,
    struct answering *answering, struct buffer *answer, struct failure *why)
{
    if (!ocsp_signer_facts(signer, answering->responder, answering->now,
            &answering->facts, &answering->certificate, why) ||
        !look_up_all(signer, reading, answering, why) ||
        !sign(signer, answering, why) ||
        !ocsp_answer_seal(buffer_view(&answering->body),
            answering->signing.algorithm,
            answering->signing.answers[0].signature,
            buffer_view(&answering->certificate), answer, why))
        return false;
    if (is_for_the_table(answering))
        ocsp_signer_wish(signer, answering->responder,
            answering->question->ids[0].id.serial,
            answering->question->ids[0].hash);
    return true;
}

bool status_answer(struct ocsp_signer *signer, struct store *reading,
    const struct ocsp_question *question, int64_t now, struct buffer *answer,
    struct failure *why)
{
    RELEASED(answering)
    answering = {.question = question,
        .now = now,
        .certificate = BUFFER("certificate", CERTIFICATE_MAX),
        .body = BUFFER("OCSP answer", STATUS_BODY_MAX)};

    if (!find_responder(signer, &answering))
        return buffer_append(
            answer, ocsp_answer_without_body(OCSP_UNAUTHORIZED), why);
    if (answer_signed(signer, reading, &answering, answer, why))
        return true;
    return why->kind == FAILURE_UNAVAILABLE &&
           buffer_append(answer, ocsp_answer_without_body(OCSP_TRY_LATER), why);
}
