#include "authority/serial_number.h"

#include <string.h>

#include "base/hex.h"

#define DIGITS_MAX 40

struct bytes serial_number_view(const struct serial_number *number)
{
    return (struct bytes){number->contents, number->length};
}

bool serial_number_read(
    const char *text, struct serial_number *number, struct failure *why)
{
    uint8_t digits[20];
    size_t length = 0, zero;

    if (!serial_read(text, digits, &length, why))
        return false;
    zero = length == 0 || (digits[0] & 0x80) != 0 ? 1 : 0;
    number->contents[0] = 0;
    memcpy(number->contents + zero, digits, length);
    number->length = length + zero;
    return true;
}

/* --- the beginning of one ------------------------------------------------ */

/* The digits alone, without 0x and colons. */
static size_t digits_of(const char *text, char digits[static DIGITS_MAX])
{
    size_t count = 0;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    for (; *text != '\0' && count < DIGITS_MAX; text++) {
        if (*text != ':')
            digits[count++] = *text;
    }
    return count;
}

struct candidates {
    char serials[2][SERIAL_TEXT];
    struct serial_number first;
    size_t count;
};

static bool take_candidate(
    void *context, const struct certificate_row *row, struct failure *why)
{
    struct candidates *candidates = context;

    (void)why;
    if (candidates->count < 2)
        serial_print(row->serial, candidates->serials[candidates->count]);
    if (candidates->count++ == 0 &&
        row->serial.length <= sizeof(candidates->first.contents)) {
        memcpy(
            candidates->first.contents, row->serial.start, row->serial.length);
        candidates->first.length = row->serial.length;
    }
    return true;
}

static bool find_by_prefix(struct store *store, const char *text,
    struct candidates *candidates, struct failure *why)
{
    char digits[DIGITS_MAX];
    size_t count = digits_of(text, digits);
    uint8_t bytes[1 + DIGITS_MAX / 2] = {0};
    struct bytes prefix = {bytes + 1, count / 2};
    int half = -1;

    if (count < SERIAL_PREFIX_DIGITS)
        return true;
    for (size_t i = 0; i + 1 < count; i += 2)
        bytes[1 + i / 2] = (uint8_t)(hex_digit_value((uint8_t)digits[i]) << 4 |
                                     hex_digit_value((uint8_t)digits[i + 1]));
    if (count % 2 != 0)
        half = hex_digit_value((uint8_t)digits[count - 1]);
    if ((bytes[1] & 0x80) != 0)
        prefix = (struct bytes){bytes, count / 2 + 1};
    return store_certificates_by_prefix(
        store, prefix, half, 2, take_candidate, candidates, why);
}

static bool is_there(
    void *context, const struct certificate_row *row, struct failure *why)
{
    (void)context;
    (void)row;
    (void)why;
    return true;
}

bool serial_number_find(struct store *store, const char *text,
    struct serial_number *number, struct failure *why)
{
    struct candidates candidates = {.count = 0};

    if (!serial_number_read(text, number, why))
        return false;
    if (store_certificate_by_serial(
            store, serial_number_view(number), is_there, NULL, why))
        return true;
    if (why->kind != FAILURE_NOT_FOUND ||
        !find_by_prefix(store, text, &candidates, why))
        return false;
    if (candidates.count > 1)
        return fail_because(why, FAILURE_CONFLICT,
            "\"%.40s\" begins several serials here, %s and %s among them", text,
            candidates.serials[0], candidates.serials[1]);
    if (candidates.count == 0)
        return fail_because(why, FAILURE_NOT_FOUND,
            "no certificate here has the serial %.40s", text);
    *number = candidates.first;
    return true;
}
