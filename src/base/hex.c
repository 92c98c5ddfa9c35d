#include "base/hex.h"

#include <string.h>

void hex_print(struct bytes bytes, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.length; i++) {
        *text++ = digits[bytes.start[i] >> 4];
        *text++ = digits[bytes.start[i] & 0x0f];
    }
    *text = '\0';
}

int hex_digit_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool hex_read(const char *text, uint8_t *bytes, size_t room, size_t *length,
    struct failure *why)
{
    size_t digits = strlen(text);
    size_t valid = strspn(text, "0123456789abcdefABCDEF");

    if (valid < digits)
        return fail_because(why, FAILURE_MALFORMED,
            "no hexadecimal digit at offset %zu", valid);
    if (digits % 2 != 0)
        return fail_because(why, FAILURE_MALFORMED,
            "an odd number of hexadecimal digits: %zu", digits);
    if (digits / 2 > room)
        return fail_because(why, FAILURE_MALFORMED,
            "%zu bytes in hexadecimal where at most %zu belong", digits / 2,
            room);

    for (size_t i = 0; i < digits; i += 2)
        bytes[i / 2] = (uint8_t)(hex_digit_value((uint8_t)text[i]) << 4 |
                                 hex_digit_value((uint8_t)text[i + 1]));
    *length = digits / 2;
    return true;
}
