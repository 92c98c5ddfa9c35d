#ifndef AUTHORITY_JOURNAL_H
#define AUTHORITY_JOURNAL_H

#include "authority/issue.h"

/*
 * What the authority tells the journal of certificates, of the moment, and of
 * the journal itself; what else there is to tell goes through event.h.  Each is
 * written in the store's open transaction, with what it tells of.  Details are
 * one JSON object; whatever came from outside is escaped in it.
 */

/* The store's number: how many bytes of the sign log have been taken in. */
#define SIGN_LOG_TAKEN_IN "sign-log-taken-in"
/* The journal's sequence number and time (ms) of the last checkpoint. */
#define CHECKPOINT_SEQUENCE "checkpoint-sequence"
#define CHECKPOINT_MS "checkpoint-ms"

/* "issued": a certificate.  sign_log: where the sign log ended when its group
 * was signed. */
MUST_CHECK bool journal_issuance(struct store *store,
    const struct issuance *issuance, uint64_t sign_log, struct failure *why);

/* "refused": a request, with the reason. */
MUST_CHECK bool journal_refusal(
    struct store *store, const struct issuance *issuance, struct failure *why);

/* "twin": a certificate that was never handed out. */
MUST_CHECK bool journal_twin(
    struct store *store, const struct issuance *issuance, struct failure *why);
/* der: the certificate, or the draft that was not sealed. */
MUST_CHECK bool journal_recovered(struct store *store, struct bytes serial,
    struct bytes der, bool sealed, struct failure *why);

/*
 * First in each of the writer's transactions: what is wrong with the clock or
 * with the room on the disk is told once, when it is met.  While the clock is
 * wrong, events carry the time it would be: what it was at the last one, or
 * without the jump.
 */
MUST_CHECK bool journal_moment(
    struct authority *authority, struct failure *why);

/* --- checkpoints (journal_checkpoint.c) ---------------------------------- */

#define JOURNAL_CHECKPOINT_EVENTS 1000

/*
 * Every 1,000 events, and at the first event 60 s after the last one, the
 * signer signs over the heads of the journal and of its own log
 * (DESIGN.md 3), with the key of an authority that issues.  Does nothing when
 * it is not due, or no authority has a key here.
 */
MUST_CHECK bool journal_checkpoint_if_due(
    struct authority *authority, struct failure *why);

/* At the end of the keeper: whatever was told since the last one. */
MUST_CHECK bool journal_checkpoint_last(
    struct authority *authority, struct failure *why);

/* What the signer signed: its words as DESIGN.md 3 has them. */
#define CHECKPOINT_WORDS "chancery checkpoint 1\n"
struct checkpoint {
    int64_t at; /* seconds since 1970 */
    int64_t journal_seq;
    uint8_t journal_hash[SHA256_BYTES];
    uint64_t log_size; /* of the sign log before the checkpoint's own record */
    uint8_t log_hash[SHA256_BYTES];
};
MUST_CHECK bool checkpoint_read(
    struct bytes statement, struct checkpoint *checkpoint, struct failure *why);

#endif
