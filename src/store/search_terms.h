#ifndef STORE_SEARCH_TERMS_H
#define STORE_SEARCH_TERMS_H

#include "store/search.h"

/*
 * By what a certificate is found.  A term is one byte for its kind and the
 * text, lower-case: 'n' a name from one of its words on, 's' the serial as it
 * is shown, 'f' the SHA-256.
 */
#define TERM_BYTES_MAX (1 + SEARCH_TEXT_MAX)

/* A hostile name of single letters would have a term for each of them. */
#define NAME_WORDS_MAX 32

typedef bool term_visitor(
    void *context, struct bytes term, struct failure *why);

/* Visits each term, some of them twice.  A certificate that can't be read has
 * its serial and SHA-256 alone. */
MUST_CHECK bool search_terms(const struct certificate_row *row,
    term_visitor *visit, void *context, struct failure *why);

/* What a text looks for: terms that begin with one of these. */
#define SEARCH_PREFIXES_MAX 3
struct search_prefix {
    uint8_t bytes[TERM_BYTES_MAX];
    size_t length;
};
struct search_query {
    struct search_prefix prefixes[SEARCH_PREFIXES_MAX];
    size_t count; /* 0: nothing can be found */
};
void search_query_read(const char *text, struct search_query *query);

#endif
