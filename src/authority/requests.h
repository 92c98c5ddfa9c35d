#ifndef AUTHORITY_REQUESTS_H
#define AUTHORITY_REQUESTS_H

#include "authority/issue.h"
#include "store/store_requests.h"

/*
 * Requests that wait for people.  An enrolment whose profile wants approvals
 * goes down the road as far as lint, so that what no approval could mend is
 * refused at once; then it is stored, and its requester gets an id.  When the
 * last approval comes, it takes the whole road again, under the version of the
 * profile it was asked under (incident 43).
 */

/* --- steps of the road --------------------------------------------------- */

/* Gives a request that needs approval its id, and takes it off the road. */
MUST_CHECK bool issue_await(
    struct authority *, struct desk *, struct issuance *, struct failure *why);
/* Stores one that awaits approval; for a repeated origin the older one's id
 * takes the place of its own.  In the writer's transaction. */
MUST_CHECK bool request_record(
    struct authority *, struct issuance *, struct failure *why);
/* Notes what became of an approved request: its certificate, or the refusal.
 * What was only unavailable, or is beyond what the signer may sign today, goes
 * on waiting.  In the writer's transaction. */
MUST_CHECK bool request_settle(
    struct authority *, const struct issuance *, struct failure *why);

/* How it was asked for: by somebody with a role, or, a renewal, with the old
 * certificate's key alone.  The row's door. */
#define REQUEST_BY_ROLE "control"
#define REQUEST_BY_KEY "key"

/* "waiting", "issued", "denied", "failed", "withdrawn". */
const char *request_state_name(enum request_state state);
#define REQUEST_STATES 5

/* --- decisions ----------------------------------------------------------- */

struct request_decision {
    const struct caller *caller;
    const char *id;
    const char *words; /* of a denial or withdrawal */
};

struct approved {
    int approvals, needed;
    bool is_issued;
    struct buffer certificate; /* DER, when it is */
    struct buffer notices;
};

/*
 * One person's approval; with the last one needed it is issued.  Approvals
 * count as long as whoever gave them may still approve.  Approving what has its
 * approvals, but could not be issued then, tries again.  Kinds:
 * FAILURE_NOT_FOUND, FAILURE_CONFLICT (decided already; the same person twice;
 * who asked, where two people are needed), FAILURE_FORBIDDEN (the caller's role
 * has ended; or the signer may sign less today: it goes on waiting), and those
 * of the road: then the request has failed, for good, unless it was
 * FAILURE_UNAVAILABLE.  Nothing is noted while the profile is paused, the clock
 * is wrong or the disk is full.
 */
MUST_CHECK bool request_approve(struct authority *authority, struct desk *desk,
    struct store *reading, const struct request_decision *decision,
    struct approved *approved, struct failure *why);

/* FAILURE_UNSUITABLE: without words. */
MUST_CHECK bool request_deny(struct authority *authority,
    const struct request_decision *decision, struct failure *why);
/* By who asked, or an administrator. */
MUST_CHECK bool request_withdraw(struct authority *authority,
    const struct request_decision *decision, struct failure *why);

/*
 * Proof that who asks for a request holds its key: a signature by it over
 * these bytes (REQUEST_PROOF, the id).  The certificate is public, and so this
 * keeps names of requests that are not decided from strangers.
 */
#define REQUEST_PROOF "chancery request 1\n"
MUST_CHECK bool request_prove(
    const struct request_row *row, struct bytes signature, struct failure *why);

#endif
