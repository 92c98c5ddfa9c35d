#ifndef SERVER_WATCH_NOTICES_H
#define SERVER_WATCH_NOTICES_H

#include "server/watch/expiry.h"
#include "server/watch/published.h"

/*
 * What ends is told ahead (properties 53): once a day at most, in one digest,
 * each thing when it comes within 30, 14, 7 and 1 days of its end and each time
 * once.  What will come so near before the next digest is told in this one.
 *
 *     {"authority":"Example","at":"2026-11-21T00:47:03Z","ends":[
 *      {"kind":"token","name":"ci","ends":"2026-12-05T00:00:00Z",
 *       "within_days":14}]}
 *
 * It is posted to notices-webhook of chancery.yaml.
 */
#define NOTICES_MAX 200 /* in one digest; the rest is counted: "more" */
#define NOTICES_AGAIN_S INT64_C(86400)

/* The store's number: when the last digest went out, seconds since 1970. */
#define NOTICES_TOLD_AT "notices-told-at"

struct notices {
    int64_t next_ms;
    unsigned failures; /* one after the other */
    struct failure why;
};

/* Appends the digest; *count 0 and nothing appended: there is none. */
MUST_CHECK bool notices_write(const struct authority *authority,
    struct own_ends *own, struct store *reading, int64_t told_at, int64_t now,
    struct buffer *digest, size_t *count, struct failure *why);

/* *is_due: there is a digest to send now, appended. */
MUST_CHECK bool notices_look(const struct notices *notices,
    const struct authority *authority, struct own_ends *own,
    struct store *reading, bool *is_due, struct buffer *digest,
    struct failure *why);
/* Posts it, and journals that it went out. */
void notices_send(struct notices *notices, struct published *published,
    const struct published_desk *desk, struct authority *authority,
    struct bytes digest);
void notices_warn(const struct notices *notices,
    const struct authority *authority, struct warnings *found);

#endif
