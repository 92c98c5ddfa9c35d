#ifndef X509_PEM_H
#define X509_PEM_H

#include "base/bytes.h"

/* PEM (RFC 7468).  Linear in its input, at most 1 MiB (incident 22). */
#define PEM_MAX (1024 * 1024)

/* Labels are words of A to Z and 0 to 9 with single spaces between them. */
#define PEM_LABEL_MAX 64

/*
 * Finds the next block at or after *position: its label ("CERTIFICATE
 * REQUEST", a view into the text) and its decoded bytes, appended to der.
 * Moves *position past it.  Text before the block is passed over.
 * FAILURE_NOT_FOUND: no further block begins; FAILURE_MALFORMED names the line.
 */
MUST_CHECK bool pem_next(struct bytes text, size_t *position,
    struct bytes *label, struct buffer *der, struct failure *why);

MUST_CHECK bool pem_append(struct buffer *text, const char *label,
    struct bytes der, struct failure *why);

/*
 * One object from a file in either encoding: DER when it begins as a SEQUENCE
 * whose length fits, else the first PEM block with one of the labels (ended by
 * NULL).  The reason names what was found instead.
 */
MUST_CHECK bool pem_or_der(struct bytes file, const char *const *labels,
    struct buffer *der, struct failure *why);

#endif
