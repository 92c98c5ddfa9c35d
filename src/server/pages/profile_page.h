#ifndef SERVER_PAGES_PROFILE_PAGE_H
#define SERVER_PAGES_PROFILE_PAGE_H

#include "authority/profile.h"
#include "base/bytes.h"

/* May somebody who is no administrator or operator ask for it by a page? */
bool profile_is_open(const struct profile *profile);

/* What it is for, and what it takes, as a <dl>. */
MUST_CHECK bool profile_describe(
    struct buffer *out, const struct profile *profile, struct failure *why);

#endif
