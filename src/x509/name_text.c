#include "x509/name.h"

#include "base/text.h"

/* Unicode, 3.9, D92: the UTF-8 of a scalar value. */
static bool append_character(
    struct buffer *text, uint32_t character, struct failure *why)
{
    uint8_t bytes[4] = {0};
    size_t length = 0;

    if (character < 0x80) {
        bytes[length++] = (uint8_t)character;
    } else if (character < 0x800) {
        bytes[length++] = (uint8_t)(0xc0 | character >> 6);
        bytes[length++] = (uint8_t)(0x80 | (character & 0x3f));
    } else if (character < 0x10000) {
        bytes[length++] = (uint8_t)(0xe0 | character >> 12);
        bytes[length++] = (uint8_t)(0x80 | (character >> 6 & 0x3f));
        bytes[length++] = (uint8_t)(0x80 | (character & 0x3f));
    } else {
        bytes[length++] = (uint8_t)(0xf0 | character >> 18);
        bytes[length++] = (uint8_t)(0x80 | (character >> 12 & 0x3f));
        bytes[length++] = (uint8_t)(0x80 | (character >> 6 & 0x3f));
        bytes[length++] = (uint8_t)(0x80 | (character & 0x3f));
    }
    return buffer_append(
        text, (struct bytes){.start = bytes, .length = length}, why);
}

/* UTF-16 surrogates are no characters of these types (X.690, 8.23.7). */
static bool is_character(uint32_t value)
{
    return value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
}

/* Characters of one, two or four bytes each, big-endian. */
static bool append_wide(struct bytes value, size_t width, const char *type,
    struct buffer *text, struct failure *why)
{
    if (value.length % width != 0)
        return fail_because(why, FAILURE_MALFORMED,
            "a %s of %zu bytes ends within a character", type, value.length);
    for (size_t i = 0; i < value.length; i += width) {
        uint32_t character = 0;

        for (size_t j = 0; j < width; j++)
            character = character << 8 | value.start[i + j];
        if (!is_character(character))
            return fail_because(why, FAILURE_MALFORMED,
                "0x%x in a %s is no character", character, type);
        if (!append_character(text, character, why))
            return false;
    }
    return true;
}

static bool append_ascii(
    struct bytes value, struct buffer *text, struct failure *why)
{
    for (size_t i = 0; i < value.length; i++) {
        if (value.start[i] >= 0x80)
            return fail_because(why, FAILURE_MALFORMED,
                "a string of ASCII has the byte 0x%02x", value.start[i]);
    }
    return buffer_append(text, value, why);
}

static bool append_text(const struct name_attribute *attribute,
    struct buffer *text, struct failure *why)
{
    switch (attribute->tag) {
    case DER_UTF8_STRING:
        if (!text_is_utf8(attribute->value))
            return fail_because(
                why, FAILURE_MALFORMED, "a UTF8String is not UTF-8");
        return buffer_append(text, attribute->value, why);
    case DER_PRINTABLE_STRING:
    case DER_IA5_STRING:
    case DER_VISIBLE_STRING:
    case DER_NUMERIC_STRING:
        return append_ascii(attribute->value, text, why);
    case DER_TELETEX_STRING:
        return append_wide(attribute->value, 1, "TeletexString", text, why);
    case DER_BMP_STRING:
        return append_wide(attribute->value, 2, "BMPString", text, why);
    case DER_UNIVERSAL_STRING:
        return append_wide(attribute->value, 4, "UniversalString", text, why);
    default:
        return fail_because(why, FAILURE_MALFORMED,
            "a value with tag 0x%02x is no text", attribute->tag);
    }
}

bool name_attribute_append_text(const struct name_attribute *attribute,
    struct buffer *text, struct failure *why)
{
    size_t before = text->length;

    if (append_text(attribute, text, why))
        return true;
    text->length = before;
    return false;
}
