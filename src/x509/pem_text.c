#include "x509/pem.h"

#define BYTE_ORDER_MARK 0xfeffu

enum text_encoding { TEXT_8_BIT, TEXT_UTF16_LITTLE, TEXT_UTF16_BIG };

static unsigned int unit_at(
    struct bytes file, size_t place, enum text_encoding encoding)
{
    unsigned int first = file.start[place];
    unsigned int second = file.start[place + 1];

    return encoding == TEXT_UTF16_BIG ? first << 8 | second
                                      : second << 8 | first;
}

static bool is_ascii_pair(struct bytes file, enum text_encoding encoding)
{
    unsigned int first = unit_at(file, 0, encoding);
    unsigned int second = unit_at(file, 2, encoding);

    return first > 0 && first < 0x80 && second > 0 && second < 0x80;
}

static enum text_encoding encoding_of(struct bytes file)
{
    static const enum text_encoding wide[] = {
        TEXT_UTF16_LITTLE, TEXT_UTF16_BIG};

    for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
        if (file.length >= 2 && unit_at(file, 0, wide[i]) == BYTE_ORDER_MARK)
            return wide[i];
        if (file.length >= 4 && is_ascii_pair(file, wide[i]))
            return wide[i];
    }
    return TEXT_8_BIT;
}

/* Joined files have a mark in their midst too: it is a blank. */
static uint8_t byte_of_unit(unsigned int unit)
{
    if (unit == BYTE_ORDER_MARK)
        return ' ';
    return unit < 0x80 ? (uint8_t)unit : '?';
}

static bool convert(struct bytes file, enum text_encoding encoding,
    struct buffer *room, struct failure *why)
{
    size_t place = unit_at(file, 0, encoding) == BYTE_ORDER_MARK ? 2 : 0;

    if (file.length % 2 != 0)
        return fail_because(why, FAILURE_MALFORMED,
            "UTF-16 text of %zu bytes: half a character is missing",
            file.length);
    if (!buffer_reserve(room, file.length / 2, why))
        return false;
    for (; place < file.length; place += 2)
        room->start[room->length++] =
            byte_of_unit(unit_at(file, place, encoding));
    return true;
}

bool pem_text(struct bytes file, struct buffer *room, struct bytes *text,
    struct failure *why)
{
    enum text_encoding encoding = encoding_of(file);

    if (file.length > PEM_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "PEM of %zu bytes is refused: %d are the most", file.length,
            PEM_MAX);
    if (encoding == TEXT_8_BIT) {
        *text = file;
        return true;
    }
    buffer_clear(room);
    if (!convert(file, encoding, room, why))
        return false;
    *text = buffer_view(room);
    return true;
}
