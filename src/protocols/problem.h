#ifndef PROTOCOLS_PROBLEM_H
#define PROTOCOLS_PROBLEM_H

#include "protocols/exchange.h"

/*
 * A refusal as a problem document (RFC 9457) in application/problem+json:
 *
 *     {"type":"urn:chancery:problem:too-long","title":"...","status":400,
 *      "code":"malformed","detail":"the sentence","request_id":"...",
 *      "field":"names/3","rule":"too-long","found":"...","allowed":"..."}
 *
 * The last four are there where one field is to blame (kb 58); code is the
 * kind, by the same word as a command's --json has.  The type tells more than
 * the status does: "locked" from "unavailable" (kb 65).  What failed by our own
 * fault is told by the request's id alone.
 */
#define PROBLEM_TYPE "application/problem+json"
#define PROBLEM_URN "urn:chancery:problem:"

/* Where a field is to blame; all empty where none is. */
struct problem_field {
    char field[80];    /* "names/3", "limit"; "" */
    const char *rule;  /* a constant: "unknown-member"; NULL */
    char found[120];   /* "" */
    char allowed[240]; /* "" */
};

struct problem {
    struct failure refusal;
    unsigned status;  /* 0: exchange_status of the kind */
    const char *type; /* the end of its URN; NULL: the rule, or the kind */
    struct problem_field blame;
};

/* Answers with it: Retry-After with 503, WWW-Authenticate with 401, where they
 * are not there yet. */
MUST_CHECK bool problem_answer(struct exchange *exchange,
    const struct problem *problem, struct failure *why);

/* The same of a bare failure, as the verbs and server/web have it. */
MUST_CHECK bool problem_answer_failure(struct exchange *exchange,
    const struct failure *refusal, struct failure *why);

/* The document alone, for who answers without an exchange. */
MUST_CHECK bool problem_document(const struct problem *problem,
    const char *request_id, json_t **document, struct failure *why);
/* The kind that a status of HTTP alone tells of. */
enum failure_kind problem_kind_of(unsigned status);

/* The end of the URN for a failure: "locked", or failure_code of its kind. */
const char *problem_type_of(const struct failure *refusal);

#endif
