#ifndef AUTHORITY_CONFIGURATION_FIRST_H
#define AUTHORITY_CONFIGURATION_FIRST_H

#include "base/bytes.h"

/* Appends the profiles that init writes, from `profiles:` on. */
MUST_CHECK bool configuration_append_profiles(
    struct buffer *out, struct failure *why);

#endif
