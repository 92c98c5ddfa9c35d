#include "base/text.h"

#include <string.h>

struct code_range {
    uint32_t first, last;
};

/* What a terminal or a log does not show as it stands, in order. */
static const struct code_range invisible[] = {
    {0x0000, 0x001f},   /* C0 controls */
    {0x007f, 0x009f},   /* delete, C1 controls */
    {0x00ad, 0x00ad},   /* soft hyphen */
    {0x034f, 0x034f},   /* combining grapheme joiner */
    {0x061c, 0x061c},   /* Arabic letter mark: a bidirectional control */
    {0x115f, 0x1160},   /* Hangul fillers */
    {0x180e, 0x180e},   /* Mongolian vowel separator */
    {0x200b, 0x200f},   /* zero width, directional marks */
    {0x2028, 0x202e},   /* separators, bidirectional embeddings, overrides */
    {0x2060, 0x206f},   /* word joiner, bidirectional isolates */
    {0x3164, 0x3164},   /* Hangul filler */
    {0xfeff, 0xfeff},   /* byte order mark */
    {0xffa0, 0xffa0},   /* Hangul filler, half width */
    {0xfff9, 0xfffb},   /* interlinear annotations */
    {0xe0000, 0xe007f}, /* tags */
};

static bool shows(uint32_t code)
{
    for (size_t i = 0; i < sizeof(invisible) / sizeof(invisible[0]); i++)
        if (code >= invisible[i].first && code <= invisible[i].last)
            return false;
    return true;
}

/* How many bytes a sequence has that begins with this one; 0: none does. */
static size_t sequence_length(uint8_t first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* RFC 3629, 4: the code point that the text begins with, and in how many
 * bytes; 0: it begins with none. */
static size_t decode_first(struct bytes text, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    static const uint8_t own_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t length = sequence_length(text.start[0]);
    uint32_t value = text.start[0] & own_bits[length];

    if (length == 0 || length > text.length)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((text.start[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (text.start[i] & 0x3f);
    }
    if (value < least[length] || value > 0x10ffff ||
        (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *code = value;
    return length;
}

static struct bytes without_first(struct bytes text, size_t count)
{
    return (struct bytes){
        .start = text.start + count, .length = text.length - count};
}

bool text_is_utf8(struct bytes text)
{
    while (text.length > 0) {
        uint32_t code = 0;
        size_t length = decode_first(text, &code);

        if (length == 0)
            return false;
        text = without_first(text, length);
    }
    return true;
}

void digits_put(uint64_t number, char *text, size_t count)
{
    while (count-- > 0) {
        text[count] = (char)('0' + number % 10);
        number /= 10;
    }
}

void number_print(uint64_t number, char text[static NUMBER_TEXT])
{
    size_t count = 1;

    for (uint64_t rest = number / 10; rest > 0; rest /= 10)
        count++;
    digits_put(number, text, count);
    text[count] = '\0';
}

struct bytes text_beginning(struct bytes text, size_t most)
{
    if (text.length <= most)
        return text;
    text.length = most;
    for (size_t back = 0; back < 4 && back < most; back++) {
        size_t whole = most - back;

        if ((text.start[whole] & 0xc0) != 0x80) {
            text.length = whole;
            break;
        }
    }
    return text;
}

void text_copy_beginning(struct bytes text, char *room, size_t size)
{
    struct bytes beginning = text_beginning(text, size - 1);

    if (beginning.length > 0)
        memcpy(room, beginning.start, beginning.length);
    room[beginning.length] = '\0';
}

const char *text_entity(uint8_t byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

size_t text_first(struct bytes text, bool *is_visible)
{
    uint32_t code = 0;
    size_t length = decode_first(text, &code);

    *is_visible = length > 0 && shows(code);
    return length == 0 ? 1 : length;
}

static bool append_first(
    struct buffer *out, struct bytes text, size_t *taken, struct failure *why)
{
    uint32_t code = 0;
    size_t length = decode_first(text, &code);

    *taken = length == 0 ? 1 : length;
    if (length == 0)
        return buffer_print(out, why, "\\x{%02x}", text.start[0]);
    if (code == '\\')
        return buffer_append_text(out, "\\\\", why);
    if (!shows(code))
        return buffer_print(out, why, "\\u{%x}", code);
    return buffer_append(
        out, (struct bytes){.start = text.start, .length = length}, why);
}

/* How many bytes at the beginning stand for themselves: printable ASCII but
 * the backslash, most of any text. */
static size_t plain_beginning(struct bytes text)
{
    size_t length = 0;

    while (length < text.length && text.start[length] >= 0x20 &&
           text.start[length] <= 0x7e && text.start[length] != '\\')
        length++;
    return length;
}

bool text_append_visible(
    struct buffer *out, struct bytes text, struct failure *why)
{
    size_t length = out->length;

    while (text.length > 0) {
        size_t taken = plain_beginning(text);

        if (taken > 0
                ? !buffer_append(out, (struct bytes){text.start, taken}, why)
                : !append_first(out, text, &taken, why)) {
            out->length = length;
            return false;
        }
        text = without_first(text, taken);
    }
    return true;
}

bool text_append_shown(
    struct buffer *out, const char *text, struct failure *why)
{
    while (*text != 0) {
        struct bytes part = {(const uint8_t *)text, strcspn(text, "\\")};

        if (!text_append_visible(out, part, why))
            return false;
        text += part.length;
        if (*text == '\\' && !buffer_append_byte(out, (uint8_t)*text++, why))
            return false;
    }
    return true;
}
