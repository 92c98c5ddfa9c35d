#ifndef SERVER_READER_VIEW_H
#define SERVER_READER_VIEW_H

#include "base/bytes.h"

/*
 * What the viewer shows of a stranger's file, as documents for a page: in the
 * reader role, with its limits.  question: the body of READER_VIEW.  What is
 * damaged is shown as far as it goes.  A file with a private key in it is
 * FAILURE_UNSUITABLE, and nothing of it is shown; one with nothing to show is
 * FAILURE_MALFORMED.
 */
MUST_CHECK bool reader_view(
    struct bytes question, struct buffer *markup, struct failure *why);

/* The question, appended: what a front sends. */
MUST_CHECK bool reader_view_ask(const char *name, struct bytes file,
    struct bytes roots, struct bytes untrusted, struct buffer *question,
    struct failure *why);

#endif
