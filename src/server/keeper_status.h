#ifndef SERVER_KEEPER_STATUS_H
#define SERVER_KEEPER_STATUS_H

#include <pthread.h>
#include <stdatomic.h>

#include "authority/ocsp_signer.h"
#include "authority/status_road.h"

/*
 * The keeper's thread that keeps signed OCSP answers behind the store
 * (authority/status_road.h), and the certificates of those who sign them.  It
 * begins with the first status signer that the parent brings: a keeper of a
 * single command has none.  That answers can't be signed is logged and hinders
 * nobody: what was signed is served, and lists are made all the same.
 */
struct keeper_status {
    struct authority *authority;
    struct store *reading;
    struct desk desk;
    struct ocsp_signer *signer; /* NULL: there is none */
    struct status_road *road;   /* the thread's */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    atomic_bool has_news;
    bool is_running, ends;
    char said[FAILURE_REASON_ROOM]; /* what was logged last */
};

/* Opens a connection to the store of its own, before the sandbox closes. */
MUST_CHECK bool keeper_status_open(
    struct keeper_status *status, const char *directory, struct failure *why);
/* For this authority, which is open; it answers through authority->ocsp. */
MUST_CHECK bool keeper_status_begin(struct keeper_status *status,
    struct authority *authority, struct failure *why);
/* A status signer is there (again).  Owns the socket from here on, failure
 * included. */
MUST_CHECK bool keeper_status_connect(
    struct keeper_status *status, int socket, struct failure *why);
/* Something was committed. */
void keeper_status_poke(struct keeper_status *status);
/* What the tables hold; all zero before the first sweep. */
void keeper_status_facts(
    struct keeper_status *status, struct status_road_facts *facts);
/* All-zero is allowed. */
void keeper_status_end(struct keeper_status *status);

#endif
