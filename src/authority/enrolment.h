#ifndef AUTHORITY_ENROLMENT_H
#define AUTHORITY_ENROLMENT_H

#include "authority/caller.h"
#include "base/bytes.h"

/*
 * Who asks, for what.  Every door fills in one of these, after it has
 * authenticated its caller, and takes the one road (authority/issue.h).
 */
struct authority_rule;

struct enrolment {
    const struct caller *caller;
    const char *profile;   /* name */
    const char *authority; /* name; NULL: the only one that issues */
    struct bytes request;  /* PKCS#10, DER */
    /* Names in place of those of the request; length 0: the request's. */
    struct bytes subject;       /* a whole Name */
    struct bytes general_names; /* encoded GeneralNames one after another */
    int64_t lifetime_s;         /* 0: the profile's */
    int64_t not_after;          /* seconds since 1970; 0: by lifetime */
    const char *origin;         /* door and key, UNIQUE; NULL: none */
    /* A request that people approved: its number and id in the store, and the
     * profile version it keeps (NULL: the current one).  0: not approved. */
    int64_t approved;
    const char *approved_id;
    const char *asked_by; /* its actor; NULL: the caller asks himself */
    const struct authority_rule *rule;
    /* A renewal: the row and DER of the certificate it takes over from. */
    int64_t renews;
    struct bytes renewed;
    /* It came signed with the old certificate's key, or with its own key when
     * that is the same (incident 13). */
    bool renewal_is_proven;
    /* DOOR_FOUNDING: the name of the authority that is made, and whether it
     * issues (a root kept apart does not). */
    const char *founds;
    bool founds_issuing;
    int founds_shards; /* of its revocation lists; 0 is taken as 1 */
    /* A ceremony's: the row of the authority that the founded one takes over
     * from, and then it waits for the switch; 0: none. */
    int64_t founds_follows;
    /* A ceremony's: a further certificate of an authority, its kind in the
     * store, and whose key it certifies (0: a foreign one); NULL: none. */
    const char *crosses;
    int64_t crosses_authority;
};

#endif
