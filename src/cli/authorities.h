#ifndef CLI_AUTHORITIES_H
#define CLI_AUTHORITIES_H

#include "authority/configuration.h"
#include "cli/call.h"
#include "cli/facts.h"
#include "server/place.h"
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

/* DIR of the call, which holds an authority. */
MUST_CHECK bool call_place(
    struct call *call, struct place *place, struct failure *why);
/* Its store, to be read. */
MUST_CHECK bool place_open_store(
    const struct place *place, struct store **store, struct failure *why);
/* The settings as they stand (text), and as they were understood; either may be
 * NULL. */
MUST_CHECK bool place_read_settings(const struct place *place,
    struct buffer *text, struct configuration **settings, struct failure *why);

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
