#include "base/reader.h"

struct reader reader_of(struct bytes whole)
{
    return (struct reader){.whole = whole};
}

bool reader_at_end(const struct reader *reader)
{
    return reader->position == reader->whole.length;
}

size_t reader_left(const struct reader *reader)
{
    return reader->whole.length - reader->position;
}

bool read_bytes(struct reader *reader, size_t length, struct bytes *bytes,
    struct failure *why)
{
    if (length > reader_left(reader))
        return fail_because(why, FAILURE_MALFORMED,
            "%zu bytes were expected at offset %zu, %zu are left", length,
            reader->position, reader_left(reader));
    *bytes = (struct bytes){.length = length};
    if (length > 0)
        bytes->start = reader->whole.start + reader->position;
    reader->position += length;
    return true;
}

static bool read_number(
    struct reader *reader, size_t width, uint64_t *number, struct failure *why)
{
    struct bytes bytes = {0};
    uint64_t value = 0;

    if (width > reader_left(reader))
        return fail_because(why, FAILURE_MALFORMED,
            "a number of %zu bytes was expected at offset %zu, %zu are left",
            width, reader->position, reader_left(reader));
    if (!read_bytes(reader, width, &bytes, why))
        return false;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | bytes.start[i];
    *number = value;
    return true;
}

bool read_u8(struct reader *reader, uint8_t *value, struct failure *why)
{
    uint64_t number = 0;

    if (!read_number(reader, 1, &number, why))
        return false;
    *value = (uint8_t)number;
    return true;
}

bool read_u16(struct reader *reader, uint16_t *value, struct failure *why)
{
    uint64_t number = 0;

    if (!read_number(reader, 2, &number, why))
        return false;
    *value = (uint16_t)number;
    return true;
}

bool read_u32(struct reader *reader, uint32_t *value, struct failure *why)
{
    uint64_t number = 0;

    if (!read_number(reader, 4, &number, why))
        return false;
    *value = (uint32_t)number;
    return true;
}

bool read_u64(struct reader *reader, uint64_t *value, struct failure *why)
{
    return read_number(reader, 8, value, why);
}

static bool append_number(
    struct buffer *buffer, size_t width, uint64_t number, struct failure *why)
{
    uint8_t bytes[8] = {0};

    for (size_t i = 0; i < width; i++)
        bytes[i] = (uint8_t)(number >> 8 * (width - 1 - i));
    return buffer_append(
        buffer, (struct bytes){.start = bytes, .length = width}, why);
}

bool append_u16(struct buffer *buffer, uint16_t value, struct failure *why)
{
    return append_number(buffer, 2, value, why);
}

bool append_u32(struct buffer *buffer, uint32_t value, struct failure *why)
{
    return append_number(buffer, 4, value, why);
}

bool append_u64(struct buffer *buffer, uint64_t value, struct failure *why)
{
    return append_number(buffer, 8, value, why);
}
