#ifndef AUTHORITY_ENROLMENT_H
#define AUTHORITY_ENROLMENT_H

#include "base/bytes.h"

/*
 * Who asks, for what.  Every door fills in one of these, after it has
 * authenticated its caller, and takes the one road (authority/issue.h).
 */
enum enrolment_door { DOOR_CONTROL, DOOR_FOUNDING };

/* What a door's caller may be; the door fixes it, never the request. */
enum enrolment_role { ROLE_NOBODY, ROLE_ADMINISTRATOR };

struct enrolment {
    enum enrolment_door door;
    enum enrolment_role role;
    const char *actor;     /* for the journal: "uid:0", "cli" */
    const char *profile;   /* name */
    const char *authority; /* name; NULL: the only one that issues */
    struct bytes request;  /* PKCS#10, DER */
    /* Names in place of those of the request; length 0: the request's. */
    struct bytes subject;       /* a whole Name */
    struct bytes general_names; /* encoded GeneralNames one after another */
    int64_t lifetime_s;         /* 0: the profile's */
    int64_t not_after;          /* seconds since 1970; 0: by lifetime */
    const char *origin;         /* door and key, UNIQUE; NULL: none */
    /* DOOR_FOUNDING: the name of the authority that is made, and whether it
     * issues (a root kept apart does not). */
    const char *founds;
    bool founds_issuing;
};

#endif
