#ifndef SERVER_WATCH_COUNTS_H
#define SERVER_WATCH_COUNTS_H

#include <stdatomic.h>

#include "authority/configuration.h"
#include "protocols/listener.h"

struct issuance;

/*
 * What the keeper did since its start, for /metrics.  Any thread counts; all
 * zero at first.
 */
#define COUNTS_STATUSES 500 /* 100 to 599 */
#define COUNTS_KINDS (FAILURE_INTERNAL + 1)

struct counts {
    /* By the place of the profile in the settings. */
    atomic_ulong issued[CONFIGURATION_PROFILES_MAX];
    atomic_ulong refused[COUNTS_KINDS];
    atomic_ulong answered[LISTENER_KINDS][COUNTS_STATUSES];
};

/* One that went down the road: issued, refused, or waiting for people. */
void counts_issuance(struct counts *counts,
    const struct configuration *configuration, const struct issuance *issuance);
void counts_answer(
    struct counts *counts, enum listener listener, unsigned status);

#endif
