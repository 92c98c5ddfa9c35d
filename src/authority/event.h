#ifndef AUTHORITY_EVENT_H
#define AUTHORITY_EVENT_H

#include "authority/caller.h"
#include "store/store.h"

/*
 * What the journal tells of, each kind once, in a table with its name and what
 * it means (event.c).  Written in the store's open transaction, with what it
 * tells of; a refusal and a failed sign-in too (properties 39).
 *
 * Each event has an actor, an object, and details in JSON: "outcome" ("done"
 * or "refused"), "reason" in words where it was refused, "request" and "door"
 * where there is one, and what more the kind says.
 */
enum event_kind {
    /* set-up and keys */
    EVENT_ESTABLISHED, /* an authority's certificate was issued here */
    EVENT_KEY_MADE,
    EVENT_KEY_PROVED,
    EVENT_PASSPHRASE_CHANGED,
    EVENT_UNLOCKED,
    EVENT_UNLOCK_REFUSED,
    EVENT_LOCKED,
    EVENT_KEY_UNUSABLE,
    /* the life of the roles */
    EVENT_KEEPER_STARTED,
    EVENT_KEEPER_STOPPED,
    EVENT_RECOVERED, /* signed, never delivered: stored as revoked */
    EVENT_SETTINGS_CHANGED,
    EVENT_SETTINGS_REFUSED,
    EVENT_STORE_MIGRATED,
    EVENT_CEREMONY_STARTED, /* roots were opened */
    EVENT_CEREMONY_ENDED,
    /* requests */
    EVENT_REQUEST_RECEIVED,
    EVENT_REQUEST_APPROVED,
    EVENT_APPROVAL_REFUSED,
    EVENT_REQUEST_DENIED,
    EVENT_DENIAL_REFUSED,
    EVENT_REQUEST_WITHDRAWN,
    EVENT_REQUEST_FAILED,
    EVENT_REQUEST_FETCHED, /* with proof of its key */
    EVENT_FETCH_REFUSED,
    /* certificates */
    EVENT_ISSUED,
    EVENT_RENEWED,
    EVENT_REFUSED,
    EVENT_TWIN, /* two retries met: the second was revoked unseen */
    EVENT_REVOKED,
    EVENT_HELD,
    EVENT_RELEASED,
    EVENT_REVOCATION_REFUSED,
    EVENT_MASS_REVOCATION_STARTED,
    EVENT_MASS_REVOCATION_DONE,
    /* revocation lists */
    EVENT_CRL_SIGNED,
    EVENT_DELTA_SIGNED,
    EVENT_SHARD_SIGNED,
    EVENT_CRL_PUBLISHED,
    EVENT_CRL_FAILED,
    /* authorities */
    EVENT_AUTHORITY_ADDED,
    EVENT_AUTHORITY_REQUESTED,
    EVENT_AUTHORITY_INSTALLED,
    EVENT_INSTALL_REFUSED,
    EVENT_CROSS_SIGNED,
    EVENT_CROSS_SIGN_REFUSED,
    EVENT_ROLLOVER_PLANNED,
    EVENT_ROLLOVER_CERTIFIED,
    EVENT_ROLLOVER_CROSSED,
    EVENT_ROLLOVER_PUBLISHED,
    EVENT_ROLLOVER_SWITCHED,
    EVENT_ROLLOVER_UNDONE,
    EVENT_ROLLOVER_REFUSED,
    EVENT_AUTHORITY_RETIRED,
    EVENT_RETIRE_REFUSED,
    EVENT_ISSUER_ENDS_SOON,
    /* people */
    EVENT_PERSON_ADDED,
    EVENT_PERSON_RENEWED,
    EVENT_PERSON_ENDED,
    EVENT_PERSON_REFUSED,
    EVENT_LINK_MADE,
    EVENT_LINK_USED,
    EVENT_LINK_REFUSED,
    EVENT_TOKEN_MADE,
    EVENT_TOKEN_ENDED,
    EVENT_TOKEN_REFUSED,
    EVENT_ACCOUNT_ADDED,
    EVENT_ACCOUNT_ENDED,
    EVENT_ACCOUNT_REFUSED,
    EVENT_SIGN_IN_REFUSED,
    EVENT_NOT_ALLOWED, /* a caller asked for what its role may not do */
    /* profiles and pauses */
    EVENT_PROFILE_USED, /* a version for the first time */
    EVENT_PAUSED,
    EVENT_PAUSE_REFUSED,
    EVENT_RESUMED,
    EVENT_RESUME_REFUSED,
    /* the clock */
    EVENT_CLOCK_BEHIND,
    EVENT_CLOCK_JUMPED,
    EVENT_CLOCK_ACCEPTED,
    EVENT_CLOCK_REFUSED, /* accepting it was */
    /* the journal itself */
    EVENT_CHECKPOINT,
    EVENT_CHECKPOINT_FAILED,
    EVENT_TELL_REFUSED, /* a command told of what is not its to tell */
    /* room */
    EVENT_DISK_FULL,
    EVENT_RESERVE_FREED,
    EVENT_RESERVE_FILLED,
    /* ends */
    EVENT_NOTICES_SENT,
    EVENT_KINDS
};

struct event {
    enum event_kind kind;
    const struct caller *caller;   /* NULL: the keeper itself */
    const char *actor;             /* in place of the caller's name, or NULL */
    const char *object;            /* a serial, a request's id, a name; "" */
    const char *request;           /* id of the request, or NULL */
    const struct failure *refusal; /* NULL: it was done */
    /* What more there is to say: an object whose members come last.  Taken
     * over, by a failure too; NULL: nothing. */
    struct json_t *more;
};

MUST_CHECK bool journal_event(
    struct store *store, const struct event *event, struct failure *why);

/* The name in the journal ("issued"), and a sentence for people. */
const char *event_name(enum event_kind kind);
const char *event_meaning(enum event_kind kind);
/* False: there is no kind of this name. */
bool event_named(const char *name, enum event_kind *kind);

/* "control": the door's name in details. */
const char *event_door(const struct caller *caller);

#endif
