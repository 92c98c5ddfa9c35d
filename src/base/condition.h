#ifndef BASE_CONDITION_H
#define BASE_CONDITION_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Conditions that are waited for until a time of clock_monotonic_ms: nobody who
 * sets the machine's clock makes a wait longer or shorter. */
void condition_begin(pthread_cond_t *condition);

/* False: it is that time, or past it.  True: somebody signalled, or nobody did
 * (POSIX, spurious wakeups): what is waited for is looked at again. */
bool condition_wait_until(
    pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_ms);

#endif
