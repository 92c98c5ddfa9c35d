#ifndef BASE_READER_H
#define BASE_READER_H

#include "base/bytes.h"

/*
 * Reading and writing the fixed-width fields of our own binary formats (channel
 * frames, messages, the sign log).  Numbers are big-endian.  A reader shrinks
 * from the front, copies nothing, and fails as FAILURE_MALFORMED, naming what
 * was wanted and the offset, when fewer bytes are left than that.
 */
struct reader {
    struct bytes whole; /* what offsets in reasons are counted from */
    size_t position;
};

struct reader reader_of(struct bytes whole);
bool reader_at_end(const struct reader *reader);
size_t reader_left(const struct reader *reader);

MUST_CHECK bool read_u8(struct reader *, uint8_t *, struct failure *why);
MUST_CHECK bool read_u16(struct reader *, uint16_t *, struct failure *why);
MUST_CHECK bool read_u32(struct reader *, uint32_t *, struct failure *why);
MUST_CHECK bool read_u64(struct reader *, uint64_t *, struct failure *why);

/* A view of the next length bytes. */
MUST_CHECK bool read_bytes(
    struct reader *, size_t length, struct bytes *, struct failure *why);

MUST_CHECK bool append_u16(struct buffer *, uint16_t, struct failure *why);
MUST_CHECK bool append_u32(struct buffer *, uint32_t, struct failure *why);
MUST_CHECK bool append_u64(struct buffer *, uint64_t, struct failure *why);

#endif
