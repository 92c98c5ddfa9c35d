#include "x509/der.h"

/* Lengths above this are refused: four gigabytes of one element is no
 * certificate, and size_t may not be wider than 32 bits. */
#define LENGTH_BYTES_MAX 4

/* X.690, 8.1.2.4: these five bits say that the tag number follows. */
#define TAG_NUMBER_FOLLOWS 0x1fu

struct der_reader der_reader_of(struct bytes encoding)
{
    return (struct der_reader){.whole = encoding, .end = encoding.length};
}

bool der_at_end(const struct der_reader *reader)
{
    return reader->position == reader->end;
}

int der_peek(const struct der_reader *reader)
{
    return der_at_end(reader) ? -1 : reader->whole.start[reader->position];
}

struct bytes der_remaining(const struct der_reader *reader)
{
    if (der_at_end(reader))
        return (struct bytes){0};
    return (struct bytes){.start = reader->whole.start + reader->position,
        .length = reader->end - reader->position};
}

static bool malformed(
    const struct der_reader *reader, const char *what, struct failure *why)
{
    return fail_because(
        why, FAILURE_MALFORMED, "%s at offset %zu", what, reader->position);
}

static bool read_byte(
    struct der_reader *reader, uint8_t *byte, struct failure *why)
{
    if (der_at_end(reader))
        return malformed(reader, "an element is cut off", why);
    *byte = reader->whole.start[reader->position++];
    return true;
}

/* X.690, 10.1: the definite form, in the fewest bytes. */
static bool read_long_length(struct der_reader *reader, size_t length_bytes,
    size_t *length, struct failure *why)
{
    uint8_t byte = 0;
    size_t value = 0;

    if (length_bytes == 0)
        return malformed(reader, "an indefinite length is not DER", why);
    if (length_bytes > LENGTH_BYTES_MAX)
        return malformed(reader, "a length is longer than 4 bytes", why);

    for (size_t i = 0; i < length_bytes; i++) {
        if (!read_byte(reader, &byte, why))
            return false;
        if (i == 0 && byte == 0)
            return malformed(reader, "a length starts with a zero", why);
        value = value << 8 | byte;
    }
    if (value < 0x80)
        return malformed(reader, "a short length is written long", why);
    *length = value;
    return true;
}

static bool read_length(
    struct der_reader *reader, size_t *length, struct failure *why)
{
    uint8_t first = 0;

    if (!read_byte(reader, &first, why))
        return false;
    if (first >= 0x80)
        return read_long_length(reader, first & 0x7fu, length, why);
    *length = first;
    return true;
}

/* next stands behind the tag.  On success reader moves past the element. */
static bool read_contents(struct der_reader *reader, struct der_reader *next,
    struct der_reader *contents, struct failure *why)
{
    size_t length = 0;

    if (!read_length(next, &length, why))
        return false;
    if (length > next->end - next->position)
        return malformed(next, "an element reaches beyond its end", why);

    /* contents may be the reader itself: it is written last. */
    size_t behind = next->position + length;
    reader->position = behind;
    *contents = *next;
    contents->end = behind;
    return true;
}

bool der_read(struct der_reader *reader, unsigned int tag,
    struct der_reader *contents, struct failure *why)
{
    struct der_reader next = *reader;
    uint8_t found = 0;

    if (!read_byte(&next, &found, why))
        return false;
    if (found != tag)
        return fail_because(why, FAILURE_MALFORMED,
            "tag 0x%02x where 0x%02x belongs, at offset %zu", found, tag,
            reader->position);
    return read_contents(reader, &next, contents, why);
}

bool der_read_optional(struct der_reader *reader, unsigned int tag,
    struct der_reader *contents, bool *present, struct failure *why)
{
    if (der_at_end(reader) ||
        reader->whole.start[reader->position] != (uint8_t)tag) {
        *present = false;
        return true;
    }
    if (!der_read(reader, tag, contents, why))
        return false;
    *present = true;
    return true;
}

bool der_read_any(struct der_reader *reader, uint8_t *tag,
    struct der_reader *contents, struct bytes *element, struct failure *why)
{
    struct der_reader next = *reader;
    size_t start = reader->position;
    uint8_t found = 0;

    if (!read_byte(&next, &found, why))
        return false;
    if ((found & TAG_NUMBER_FOLLOWS) == TAG_NUMBER_FOLLOWS)
        return malformed(reader, "a tag is longer than one byte", why);
    if (!read_contents(reader, &next, contents, why))
        return false;

    *tag = found;
    *element = (struct bytes){.start = contents->whole.start + start,
        .length = contents->end - start};
    return true;
}

