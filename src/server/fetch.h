#ifndef SERVER_FETCH_H
#define SERVER_FETCH_H

#include "server/fetch_rule.h"

/*
 * One thing from one address over HTTP, by the rules of docs/fetching.md.  No
 * credentials, no cookie, no proxy, no decompression; the connection goes to
 * the address that was judged, and to no other.
 */
enum fetch_kind {
    FETCH_ISSUER, /* certificates */
    FETCH_LIST,   /* a CRL */
    FETCH_ANSWER, /* an OCSP answer: the request is posted */
    FETCH_NOTICE, /* nothing: the request, in JSON, is posted, and what is
                     answered beside the status doesn't matter */
    FETCH_KINDS
};

#define FETCH_REDIRECTS_MAX 3
#define FETCH_LIST_MAX (64ul * 1024 * 1024)
#define FETCH_OTHER_MAX (256ul * 1024)
#define FETCH_REQUEST_MAX (64 * 1024)

size_t fetch_bytes_max(enum fetch_kind kind);

struct fetch_wish {
    enum fetch_kind kind;
    struct bytes address;
    struct bytes request; /* FETCH_ANSWER, FETCH_NOTICE */
    const struct fetch_rule *rules;
    size_t rule_count;
    int64_t deadline_ms; /* of clock_monotonic_ms */
};

/*
 * Appends what came to body.  FAILURE_FORBIDDEN, FAILURE_UNSUITABLE: refused by
 * a rule, which the reason names; FAILURE_UNAVAILABLE, FAILURE_NOT_FOUND: no
 * name, no connection, no answer in time, or an answer that says no;
 * FAILURE_MALFORMED: what came is damaged.
 */
MUST_CHECK bool fetch(
    const struct fetch_wish *wish, struct buffer *body, struct failure *why);

#endif
