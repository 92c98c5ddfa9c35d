#ifndef STORE_STORE_REQUESTS_H
#define STORE_STORE_REQUESTS_H

#include "store/store.h"

/*
 * Requests that wait for people, and what became of them.  They are kept for
 * years; any number may wait for one name.  A request is found by its id, which
 * is random and nobody guesses, with proof of its key (kb 59).
 */
enum request_state {
    REQUEST_WAITING,
    REQUEST_ISSUED,
    REQUEST_DENIED,
    REQUEST_FAILED,   /* approved, but a rule refused it: reason says which */
    REQUEST_WITHDRAWN /* by who asked */
};

/* 26 characters of base 32 (128 bits) and a zero. */
#define REQUEST_ID_TEXT 27

struct request_row {
    int64_t number; /* set by the store, grows */
    const char *id; /* REQUEST_ID_TEXT */
    enum request_state state;
    const char *key_sha256; /* of the SubjectPublicKeyInfo */
    int64_t authority;
    const char *profile;
    const char *profile_sha256; /* the version it keeps (incident 43) */
    const char *door;           /* "control", "api" ... */
    const char *actor;          /* who asked */
    int64_t person;             /* the same as a person's row; 0: local
                                   administrator or nobody */
    struct bytes der;           /* PKCS#10 */
    struct bytes subject, general_names; /* in place of the request's, or of
                                            length 0 */
    int64_t lifetime_s, not_after;       /* asked for, or 0 */
    const char *origin;                  /* UNIQUE; NULL: none */
    int approvals_needed;
    int64_t asked_at, decided_at;
    const char *reason;  /* of a denial or failure, in words; "" */
    int64_t certificate; /* id; 0: none */
};

/* *added is false, and *number the older one's, when this origin asked before.
 * FAILURE_NOT_FOUND: no such authority, or the version of the profile was not
 * kept before (store_keep_profile). */
MUST_CHECK bool store_add_request(struct store *store,
    const struct request_row *row, int64_t *number, bool *added,
    struct failure *why);

typedef bool request_visitor(
    void *context, const struct request_row *row, struct failure *why);
MUST_CHECK bool store_request_by_id(struct store *store, const char *id,
    request_visitor *visit, void *context, struct failure *why);
struct request_filter {
    bool by_state;
    enum request_state state;
    const char *key_sha256; /* NULL: any */
    int64_t after_number;
    int64_t limit; /* 0: no limit */
};
MUST_CHECK bool store_list_requests(struct store *store,
    const struct request_filter *filter, request_visitor *visit, void *context,
    struct failure *why);

/* Ends a request that waits.  FAILURE_CONFLICT: it was decided before, the
 * reason says how and when. */
MUST_CHECK bool store_decide_request(struct store *store, int64_t number,
    enum request_state state, int64_t decided_at, const char *reason,
    int64_t certificate, struct failure *why);

/* One person's approval, of a request that waits (FAILURE_CONFLICT); the second
 * of the same person is FAILURE_CONFLICT (two approvers are two people).  who:
 * stable for a person ("person:7", "local"). */
MUST_CHECK bool store_approve(struct store *store, int64_t number,
    const char *who, const char *actor, int64_t at, int *approvals,
    struct failure *why);
typedef bool approval_visitor(void *context, const char *who, const char *actor,
    int64_t at, struct failure *why);
MUST_CHECK bool store_list_approvals(struct store *store, int64_t number,
    approval_visitor *visit, void *context, struct failure *why);

/* --- profiles: the versions that were used, by hash ---------------------- */
/* The same one twice changes nothing; FAILURE_CONFLICT: another text is kept
 * under this hash. */
MUST_CHECK bool store_keep_profile(struct store *store, const char *sha256,
    const char *name, const char *text, int64_t at, struct failure *why);
/* Appends the text.  FAILURE_NOT_FOUND. */
MUST_CHECK bool store_profile_text(struct store *store, const char *sha256,
    struct buffer *text, struct failure *why);

/* --- pauses: profiles that issue nothing until `resume` ------------------ */
/* profile "*": all.  *changed is false when it was so already. */
MUST_CHECK bool store_pause(struct store *store, const char *profile,
    const char *actor, const char *reason, int64_t at, bool *changed,
    struct failure *why);
MUST_CHECK bool store_resume(struct store *store, const char *profile,
    bool *changed, struct failure *why);
typedef bool pause_visitor(void *context, const char *profile,
    const char *actor, const char *reason, int64_t at, struct failure *why);
MUST_CHECK bool store_list_pauses(struct store *store, pause_visitor *visit,
    void *context, struct failure *why);

#endif
