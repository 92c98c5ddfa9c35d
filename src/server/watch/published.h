#ifndef SERVER_WATCH_PUBLISHED_H
#define SERVER_WATCH_PUBLISHED_H

#include "authority/authority.h"
#include "server/validator.h"
#include "server/watch/warnings.h"

/*
 * Is what was published what others get (kb 93, 104, 107)?  Each revocation
 * list is fetched from its own address, the one that stands in certificates,
 * by the validator, and its SHA-256 compared with what was recorded; the
 * responder is asked about one good certificate of each authority.  After each
 * new list, and every hour; what fails is tried again, 5 s later at first, and
 * an hour at last.  One failure is no warning yet; two are, hours or days
 * before half of a list's life is over.
 *
 * All of it is one thread's.  All zero at first.
 */
struct published_thing {
    int64_t authority;
    int kind;       /* CRL_COMPLETE, a shard, or PUBLISHED_ANSWER */
    int64_t number; /* of the list that was found at its address; 0: none */
    int64_t next_ms;
    unsigned failures; /* one after the other */
    struct failure why;
};
#define PUBLISHED_ANSWER (-3)
/* The hosts of url and notices-webhook. */
#define PUBLISHED_RULES_MAX 2

struct published {
    struct validator *validator; /* NULL: there is none */
    char rule_texts[PUBLISHED_RULES_MAX][FETCH_RULE_TEXT];
    const char *rules[PUBLISHED_RULES_MAX];
    size_t rule_count;
    struct published_thing *things;
    size_t count, room;
    uint64_t asked;
};
void published_free(struct published *published);

#define PUBLISHED_AGAIN_MS (INT64_C(3600) * 1000)
#define PUBLISHED_RETRY_MS 5000
#define PUBLISHED_FETCH_MS 10000

/* How the check is done; ends: breaks a wait off. */
struct published_desk {
    const struct authority *authority;
    struct store *reading;
    bool (*ends)(void *context);
    void *context;
};

/* Notes what there is to be fetched; *is_due: something is. */
MUST_CHECK bool published_look(struct published *published,
    const struct published_desk *desk, bool *is_due, struct failure *why);
/* This one fetches from here on; owns the socket, failure included. */
MUST_CHECK bool published_take(struct published *published,
    const struct configuration *configuration, int socket, struct failure *why);
/* Fetches and compares what is due, until the first failure; then lets the
 * validator go. */
void published_check(
    struct published *published, const struct published_desk *desk);
/* Posts JSON to an address of the settings, by the validator at hand. */
MUST_CHECK bool published_post(struct published *published,
    const struct published_desk *desk, const char *address, struct bytes json,
    struct failure *why);
/* What failed twice. */
void published_warn(const struct published *published,
    const struct authority *authority, struct warnings *found);

/* Is there an address that can be followed (http)? */
bool published_has_address(const struct configuration *configuration);

#endif
