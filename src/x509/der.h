#ifndef X509_DER_H
#define X509_DER_H

#include "base/bytes.h"

/*
 * Reading untrusted DER (X.690, 8 to 11), one element at a time.
 *
 * A reader is a view that shrinks from the front.  Nothing is copied or
 * allocated: every result is a view into the bytes the reader was given, and
 * lives as long as they do.  Anything that is not the one DER encoding of what
 * it says (a long length where a short one fits, an indefinite length, bytes
 * beyond the end) is FAILURE_MALFORMED, and the reason names the offset.
 */

enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OBJECT_IDENTIFIER = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_UTF8_STRING = 0x0c,
    DER_NUMERIC_STRING = 0x12,
    DER_PRINTABLE_STRING = 0x13,
    DER_TELETEX_STRING = 0x14,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_VISIBLE_STRING = 0x1a,
    DER_UNIVERSAL_STRING = 0x1c,
    DER_BMP_STRING = 0x1e,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31
};

/* Context-specific tags: DER_CONTEXT(0) primitive, DER_CONTEXT_HOLDING(0)
 * constructed; numbers 0 to 30. */
#define DER_CONTEXT(number) (0x80u | (number))
#define DER_CONTEXT_HOLDING(number) (0xa0u | (number))

struct der_reader {
    struct bytes whole; /* what offsets in reasons are counted from */
    size_t position;
    size_t end;
};

struct der_reader der_reader_of(struct bytes encoding);

bool der_at_end(const struct der_reader *reader);

/* The tag of the next element, or -1 at the end. */
int der_peek(const struct der_reader *reader);

/*
 * Reads the next element, which must carry the tag, and moves past it.
 * *contents is a reader of what is inside; offsets keep counting from the
 * outermost bytes.  tag: an enum der_tag or a DER_CONTEXT.
 */
MUST_CHECK bool der_read(struct der_reader *reader, unsigned int tag,
    struct der_reader *contents, struct failure *why);

/* As der_read, for an element that may be absent: *present says. */
MUST_CHECK bool der_read_optional(struct der_reader *reader, unsigned int tag,
    struct der_reader *contents, bool *present, struct failure *why);

/* The next element whatever its tag; *element is all of it, head included. */
MUST_CHECK bool der_read_any(struct der_reader *reader, uint8_t *tag,
    struct der_reader *contents, struct bytes *element, struct failure *why);

/* Refuses bytes that are left over. */
MUST_CHECK bool der_finish(
    const struct der_reader *reader, const char *what, struct failure *why);

/* The bytes a reader has not read yet. */
struct bytes der_remaining(const struct der_reader *reader);

/* Whole elements of the common types, checked for their one encoding. */
MUST_CHECK bool der_read_boolean(
    struct der_reader *reader, bool *value, struct failure *why);
/* Two's complement as encoded: at least one byte, no needless first byte. */
MUST_CHECK bool der_read_integer(
    struct der_reader *reader, struct bytes *value, struct failure *why);
/* A non-negative INTEGER of at most 2^31 - 1. */
MUST_CHECK bool der_read_small_integer(
    struct der_reader *reader, uint32_t *value, struct failure *why);
/* A BIT STRING; *unused: 0 to 7 spare bits, which must be zero. */
MUST_CHECK bool der_read_bit_string(struct der_reader *reader,
    struct bytes *bits, uint8_t *unused, struct failure *why);
/* An OBJECT IDENTIFIER's contents, checked (minimal arcs, ended). */
MUST_CHECK bool der_read_oid(
    struct der_reader *reader, struct bytes *oid, struct failure *why);

#endif
