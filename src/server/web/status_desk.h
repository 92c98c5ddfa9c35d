#ifndef SERVER_WEB_STATUS_DESK_H
#define SERVER_WEB_STATUS_DESK_H

#include "server/web/visit.h"

/*
 * The thread that answers what is asked about status and stands in no table.
 * Whatever has come when it is free is one group: one look into the store, one
 * frame to the status signer and one back (authority/status_answer.h), and for
 * each front one batch of answers.  No timer: under load groups form of
 * themselves, and one that is alone waits for nobody.
 */
struct status_desk;

/* Opens a connection to the store of its own, before the sandbox closes. */
MUST_CHECK bool status_desk_new(
    const char *store_path, struct status_desk **desk, struct failure *why);
/* Starts the thread, once. */
MUST_CHECK bool status_desk_start(
    struct status_desk *desk, struct failure *why);

/* As they came from a front: the desk does a worker's steps, too, which spares
 * each of them a change of threads. */
void status_desk_receive(struct status_desk *desk, struct visits *visits);
/* Its handler has asked: from a worker, or from the desk's own thread. */
void status_desk_ask(struct status_desk *desk, struct visit *visit);

/* Answers what has come, and ends the thread.  Nobody puts in any more. */
void status_desk_close(struct status_desk *desk);
void status_desk_free(struct status_desk *desk); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(status_desk, status_desk_free)

#endif
