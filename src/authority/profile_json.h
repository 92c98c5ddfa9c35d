#ifndef AUTHORITY_PROFILE_JSON_H
#define AUTHORITY_PROFILE_JSON_H

#include "authority/profile.h"
#include "base/json.h"

/* A profile as --json tells it: {"name","purposes","key_usage","authority",
 * "path_length","ocsp_no_check","names","names_required","allowed_names",
 * "wildcards","subject","keys","lifetime","longest_lifetime","beyond_issuer",
 * "who","approvals","browser_key"}.  NULL: no memory. */
json_t *profile_to_json(const struct profile *profile);

/* Lists of it. */
json_t *profile_purposes_to_json(const struct profile *profile);
json_t *profile_who_to_json(const struct profile *profile);

/* The same with "sha256", which its version is known by. */
MUST_CHECK bool profile_version_to_json(
    const struct profile *profile, json_t **value, struct failure *why);

#endif
