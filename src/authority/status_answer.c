#include "authority/status_answer.h"

#include <stdlib.h>

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

/* --- room ----------------------------------------------------------------- */

/* What one answer is made of. */
struct member {
    struct status_asked *asked;
    bool is_signed; /* false: it is answered, or has failed, without that */
    size_t responder;
    struct ocsp_answer_single singles[OCSP_QUESTION_IDS_MAX];
    bool knows_all;
    struct buffer body, answer;
};

struct status_room {
    struct member *members;
    size_t count_max, count;
    int64_t now;

    /* Of the responder that signs at the moment. */
    struct ocsp_responder_facts facts;
    struct buffer certificate;
    struct bytes bodies[STATUS_GROUP_MAX];
    struct member *signs[STATUS_GROUP_MAX];
    size_t sign_count;
    struct status_signing signing;
};

bool status_room_new(
    size_t count_max, struct status_room **room, struct failure *why)
{
    SCOPED_STRUCT(status_room) *made = calloc(1, sizeof(*made));

    if (made == NULL || count_max > STATUS_GROUP_MAX)
        return fail_because(
            why, FAILURE_INTERNAL, "no memory to answer a group of OCSP");
    made->members = calloc(count_max, sizeof(*made->members));
    if (made->members == NULL)
        return fail_because(
            why, FAILURE_INTERNAL, "no memory to answer a group of OCSP");
    made->count_max = count_max;
    made->certificate = BUFFER("certificate", CERTIFICATE_MAX);
    for (size_t i = 0; i < count_max; i++) {
        made->members[i].body = BUFFER("OCSP answer", STATUS_BODY_MAX);
        made->members[i].answer = BUFFER("OCSP answer", OCSP_RESPONSE_MAX);
    }
    *room = KEEP(status_room, &made);
    return true;
}

void status_room_free(struct status_room *room)
{
    if (room == NULL)
        return;
    for (size_t i = 0; i < room->count_max; i++) {
        buffer_free(&room->members[i].body);
        buffer_free(&room->members[i].answer);
    }
    free(room->members);
    buffer_free(&room->certificate);
    status_signing_free(&room->signing);
    free(room);
}

/* --- one answer ----------------------------------------------------------- */

static void answer_without_body(
    struct member *member, enum ocsp_response_status status)
{
    member->is_signed = false;
    member->asked->answer = ocsp_answer_without_body(status);
}

/* A responder that can't sign now is an answer as well. */
static void fail_member(struct member *member, const struct failure *why)
{
    member->is_signed = false;
    if (why->kind == FAILURE_UNAVAILABLE)
        answer_without_body(member, OCSP_TRY_LATER);
    else
        member->asked->why = *why;
}

/* An answer is signed by one responder, for its own issuer. */
static bool find_responder(
    const struct ocsp_signer *signer, struct member *member)
{
    const struct ocsp_question *question = member->asked->question;

    for (size_t i = 0; i < question->id_count; i++) {
        size_t found = 0;

        if (!ocsp_signer_find(signer, &question->ids[i].id, &found) ||
            (i > 0 && found != member->responder))
            return false;
        member->responder = found;
    }
    return true;
}

static bool look_up(const struct status_room *room,
    const struct authority_issuer *issuer, struct store *reading,
    struct member *member, size_t number, struct failure *why)
{
    const struct ocsp_question_id *id = &member->asked->question->ids[number];
    struct status_said said = {OCSP_UNKNOWN, 0, CRL_REASON_ABSENT};
    struct status_row row = {0};
    bool found = false;

    if (!store_status(reading, issuer->id, id->id.serial, &row, &found, why))
        return false;
    if (found)
        said =
            status_said_of(row.status, row.revoked_at, row.reason, room->now);
    member->knows_all = member->knows_all && found;
    member->singles[number] = (struct ocsp_answer_single){.id = id->whole,
        .status = said.status,
        .revoked_at = said.revoked_at,
        .reason = said.reason,
        .this_update = room->now,
        .next_update = status_end(room->now,
            found ? STATUS_LIFE_S : STATUS_UNKNOWN_LIFE_S, &room->facts)};
    return true;
}

static bool write_body(const struct status_room *room,
    const struct authority_issuer *issuer, struct store *reading,
    struct member *member, struct failure *why)
{
    const struct ocsp_question *question = member->asked->question;
    const struct ocsp_answer_plan plan = {
        .responder_key = {room->facts.key.bytes, room->facts.key.length},
        .produced_at = room->now,
        .singles = member->singles,
        .single_count = question->id_count,
        .nonce = question->nonce};

