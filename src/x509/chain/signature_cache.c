#include "x509/chain/signature_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A digest says which few places may hold it; among these the oldest goes. */
#define WAYS 8

struct seat {
    uint8_t digest[SHA256_BYTES];
    EVP_PKEY *key; /* of a key */
    bool is_taken;
};

struct row {
    struct seat seats[WAYS];
    size_t oldest;
};

struct signature_cache {
    pthread_mutex_t lock;
    struct row signatures[SIGNATURE_CACHE_MAX / WAYS];
    struct row keys[SIGNATURE_CACHE_KEYS_MAX / WAYS];
};

bool signature_cache_new(struct signature_cache **cache, struct failure *why)
{
    struct signature_cache *made = calloc(1, sizeof(*made));

    if (made == NULL || pthread_mutex_init(&made->lock, NULL) != 0) {
        free(made);
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    }
    *cache = made;
    return true;
}

void signature_cache_free(struct signature_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < SIGNATURE_CACHE_KEYS_MAX / WAYS; i++) {
        for (size_t j = 0; j < WAYS; j++)
            EVP_PKEY_free(cache->keys[i].seats[j].key);
    }
    (void)pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static struct row *row_of(
    struct row *rows, size_t count, const uint8_t digest[static SHA256_BYTES])
{
    return &rows[(digest[0] | (size_t)digest[1] << 8) % count];
}

static struct seat *seat_of(
    struct row *row, const uint8_t digest[static SHA256_BYTES])
{
    for (size_t i = 0; i < WAYS; i++) {
        struct seat *seat = &row->seats[i];

        if (seat->is_taken && memcmp(seat->digest, digest, SHA256_BYTES) == 0)
            return seat;
    }
    return NULL;
}

static struct seat *take_seat(
    struct row *row, const uint8_t digest[static SHA256_BYTES])
{
    struct seat *seat = &row->seats[row->oldest];

    row->oldest = (row->oldest + 1) % WAYS;
    EVP_PKEY_free(seat->key);
    *seat = (struct seat){.is_taken = true};
    memcpy(seat->digest, digest, SHA256_BYTES);
    return seat;
}

static struct row *signature_row(
    struct signature_cache *cache, const uint8_t digest[static SHA256_BYTES])
{
    return row_of(cache->signatures, SIGNATURE_CACHE_MAX / WAYS, digest);
}

static struct row *key_row(
    struct signature_cache *cache, const uint8_t digest[static SHA256_BYTES])
{
    return row_of(cache->keys, SIGNATURE_CACHE_KEYS_MAX / WAYS, digest);
}

bool signature_cache_has(
    struct signature_cache *cache, const uint8_t digest[static SHA256_BYTES])
{
    bool found = false;

    if (cache == NULL)
        return false;
    (void)pthread_mutex_lock(&cache->lock);
    found = seat_of(signature_row(cache, digest), digest) != NULL;
    (void)pthread_mutex_unlock(&cache->lock);
    return found;
}

void signature_cache_add(
    struct signature_cache *cache, const uint8_t digest[static SHA256_BYTES])
{
    if (cache == NULL)
        return;
    (void)pthread_mutex_lock(&cache->lock);
    if (seat_of(signature_row(cache, digest), digest) == NULL)
        (void)take_seat(signature_row(cache, digest), digest);
    (void)pthread_mutex_unlock(&cache->lock);
}

EVP_PKEY *signature_cache_key(
    struct signature_cache *cache, const uint8_t digest[static SHA256_BYTES])
{
    const struct seat *seat = NULL;
    EVP_PKEY *key = NULL;

    if (cache == NULL)
        return NULL;
    (void)pthread_mutex_lock(&cache->lock);
    seat = seat_of(key_row(cache, digest), digest);
    if (seat != NULL && EVP_PKEY_up_ref(seat->key) == 1)
        key = seat->key;
    (void)pthread_mutex_unlock(&cache->lock);
    return key;
}

void signature_cache_add_key(struct signature_cache *cache,
    const uint8_t digest[static SHA256_BYTES], EVP_PKEY *key)
{
    if (cache == NULL || EVP_PKEY_up_ref(key) != 1)
        return;
    (void)pthread_mutex_lock(&cache->lock);
    if (seat_of(key_row(cache, digest), digest) == NULL)
        take_seat(key_row(cache, digest), digest)->key = key;
    else
        EVP_PKEY_free(key);
    (void)pthread_mutex_unlock(&cache->lock);
}
