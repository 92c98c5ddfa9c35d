#ifndef SERVER_VALIDATOR_H
#define SERVER_VALIDATOR_H

#include "server/fetch.h"

/*
 * Asks the validator, the one process that connects to the addresses that
 * certificates name (docs/fetching.md).  It is started with the first question,
 * knows no store and no key, and ends with validator_free.
 */
struct validator;

/* program: whose --role validator is started; NULL: the running one.  Nothing
 * is started yet. */
MUST_CHECK bool validator_new(
    const char *program, struct validator **validator, struct failure *why);
/* The one at the other end of this socket, which somebody else started and
 * waits for.  Owns the socket, failure included. */
MUST_CHECK bool validator_take(
    int socket, struct validator **validator, struct failure *why);
void validator_free(struct validator *validator); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(validator, validator_free)

/* Texts as fetch_rule_read takes them, for all questions; the caller's, for as
 * long as the validator. */
void validator_allow(
    struct validator *validator, const char *const *rules, size_t count);

/*
 * Asks for one thing, which is written into file (the caller's).  id: the
 * caller's, above 0.  At most VALIDATOR_OPEN_MAX may be open;
 * FAILURE_UNAVAILABLE: there are more, or the process has gone.
 */
#define VALIDATOR_OPEN_MAX 20
struct validator_question {
    uint64_t id;
    enum fetch_kind kind;
    struct bytes address;
    struct bytes request; /* FETCH_ANSWER, FETCH_NOTICE */
    unsigned int time_ms;
    int file;
};
MUST_CHECK bool validator_ask(struct validator *validator,
    const struct validator_question *question, struct failure *why);

struct validator_answer {
    uint64_t id;
    bool is_fetched;
    unsigned int milliseconds;
    struct failure failure; /* kinds as fetch() */
};

/* The next answer; *came is false when none came within timeout_ms. */
MUST_CHECK bool validator_next(struct validator *validator, int timeout_ms,
    struct validator_answer *answer, bool *came, struct failure *why);

#endif
