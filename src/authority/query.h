#ifndef AUTHORITY_QUERY_H
#define AUTHORITY_QUERY_H

#include "store/store.h"

/*
 * Which certificates `revoke --where` means: terms joined by "and".
 *
 *     profile=server and name=*.example.org and issued>=2026-01-01
 *
 * profile, name, actor (who asked), approver, authority and serial take = and
 * !=, with * for any run of characters.  name is any alternative name, common
 * name or the whole subject, in any case.  issued and not-after take =, <, <=,
 * > and >=, with RFC 3339, seconds since 1970 or a day, which stands for all
 * its seconds.  status is valid, expired, held or revoked.  A value with
 * blanks stands in double quotes.
 *
 * Compiled to the store's filter and a test of each row, never to SQL.
 */
#define QUERY_TEXT_MAX 2000
#define QUERY_TERMS_MAX 20
#define QUERY_VALUE_ROOM 256

enum query_field {
    QUERY_PROFILE,
    QUERY_NAME,
    QUERY_ACTOR,
    QUERY_APPROVER,
    QUERY_AUTHORITY,
    QUERY_SERIAL,
    QUERY_STATUS,
    QUERY_ISSUED,
    QUERY_NOT_AFTER
};

struct query_term {
    enum query_field field;
    bool is_not; /* != */
    char text[QUERY_VALUE_ROOM];
    int64_t from, until; /* of times, both inclusive */
};

struct query {
    struct query_term terms[QUERY_TERMS_MAX];
    size_t count;
};

/* FAILURE_MALFORMED names the column, from 1, and what is known. */
MUST_CHECK bool query_read(
    const char *text, struct query *query, struct failure *why);

struct query_walk {
    const struct query *query;
    int64_t after_id;
    int64_t until_id; /* 0: no end */
    int64_t limit;    /* 0: none */
    /* Those to revoke: without the revoked, and without certificates of
     * authorities, which are revoked by their serial alone. */
    bool to_revoke;

    /* What the walk tells. */
    int64_t found;
    int64_t authorities_left_out;
    int64_t last_id;  /* of the last one that was looked at; then after_id of
                         the next walk */
    bool has_reached; /* the end, rather than the limit */
};

/* Visits those it finds in the order of their ids.  FAILURE_NOT_FOUND: no
 * authority has the name it gives. */
MUST_CHECK bool query_walk(struct store *store, struct query_walk *walk,
    certificate_visitor *visit, void *context, struct failure *why);

/* Does a text have this form?  Any run of characters for "*"; ASCII letters in
 * any case. */
bool query_matches(const char *pattern, struct bytes text);

#endif
