#include "authority/password_queue.h"

#include "base/clock.h"
#include "base/condition.h"

void password_queue_start(struct password_queue *queue)
{

    *queue = (struct password_queue){0};
    (void)pthread_mutex_init(&queue->lock, NULL);
    condition_begin(&queue->left);
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

static bool wait_for_place(struct password_queue *queue, uint64_t address,
    int64_t wait_ms, size_t *place)
{
    const int64_t until_ms = clock_monotonic_ms() + wait_ms;
    bool taken = false, is_time = false;
    size_t chair = 0;

    if (!take(queue->waiting, DOOR_PASSWORDS_WAITING, address, &chair))
        return false;
    while (!taken && !is_time) {
        is_time = !condition_wait_until(&queue->left, &queue->lock, until_ms);
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
