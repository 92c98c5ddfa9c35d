#ifndef STORE_SEARCH_PARTS_H
#define STORE_SEARCH_PARTS_H

#include "store/search.h"
#include "store/store_sqlite.h"

/*
 * Shared by the files of the index.
 *
 * Terms lie in segments of so many certificates (and objects in segments of so
 * many events): filling writes to the pages of the last segment alone, however
 * large the index has become, and a page of results in the order of ids needs
 * no more than the matches of a few segments, however many there are in all.
 * The price is one look into each segment for a text that few have: about 10
 * microseconds for 8192 certificates.
 */
#define SEGMENT_CERTIFICATES 8192
#define SEGMENT_EVENTS 65536

enum search_statement {
    SEARCH_IDENTITY,
    SEARCH_TAKEN,
    SEARCH_SET_TAKEN,
    SEARCH_ADD_TERM,
    SEARCH_FIND_TERMS,
    SEARCH_ADD_OBJECT,
    SEARCH_FIND_OBJECT,
    SEARCH_STATEMENTS
};

struct search {
    struct store file; /* of the index: the engine's words for its failures */
    sqlite3_stmt *statements[SEARCH_STATEMENTS];
    bool is_checked; /* it was made from the store it is used with */
    bool was_damaged;
};

MUST_CHECK bool search_statement(struct search *search,
    enum search_statement which, sqlite3_stmt **statement, struct failure *why);

/* The last one taken in, and a hash that shows whether the store still has that
 * very one: SHA-256 of the certificate, the event's hash. */
struct search_taken {
    int64_t number; /* 0: none */
    uint8_t hash[SHA256_BYTES];
};
#define TAKEN_CERTIFICATE "certificate"
#define TAKEN_EVENT "event"
MUST_CHECK bool search_taken(struct search *search, const char *name,
    struct search_taken *taken, struct failure *why);

/* *is_of: the store has what was last taken in. */
MUST_CHECK bool search_is_of(struct search *search, struct store *store,
    bool *is_of, struct failure *why);

/* Did the last call find the file damaged, or not to be an index? */
bool search_is_damaged(const struct search *search);

/* Empties the file, whatever is in it; opens no other. */
MUST_CHECK bool search_empty(struct search *search, struct failure *why);

#endif
