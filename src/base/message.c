#include "base/message.h"

#include <string.h>

#define FIELD_HEAD_BYTES 5

bool message_add(struct buffer *message, uint8_t tag, struct bytes value,
    struct failure *why)
{
    if (value.length > UINT32_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "field %u of %zu bytes is longer than a field may be (%u bytes)",
            tag, value.length, UINT32_MAX);

    /* All the room first: a field is added whole or not at all. */
    return buffer_reserve(message, FIELD_HEAD_BYTES + value.length, why) &&
           buffer_append_byte(message, tag, why) &&
           append_u32(message, (uint32_t)value.length, why) &&
           buffer_append(message, value, why);
}

bool message_add_number(
    struct buffer *message, uint8_t tag, uint64_t value, struct failure *why)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(value >> 8 * (sizeof(bytes) - 1 - i));
    return message_add(message, tag,
        (struct bytes){.start = bytes, .length = sizeof(bytes)}, why);
}

bool message_add_text(
    struct buffer *message, uint8_t tag, const char *text, struct failure *why)
{
    return message_add(message, tag, bytes_of_text(text), why);
}

bool message_next(
    struct reader *message, struct field *field, struct failure *why)
{
    struct reader next = *message;
    struct field found = {0};
    uint32_t length = 0;

    if (!read_u8(&next, &found.tag, why) || !read_u32(&next, &length, why) ||
        !read_bytes(&next, length, &found.value, why))
        return false;
    *message = next;
    *field = found;
    return true;
}

bool field_number(
    const struct field *field, uint64_t *number, struct failure *why)
{
    struct reader reader = reader_of(field->value);

    if (field->value.length != 8)
        return fail_because(why, FAILURE_MALFORMED,
            "field %u has %zu bytes where a number of 8 belongs", field->tag,
            field->value.length);
    return read_u64(&reader, number, why);
}

bool field_text(
    const struct field *field, char *text, size_t room, struct failure *why)
{
    size_t length = field->value.length;

    if (length >= room)
        return fail_because(why, FAILURE_MALFORMED,
            "the text in field %u has %zu bytes where at most %zu belong",
            field->tag, length, room - 1);
    if (length > 0 && memchr(field->value.start, 0, length) != NULL)
        return fail_because(why, FAILURE_MALFORMED,
            "the text in field %u has a zero byte within", field->tag);

    if (length > 0)
        memcpy(text, field->value.start, length);
    text[length] = '\0';
    return true;
}
