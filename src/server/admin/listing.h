#ifndef SERVER_ADMIN_LISTING_H
#define SERVER_ADMIN_LISTING_H

#include "server/admin/call.h"

/*
 * A table over several pages: rows are written into the call's page as they
 * are walked, by growing numbers.  A page has LISTING_ROWS of them, and looks
 * at LISTING_LOOKS at most: it may be short, and say what comes next.
 */
#define LISTING_ROWS 50
#define LISTING_LOOKS 10000

struct listing {
    struct admin_call *call;
    struct buffer *out;
    int64_t after; /* the number behind which it begins */
    int64_t last;  /* of the last row that was looked at */
    size_t rows, looks;
    bool is_full; /* ended by a bound: there is more */
};

/* Reads ?after=, writes the table up to its head. */
MUST_CHECK bool listing_begin(struct admin_call *call, struct listing *listing,
    const char *head, struct failure *why);
/* A row is looked at; false ends the walk (is_full). */
bool listing_looks(struct listing *listing, int64_t number);
/* It is written. */
void listing_has(struct listing *listing);
/* Both. */
bool listing_takes(struct listing *listing, int64_t number);
/* The end of the table; `none` without rows; the way on, with what else the
 * query said. */
MUST_CHECK bool listing_end(struct listing *listing, const char *path,
    const char *none, struct failure *why);

#endif
