#ifndef SERVER_WEB_VISIT_H
#define SERVER_WEB_VISIT_H

#include "protocols/exchange.h"
#include "server/route.h"
#include "server/web/front_request.h"

struct authority_issuer;
struct errand;
struct failure;
struct front_link;
struct issuance;
struct keeper;

/*
 * A request of a front on its way through the keeper: an exchange, the bytes it
 * views, and the channel its answer goes to.  One thread has it at a time: a
 * worker, then perhaps a carrier or the clerk, then its front's sender, which
 * frees it.
 */
struct visit {
    struct exchange exchange; /* the first member: see visit_of */
    struct visit *next;       /* in the queue it waits in */
    struct keeper *keeper;
    struct front_link *front;
    uint64_t id;
    uint16_t answers_with; /* FRONT_ANSWER, FRONT_CERTIFIED, FRONT_REFUSED */
    bool certifies;        /* it came as FRONT_CERTIFY */
    bool reserves;         /* one of the certificates that fronts may have */
    bool ends_front;       /* a breach: the channel is closed behind it */
    size_t counted;        /* bytes that its front has under way by it */
    int64_t deadline_ms;   /* of clock_monotonic_ms: nobody waits longer; 0 */
    struct buffer frame;   /* as it came */
    struct buffer words;   /* decoded texts, each with a zero behind it */
    struct front_request request;
    const struct route *route; /* NULL: there is none */
    /* Of a refusal whose kind doesn't say it: a rule of HTTP.  0, NULL. */
    unsigned refused_with;
    const char *refused_as;

    /* What a verb prepared, to be queued once the handler has returned. */
    struct errand *errand;
    exchange_finish_issue *finish_issue;
    uint16_t question; /* for the clerk; 0: none */
    struct buffer fields;
    exchange_finish_ask *finish_ask;
    const struct ocsp_question *status; /* for the status desk; NULL: none */
    exchange_finish_status *finish_status;

    struct buffer reply; /* FRONT_CERTIFIED, FRONT_REFUSED */
};

/* FAILURE_INTERNAL: no memory.  Holds the front. */
MUST_CHECK bool visit_new(struct keeper *keeper, struct front_link *front,
    uint64_t id, struct bytes frame, struct visit **visit, struct failure *why);
/* Wipes what it held: passwords and cookies came with it. */
void visit_free(struct visit *visit);

struct visit *visit_of(struct exchange *exchange);

/* A chain of them by next. */
struct visits {
    struct visit *first, **last;
    size_t count;
};
void visits_begin(struct visits *visits);
void visits_add(struct visits *visits, struct visit *visit);
/* Takes the first; NULL: there is none. */
struct visit *visits_take(struct visits *visits);
/* Appends all of the others, which leaves none there. */
void visits_move(struct visits *to, struct visits *from);

/* --- a worker's steps ----------------------------------------------------- */
/* Everything from the frame to the handler's end.  reading: the worker's. */
void visit_receive(
    struct visit *visit, struct store *reading, struct search *search);
/* visit_decode.c: path, query, form and headers; finds the route. */
MUST_CHECK bool visit_decode(struct visit *visit, struct failure *why);
/* visit_caller.c: who asks, as the route lets it be known. */
MUST_CHECK bool visit_find_caller(
    struct visit *visit, struct store *reading, struct failure *why);
/* visit_certify.c: FRONT_CERTIFY becomes an errand. */
MUST_CHECK bool visit_certify(struct visit *visit, struct failure *why);
MUST_CHECK bool visit_certified(struct visit *visit,
    const struct exchange_issued *issued, struct failure *why);
/* What it reserved and was not given is others' again. */
void visit_give_back(struct visit *visit);
/* visit_verbs.c */
const struct exchange_verbs *visit_verbs(void);

/* --- how it ends ---------------------------------------------------------- */
/* After a handler, a finish or a step: queues what was prepared, or answers. ok
 * false: with the refusal why.  The visit is not the caller's any more. */
void visit_settle(struct visit *visit, bool ok, const struct failure *why);
/* The same, but for the sending: false, and somebody else has it already. */
bool visit_is_to_be_sent(
    struct visit *visit, bool ok, const struct failure *why);
/* A carrier's: what became of its errand.  reading: the thread's own. */
void visit_issued(struct visit *visit, const struct issuance *issuance,
    struct store *reading);
/* The clerk's: what became of its question. */
void visit_told(struct visit *visit, json_t *facts, struct store *reading);
/* The status desk's; true: it is to be sent.  refusal: of kind FAILURE_NONE, or
 * why there is no answer. */
bool visit_has_status(
    struct visit *visit, struct bytes answer, const struct failure *refusal);
/* visit_refuse.c: words a refusal in the route's manner; in place of whatever
 * was answered before. */
void visit_refuse(struct visit *visit, const struct failure *refusal);
/* visit_answer.c: the body of the frame that answers. */
MUST_CHECK bool visit_write_answer(
    const struct visit *visit, struct buffer *message, struct failure *why);

#endif
