#include "x509/chain/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "x509/name_match.h"

#define FIRST_ROOM 8

struct pool_entry {
    struct chain_certificate certificate;
    uint64_t subject; /* its hash */
};

struct chain_pool {
    struct pool_entry **entries; /* in the order of addition */
    size_t count, room;
    uint64_t seed;
    size_t *slots; /* by SHA-256: place + 1; 0: free.  Twice the room */

    struct pool_damage *damaged;
    size_t damaged_count, damaged_room;

    /* Those of one subject side by side, each group by SHA-256: put in order by
     * who asks first after an addition. */
    struct pool_entry **order;
    _Atomic(size_t) ordered;
    pthread_mutex_t ordering;
};

bool chain_pool_new(struct chain_pool **pool, struct failure *why)
{
    struct chain_pool *made = calloc(1, sizeof(*made));

    if (made == NULL || pthread_mutex_init(&made->ordering, NULL) != 0) {
        free(made);
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    }
    random_fill((uint8_t *)&made->seed, sizeof(made->seed));
    *pool = made;
    return true;
}

void chain_pool_free(struct chain_pool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->count; i++)
        free(pool->entries[i]);
    free(pool->entries);
    free(pool->order);
    free(pool->slots);
    free(pool->damaged);
    (void)pthread_mutex_destroy(&pool->ordering);
    free(pool);
}

/* Where it is, or the free slot where it belongs. */
static size_t slot_of(
    const struct chain_pool *pool, const uint8_t sha256[static SHA256_BYTES])
{
    size_t mask = 2 * pool->room - 1;
    uint64_t start = 0;
    size_t slot = 0;

    /* Low bits of a digest can be chosen by trying; the seed isn't known. */
    memcpy(&start, sha256, sizeof(start));
    start = (start ^ pool->seed) * UINT64_C(0x9e3779b97f4a7c15) >> 32;
    for (slot = (size_t)start & mask; pool->slots[slot] != 0;
         slot = (slot + 1) & mask) {
        const struct pool_entry *there = pool->entries[pool->slots[slot] - 1];

        if (memcmp(there->certificate.sha256, sha256, SHA256_BYTES) == 0)
            break;
    }
    return slot;
}

static bool no_room(struct failure *why)
{
    return fail_because(why, FAILURE_INTERNAL, "out of memory");
}

/* On failure the pool is as it was, but for room. */
static bool grow(struct chain_pool *pool, struct failure *why)
{
    size_t room = pool->room == 0 ? FIRST_ROOM : 2 * pool->room;
    struct pool_entry **entries =
        realloc(pool->entries, room * sizeof(struct pool_entry *));

    if (entries == NULL)
        return no_room(why);
    pool->entries = entries;
    struct pool_entry **order =
        realloc(pool->order, room * sizeof(struct pool_entry *));
    if (order == NULL)
        return no_room(why);
    pool->order = order;
    size_t *slots = calloc(2 * room, sizeof(*slots));
    if (slots == NULL)
        return no_room(why);
    free(pool->slots);
    pool->slots = slots;
    pool->room = room;
    for (size_t i = 0; i < pool->count; i++)
        slots[slot_of(pool, entries[i]->certificate.sha256)] = i + 1;
    return true;
}

/* What is kept only to be told of; without memory for it nothing is told. */
static void keep_damage(struct chain_pool *pool, struct bytes der,
    const char *origin, const struct failure *why)
{
    size_t room = pool->damaged_room == 0 ? FIRST_ROOM : 2 * pool->damaged_room;
    struct certificate read = {0};
    struct failure unread = {0};

    if (pool->damaged_count == CHAIN_POOL_MAX ||
        !certificate_read(der, &read, &unread))
        return;
    if (pool->damaged_count == pool->damaged_room) {
        struct pool_damage *grown =
            realloc(pool->damaged, room * sizeof(*grown));

        if (grown == NULL)
            return;
        pool->damaged = grown;
        pool->damaged_room = room;
    }
    pool->damaged[pool->damaged_count++] =
        (struct pool_damage){der, read.tbs.subject, origin, *why};
}

static bool make_entry(struct chain_pool *pool, struct bytes der,
    const char *origin, struct pool_entry **entry, struct failure *why)
{
    struct pool_entry *made = malloc(sizeof(*made));
    bool at_extension = false;

    if (made == NULL)
        return no_room(why);
    if (!chain_certificate_read(
            der, origin, &made->certificate, &at_extension, why)) {
        free(made);
        if (at_extension)
            keep_damage(pool, der, origin, why);
        return false;
    }
    made->subject =
        name_hash(made->certificate.certificate.tbs.subject, pool->seed);
    *entry = made;
    return true;
}

/* Of two places of one certificate the one that is told of must not depend on
 * which was read first. */
