#include "base/base64.h"

/* What a character stands for, beside the values 0 to 63. */
#define PADDING 64
#define WHITE_SPACE 65
#define STRANGER 66
/* Groups of four characters that are read at once. */
#define PIECE_GROUPS 16

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

/* One more than the meaning; what is not named is a stranger.  A table, since
 * no branch can be foretold for characters in no order. */
static const uint8_t meanings[256] = {['A'] = 1,
    ['B'] = 2,
    ['C'] = 3,
    ['D'] = 4,
    ['E'] = 5,
    ['F'] = 6,
    ['G'] = 7,
    ['H'] = 8,
    ['I'] = 9,
    ['J'] = 10,
    ['K'] = 11,
    ['L'] = 12,
    ['M'] = 13,
    ['N'] = 14,
    ['O'] = 15,
    ['P'] = 16,
    ['Q'] = 17,
    ['R'] = 18,
    ['S'] = 19,
    ['T'] = 20,
    ['U'] = 21,
    ['V'] = 22,
    ['W'] = 23,
    ['X'] = 24,
    ['Y'] = 25,
    ['Z'] = 26,
    ['a'] = 27,
    ['b'] = 28,
    ['c'] = 29,
    ['d'] = 30,
    ['e'] = 31,
    ['f'] = 32,
    ['g'] = 33,
    ['h'] = 34,
    ['i'] = 35,
    ['j'] = 36,
    ['k'] = 37,
    ['l'] = 38,
    ['m'] = 39,
    ['n'] = 40,
    ['o'] = 41,
    ['p'] = 42,
    ['q'] = 43,
    ['r'] = 44,
    ['s'] = 45,
    ['t'] = 46,
    ['u'] = 47,
    ['v'] = 48,
    ['w'] = 49,
    ['x'] = 50,
    ['y'] = 51,
    ['z'] = 52,
    ['0'] = 53,
    ['1'] = 54,
    ['2'] = 55,
    ['3'] = 56,
    ['4'] = 57,
    ['5'] = 58,
    ['6'] = 59,
    ['7'] = 60,
    ['8'] = 61,
    ['9'] = 62,
    ['+'] = 63,
    ['/'] = 64,
    ['='] = PADDING + 1,
    [' '] = WHITE_SPACE + 1,
    ['\t'] = WHITE_SPACE + 1,
    ['\r'] = WHITE_SPACE + 1,
    ['\n'] = WHITE_SPACE + 1};

static uint8_t meaning_of(uint8_t character)
{
    uint8_t meaning = meanings[character];

    return meaning == 0 ? STRANGER : (uint8_t)(meaning - 1);
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

/* Groups of the alphabet alone, from *place on: nearly all of any text. */
static bool append_plain_groups(
    struct bytes text, size_t *place, struct buffer *bytes, struct failure *why)
{
    uint8_t piece[PIECE_GROUPS * 3];
    size_t length = 0;

    while (text.length - *place >= 4 && length < sizeof(piece)) {
        const uint8_t *next = text.start + *place;
        uint32_t first = meaning_of(next[0]), second = meaning_of(next[1]);
        uint32_t third = meaning_of(next[2]), fourth = meaning_of(next[3]);

        if ((first | second | third | fourth) >= PADDING)
            break;
        uint32_t bits = first << 18 | second << 12 | third << 6 | fourth;
        piece[length++] = (uint8_t)(bits >> 16);
        piece[length++] = (uint8_t)(bits >> 8);
        piece[length++] = (uint8_t)bits;
        *place += 4;
    }
    return buffer_append(bytes, (struct bytes){piece, length}, why);
}

static bool append_groups(
    struct bytes text, struct buffer *bytes, struct failure *why)
{
    struct group group = {0};

    for (size_t i = 0; i < text.length; i++) {
        if (group.count % 4 == 0 && group.padding == 0) {
            if (!append_plain_groups(text, &i, bytes, why))
                return false;
            if (i == text.length)
                break;
        }

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
