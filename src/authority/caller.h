#ifndef AUTHORITY_CALLER_H
#define AUTHORITY_CALLER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Who asks.  The door fixes what a caller may be at most; the request never
 * does (DESIGN.md 1, 7).
 */
enum enrolment_door {
    DOOR_CONTROL,
    DOOR_FOUNDING,
    DOOR_OWN,     /* the server's own TLS and OCSP certificates */
    DOOR_WEB,     /* the enrolment pages */
    DOOR_ADMIN,   /* the admin pages */
    DOOR_CERTSRV, /* /certsrv */
    DOOR_API      /* /api/v1 */
};

enum enrolment_role {
    ROLE_NOBODY,
    ROLE_ADMINISTRATOR,
    ROLE_OPERATOR, /* CA operations: issues, revokes, publishes */
    ROLE_APPROVER, /* RA: approves and denies requests */
    ROLE_AUDITOR   /* reads, and changes nothing */
};
#define ROLE_BIT(role) (1u << (role))

/* By what a caller is known, which says what profiles ask for with `who`. */
enum caller_way {
    CALLER_PERSON,  /* a role: local, or by the certificate in their row */
    CALLER_TOKEN,   /* a bearer token, with a role, profiles and names */
    CALLER_ACCOUNT, /* an account of /certsrv and EST */
    CALLER_ANYONE   /* nobody in particular */
};

/* Room for the words of a token or account, their zero included: a list that
 * was cut would end in another pattern. */
#define CALLER_LIMITS_ROOM 4096

struct caller {
    enum enrolment_door door;
    enum caller_way way;
    enum enrolment_role role;
    char actor[80]; /* for the journal: "uid:0", "alice" */
    /* The same for the same person, whatever way they came: "local" for root
     * and DIR's owner, "person:7" for a row of the store. */
    char who[32];
    int64_t person; /* the row's id; 0 */
    /* Of a token or account, with spaces between: the profiles it may ask for
     * (none: nothing at all, incident 18), and the patterns that every name
     * must match one of (authority/names_pattern.h; none: no name at all). */
    char profiles[CALLER_LIMITS_ROOM];
    char names[CALLER_LIMITS_ROOM];
};

/* A token or account: it may have what its lists name, and nothing else. */
bool caller_is_limited(const struct caller *caller);

/* "administrator"; "nobody". */
const char *role_name(enum enrolment_role role);

#endif
