#ifndef AUTHORITY_DOORS_H
#define AUTHORITY_DOORS_H

#include "authority/authority.h"
#include "authority/caller.h"

/*
 * Who asks, at the doors of the server: a bearer token, an account with its
 * password, a person's certificate, or nobody in particular.  The door is its
 * route's, and what a caller may ask for there is the road's to say
 * (authority/authorise_asker.c).
 *
 * One for all workers; any thread may call.  A refusal is
 * FAILURE_UNAUTHENTICATED, in a sentence that tells no more than whoever asked
 * knew.  Refusals are journalled, a few each minute: a flood of them says how
 * many went untold (properties 39).
 */
struct doors;

/* milliseconds: clock_monotonic_ms; a test's own otherwise.  The authority is
 * the keeper's. */
MUST_CHECK bool doors_new(struct authority *authority,
    int64_t (*milliseconds)(void), struct doors **doors, struct failure *why);
void doors_free(struct doors *doors); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(doors, doors_free)

struct door_visit {
    struct store *reading; /* the worker's */
    enum enrolment_door door;
    const char *peer; /* "192.0.2.7", "2001:db8::1" */
};

/* The token is looked up by its SHA-256, so that how much of a guess is right
 * takes no different time. */
MUST_CHECK bool door_token(struct doors *doors, const struct door_visit *visit,
    struct bytes token, struct caller *caller, struct failure *why);

/*
 * Lockout: DOOR_TRIES_MAX passwords that were wrong, of one account (one that
 * does not exist as well) from one address (of IPv6, one /64) within
 * DOOR_TRIES_WINDOW_MS; then FAILURE_FORBIDDEN, whatever the password.  Other
 * addresses are not touched by it, so it can't be turned on others (properties
 * 32).
 *
 * Checking a password takes 64 MiB and a tenth of a second.
 * DOOR_PASSWORDS_AT_ONCE are checked at the same time, never all of one
 * address; DOOR_PASSWORDS_WAITING callers wait DOOR_PASSWORD_WAIT_MS at most,
 * others are FAILURE_UNAVAILABLE at once.  So this many workers can be busy
 * with passwords: have more.  One that was right is known again for
 * DOOR_PASSWORD_KEPT_MS without all that; the account itself is read from the
 * store each time.
 */
#define DOOR_TRIES_MAX 5
#define DOOR_TRIES_WINDOW_MS (15 * 60 * 1000)
#define DOOR_PASSWORDS_AT_ONCE 2
#define DOOR_PASSWORDS_WAITING 2
#define DOOR_PASSWORD_WAIT_MS 3000
#define DOOR_PASSWORD_KEPT_MS (5 * 60 * 1000)
MUST_CHECK bool door_account(struct doors *doors,
    const struct door_visit *visit, const char *name, struct bytes password,
    struct caller *caller, struct failure *why);

/* The exact certificate in a person's row, DER; who came with it proved its
 * key, and its chain was verified. */
MUST_CHECK bool door_certificate(struct doors *doors,
    const struct door_visit *visit, struct bytes certificate,
    struct caller *caller, struct failure *why);

/* Nobody in particular. */
struct caller door_anyone(enum enrolment_door door);

#endif
