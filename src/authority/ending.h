#ifndef AUTHORITY_ENDING_H
#define AUTHORITY_ENDING_H

#include "authority/authority.h"

/*
 * An issuer that ends before what is asked of it would: its certificates get
 * shorter and shorter from then on, so its end is told in time for a rollover
 * (kb 64).
 */
#define ENDING_AHEAD_S (INT64_C(90) * 86400)

/* Less than the longest lifetime and ENDING_AHEAD_S are left.  It is the usual
 * lifetime that counts where the issuer was never valid for as long as that (a
 * time-stamping certificate may get 11 years), and of a profile of
 * authorities: few are asked for. */
bool ends_soon(int64_t issuer_not_before, int64_t issuer_not_after,
    const struct profile *profile, int64_t now);

/* For the road: a sentence for the requester, appended to the notices. */
MUST_CHECK bool ending_notice(const struct authority_issuer *issuer,
    const struct profile *profile, int64_t now, struct buffer *notices,
    struct failure *why);

/* At the keeper's start: an event for each issuer that ends soon, at most once
 * in ENDING_AGAIN_S. */
#define ENDING_AGAIN_S (INT64_C(7) * 86400)
MUST_CHECK bool ending_tell(struct authority *authority, struct failure *why);

#endif
