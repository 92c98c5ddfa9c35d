#ifndef SERVER_WATCH_WATCH_H
#define SERVER_WATCH_WATCH_H

#include <pthread.h>

#include "authority/authority.h"
#include "server/keeper_status.h"
#include "server/watch/expiry.h"
#include "server/watch/notices.h"
#include "server/watch/published.h"
#include "server/watch/warnings.h"

/*
 * The keeper's thread that looks after what nobody asks about: whether verdicts
 * are still right (kb 106), what comes to an end (properties 53), whether the
 * clock, the disk, the keys and the answers are as they should be.  What it
 * finds are warnings, which the log, /health, /metrics and the admin pages
 * tell, and notices.h once a day.
 */
struct watch {
    struct authority *authority;
    struct keeper_status *status;
    struct channel *parent; /* asked for a validator; NULL: nobody is */
    struct store *reading;  /* the thread's */
    struct own_ends own;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t woken;
    struct warnings found;
    bool is_running, ends;
    bool is_served; /* by fronts: what is published can be fetched */
    int validator;  /* the channel to one that was brought; -1 */

    /* The thread's. */
    int64_t tested_ms;  /* when the self-test was last passed; 0: never */
    int store_failures; /* of its second part, one after the other */
    struct failure test_failure;
    bool has_found_own;
    struct published published;
    struct notices notices;
    int64_t asked_ms; /* when the parent was asked for a validator; 0: never */
};

#define WATCH_TURN_MS 5000
#define WATCH_VALIDATOR_MS 60000
#define WATCH_SELF_TEST_MS (INT64_C(3600) * 1000)

/* Opens a connection to the store of its own, before the sandbox closes. */
MUST_CHECK bool watch_open(
    struct watch *watch, const char *directory, struct failure *why);
/* For an authority that is open. */
MUST_CHECK bool watch_begin(struct watch *watch, struct authority *authority,
    struct keeper_status *status, struct channel *parent, struct failure *why);
/* The loop's: fronts were added; the parent brought a validator. */
void watch_be_served(struct watch *watch);
void watch_take_validator(struct watch *watch, int socket);
/* One look at everything: the thread's, or a test's that has none. */
void watch_look(struct watch *watch);
/* All-zero is allowed. */
void watch_end(struct watch *watch);

/* Any thread: a copy of what was found last. */
void watch_warnings(struct watch *watch, struct warnings *found);

#endif