bool der_finish(
    const struct der_reader *reader, const char *what, struct failure *why)
{
    if (der_at_end(reader))
        return true;
    return fail_because(why, FAILURE_MALFORMED,
        "bytes are left over after %s at offset %zu", what, reader->position);
}

/* X.690, 11.1: TRUE is all ones. */
bool der_read_boolean(
    struct der_reader *reader, bool *value, struct failure *why)
{
    struct der_reader next = *reader;
    struct der_reader contents = {0};

    if (!der_read(&next, DER_BOOLEAN, &contents, why))
        return false;

    struct bytes bytes = der_remaining(&contents);
    if (bytes.length != 1 || (bytes.start[0] != 0 && bytes.start[0] != 0xff))
        return malformed(&contents, "a BOOLEAN is neither 00 nor ff", why);

    *value = bytes.start[0] == 0xff;
    *reader = next;
    return true;
}

/* X.690, 8.3.2: the first nine bits are neither all ones nor all zeros. */
static bool first_byte_is_needless(struct bytes integer)
{
    if (integer.length < 2)
        return false;
    return integer.start[0] == ((integer.start[1] & 0x80) != 0 ? 0xff : 0x00);
}

bool der_read_integer(
    struct der_reader *reader, struct bytes *value, struct failure *why)
{
    struct der_reader next = *reader;
    struct der_reader contents = {0};

    if (!der_read(&next, DER_INTEGER, &contents, why))
        return false;

    struct bytes bytes = der_remaining(&contents);
    if (bytes.length == 0)
        return malformed(&contents, "an INTEGER is empty", why);
    if (first_byte_is_needless(bytes))
        return malformed(&contents, "an INTEGER has a needless byte", why);

    *value = bytes;
    *reader = next;
    return true;
}

bool der_read_small_integer(
    struct der_reader *reader, uint32_t *value, struct failure *why)
{
    struct der_reader next = *reader;
    struct bytes bytes = {0};
    uint32_t number = 0;

    if (!der_read_integer(&next, &bytes, why))
        return false;
    if ((bytes.start[0] & 0x80) != 0)
        return malformed(reader, "an INTEGER is negative", why);
    if (bytes.length > sizeof(number))
        return malformed(reader, "an INTEGER is above 2147483647", why);

    for (size_t i = 0; i < bytes.length; i++)
        number = number << 8 | bytes.start[i];
    *value = number;
    *reader = next;
    return true;
}

/* X.690, 11.2.1: spare bits are zero. */
static bool spare_bits_are_zero(struct bytes bits, uint8_t unused)
{
    if (bits.length == 0)
        return unused == 0;
    return (bits.start[bits.length - 1] & ((1u << unused) - 1)) == 0;
}

bool der_read_bit_string(struct der_reader *reader, struct bytes *bits,
    uint8_t *unused, struct failure *why)
{
    struct der_reader next = *reader;
    struct der_reader contents = {0};

    if (!der_read(&next, DER_BIT_STRING, &contents, why))
        return false;

    struct bytes bytes = der_remaining(&contents);
    if (bytes.length == 0)
        return malformed(&contents, "a BIT STRING is empty", why);

    uint8_t spare = bytes.start[0];
    struct bytes rest = {.start = bytes.start + 1, .length = bytes.length - 1};
    if (spare > 7)
        return malformed(
            &contents, "a BIT STRING has more than 7 spare bits", why);
    if (!spare_bits_are_zero(rest, spare))
        return malformed(
            &contents, "spare bits of a BIT STRING are not zero", why);

    *bits = rest;
    *unused = spare;
    *reader = next;
    return true;
}

/* X.690, 8.19.2: an arc starts with no 0x80 and ends with its top bit clear. */
static bool arcs_are_minimal(struct bytes oid)
{
    bool arc_starts = true;

    for (size_t i = 0; i < oid.length; i++) {
        if (arc_starts && oid.start[i] == 0x80)
            return false;
        arc_starts = (oid.start[i] & 0x80) == 0;
    }
    return arc_starts;
}

bool der_read_oid(
    struct der_reader *reader, struct bytes *oid, struct failure *why)
{
    struct der_reader next = *reader;
    struct der_reader contents = {0};

    if (!der_read(&next, DER_OBJECT_IDENTIFIER, &contents, why))
        return false;

    struct bytes bytes = der_remaining(&contents);
    if (bytes.length == 0)
        return malformed(&contents, "an OBJECT IDENTIFIER is empty", why);
    if (!arcs_are_minimal(bytes))
        return malformed(&contents,
            "an OBJECT IDENTIFIER has an arc that is padded or cut off", why);

    *oid = bytes;
    *reader = next;
    return true;
}
