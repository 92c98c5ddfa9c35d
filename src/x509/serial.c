#include <stdio.h>

#include "base/hex.h"
#include "x509/certificate.h"

/* RFC 5280, 4.1.2.2. */
#define SERIAL_BYTES_MAX 20
/* Longer ones are shown by their first bytes: "-", 28 bytes, "...". */
#define SHOWN_BYTES_MAX 28

static struct bytes without_leading_zeros(struct bytes serial)
{
    while (serial.length > 1 && serial.start[0] == 0) {
        serial.start++;
        serial.length--;
    }
    return serial;
}

/* Two's complement: the bits turned over, and one more. */
static void negate(const uint8_t *serial, size_t length, uint8_t *magnitude)
{
    unsigned int carry = 1;

    for (size_t i = length; i > 0; i--) {
        unsigned int byte = (uint8_t)~serial[i - 1] + carry;
        magnitude[i - 1] = (uint8_t)byte;
        carry = byte >> 8;
    }
}

void serial_print(struct bytes serial, char text[static SERIAL_TEXT])
{
    uint8_t magnitude[SHOWN_BYTES_MAX] = {0};
    bool negative = serial.length > 0 && (serial.start[0] & 0x80) != 0;
    struct bytes shown = without_leading_zeros(serial);
    bool cut = shown.length > SHOWN_BYTES_MAX;
    char digits[SHOWN_BYTES_MAX * 2 + 1] = "";

    if (cut)
        shown.length = SHOWN_BYTES_MAX;
    if (negative) {
        negate(shown.start, shown.length, magnitude);
        shown = without_leading_zeros(
            (struct bytes){.start = magnitude, .length = shown.length});
    }
    hex_print(shown, digits);
    (void)snprintf(text, SERIAL_TEXT, "%s%s%s", negative ? "-" : "", digits,
        cut ? "..." : "");
}

/* Moves all digits up by one place and puts the new one in the last. */
static bool push_digit(
    uint8_t number[static SERIAL_BYTES_MAX], uint8_t digit, struct failure *why)
{
    if ((number[0] & 0xf0) != 0)
        return fail_because(why, FAILURE_MALFORMED,
            "a serial number has at most %d bytes (RFC 5280, 4.1.2.2)",
            SERIAL_BYTES_MAX);
    for (size_t i = 0; i + 1 < SERIAL_BYTES_MAX; i++)
        number[i] = (uint8_t)(number[i] << 4 | number[i + 1] >> 4);
    number[SERIAL_BYTES_MAX - 1] =
        (uint8_t)(number[SERIAL_BYTES_MAX - 1] << 4 | digit);
    return true;
}

/* With colons, every group is two digits: "1:2" could be 12 or 0102. */
static bool read_digits(const char *text,
    uint8_t number[static SERIAL_BYTES_MAX], struct failure *why)
{
    bool has_colons = false;
    size_t in_group = 0;

    for (const char *next = text; *next != '\0'; next++) {
        int digit = hex_digit_value((uint8_t)*next);

        if (*next == ':' && in_group == 2) {
            has_colons = true;
            in_group = 0;
            continue;
        }
        if (digit < 0)
            return fail_because(why, FAILURE_MALFORMED,
                "\"%.60s\" is no serial number: hexadecimal digits, with or "
                "without a colon after each two",
                text);
        if (!push_digit(number, (uint8_t)digit, why))
            return false;
        in_group++;
    }
    return in_group == 2 || (in_group > 0 && !has_colons) ||
           fail_because(why, FAILURE_MALFORMED,
               "\"%.60s\" is no serial number: %s", text,
               has_colons ? "a colon does not stand between two digits and two"
                          : "it has no digits");
}

bool serial_read(const char *text, uint8_t serial[static 20], size_t *length,
    struct failure *why)
{
    uint8_t number[SERIAL_BYTES_MAX] = {0};
    bool prefixed = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    size_t zeros = 0;

    if (!read_digits(prefixed ? text + 2 : text, number, why))
        return false;
    while (zeros < SERIAL_BYTES_MAX && number[zeros] == 0)
        zeros++;
    for (size_t i = zeros; i < SERIAL_BYTES_MAX; i++)
        serial[i - zeros] = number[i];
    *length = SERIAL_BYTES_MAX - zeros;
    return true;
}
