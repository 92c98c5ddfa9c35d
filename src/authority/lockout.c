#include "authority/lockout.h"

#include <string.h>

static struct lockout_entry *set_of(struct lockout *lockout, const uint8_t *key)
{
    return lockout->entries[(key[0] << 8 | key[1]) % LOCKOUT_SETS];
}

static struct lockout_entry *find(struct lockout *lockout, const uint8_t *key)
{
    struct lockout_entry *set = set_of(lockout, key);

    for (size_t i = 0; i < LOCKOUT_WAYS; i++) {
        if (memcmp(set[i].key, key, LOCKOUT_KEY_BYTES) == 0)
            return &set[i];
    }
    return NULL;
}

static int64_t latest(const struct lockout_entry *entry)
{
    int64_t latest_ms = 0;

    for (size_t i = 0; i < DOOR_TRIES_MAX; i++) {
        if (entry->tries_ms[i] > latest_ms)
            latest_ms = entry->tries_ms[i];
    }
    return latest_ms;
}

static size_t oldest_try(const struct lockout_entry *entry)
{
    size_t oldest = 0;

    for (size_t i = 1; i < DOOR_TRIES_MAX; i++) {
        if (entry->tries_ms[i] < entry->tries_ms[oldest])
            oldest = i;
    }
    return oldest;
}

int64_t lockout_wait_ms(struct lockout *lockout,
    const uint8_t key[static LOCKOUT_KEY_BYTES], int64_t now_ms)
{
    const struct lockout_entry *entry = find(lockout, key);
    int64_t oldest_ms, left_ms;

    if (entry == NULL)
        return 0;
    oldest_ms = entry->tries_ms[oldest_try(entry)];
    if (oldest_ms == 0)
        return 0;
    left_ms = oldest_ms + DOOR_TRIES_WINDOW_MS - now_ms;
    return left_ms > 0 ? left_ms : 0;
}

static struct lockout_entry *take(struct lockout *lockout, const uint8_t *key)
{
    struct lockout_entry *set = set_of(lockout, key);
    struct lockout_entry *quietest = &set[0];

    for (size_t i = 0; i < LOCKOUT_WAYS; i++) {
        if (memcmp(set[i].key, key, LOCKOUT_KEY_BYTES) == 0)
            return &set[i];
        if (latest(&set[i]) < latest(quietest))
            quietest = &set[i];
    }
    *quietest = (struct lockout_entry){0};
    memcpy(quietest->key, key, LOCKOUT_KEY_BYTES);
    return quietest;
}

void lockout_count(struct lockout *lockout,
    const uint8_t key[static LOCKOUT_KEY_BYTES], int64_t now_ms)
{
    struct lockout_entry *entry = take(lockout, key);

    entry->tries_ms[oldest_try(entry)] = now_ms;
}

void lockout_forgive(
    struct lockout *lockout, const uint8_t key[static LOCKOUT_KEY_BYTES])
{
    struct lockout_entry *entry = find(lockout, key);

    if (entry != NULL)
        *entry = (struct lockout_entry){0};
}
