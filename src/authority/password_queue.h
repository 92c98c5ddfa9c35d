#ifndef AUTHORITY_PASSWORD_QUEUE_H
#define AUTHORITY_PASSWORD_QUEUE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "authority/doors.h"

/*
 * How many passwords are checked at once: each takes 64 MiB and a whole core.
 * An address never has all places, so that one that floods the door leaves
 * the other to everybody else.
 */
struct password_queue {
    pthread_mutex_t lock;
    pthread_cond_t left;
    uint64_t checking[DOOR_PASSWORDS_AT_ONCE]; /* addresses; 0: free */
    uint64_t waiting[DOOR_PASSWORDS_WAITING];
};

void password_queue_start(struct password_queue *queue);
void password_queue_end(struct password_queue *queue);

/* address: a number that is the same for the same address, and never 0.
 * *place is for password_queue_leave.  FAILURE_UNAVAILABLE: all is taken. */
MUST_CHECK bool password_queue_enter(struct password_queue *queue,
    uint64_t address, int64_t wait_ms, size_t *place, struct failure *why);
void password_queue_leave(struct password_queue *queue, size_t place);

#endif
