#ifndef PROTOCOLS_CERTSRV_NUMBERS_H
#define PROTOCOLS_CERTSRV_NUMBERS_H

#include "protocols/exchange.h"

/*
 * ReqID, a decimal number for both things a client may hold: twice the number
 * of a certificate's row, or, for what waits for people, twice the number of
 * the request's row and one.  So a number means one thing for ever, without a
 * table of its own; it is no secret, and found by whoever asked alone (kb 59).
 */
#define CERTSRV_NUMBER_TEXT 24

enum submission_state {
    SUBMISSION_ISSUED,
    SUBMISSION_WAITS,
    SUBMISSION_ENDED /* denied, refused, withdrawn, revoked */
};

struct submission {
    enum submission_state state;
    int64_t number;            /* ReqID */
    char sentence[600];        /* what became of it: clients show it */
    struct buffer certificate; /* DER, when it was issued */
    int64_t authority;         /* id of its issuer */
};
void submission_free(struct submission *submission);

/* FAILURE_MALFORMED: no number; FAILURE_NOT_FOUND: the caller asked for none
 * of this number, whether or not somebody else did. */
MUST_CHECK bool submission_find(const struct exchange *exchange,
    const char *number, struct submission *submission, struct failure *why);

/* The number of what a finish is told of. */
MUST_CHECK bool submission_number(const struct exchange *exchange,
    const struct exchange_issued *issued, int64_t *number, struct failure *why);

/* Did the caller ask for what has this actor? */
bool submission_is_callers(const struct exchange *exchange, const char *actor);
int64_t submission_number_of_request(int64_t row);

#endif
