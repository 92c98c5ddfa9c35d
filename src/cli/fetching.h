#ifndef CLI_FETCHING_H
#define CLI_FETCHING_H

#include "cli/call.h"
#include "cli/fetched_thing.h"
#include "x509/chain/question.h"
#include "x509/chain/verdict.h"

/*
 * --fetch: what a verdict lacks is fetched by the validator, and the question
 * is asked again, until nothing is lacking that is still to be had.  Addresses
 * are tried side by side (kb 93); a wish takes FETCHING_TIME_MS at most, what
 * was fetched names further addresses at most FETCHING_ROUNDS times.  What came
 * and what failed is kept for the run, by address.
 */
#define FETCHING_ROUNDS 3
#define FETCHING_TIME_MS 2000
#define FETCHING_TIME_MOST_MS 60000
/* For one verdict. */
#define FETCHING_MAX 20

struct fetching;

/* Reads --fetch, --fetch-allow, --fetch-time and --ocsp-digest.  *fetching is
 * NULL where --fetch was not given: then the others are wrong usage. */
MUST_CHECK bool fetching_new(
    struct call *call, struct fetching **fetching, struct failure *why);
void fetching_free(struct fetching *fetching); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(fetching, fetching_free)

/*
 * As chain_verify.  fetching may be NULL: then nothing is fetched.  untrusted:
 * the question's, to which certificates are added that came.  The verdict's
 * views live as long as pool and fetching.
 */
MUST_CHECK bool fetching_verify(struct fetching *fetching,
    const struct chain_question *question, struct chain_pool *untrusted,
    struct verdict *verdict, struct failure *why);

#endif
