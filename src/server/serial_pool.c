#include "server/serial_pool.h"

#include <string.h>

#include "base/random.h"

static size_t slot_of(const uint8_t *serial)
{
    return ((size_t)serial[1] << 8 | serial[2]) % SERIAL_POOL_SLOTS;
}

static void close_slot(struct serial_pool *pool, struct serial_slot *slot)
{
    slot->is_open = false;
    pool->open--;
}

static void close_old(struct serial_pool *pool, int64_t now_ms)
{
    for (size_t i = 0; i < SERIAL_POOL_SLOTS; i++) {
        struct serial_slot *slot = &pool->slots[i];

        if (slot->is_open && slot->ends_ms < now_ms)
            close_slot(pool, slot);
    }
}

/* A call into the kernel for each would cost more than all the rest here. */
static void draw_random(
    struct serial_pool *pool, uint8_t random[static SERIAL_BYTES - 1])
{
    if (pool->random_left == 0) {
        random_fill(pool->random, sizeof(pool->random));
        pool->random_left = sizeof(pool->random);
    }
    pool->random_left -= SERIAL_BYTES - 1;
    memcpy(random, pool->random + pool->random_left, SERIAL_BYTES - 1);
}

/* At most a quarter of the slots is open, so a free one is drawn soon. */
static struct serial_slot *draw(struct serial_pool *pool)
{
    uint8_t serial[SERIAL_BYTES];
    struct serial_slot *slot;

    do {
        serial[0] = pool->instance;
        draw_random(pool, serial + 1);
        slot = &pool->slots[slot_of(serial)];
    } while (slot->is_open);
    memcpy(slot->serial, serial, SERIAL_BYTES);
    return slot;
}

bool serial_pool_reserve(struct serial_pool *pool, int64_t now_ms,
    uint8_t serial[static SERIAL_BYTES], struct failure *why)
{
    struct serial_slot *slot;

    if (pool->open >= SIGNER_OPEN_SERIALS_MAX)
        close_old(pool, now_ms);
    if (pool->open >= SIGNER_OPEN_SERIALS_MAX)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "%d serials are reserved and not used; they lapse after %d s",
            SIGNER_OPEN_SERIALS_MAX, SIGNER_SERIAL_LIFE_MS / 1000);
    slot = draw(pool);
    slot->is_open = true;
    slot->ends_ms = now_ms + SIGNER_SERIAL_LIFE_MS;
    pool->open++;
    memcpy(serial, slot->serial, SERIAL_BYTES);
    return true;
}

bool serial_pool_use(struct serial_pool *pool, int64_t now_ms,
    struct bytes serial, struct failure *why)
{
    struct serial_slot *slot;

    if (serial.length != SERIAL_BYTES)
        return fail_because(why, FAILURE_FORBIDDEN,
            "a serial of %zu bytes was not given out", serial.length);
    slot = &pool->slots[slot_of(serial.start)];
    if (!slot->is_open || memcmp(slot->serial, serial.start, SERIAL_BYTES) != 0)
        return fail_because(why, FAILURE_FORBIDDEN,
            "the draft's serial was not given out, or was used already");
    close_slot(pool, slot);
    if (slot->ends_ms < now_ms)
        return fail_because(why, FAILURE_FORBIDDEN,
            "the draft's serial was given out more than %d s ago",
            SIGNER_SERIAL_LIFE_MS / 1000);
    return true;
}
