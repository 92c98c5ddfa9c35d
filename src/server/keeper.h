#ifndef SERVER_KEEPER_H
#define SERVER_KEEPER_H

/*
 * The keeper: the store, the journal and the road of an issuance.  It holds no
 * private key and opens no file once it has started; what it needs signed it
 * asks of the signer.
 *
 * One thread (keeper.c) waits on the channels and queues what is asked.  As
 * many carriers as cores, and one more (keeper_carriers.c), each take what is
 * queued, at most a group, and carry it down the road: while one group is at
 * the signer, another is being recorded and a third verified, composed and
 * linted.  There is no timer: a group is what is queued when a carrier is free.
 *
 * What it is told and answers: authority/control_protocol.h.
 */

/* Serves until the parent's channel (descriptor 3) closes.  Returns the exit
 * status of the process. */
int keeper_main(void);

#endif
