#ifndef SERVER_ROUTE_H
#define SERVER_ROUTE_H

#include "protocols/exchange.h"
#include "server/http/url.h"

/*
 * Every path there is, in one table (server/routes.c): at which listeners, by
 * which methods, how long its body may be, where it is answered, by what its
 * caller may be known, how a refusal is worded, and who answers.  The front
 * reads it for what it must know before the body; the keeper looks a request
 * up again and holds it against its channel's listener.  A path without a row
 * at this listener is 404, whatever there is of it at others: who may not reach
 * it learns nothing of it.
 */
enum route_place {
    ROUTE_FILE,  /* the front, from DIR/publish */
    ROUTE_OCSP,  /* the front from the table; nonces and misses: the keeper */
    ROUTE_VIEW,  /* the front, with a reader */
    ROUTE_FRONT, /* the front itself: /version, style.css and such */
    ROUTE_KEEPER
};

/* By what a caller may be known there; several: what came decides, and bad
 * credentials are refused, never overlooked. */
#define WAY_ANYONE 1u
#define WAY_BASIC 2u       /* an account (RFC 7617), over TLS alone */
#define WAY_TOKEN 4u       /* Authorization: Bearer */
#define WAY_CERTIFICATE 8u /* the certificate in a person's row */

enum route_manner { /* how refusals are worded */
    MANNER_PAGE,
    MANNER_PROBLEM, /* application/problem+json (RFC 9457) */
    MANNER_CERTSRV,
    MANNER_TEXT,
    MANNER_OCSP
};

struct route {
    /* "/enrol"; one that ends in '*' stands for all that begin so.  The first
     * row that fits, of those at the listener, is meant.  Compared in any case
     * when is_any_case. */
    const char *path;
    bool is_any_case;
    unsigned methods;   /* bits of enum exchange_method */
    unsigned listeners; /* LISTENER_BITs */
    size_t body_max;    /* in bytes; 0: no body */
    enum route_place place;
    unsigned ways;
    enum route_manner manner;
    enum enrolment_door door;  /* of what the caller asks for there */
    exchange_handler *handler; /* of ROUTE_KEEPER and ROUTE_OCSP; else NULL */
};

/* How a raw path is decoded: the tail of an OCSP question by GET is base64,
 * whose slash is escaped (RFC 6960, A.1).  Front and keeper must read the same
 * path. */
enum url_slash route_slash(struct bytes raw_path);

/* The row for a decoded path at a listener; NULL: 404.  The method is the
 * caller's to look at (405 with Allow). */
const struct route *route_of(const char *path, enum listener listener);
/* Ended by one without a path; in its order. */
const struct route *routes(void);

#endif