    member->knows_all = true;
    for (size_t i = 0; i < question->id_count; i++) {
        if (!look_up(room, issuer, reading, member, i, why))
            return false;
    }
    buffer_clear(&member->body);
    return ocsp_answer_body(&plan, &member->body, why);
}

static bool is_for_the_table(const struct member *member)
{
    const struct ocsp_question *question = member->asked->question;

    return question->id_count == 1 && question->nonce.length == 0 &&
           member->knows_all;
}

/* A key that was changed meanwhile refuses the body: as if it were not there.
 */
static bool seal(struct status_room *room, struct ocsp_signer *signer,
    struct member *member, const struct signed_status *signature,
    struct failure *why)
{
    const struct ocsp_question_id *id = &member->asked->question->ids[0];

    if (signature->why.kind != FAILURE_NONE)
        return fail_because(
            why, FAILURE_UNAVAILABLE, "%s", signature->why.reason);
    buffer_clear(&member->answer);
    if (!ocsp_answer_seal(buffer_view(&member->body), room->signing.algorithm,
            signature->signature, buffer_view(&room->certificate),
            &member->answer, why))
        return false;
    member->asked->answer = buffer_view(&member->answer);
    if (is_for_the_table(member))
        ocsp_signer_wish(signer, member->responder, id->id.serial, id->hash);
    return true;
}

/* --- all that one responder signs ----------------------------------------- */

static void write_bodies(struct status_room *room,
    const struct ocsp_signer *signer, struct store *reading, size_t responder)
{
    const struct authority_issuer *issuer =
        ocsp_signer_issuer(signer, responder);

    for (size_t i = 0; i < room->count; i++) {
        struct member *member = &room->members[i];
        struct failure why = {0};

        if (!member->is_signed || member->responder != responder)
            continue;
        if (!write_body(room, issuer, reading, member, &why)) {
            fail_member(member, &why);
            continue;
        }
        room->bodies[room->sign_count] = buffer_view(&member->body);
        room->signs[room->sign_count++] = member;
    }
}

static void seal_all(struct status_room *room, struct ocsp_signer *signer)
{
    for (size_t i = 0; i < room->sign_count; i++) {
        struct failure why = {0};

        if (!seal(
                room, signer, room->signs[i], &room->signing.answers[i], &why))
            fail_member(room->signs[i], &why);
    }
}

static void fail_all(
    struct status_room *room, size_t responder, const struct failure *why)
{
    for (size_t i = 0; i < room->count; i++) {
        struct member *member = &room->members[i];

        if (member->is_signed && member->responder == responder)
            fail_member(member, why);
    }
}

static void answer_by(struct status_room *room, struct ocsp_signer *signer,
    struct store *reading, size_t responder)
{
    struct failure why = {0};

    room->sign_count = 0;
    buffer_clear(&room->certificate);
    if (!ocsp_signer_facts(signer, responder, room->now, &room->facts,
            &room->certificate, &why)) {
        fail_all(room, responder, &why);
        return;
    }
    if (!store_hold(reading, &why)) {
        fail_all(room, responder, &why);
        return;
    }
    write_bodies(room, signer, reading, responder);
    store_roll_back(reading);
    if (room->sign_count == 0)
        return;
    if (ocsp_signer_sign(signer, responder, room->bodies, room->sign_count,
            &room->signing, &why))
        seal_all(room, signer);
    else
        fail_all(room, responder, &why);
}

static bool is_asked(const struct status_room *room, size_t responder)
{
    for (size_t i = 0; i < room->count; i++) {
        if (room->members[i].is_signed &&
            room->members[i].responder == responder)
            return true;
    }
    return false;
}

/* --- a group -------------------------------------------------------------- */

static void begin(struct status_room *room, const struct ocsp_signer *signer,
    struct status_asked *asked, size_t count)
{
    room->count = count;
    for (size_t i = 0; i < count; i++) {
        struct member *member = &room->members[i];

        member->asked = &asked[i];
        member->is_signed = true;
        asked[i].why = (struct failure){0};
        if (!find_responder(signer, member))
            answer_without_body(member, OCSP_UNAUTHORIZED);
    }
}

void status_answer(struct status_room *room, struct ocsp_signer *signer,
    struct store *reading, struct status_asked *asked, size_t count,
    int64_t now)
{
    room->now = now;
    begin(room, signer, asked, count);
    for (size_t i = 0; i < ocsp_signer_count(signer); i++) {
        if (is_asked(room, i))
            answer_by(room, signer, reading, i);
    }
}