static void take_origin(struct pool_entry *entry, const char *origin)
{
    const char **there = &entry->certificate.origin;

    if (*there == NULL || (origin != NULL && strcmp(origin, *there) < 0))
        *there = origin;
}

bool chain_pool_add(struct chain_pool *pool, struct bytes der,
    const char *origin, struct failure *why)
{
    struct pool_entry *entry = NULL;
    size_t slot = 0;

    if (pool->count == CHAIN_POOL_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "there are more than %d certificates", CHAIN_POOL_MAX);
    if (pool->count == pool->room && !grow(pool, why))
        return false;
    if (!make_entry(pool, der, origin, &entry, why))
        return false;
    slot = slot_of(pool, entry->certificate.sha256);
    if (pool->slots[slot] != 0) {
        take_origin(pool->entries[pool->slots[slot] - 1], origin);
        free(entry);
        return true;
    }
    pool->entries[pool->count++] = entry;
    pool->slots[slot] = pool->count;
    return true;
}

size_t chain_pool_count(const struct chain_pool *pool)
{
    return pool->count;
}

const struct chain_certificate *chain_pool_at(
    const struct chain_pool *pool, size_t place)
{
    return &pool->entries[place]->certificate;
}

static int compare(const void *left, const void *right)
{
    const struct pool_entry *a = *(struct pool_entry *const *)left;
    const struct pool_entry *b = *(struct pool_entry *const *)right;

    if (a->subject != b->subject)
        return a->subject < b->subject ? -1 : 1;
    return memcmp(a->certificate.sha256, b->certificate.sha256, SHA256_BYTES);
}

static void put_in_order(struct chain_pool *pool)
{
    (void)pthread_mutex_lock(&pool->ordering);
    if (atomic_load(&pool->ordered) != pool->count) {
        memcpy(pool->order, pool->entries,
            pool->count * sizeof(struct pool_entry *));
        qsort(pool->order, pool->count, sizeof(struct pool_entry *), compare);
        atomic_store(&pool->ordered, pool->count);
    }
    (void)pthread_mutex_unlock(&pool->ordering);
}

/* The first whose subject has this hash or a greater one. */
static size_t first_of(const struct chain_pool *pool, uint64_t subject)
{
    size_t low = 0, high = pool->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (pool->order[middle]->subject < subject)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct chain_certificate *chain_pool_next_named(
    const struct chain_pool *pool, struct bytes name, size_t *place)
{
    uint64_t subject = name_hash(name, pool->seed);

    /* What is put in order is an index: to whom reads, the pool is the same. */
    if (atomic_load(&pool->ordered) != pool->count)
        put_in_order((struct chain_pool *)(uintptr_t)pool);
    if (*place == 0)
        *place = first_of(pool, subject) + 1;
    for (; *place <= pool->count; ++*place) {
        const struct pool_entry *entry = pool->order[*place - 1];

        if (entry->subject != subject)
            break;
        if (name_matches(entry->certificate.certificate.tbs.subject, name)) {
            ++*place;
            return &entry->certificate;
        }
    }
    return NULL;
}

/* Of several the one with the least bytes, whatever the order of addition. */
static bool comes_before(struct bytes a, struct bytes b)
{
    int order = 0;

    if (a.length != b.length)
        return a.length < b.length;
    order = memcmp(a.start, b.start, a.length);
    return order < 0;
}

bool chain_pool_add_all(struct chain_pool *pool, const struct chain_pool *other,
    struct failure *why)
{
    struct failure unread = {0};

    for (size_t i = 0; i < other->count; i++) {
        const struct chain_certificate *held = &other->entries[i]->certificate;

        if (!chain_pool_add(pool, held->certificate.whole, held->origin, why))
            return false;
    }
    for (size_t i = 0; i < other->damaged_count; i++) {
        const struct pool_damage *held = &other->damaged[i];

        (void)!chain_pool_add(pool, held->der, held->origin, &unread);
    }
    return true;
}

const struct pool_damage *chain_pool_damaged(
    const struct chain_pool *pool, struct bytes name)
{
    const struct pool_damage *found = NULL;

    for (size_t i = 0; i < pool->damaged_count; i++) {
        const struct pool_damage *one = &pool->damaged[i];

        if (name_matches(one->subject, name) &&
            (found == NULL || comes_before(one->der, found->der)))
            found = one;
    }
    return found;
}

const struct chain_certificate *chain_pool_find(
    const struct chain_pool *pool, const uint8_t sha256[static SHA256_BYTES])
{
    size_t place = 0;

    if (pool->count == 0)
        return NULL;
    place = pool->slots[slot_of(pool, sha256)];
    return place == 0 ? NULL : &pool->entries[place - 1]->certificate;
}
