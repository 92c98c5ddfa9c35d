#ifndef CLI_FETCHED_THING_H
#define CLI_FETCHED_THING_H

#include "server/validator.h"
#include "x509/chain/fetched.h"
#include "x509/chain/lacking.h"
#include "x509/chain/pool.h"
#include "x509/chain/revocation.h"
#include "x509/input.h"

/* One address that was asked, and what came of it: certificates, a list, or an
 * OCSP answer, which is about one certificate alone. */
struct fetched_thing {
    enum lacking_kind kind;
    char *address;             /* as it was asked */
    char *shown;               /* as it is told */
    uint8_t of[SHA256_BYTES];  /* LACKING_ANSWER: the certificate */
    bool is_open;              /* asked, and not answered yet */
    int64_t asked_ms;          /* when, by clock_monotonic_ms */
    int file;                  /* what comes is written here */
    uint8_t nonce[32];         /* LACKING_ANSWER */
    struct chain_fetched told; /* named_by is filled in by who tells it */
    char reason[FAILURE_REASON_ROOM];
    struct buffer bytes;
    struct input input;
    struct status_source *source; /* NULL: none came */
};

MUST_CHECK bool fetched_thing_new(const struct lacking *lacking,
    struct fetched_thing **thing, struct failure *why);
void fetched_thing_free(struct fetched_thing *thing); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(fetched_thing, fetched_thing_free)

/* Is it what would be asked for this? */
bool fetched_thing_is(
    const struct fetched_thing *thing, const struct lacking *lacking);

/* Closes it with what the validator said, and reads what came. */
void fetched_thing_take(
    struct fetched_thing *thing, const struct validator_answer *answer);
/* Closes it without: nobody waits any longer. */
void fetched_thing_leave(struct fetched_thing *thing,
    enum chain_fetched_outcome outcome, const char *reason);

/* Adds what came to the pool: certificates of others than who asked are no
 * harm, since a path has to be found through them. */
void fetched_thing_offer(
    const struct fetched_thing *thing, struct chain_pool *pool);

#endif
