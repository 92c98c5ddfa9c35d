#ifndef AUTHORITY_JOURNAL_H
#define AUTHORITY_JOURNAL_H

#include "authority/issue.h"

/*
 * What the authority tells the journal, event by event.  Each is written in
 * the store's open transaction, with what it tells of.  Details are one JSON
 * object; whatever came from outside is escaped in it.
 */

/* The store's number: how many bytes of the sign log have been taken in. */
#define SIGN_LOG_TAKEN_IN "sign-log-taken-in"
/* The journal's sequence number and time (ms) of the last checkpoint. */
#define CHECKPOINT_SEQUENCE "checkpoint-sequence"
#define CHECKPOINT_MS "checkpoint-ms"

/* "issued": a certificate. */
MUST_CHECK bool journal_issuance(
    struct store *store, const struct issuance *issuance, struct failure *why);

/* "refused": a request, with the reason. */
MUST_CHECK bool journal_refusal(
    struct store *store, const struct issuance *issuance, struct failure *why);

/* "revoked": a certificate that was never handed out. */
MUST_CHECK bool journal_twin(
    struct store *store, const struct issuance *issuance, struct failure *why);
MUST_CHECK bool journal_recovered(
    struct store *store, struct bytes serial, bool sealed, struct failure *why);

/* "checkpoint": what the signer has signed over the journal. */
MUST_CHECK bool journal_checkpoint(struct store *store, struct bytes statement,
    struct bytes signature, struct failure *why);

#define JOURNAL_CHECKPOINT_EVENTS 1000

/*
 * Every 1,000 events, and at the first event 60 s after the last one, the
 * signer signs over the heads of the journal and of its own log
 * (DESIGN.md 3).  Does nothing when it is not due.
 */
MUST_CHECK bool journal_checkpoint_if_due(
    struct authority *authority, struct failure *why);

#endif
