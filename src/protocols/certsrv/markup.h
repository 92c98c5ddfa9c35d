#ifndef PROTOCOLS_CERTSRV_MARKUP_H
#define PROTOCOLS_CERTSRV_MARKUP_H

#include "protocols/exchange.h"

/*
 * The pages of /certsrv: markup of ours, with texts between that are escaped
 * by markup_text alone.  They need no script.
 */
#define MARKUP_MAX ((size_t)1024 * 1024)

MUST_CHECK bool markup_begin(struct buffer *page,
    const struct exchange *exchange, const char *title, struct failure *why);
/* & < > " ' as entities; control characters and newlines as blanks: clients
 * read some texts up to the end of their line. */
MUST_CHECK bool markup_text(
    struct buffer *page, const char *text, struct failure *why);
/* The end behind it, and the answer: 200, text/html, never stored. */
MUST_CHECK bool markup_answer(
    struct exchange *exchange, struct buffer *page, struct failure *why);

/* Of a sentence that stands in quotes of ours: none in it ends them. */
void markup_without_quotes(char *sentence);

#endif
