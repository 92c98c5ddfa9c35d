#ifndef PROTOCOLS_REST_ACCEPT_H
#define PROTOCOLS_REST_ACCEPT_H

#include <stddef.h>

/*
 * RFC 9110, 12.5.1: which of these types an Accept header likes best; the first
 * of several that it likes as much, and the first without a header (NULL).
 * count: it takes none of them.  A range that can't be read counts as none.
 */
size_t accept_choose(
    const char *accept, const char *const *types, size_t count);

#endif
