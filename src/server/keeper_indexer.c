#include "server/keeper_indexer.h"

#include "base/clock.h"
#include "base/condition.h"
#include "base/file.h"
#include "base/log.h"

/* About 20 ms of work: so soon a command that ends is let go. */
#define TAKEN_AT_ONCE 1000
#define REST_MS 200
#define REST_AFTER_FAILURE_MS 10000
#define LAST_WORK_MS 200

/* --- taking in ----------------------------------------------------------- */

static bool take_in_some(struct indexer *indexer, bool *behind)
{
    struct failure why = {0};

    if (search_take_in(
            indexer->search, indexer->store, TAKEN_AT_ONCE, behind, &why))
        return true;
    log_event(LOG_LEVEL_WARNING, "no-index", "why", why.reason, NULL);
    return false;
}

static bool has_to_end(struct indexer *indexer)
{
    bool ends;

    (void)pthread_mutex_lock(&indexer->lock);
    ends = indexer->ends;
    (void)pthread_mutex_unlock(&indexer->lock);
    return ends;
}

static bool take_in_news(struct indexer *indexer)
{
    bool behind = true;

    atomic_store(&indexer->has_news, false);
    while (behind && !has_to_end(indexer)) {
        if (!take_in_some(indexer, &behind))
            return false;
    }
    return true;
}

static void take_in_the_last(struct indexer *indexer)
{
    int64_t until = clock_monotonic_ms() + LAST_WORK_MS;
    bool behind = true;

    while (behind && clock_monotonic_ms() < until) {
        if (!take_in_some(indexer, &behind))
            return;
    }
}

/* --- the thread ---------------------------------------------------------- */

static void wait_for_news(struct indexer *indexer)
{
    (void)pthread_mutex_lock(&indexer->lock);
    while (!atomic_load(&indexer->has_news) && !indexer->ends)
        (void)pthread_cond_wait(&indexer->woken, &indexer->lock);
    (void)pthread_mutex_unlock(&indexer->lock);
}

/* News does not cut it short, the end does. */
static void rest(struct indexer *indexer, int64_t rest_ms)
{
    int64_t until_ms = clock_monotonic_ms() + rest_ms;

    (void)pthread_mutex_lock(&indexer->lock);
    while (!indexer->ends &&
           condition_wait_until(&indexer->woken, &indexer->lock, until_ms))
        ;
    (void)pthread_mutex_unlock(&indexer->lock);
}

static void *indexer_main(void *context)
{
    struct indexer *indexer = context;

    while (!has_to_end(indexer)) {
        wait_for_news(indexer);
        rest(indexer, take_in_news(indexer) ? REST_MS : REST_AFTER_FAILURE_MS);
    }
    take_in_the_last(indexer);
    return NULL;
}

/* --- start and end ------------------------------------------------------- */

bool indexer_open(
    struct indexer *indexer, const char *directory, struct failure *why)
{
    char path[PATH_ROOM];
    struct failure none = {0};

    if (!path_join(path, directory, "chancery.db", why) ||
        !store_open(path, STORE_READ, &indexer->store, why) ||
        !path_join(path, directory, "search.db", why))
        return false;
    if (!search_open(path, true, &indexer->search, &none))
        log_event(LOG_LEVEL_WARNING, "no-index", "why", none.reason, NULL);
    return true;
}

bool indexer_start(struct indexer *indexer, struct failure *why)
{

    if (indexer->search == NULL)
        return true;
    (void)pthread_mutex_init(&indexer->lock, NULL);
    condition_begin(&indexer->woken);
    atomic_store(&indexer->has_news, true);
    if (pthread_create(&indexer->thread, NULL, indexer_main, indexer) != 0)
        return fail_because(
            why, FAILURE_INTERNAL, "the keeper can't start a thread");
    indexer->is_running = true;
    return true;
}

void indexer_poke(struct indexer *indexer)
{
    if (!indexer->is_running || atomic_exchange(&indexer->has_news, true))
        return;
    (void)pthread_mutex_lock(&indexer->lock);
    (void)pthread_cond_signal(&indexer->woken);
    (void)pthread_mutex_unlock(&indexer->lock);
}

static void join(struct indexer *indexer)
{
    (void)pthread_mutex_lock(&indexer->lock);
    indexer->ends = true;
    (void)pthread_cond_signal(&indexer->woken);
    (void)pthread_mutex_unlock(&indexer->lock);
    (void)pthread_join(indexer->thread, NULL);
    indexer->is_running = false;
}

void indexer_end(struct indexer *indexer)
{
    if (indexer->is_running)
        join(indexer);
    search_close(indexer->search);
    store_close(indexer->store);
    indexer->search = NULL;
    indexer->store = NULL;
}
