#include "x509/der_writer.h"

#include <string.h>

#include "x509/time.h"

struct der_writer der_writer_in(uint8_t *room, size_t size)
{
    return (struct der_writer){.room = room, .start = size, .size = size};
}

size_t der_writer_mark(const struct der_writer *writer)
{
    return writer->start;
}

void der_write_byte(struct der_writer *writer, uint8_t byte)
{
    if (writer->overflown || writer->start == 0) {
        writer->overflown = true;
        return;
    }
    writer->room[--writer->start] = byte;
}

void der_write_raw(struct der_writer *writer, struct bytes bytes)
{
    if (writer->overflown || writer->start < bytes.length) {
        writer->overflown = true;
        return;
    }
    if (bytes.length == 0) /* memcpy takes no NULL, even for nothing */
        return;
    writer->start -= bytes.length;
    memcpy(writer->room + writer->start, bytes.start, bytes.length);
}

void der_write_head(struct der_writer *writer, unsigned int tag, size_t mark)
{
    size_t length = mark - writer->start;
    uint8_t length_bytes = 0;

    if (length >= 0x80) {
        for (size_t left = length; left > 0; left >>= 8) {
            der_write_byte(writer, (uint8_t)(left & 0xff));
            length_bytes++;
        }
        der_write_byte(writer, (uint8_t)(0x80u | length_bytes));
    } else {
        der_write_byte(writer, (uint8_t)length);
    }
    der_write_byte(writer, (uint8_t)tag);
}

void der_write_element(
    struct der_writer *writer, unsigned int tag, struct bytes contents)
{
    size_t mark = der_writer_mark(writer);

    der_write_raw(writer, contents);
    der_write_head(writer, tag, mark);
}

void der_write_boolean(struct der_writer *writer, bool value)
{
    const uint8_t byte = value ? 0xff : 0x00;

    der_write_element(
        writer, DER_BOOLEAN, (struct bytes){.start = &byte, .length = 1});
}

void der_write_small_integer(struct der_writer *writer, uint32_t value)
{
    const uint8_t magnitude[] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16),
        (uint8_t)(value >> 8), (uint8_t)value};

    der_write_unsigned(writer,
        (struct bytes){.start = magnitude, .length = sizeof(magnitude)});
}

void der_write_unsigned(struct der_writer *writer, struct bytes magnitude)
{
    size_t mark = der_writer_mark(writer);

    while (magnitude.length > 0 && magnitude.start[0] == 0) {
        magnitude.start++;
        magnitude.length--;
    }
    der_write_raw(writer, magnitude);
    if (magnitude.length == 0 || (magnitude.start[0] & 0x80) != 0)
        der_write_byte(writer, 0);
    der_write_head(writer, DER_INTEGER, mark);
}

void der_write_oid(struct der_writer *writer, struct bytes oid_contents)
{
    der_write_element(writer, DER_OBJECT_IDENTIFIER, oid_contents);
}

void der_write_bit_string(
    struct der_writer *writer, struct bytes bits, uint8_t unused)
{
    size_t mark = der_writer_mark(writer);

    if (bits.length == 0) {
        der_write_byte(writer, 0);
    } else {
        /* X.690, 11.2.1: spare bits are zero, whatever the caller left. */
        uint8_t last = bits.start[bits.length - 1];
        der_write_byte(writer, (uint8_t)(last & (0xffu << unused)));
        bits.length--;
        der_write_raw(writer, bits);
        der_write_byte(writer, unused);
    }
    der_write_head(writer, DER_BIT_STRING, mark);
}

/* X.690, 11.2.2: trailing zeros of a named bit list are left out. */
void der_write_named_bits(
    struct der_writer *writer, uint32_t bits, unsigned int count)
{
    uint8_t bytes[sizeof(bits)] = {0};
    unsigned int used = 0;

    for (unsigned int i = 0; i < count && i < 32; i++) {
        if ((bits >> i & 1) == 0)
            continue;
        bytes[i / 8] |= (uint8_t)(0x80u >> i % 8);
        used = i + 1;
    }
    der_write_bit_string(writer,
        (struct bytes){.start = bytes, .length = (used + 7) / 8},
        (uint8_t)((8 - used % 8) % 8));
}

void der_write_time(struct der_writer *writer, int64_t time)
{
    uint8_t text[TIME_DIGITS_MAX];

    if (time < TIME_FIRST || time > TIME_WITHOUT_END) {
        writer->time_refused = true;
        return;
    }

    bool is_utc = time_is_utc(time);
    const uint8_t *end = time_put_digits(text, time, !is_utc);
    der_write_element(writer, is_utc ? DER_UTC_TIME : DER_GENERALIZED_TIME,
        (struct bytes){text, (size_t)(end - text)});
}

bool der_writer_take(
    struct der_writer *writer, struct bytes *encoding, struct failure *why)
{
    if (writer->time_refused)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a time outside the years 1 to 9999 cannot be encoded");
    if (writer->overflown)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the encoding is longer than the %zu bytes it may have",
            writer->size);
    *encoding = (struct bytes){.start = writer->room + writer->start,
        .length = writer->size - writer->start};
    return true;
}
