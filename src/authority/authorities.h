#ifndef AUTHORITY_AUTHORITIES_H
#define AUTHORITY_AUTHORITIES_H

#include "authority/facts.h"
#include "authority/profile.h"
#include "store/store.h"

/* An authority as the store remembers it. */
struct authority_known {
    char name[PROFILE_NAME_MAX];
    bool issues; /* leaves, and now; false: kept apart, or not in use */
    enum authority_state state;
    struct buffer certificate; /* DER */
    struct facts facts;
};

#define AUTHORITIES_KNOWN_MAX 64

struct authorities {
    struct authority_known rows[AUTHORITIES_KNOWN_MAX];
    size_t count;
};
void authorities_free(struct authorities *authorities);

MUST_CHECK bool authorities_read(
    struct store *store, struct authorities *authorities, struct failure *why);

/* By name; NULL: the one that issues.  FAILURE_NOT_FOUND and FAILURE_CONFLICT
 * name those there are. */
MUST_CHECK bool authorities_find(const struct authorities *authorities,
    const char *name, const struct authority_known **found,
    struct failure *why);

/* "active", "coming", "retiring", "retired" */
const char *authority_state_name(enum authority_state state);

/* {"name","subject","sha256","key","issues","state","not_after"}; NULL: no
 * memory. */
json_t *authority_to_json(const struct authority_known *authority);
MUST_CHECK bool authorities_to_json(
    const struct authorities *authorities, json_t **array, struct failure *why);

#endif
