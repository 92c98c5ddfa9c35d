#ifndef X509_CRL_WINDOW_H
#define X509_CRL_WINDOW_H

#include "x509/crl_scan.h"
#include "x509/der.h"

/*
 * Inside crl_scan: a window that moves over the list.  What is in it was read
 * once and given to the sink; what was read is never read again.
 */
#define CRL_PIECE_BYTES ((size_t)64 * 1024)
#define CRL_ELEMENT_MAX (2 * CRL_URL_MAX + 512) /* wholly in the window */

struct crl_window {
    int descriptor;
    uint64_t file_offset; /* of what is to be read next */
    uint64_t unread;      /* of the span */
    crl_sink *sink;
    void *context;
    uint8_t *room; /* CRL_PIECE_BYTES + CRL_ELEMENT_MAX; NULL: all of the list
                      is in the window */
    const uint8_t *start;
    size_t position, end; /* in the window */
    uint64_t taken;       /* of the list: offsets in reasons */
    uint64_t length;      /* of the list */
};

/* Makes sure that this many bytes, at most CRL_ELEMENT_MAX, can be seen. */
MUST_CHECK bool crl_window_need(
    struct crl_window *window, size_t count, struct failure *why);

/* The tag of the next element, or -1 when nothing was asked for. */
int crl_window_peek(const struct crl_window *window);

/* Passes the head of an element whose contents come next. */
MUST_CHECK bool crl_window_enter(struct crl_window *window, unsigned int tag,
    uint64_t *length, struct failure *why);

/* Passes a whole element of at most so many bytes; the view lives until more is
 * asked for. */
MUST_CHECK bool crl_window_take(struct crl_window *window, unsigned int tag,
    size_t most, struct bytes *element, struct failure *why);

/* Always false.  The second: with the reason of a reader that saw one element
 * alone. */
bool crl_refuse_at(uint64_t offset, const char *what, struct failure *why);
bool crl_refuse_element(uint64_t offset, const char *what,
    const struct failure *inside, struct failure *why);

/* crl_scan_extensions.c: reads and checks the [0] of the list into the facts.
 * start: its offset. */
MUST_CHECK bool crl_scan_extensions(struct bytes element, uint64_t start,
    bool has_removals, struct crl_facts *facts, struct failure *why);

#endif
