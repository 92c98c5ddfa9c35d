#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/bytes.h"

/* RFC 4648, section 4.  line: characters per line, a newline after each (0:
 * one line without a newline). */
MUST_CHECK bool base64_append(
    struct buffer *text, struct bytes bytes, size_t line, struct failure *why);

/* Strict: the alphabet, its padding, zero spare bits.  White space (space,
 * tab, CR, LF) is passed over; the reason names the offset of anything else. */
MUST_CHECK bool base64_read(
    struct bytes text, struct buffer *bytes, struct failure *why);

#endif
