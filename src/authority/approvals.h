#ifndef AUTHORITY_APPROVALS_H
#define AUTHORITY_APPROVALS_H

#include "authority/caller.h"
#include "store/store.h"

/*
 * Whose approvals count: those of people who may approve today.  A role may
 * have ended since somebody approved, or since they came in.
 */

/* FAILURE_FORBIDDEN: the caller's role has ended. */
MUST_CHECK bool approvals_check_caller(
    struct store *store, const struct caller *caller, struct failure *why);

/* Those of the request with this number that count. */
MUST_CHECK bool approvals_count(
    struct store *store, int64_t request, int *approvals, struct failure *why);

#endif
