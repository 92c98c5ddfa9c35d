#ifndef X509_DER_WRITER_H
#define X509_DER_WRITER_H

#include "base/bytes.h"

/*
 * Writing DER from the back to the front: contents first, then the head that
 * now knows their length.  Nothing is moved or measured twice.
 *
 *     struct der_writer writer = der_writer_in(room, sizeof(room));
 *     size_t mark = der_writer_mark(&writer);
 *     der_write_small_integer(&writer, 3);
 *     der_write_head(&writer, DER_SEQUENCE, mark);
 *     if (!der_writer_take(&writer, &encoding, why)) ...
 *
 * A writer that runs out of room, or is given a time it can't write, remembers
 * it, so only the take at the end has to be checked.
 */
struct der_writer {
    uint8_t *room;
    size_t start; /* the first byte written is room[start] */
    size_t size;
    bool overflown;
    bool time_refused; /* a time outside the years 1 to 9999 was given */
};

struct der_writer der_writer_in(uint8_t *room, size_t size);

/* Where the contents of an element end: what is written after this mark and
 * before der_write_head is inside the element. */
size_t der_writer_mark(const struct der_writer *writer);

void der_write_head(struct der_writer *, unsigned int tag, size_t mark);
void der_write_raw(struct der_writer *, struct bytes);
void der_write_byte(struct der_writer *, uint8_t);
void der_write_element(
    struct der_writer *, unsigned int tag, struct bytes contents);

void der_write_boolean(struct der_writer *, bool);
void der_write_small_integer(struct der_writer *, uint32_t);
/* A magnitude, big-endian; a zero is put before a set top bit, needless zeros
 * are left out: always positive. */
void der_write_unsigned(struct der_writer *, struct bytes magnitude);
void der_write_oid(struct der_writer *, struct bytes oid_contents);
void der_write_bit_string(
    struct der_writer *, struct bytes bits, uint8_t unused);
/* The named bits (KeyUsage): bit 0 is the first; trailing zeros are left out.
 */
void der_write_named_bits(
    struct der_writer *, uint32_t bits, unsigned int count);
/* RFC 5280, 4.1.2.5: UTCTime from 1950 through 2049, else GeneralizedTime. */
void der_write_time(struct der_writer *, int64_t time);

/* A view into the room.  FAILURE_UNSUITABLE when it was too small, or a time
 * has no encoding. */
MUST_CHECK bool der_writer_take(
    struct der_writer *writer, struct bytes *encoding, struct failure *why);

#endif
