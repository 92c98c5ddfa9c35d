#include "authority/password_queue.h"

#include <errno.h>
#include <time.h>

#include "base/clock.h"

void password_queue_start(struct password_queue *queue)
{
    pthread_condattr_t attributes;

    *queue = (struct password_queue){0};
    (void)pthread_mutex_init(&queue->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&queue->left, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

void password_queue_end(struct password_queue *queue)
{
    (void)pthread_cond_destroy(&queue->left);
    (void)pthread_mutex_destroy(&queue->lock);
}

static size_t count_of(
    const uint64_t *addresses, size_t count, uint64_t address)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        found += addresses[i] == address;
    return found;
}

/* Takes a free one unless the address would have the last, too. */
static bool take(
    uint64_t *addresses, size_t count, uint64_t address, size_t *place)
{
    if (count_of(addresses, count, address) + 1 >= count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (addresses[i] == 0) {
            addresses[i] = address;
            *place = i;
            return true;
        }
    }
    return false;
}

static struct timespec deadline_in(int64_t wait_ms)
{
    int64_t at_ms = clock_monotonic_ms() + wait_ms;

    return (struct timespec){.tv_sec = (time_t)(at_ms / 1000),
        .tv_nsec = (long)(at_ms % 1000) * 1000000};
}

static bool wait_for_place(struct password_queue *queue, uint64_t address,
    int64_t wait_ms, size_t *place)
{
    const struct timespec deadline = deadline_in(wait_ms);
    size_t chair = 0;
    bool taken = false;
    int error = 0;

    if (!take(queue->waiting, DOOR_PASSWORDS_WAITING, address, &chair))
        return false;
    while (!taken && error != ETIMEDOUT) {
        error = pthread_cond_timedwait(&queue->left, &queue->lock, &deadline);
        taken = take(queue->checking, DOOR_PASSWORDS_AT_ONCE, address, place);
    }
    queue->waiting[chair] = 0;
    return taken;
}

bool password_queue_enter(struct password_queue *queue, uint64_t address,
    int64_t wait_ms, size_t *place, struct failure *why)
{
    bool taken;

    (void)pthread_mutex_lock(&queue->lock);
    taken = take(queue->checking, DOOR_PASSWORDS_AT_ONCE, address, place) ||
            wait_for_place(queue, address, wait_ms, place);
    (void)pthread_mutex_unlock(&queue->lock);
    return taken || fail_because(why, FAILURE_UNAVAILABLE,
                        "too many passwords are being checked; try again in "
                        "a few seconds");
}

void password_queue_leave(struct password_queue *queue, size_t place)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->checking[place] = 0;
    (void)pthread_cond_broadcast(&queue->left);
    (void)pthread_mutex_unlock(&queue->lock);
}
