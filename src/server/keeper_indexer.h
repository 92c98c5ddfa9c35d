#ifndef SERVER_KEEPER_INDEXER_H
#define SERVER_KEEPER_INDEXER_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/search.h"

/*
 * The keeper's thread that fills the index for searching.  It takes in what is
 * new at most every 200 ms, and sleeps while there is nothing.  That the index
 * can't be filled is logged and hinders nobody: who searches walks the rows.
 */
struct indexer {
    struct search *search; /* NULL: there is none to fill */
    struct store *store;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    atomic_bool has_news;
    bool is_running, ends;
};

/* Opens the index and a connection to the store of its own, before the sandbox
 * closes; later no file is opened any more. */
MUST_CHECK bool indexer_open(
    struct indexer *indexer, const char *directory, struct failure *why);
/* Behind the sandbox; begins with what was left the last time. */
MUST_CHECK bool indexer_start(struct indexer *indexer, struct failure *why);
/* Something was committed.  Costs an atomic exchange when it is known already;
 * before the start and after the end it does nothing. */
void indexer_poke(struct indexer *indexer);
/* Takes in what is left for at most about 200 ms, and closes; all-zero is
 * allowed. */
void indexer_end(struct indexer *indexer);

#endif
