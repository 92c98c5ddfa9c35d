#ifndef AUTHORITY_AUDIT_H
#define AUTHORITY_AUDIT_H

#include "store/store.h"

/*
 * Is the journal whole?  From the store and the sign log alone, without the
 * keeper and without changing anything:
 *
 *   - the chain: no event edited, missing, added or moved;
 *   - every checkpoint in the sign log is signed by an authority of the store,
 *     names the journal's event as it stands there (so nothing below it was cut
 *     off or taken back), and stands where it says in the sign log, whose own
 *     chain holds; every checkpoint of the journal is one of these;
 *   - every certificate of the store has its event, is what the event's SHA-256
 *     says and has the status that events gave it; every event that tells of a
 *     certificate has it in the store; every signature of the sign log that was
 *     taken in has its certificate, and the other way round.
 *
 * What was told after the last checkpoint is held by the chain alone: who can
 * write the store could make that anew.  So could who has an authority's key.
 */
struct audit_report {
    int64_t events, certificates, checkpoints;
    int64_t checkpoint_seq; /* the last event under a checkpoint; 0 */
    int64_t checkpoint_at;  /* when it was signed */
    int64_t tail;           /* events after it and its own */
    uint64_t log_bytes;     /* of the sign log that hold */
    uint64_t log_torn;      /* behind them: never made durable */
    /* When it is not whole: the first event that is wrong, or 0 where it is
     * none. */
    int64_t broken_seq;
    char signers[400]; /* who signed checkpoints: "NAME SHA256" lines */
};

/* FAILURE_CONFLICT: it is not whole, and how.  Other kinds: it could not be
 * read.  The report is filled as far as it came. */
MUST_CHECK bool audit_verify(struct store *store, int sign_log,
    struct audit_report *report, struct failure *why);

#endif
