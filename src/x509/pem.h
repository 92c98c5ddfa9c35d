#ifndef X509_PEM_H
#define X509_PEM_H

#include "base/bytes.h"

/*
 * PEM (RFC 7468) as people have it: text in front of a block and behind it,
 * indented, with CR, LF or both, blank lines and trailing blanks, and lines
 * glued together around BEGIN and END (kb 49).  Linear in its input, at most 1
 * MiB (incident 22).
 *
 * Reasons name the line and the byte in it, both counted from 1; in UTF-16 a
 * character counts as a byte.
 */
#define PEM_MAX (1024 * 1024)

/* Labels are words of A to Z and 0 to 9 with single spaces between them. */
#define PEM_LABEL_MAX 64

/*
 * The file as 8-bit text: a view of the file itself or, for UTF-16, of room,
 * into which it is converted.  UTF-16 is known by its byte order mark, or by
 * the zeros beside its first two characters.  What is not ASCII becomes '?'.
 */
MUST_CHECK bool pem_text(struct bytes file, struct buffer *room,
    struct bytes *text, struct failure *why);

struct pem_walk {
    struct bytes text;
    size_t position;
    size_t line; /* at the position */
};

struct pem_walk pem_walk_of(struct bytes text);

struct pem_block {
    struct bytes label; /* "CERTIFICATE REQUEST", a view into the text */
    size_t line;        /* of its BEGIN */
    bool is_encrypted;  /* "Proc-Type: 4,ENCRYPTED" (RFC 1421): a key in the
                           oldest encryption; nothing is decoded */
};

/*
 * Finds the next block and appends its decoded bytes to der.  Failing, it moves
 * nothing and appends nothing.  FAILURE_NOT_FOUND: no further block begins.
 */
MUST_CHECK bool pem_next(struct pem_walk *walk, struct pem_block *block,
    struct buffer *der, struct failure *why);

/*
 * Decodes a text that is base64 of DER alone, without BEGIN and END, as old web
 * forms take it; a mail's header may stand before it.  FAILURE_NOT_FOUND: it
 * does not begin like that.
 */
MUST_CHECK bool pem_bare_base64(
    struct bytes text, struct buffer *der, struct failure *why);

MUST_CHECK bool pem_append(struct buffer *text, const char *label,
    struct bytes der, struct failure *why);

/*
 * One object from a file of ours in either encoding: DER when it begins as a
 * SEQUENCE whose length fits, else the first PEM block with one of the labels
 * (ended by NULL).  The reason names what was found instead.  Files of others
 * are read by x509/input.h.
 */
MUST_CHECK bool pem_or_der(struct bytes file, const char *const *labels,
    struct buffer *der, struct failure *why);

#endif
