#ifndef BASE_HEX_H
#define BASE_HEX_H

#include "base/bytes.h"

/* Lower-case hexadecimal and its zero: 2 * length + 1 bytes. */
void hex_print(struct bytes bytes, char *text);

/* 0 to 15 of a digit in either case, or -1. */
int hex_digit_value(uint8_t digit);

/* Pairs of digits in either case; nothing between them.  *length is how many
 * bytes came out, at most room. */
MUST_CHECK bool hex_read(const char *text, uint8_t *bytes, size_t room,
    size_t *length, struct failure *why);

#endif
