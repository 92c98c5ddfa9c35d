#ifndef X509_CHAIN_FETCHED_H
#define X509_CHAIN_FETCHED_H

#include "crypto/digest.h"

/*
 * What was fetched for a question, or could not be: the engine tells of it
 * beside the certificate that names the address (rule "fetched"), and where a
 * status or an issuer is missing, why (kb 103).  The engine itself fetches
 * nothing; cli/fetching.h does, where the caller asks for it.
 */
enum chain_fetched_outcome {
    CHAIN_FETCHED,
    CHAIN_FETCH_UNREACHABLE, /* no name, no connection, no whole answer */
    CHAIN_FETCH_REFUSED,     /* by a rule of docs/fetching.md */
    CHAIN_FETCH_DAMAGED,     /* what came is not what it should be */
    CHAIN_FETCH_LEFT         /* not waited for: another answered first */
};

struct chain_fetched {
    uint8_t named_by[SHA256_BYTES]; /* the certificate */
    const char *what;               /* "CRL" */
    const char *address;            /* safe to show */
    enum chain_fetched_outcome outcome;
    unsigned int milliseconds;
    const char *reason; /* of a fetch that failed; else how many bytes */
};

/* "unreachable" as it stands in evidence: "not reachable". */
const char *chain_fetched_outcome_name(enum chain_fetched_outcome outcome);

struct judgement;

/* RULE_FETCHED for every certificate of the path. */
bool judge_fetched(struct judgement *judgement);

/*
 * "; CRL http://... is not reachable: ..." of the first of these that failed
 * for this certificate; empty when none was tried, or one came.
 */
#define FETCHED_GAP 256
struct chain_question;
void fetched_gap(const struct chain_question *question,
    const uint8_t named_by[static SHA256_BYTES], bool is_of_issuer,
    char text[static FETCHED_GAP]);

/* The first word of struct chain_fetched.what for what an issuer is. */
#define FETCHED_ISSUER "issuer"

#endif
