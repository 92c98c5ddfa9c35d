#ifndef SERVER_VALIDATOR_PROTOCOL_H
#define SERVER_VALIDATOR_PROTOCOL_H

#include "server/fetch.h"

/*
 * What is said to the validator role: fetch one address into a file that comes
 * along, within the time that the frame has left.  Questions are answered in
 * the order in which they are done.
 */
enum validator_message {
    VALIDATOR_FETCH = 1, /* KIND, ADDRESS, REQUEST, RULE...; descriptor: where
                            what comes is written to */
    VALIDATOR_FETCHED,   /* MILLISECONDS */
    VALIDATOR_FAILED     /* MILLISECONDS and base/refusal.h */
};

enum validator_field {
    VALIDATOR_KIND = 1, /* enum fetch_kind */
    VALIDATOR_ADDRESS,
    VALIDATOR_REQUEST,
    VALIDATOR_RULE, /* as --fetch-allow has it */
    VALIDATOR_MILLISECONDS
};

/* Questions that are open at once; more than are asked (VALIDATOR_OPEN_MAX): an
 * answer may arrive before its thread has given its credit back. */
#define VALIDATOR_CREDIT 40
#define VALIDATOR_QUESTION_MAX                                               \
    (FETCH_URL_MAX + FETCH_REQUEST_MAX + FETCH_RULES_MAX * FETCH_RULE_TEXT + \
        1024)

#endif
