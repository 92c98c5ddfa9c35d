#ifndef AUTHORITY_STATUS_ANSWER_H
#define AUTHORITY_STATUS_ANSWER_H

#include "authority/ocsp_signer.h"
#include "store/store_revocations.h"
#include "x509/ocsp_writer.h"

/*
 * What is answered of a certificate, and for how long.
 *
 * Only a serial that the store knows is ever good or revoked; any other is
 * unknown (incident 51).  A held one is revoked with certificateHold (RFC 5280,
 * 5.3.1), and good again when it is released.
 */
#define STATUS_LIFE_S (INT64_C(2) * 86400)
/* A serial that is unknown may be issued the next moment. */
#define STATUS_UNKNOWN_LIFE_S 600

struct status_said {
    enum ocsp_status status;
    int64_t revoked_at;
    int reason; /* CRL_REASON_ABSENT: none is told */
};
/* now: a clock that was ahead may have left a revocation that is to come, which
 * is told as one of now: the answer says that it holds already. */
struct status_said status_said_of(enum certificate_status status,
    int64_t revoked_at, enum revocation_reason reason, int64_t now);

/* The end of an answer that begins now: never after that of the responder's
 * certificate (properties 13). */
int64_t status_end(
    int64_t now, int64_t life_s, const struct ocsp_responder_facts *facts);

/* A question, and the answer to it. */
struct status_asked {
    const struct ocsp_question *question;
    struct bytes answer; /* the whole OCSPResponse; the room's, until the next
                            group */
    struct failure why;  /* of kind FAILURE_NONE: it is answered */
};

/* What answering needs, kept by one thread from one group to the next. */
struct status_room;
MUST_CHECK bool status_room_new(
    size_t count_max, struct status_room **room, struct failure *why);
void status_room_free(struct status_room *room); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(status_room, status_room_free)

/*
 * Answers, signed now, to a group of questions: count_max of the room at most,
 * which is at most STATUS_GROUP_MAX.  What is one responder's is read from the
 * store as it is at one moment, and signed at once.  Ids of several issuers, or
 * of one that is none of ours, are unauthorized; a responder that can't sign
 * now is tryLater.  A question of one id without a nonce is noted, so that the
 * table has the answer the next time.  One that fails hinders no other.
 */
void status_answer(struct status_room *room, struct ocsp_signer *signer,
    struct store *reading, struct status_asked *asked, size_t count,
    int64_t now);

#endif
