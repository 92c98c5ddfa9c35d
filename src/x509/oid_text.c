#include "x509/oid.h"

#include <stdio.h>
#include <string.h>

/* As wide as the arcs that are UUIDs (X.667: 2.25.NUMBER). */
__extension__ typedef unsigned __int128 arc;

#define ARC_MAX (~(arc)0)
#define ARC_DIGITS 40
#define ARC_BYTES 19 /* 128 bits, seven a byte */

/* The text of an OID that grows, kept zero-terminated. */
struct oid_text {
    char *text;
    size_t length;
};

static bool append_arc(struct oid_text *out, arc value, struct failure *why)
{
    char digits[ARC_DIGITS] = "";
    size_t first = sizeof(digits) - 1;

    do {
        digits[--first] = (char)('0' + (char)(value % 10));
        value /= 10;
    } while (value > 0);

    size_t count = sizeof(digits) - 1 - first;
    size_t dot = out->length > 0 ? 1 : 0;
    if (out->length + dot + count >= OID_TEXT)
        return fail_because(why, FAILURE_UNSUITABLE,
            "an object identifier is longer than %d characters", OID_TEXT - 1);
    (void)snprintf(out->text + out->length, OID_TEXT - out->length, "%s%s",
        dot == 1 ? "." : "", digits + first);
    out->length += dot + count;
    return true;
}

/* X.690, 8.19.4: the first two arcs share one number, 40 * first + second. */
static bool append_first_arcs(
    struct oid_text *out, arc value, struct failure *why)
{
    arc first = value < 80 ? value / 40 : 2;

    return append_arc(out, first, why) &&
           append_arc(out, value - 40 * first, why);
}

bool oid_print(
    struct bytes contents, char text[static OID_TEXT], struct failure *why)
{
    char room[OID_TEXT] = "";
    struct oid_text out = {.text = room};
    arc value = 0;

    if (contents.length == 0)
        return fail_because(
            why, FAILURE_MALFORMED, "an object identifier is empty");
    for (size_t i = 0; i < contents.length; i++) {
        if (value > ARC_MAX >> 7)
            return fail_because(why, FAILURE_UNSUITABLE,
                "an object identifier has an arc of more than 128 bits");
        value = value << 7 | (contents.start[i] & 0x7f);
        if ((contents.start[i] & 0x80) != 0)
            continue;
        if (!(out.length == 0 ? append_first_arcs(&out, value, why)
                              : append_arc(&out, value, why)))
            return false;
        value = 0;
    }
    memcpy(text, room, sizeof(room));
    return true;
}

static bool refuse_text(const char *text, const char *rule, struct failure *why)
{
    return fail_because(why, FAILURE_MALFORMED,
        "\"%.*s\" is no object identifier: %s", OID_TEXT, text, rule);
}

/* Reads digits at **place and moves *place behind them. */
static bool read_arc(
    const char *text, const char **place, arc *value, struct failure *why)
{
    const char *digit = *place;
    arc number = 0;

    if (digit[0] == '0' && digit[1] >= '0' && digit[1] <= '9')
        return refuse_text(text, "an arc starts with a needless 0", why);
    for (; *digit >= '0' && *digit <= '9'; digit++) {
        arc unit = (arc)(*digit - '0');

        if (number > (ARC_MAX - unit) / 10)
            return refuse_text(text, "an arc is above 128 bits", why);
        number = number * 10 + unit;
    }
    if (digit == *place)
        return refuse_text(text, "wanted are numbers joined by dots", why);
    *value = number;
    *place = digit;
    return true;
}

static bool encode_arc(arc value, uint8_t *contents, size_t room,
    size_t *length, struct failure *why)
{
    uint8_t bytes[ARC_BYTES] = {0};
    size_t first = sizeof(bytes);

    bytes[--first] = (uint8_t)(value & 0x7f);
    while ((value >>= 7) > 0)
        bytes[--first] = (uint8_t)(0x80u | (value & 0x7f));

    size_t count = sizeof(bytes) - first;
    if (count > room - *length)
        return fail_because(why, FAILURE_UNSUITABLE,
            "an object identifier takes more than %zu bytes", room);
    memcpy(contents + *length, bytes + first, count);
    *length += count;
    return true;
}

/* "1.2" of "1.2.840": X.660 gives 0 and 1 forty children each. */
static bool read_first_arcs(
    const char *text, const char **place, arc *joined, struct failure *why)
{
    arc first = 0;
    arc second = 0;

    if (!read_arc(text, place, &first, why))
        return false;
    if (first > 2)
        return refuse_text(text, "the first arc is 0, 1 or 2", why);
    if (**place != '.')
        return refuse_text(text, "there are at least two arcs", why);
    ++*place;
    if (!read_arc(text, place, &second, why))
        return false;
    if (first < 2 && second > 39)
        return refuse_text(
            text, "the second arc is at most 39 below 0 and 1", why);
    if (second > ARC_MAX - 80)
        return refuse_text(text, "an arc is above 128 bits", why);
    *joined = 40 * first + second;
    return true;
}

bool oid_read(const char *text, uint8_t *contents, size_t room, size_t *length,
    struct failure *why)
{
    const char *place = text;
    size_t used = 0;
    arc value = 0;

    if (!read_first_arcs(text, &place, &value, why))
        return false;
    if (!encode_arc(value, contents, room, &used, why))
        return false;
    while (*place == '.') {
        place++;
        if (!read_arc(text, &place, &value, why))
            return false;
        if (!encode_arc(value, contents, room, &used, why))
            return false;
    }
    if (*place != '\0')
        return refuse_text(text, "wanted are numbers joined by dots", why);
    *length = used;
    return true;
}
