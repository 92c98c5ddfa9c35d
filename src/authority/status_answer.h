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

/*
 * The whole OCSPResponse to a question, signed now, appended.  Ids of several
 * issuers, or of one that is none of ours, are unauthorized; a responder that
 * can't sign now is tryLater.  A question of one id without a nonce is noted,
 * so that the table has the answer the next time.
 */
MUST_CHECK bool status_answer(struct ocsp_signer *signer, struct store *reading,
    const struct ocsp_question *question, int64_t now, struct buffer *answer,
    struct failure *why);

#endif
