#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/bytes.h"

/* Is it well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms)? */
bool text_is_utf8(struct bytes text);

/* The beginning of a text in UTF-8: at most this many bytes, and no letter cut
 * in two. */
struct bytes text_beginning(struct bytes text, size_t most);

/* The same as a text of at most size bytes, its zero included. */
void text_copy_beginning(struct bytes text, char *room, size_t size);

/* What stands for this byte in HTML and XML, in text and in quoted values alike
 * ("&lt;"); NULL: itself. */
const char *text_entity(uint8_t byte);

/* A number in decimal digits, with its zero. */
#define NUMBER_TEXT 21
void number_print(uint64_t number, char text[static NUMBER_TEXT]);

/* Its last digits, so many, with zeros before them and none behind: without
 * printf, whose format would cost more than all else in a line of the log. */
void digits_put(uint64_t number, char *text, size_t count);

/* How many bytes the first letter of a text has, at least 1; *is_visible is
 * false where it is no UTF-8, or a letter that is not shown as it stands (see
 * below). */
size_t text_first(struct bytes text, bool *is_visible);

/*
 * Appends a text from outside so that it is safe to show on a terminal or in a
 * log: control characters, bidirectional overrides, zero-width and line
 * separators, and bytes that are no UTF-8 are written \u{202e} or \x{9b}; a
 * backslash is doubled.
 */
MUST_CHECK bool text_append_visible(
    struct buffer *out, struct bytes text, struct failure *why);

/* The same of words that printers of ours made: a backslash stays one, since
 * RFC 4514 uses it. */
MUST_CHECK bool text_append_shown(
    struct buffer *out, const char *text, struct failure *why);

#endif
