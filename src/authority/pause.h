#ifndef AUTHORITY_PAUSE_H
#define AUTHORITY_PAUSE_H

#include <pthread.h>

#include "store/store_requests.h"

/*
 * Profiles that issue nothing until `resume` (incident 52): kept in the store,
 * so that they stay so over a restart, and in memory, where each issuance
 * looks.
 */
#define PAUSES_MAX 128
#define PAUSE_ALL "*"

struct pause {
    char profile[64];
    char reason[200];
    char actor[80];
    int64_t since;
};

struct pauses {
    pthread_rwlock_t lock;
    struct pause entries[PAUSES_MAX];
    size_t count;
};

/* Reads them from the store. */
MUST_CHECK bool pauses_start(
    struct pauses *pauses, struct store *store, struct failure *why);
void pauses_end(struct pauses *pauses);

/* Reads them anew: after a change was committed. */
MUST_CHECK bool pauses_refresh(
    struct pauses *pauses, struct store *store, struct failure *why);

/* FAILURE_UNAVAILABLE says who paused it, when and why. */
MUST_CHECK bool pauses_allow(
    struct pauses *pauses, const char *profile, struct failure *why);

#endif
