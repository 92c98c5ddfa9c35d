#include "server/front/tls_memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <openssl/crypto.h>

#define NONE UINT16_MAX

_Static_assert(TLS_MEMORY_PIECES < NONE, "a piece is known by its number");

/* Pieces of one size, by number: a chain of those whose pages are there, and
 * one of those whose pages are not. */
struct pool {
    size_t least, size;
    uint8_t *start; /* NULL: the heap is used */
    uint16_t next[TLS_MEMORY_PIECES];
    uint16_t ready, empty; /* first of each chain, or NONE */
    size_t ready_count, in_use;
};

static struct pool pools[] = {
    {.least = TLS_MEMORY_SMALL / 2 + 1, .size = TLS_MEMORY_SMALL},
    {.least = 16 * 1024, .size = TLS_MEMORY_LARGE},
};
#define POOLS (sizeof(pools) / sizeof(*pools))

static struct pool *pool_for(size_t size)
{
    for (size_t i = 0; i < POOLS; i++) {
        if (size >= pools[i].least && size <= pools[i].size)
            return pools[i].start == NULL ? NULL : &pools[i];
    }
    return NULL;
}

static struct pool *pool_of(const void *piece)
{
    const uint8_t *at = piece;

    for (size_t i = 0; i < POOLS; i++) {
        if (pools[i].start != NULL && at >= pools[i].start &&
            at < pools[i].start + TLS_MEMORY_PIECES * pools[i].size)
            return &pools[i];
    }
    return NULL;
}

static void *take_first(struct pool *pool, uint16_t *chain)
{
    const uint16_t number = *chain;

    *chain = pool->next[number];
    pool->in_use++;
    return pool->start + number * pool->size;
}

static void *take_piece(struct pool *pool)
{
    if (pool->ready != NONE) {
        pool->ready_count--;
        return take_first(pool, &pool->ready);
    }
    return pool->empty == NONE ? NULL : take_first(pool, &pool->empty);
}

static void give_back(struct pool *pool, void *piece)
{
    const uint16_t number =
        (uint16_t)((size_t)((uint8_t *)piece - pool->start) / pool->size);
    uint16_t *chain = &pool->ready;

    pool->in_use--;
    if (pool->ready_count == TLS_MEMORY_READY) {
        (void)madvise(piece, pool->size, MADV_DONTNEED);
        chain = &pool->empty;
    } else {
        pool->ready_count++;
    }
    pool->next[number] = *chain;
    *chain = number;
}

/* --- what the library calls ----------------------------------------------- */

static void *allocate(size_t size, const char *file, int line)
{
    struct pool *pool = pool_for(size);
    void *piece = pool == NULL ? NULL : take_piece(pool);

    (void)file;
    (void)line;
    return piece != NULL ? piece : malloc(size);
}

static void release(void *piece, const char *file, int line)
{
    struct pool *pool = pool_of(piece);

    (void)file;
    (void)line;
    if (pool != NULL)
        give_back(pool, piece);
    else
        free(piece);
}

static void *reallocate(void *piece, size_t size, const char *file, int line)
{
    const struct pool *pool = pool_of(piece);
    void *made = NULL;

    if (piece == NULL)
        return allocate(size, file, line);
    if (pool == NULL)
        return realloc(piece, size);
    if (size > 0 && size <= pool->size)
        return piece;
    if (size > 0)
        made = allocate(size, file, line);
    if (made != NULL)
        memcpy(made, piece, pool->size);
    if (made != NULL || size == 0)
        release(piece, file, line);
    return made;
}

/* --- its beginning -------------------------------------------------------- */

static void start_pool(struct pool *pool)
{
    void *start =
        mmap(NULL, TLS_MEMORY_PIECES * pool->size, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    pool->ready = NONE;
    pool->empty = 0;
    for (uint16_t i = 0; i < TLS_MEMORY_PIECES; i++)
        pool->next[i] = (uint16_t)(i + 1);
    pool->next[TLS_MEMORY_PIECES - 1] = NONE;
    pool->start = start == MAP_FAILED ? NULL : start;
}

void tls_memory_start(void)
{
    if (!CRYPTO_set_mem_functions(allocate, reallocate, release))
        return;
    for (size_t i = 0; i < POOLS; i++)
        start_pool(&pools[i]);
}

void tls_memory_facts(size_t size, struct tls_memory_facts *facts)
{
    const struct pool *pool = pool_for(size);

    *facts = (struct tls_memory_facts){0};
    if (pool != NULL)
        *facts = (struct tls_memory_facts){
            .in_use = pool->in_use, .ready = pool->ready_count};
}
