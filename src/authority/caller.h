#ifndef AUTHORITY_CALLER_H
#define AUTHORITY_CALLER_H

#include <stdint.h>

/*
 * Who asks.  The door fixes what a caller may be at most; the request never
 * does (DESIGN.md 1, 7).
 */
enum enrolment_door { DOOR_CONTROL, DOOR_FOUNDING };

enum enrolment_role {
    ROLE_NOBODY,
    ROLE_ADMINISTRATOR,
    ROLE_OPERATOR, /* CA operations: issues, revokes, publishes */
    ROLE_APPROVER, /* RA: approves and denies requests */
    ROLE_AUDITOR   /* reads, and changes nothing */
};
#define ROLE_BIT(role) (1u << (role))

struct caller {
    enum enrolment_door door;
    enum enrolment_role role;
    char actor[80]; /* for the journal: "uid:0", "alice" */
    /* The same for the same person, whatever way they came: "local" for root
     * and DIR's owner, "person:7" for a row of the store. */
    char who[32];
    int64_t person; /* the row's id; 0 */
};

/* "administrator"; "nobody". */
const char *role_name(enum enrolment_role role);

#endif
