#ifndef SERVER_SIGNER_H
#define SERVER_SIGNER_H

/*
 * The signer: the only process that holds authorities' keys.  It opens no file
 * and no socket; all it has came as descriptors from the parent.  It is no
 * oracle: it re-reads every draft and signs only what is within the limits the
 * parent gave it (authority/signer_limits.h), under a serial it gave out
 * itself, after the draft is durable in its own log, and lets a signature out
 * only after verifying it.
 *
 * What it is told and answers: authority/signer_protocol.h.
 */

/* Serves the parent's channel (descriptor 3) until it closes.  Returns the
 * exit status of the process. */
int signer_main(void);

#endif
