#ifndef AUTHORITY_REVOKE_WHERE_H
#define AUTHORITY_REVOKE_WHERE_H

#include "authority/query.h"
#include "authority/revoke.h"

/*
 * Revocation of all that a query finds, in three steps which the command asks
 * for one by one, so that single revocations go on meanwhile and the person
 * sees how far it is: begin, parts of REVOKE_PART, end.  A kill between them
 * loses nothing: what was revoked is, and the same command finds what is left.
 */
#define REVOKE_PART 1000

struct mass_revocation {
    const struct caller *caller;
    const char *text; /* of the query, for the journal */
    const struct query *query;
    enum revocation_reason reason;
};

/* Counts again, and journals the start.  *until_id: the last certificate there
 * is by now; later ones are not meant.  FAILURE_CONFLICT: it finds another
 * number than expected. */
MUST_CHECK bool mass_revocation_begin(struct authority *authority,
    struct store *reading, const struct mass_revocation *mass, int64_t expected,
    int64_t *until_id, struct failure *why);

struct mass_part {
    int64_t after_id, until_id; /* which certificates are looked at */
    /* What was done. */
    int64_t revoked;
    int64_t last_id; /* after_id of the next part */
    bool is_last;
};

/* Revokes the next REVOKE_PART at most in one transaction, with an event for
 * each. */
MUST_CHECK bool mass_revocation_part(struct authority *authority,
    struct store *reading, const struct mass_revocation *mass,
    struct mass_part *part, struct failure *why);

/* Journals the end; the lists are lists_follow's. */
MUST_CHECK bool mass_revocation_end(struct authority *authority,
    const struct mass_revocation *mass, int64_t revoked, struct failure *why);

#endif
