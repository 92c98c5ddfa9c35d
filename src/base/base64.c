#include "base/base64.h"

/* What a character stands for, beside the values 0 to 63. */
#define PADDING 64
#define WHITE_SPACE 65
#define STRANGER 66

/* The character with this index in the encoded text. */
static uint8_t character_of(struct bytes bytes, size_t index)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *group = bytes.start + index / 4 * 3;
    size_t left = bytes.length - index / 4 * 3;
    size_t place = index % 4;
    uint32_t bits = (uint32_t)group[0] << 16;

    if (place > left)
        return '=';
    if (left > 1)
        bits |= (uint32_t)group[1] << 8;
    if (left > 2)
        bits |= group[2];
    return (uint8_t)alphabet[bits >> (18 - place * 6) & 0x3f];
}

bool base64_append(
    struct buffer *text, struct bytes bytes, size_t line, struct failure *why)
{
    size_t characters = bytes.length / 3 * 4 + (bytes.length % 3 != 0) * 4u;
    size_t lines = line == 0 ? 0 : characters / line + (characters % line != 0);
    size_t column = 0;
    uint8_t *next;

    if (!buffer_reserve(text, characters + lines, why))
        return false;
    if (characters == 0)
        return true;

    next = text->start + text->length;
    for (size_t i = 0; i < characters; i++) {
        *next++ = character_of(bytes, i);
        if (++column == line || (line != 0 && i + 1 == characters)) {
            *next++ = '\n';
            column = 0;
        }
    }
    text->length += characters + lines;
    return true;
}

static uint8_t meaning_of(uint8_t character)
{
    if (character >= 'A' && character <= 'Z')
        return (uint8_t)(character - 'A');
    if (character >= 'a' && character <= 'z')
        return (uint8_t)(character - 'a' + 26);
    if (character >= '0' && character <= '9')
        return (uint8_t)(character - '0' + 52);
    switch (character) {
    case '+':
        return 62;
    case '/':
        return 63;
    case '=':
        return PADDING;
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        return WHITE_SPACE;
    default:
        return STRANGER;
    }
}

/* Four characters of the text, white space apart. */
struct group {
    uint32_t bits;
    unsigned int count;   /* of the characters so far, padding included */
    unsigned int padding; /* of them */
};

static bool malformed(const char *what, size_t offset, struct failure *why)
{
    return fail_because(
        why, FAILURE_MALFORMED, "base64: %s at offset %zu", what, offset);
}

static bool add_to_group(
    struct group *group, uint8_t meaning, size_t offset, struct failure *why)
{
    if (meaning == STRANGER)
        return malformed(
            "a character that is not in the alphabet", offset, why);
    if (meaning == PADDING && group->count < 2)
        return malformed("padding where no padding belongs", offset, why);
    if (meaning != PADDING && group->padding > 0)
        return malformed("a character after the padding", offset, why);

    group->bits = group->bits << 6 | (meaning == PADDING ? 0u : meaning);
    group->padding += meaning == PADDING;
    group->count++;
    return true;
}

/* RFC 4648, 3.5: the bits that padding leaves over must be zero, or one value
 * would have several texts. */
static bool append_group(struct buffer *bytes, const struct group *group,
    size_t offset, struct failure *why)
{
    uint8_t value[3] = {(uint8_t)(group->bits >> 16),
        (uint8_t)(group->bits >> 8), (uint8_t)group->bits};
    size_t length = 3 - group->padding;

    for (size_t i = length; i < sizeof(value); i++)
        if (value[i] != 0)
            return malformed("spare bits that are not zero", offset, why);
    return buffer_append(
        bytes, (struct bytes){.start = value, .length = length}, why);
}

static bool append_groups(
    struct bytes text, struct buffer *bytes, struct failure *why)
{
    struct group group = {0};

    for (size_t i = 0; i < text.length; i++) {
        uint8_t meaning = meaning_of(text.start[i]);

        if (meaning == WHITE_SPACE)
            continue;
        if (group.count == 4 && group.padding > 0)
            return malformed("a character after the padding", i, why);
        if (group.count == 4)
            group = (struct group){0};
        if (!add_to_group(&group, meaning, i, why))
            return false;
        if (group.count == 4 && !append_group(bytes, &group, i, why))
            return false;
    }
    if (group.count % 4 != 0)
        return malformed(
            "a group of four characters is cut off", text.length, why);
    return true;
}

bool base64_read(struct bytes text, struct buffer *bytes, struct failure *why)
{
    size_t length = bytes->length;

    if (append_groups(text, bytes, why))
        return true;
    bytes->length = length;
    return false;
}
