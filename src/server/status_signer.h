#ifndef SERVER_STATUS_SIGNER_H
#define SERVER_STATUS_SIGNER_H

/*
 * The status signer: the process that holds the keys of our OCSP responders,
 * and no other.  It makes them at its start, one for each authority the parent
 * names; they are in no file and end with it.  It opens no file and no socket.
 *
 * It is no oracle: it signs ResponseData within authority/status_limits.h and
 * nothing else, and lets a signature out only after verifying it.  Without the
 * authorities' keys it can be left to run while those are locked.
 *
 * What it is told and answers: authority/status_protocol.h.
 */

/* Serves until the parent's channel (descriptor 3) closes.  A keeper that goes
 * does not end it: the next one finds the same keys.  Returns the exit status
 * of the process. */
int status_signer_main(void);

#endif
