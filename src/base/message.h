#ifndef BASE_MESSAGE_H
#define BASE_MESSAGE_H

#include "base/bytes.h"
#include "base/reader.h"

/*
 * The body of a frame: a flat sequence of fields, each a tag, a length and
 * that many bytes.  A tag may be repeated (a list) and comes in any order; what
 * a tag means is said by the header of the protocol that uses it.
 *
 *     field: tag (1 byte), length (4 bytes, big-endian), value
 *
 * A message is written into a buffer and read in place.
 */
MUST_CHECK bool message_add(struct buffer *message, uint8_t tag,
    struct bytes value, struct failure *why);
MUST_CHECK bool message_add_number(struct buffer *message, uint8_t tag,
    uint64_t value, struct failure *why); /* 8 bytes */
MUST_CHECK bool message_add_text(struct buffer *message, uint8_t tag,
    const char *text, struct failure *why); /* without its final zero */

struct field {
    uint8_t tag;
    struct bytes value; /* a view into the message */
};

/* The next field.  Call it until reader_at_end. */
MUST_CHECK bool message_next(
    struct reader *message, struct field *field, struct failure *why);

/* The field as a number of exactly 8 bytes. */
MUST_CHECK bool field_number(
    const struct field *field, uint64_t *number, struct failure *why);

/* Copies the field into a text of room bytes, its zero included; a zero byte
 * within, or a longer value, is FAILURE_MALFORMED. */
MUST_CHECK bool field_text(
    const struct field *field, char *text, size_t room, struct failure *why);

#endif
