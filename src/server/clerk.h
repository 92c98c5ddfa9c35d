#ifndef SERVER_CLERK_H
#define SERVER_CLERK_H

#include "authority/event.h"
#include "authority/issue.h"
#include "base/json.h"
#include "base/message.h"
#include "server/keeper_state.h"

/*
 * The keeper's clerk: one thread that does, one after the other, what
 * administrators ask for besides issuing: revocation, lists, approvals, people,
 * authorities.  The loop queues; the clerk answers.  Each verb is a row of the
 * table in clerk_verbs.c: its message, who may ask for it, and the function
 * that does it, in a file for each noun (clerk_revoke.c, ...).
 *
 * A verb that changes something does so through authority_write, and journals
 * it there.  A refusal is journalled by the clerk, for every verb alike, with
 * the verb's refusal event.
 */
struct clerk_question {
    const struct caller *caller;
    struct bytes body; /* fields: base/message.h */
    int *descriptors;  /* a verb takes one with descriptor_keep */
    size_t descriptor_count;
};

struct clerk {
    struct keeper *keeper;
    struct authority *authority; /* keeper's */
    struct store *reading;       /* the clerk's own connection */
    struct desk desk;            /* for what it issues */
};

/* Adds the facts to answer, one JSON object.  What it could not do says why;
 * *object is the journal's word for what was asked about ("" at first). */
typedef bool clerk_verb(struct clerk *clerk,
    const struct clerk_question *question, json_t *answer,
    char object[static 128], struct failure *why);

/* clerk_revoke.c, clerk_revoke_where.c */
clerk_verb clerk_revoke, clerk_hold, clerk_unhold, clerk_revoke_where,
    clerk_crl;
/* Publishes what the lists of this authority don't tell yet, and says so; a
 * list that can't be made is said too: the revocation stands. */
bool clerk_follow_lists(struct clerk *clerk, int64_t authority, json_t *answer,
    struct failure *why);
/* clerk_requests.c */
clerk_verb clerk_approve, clerk_deny, clerk_withdraw, clerk_fetch, clerk_pause,
    clerk_resume;
/* clerk_people.c */
clerk_verb clerk_person_add, clerk_person_end, clerk_token_make,
    clerk_token_end, clerk_account_add, clerk_account_end;
/* clerk_authorities.c */
clerk_verb clerk_authority_add, clerk_authority_await, clerk_authority_install,
    clerk_cross_sign, clerk_rollover, clerk_authority_retire;
/* clerk_journal.c */
clerk_verb clerk_tell, clerk_accept_clock;

/* The next field of a question; false at its end (or when it is malformed: then
 * why is set, so check it after the loop). */
bool clerk_next(
    struct reader *reader, struct field *field, struct failure *why);

/* --- for the loop (clerk.c) ---------------------------------------------- */
struct clerk_desk; /* the thread and its queue */
MUST_CHECK bool clerk_start(struct keeper *keeper, struct failure *why);
/* Lets it finish what is queued, and waits for it. */
void clerk_end(struct keeper *keeper);
/* Is it a clerk's message? */
bool clerk_knows(uint16_t message);
/* Queues a question; takes the frame's descriptors. */
MUST_CHECK bool clerk_ask(struct keeper *keeper, struct connection *connection,
    struct frame *frame, struct failure *why);

/* A question of the web, as its exchange's caller: message and fields are the
 * visit's.  Its end is told with visit_told or visit_settle. */
struct visit;
MUST_CHECK bool clerk_ask_visit(struct keeper *keeper, struct visit *visit,
    uint16_t message, struct failure *why);

/* A row of the table. */
struct clerk_row {
    uint16_t message;
    const char *name;        /* "revoke" */
    unsigned int roles;      /* ROLE_BITs that may ask */
    enum event_kind refusal; /* how a refusal is journalled */
    uint8_t descriptors_max;
    clerk_verb *verb;
};
/* Ended by one without a name. */
const struct clerk_row *clerk_rows(void);

#endif
