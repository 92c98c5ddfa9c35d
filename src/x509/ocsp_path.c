#include "base/base64.h"
#include "x509/ocsp_question.h"

/* Characters of the longest request in base64, with line ends that some put
 * in. */
#define TEXT_MAX (OCSP_QUESTION_MAX / 3 * 4 + 1024)

static int digit_of(uint8_t character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return -1;
}

/* RFC 3986, 2.1: "%2F" at this offset. */
static bool read_escape(
    struct bytes raw, size_t offset, uint8_t *character, struct failure *why)
{
    int high = raw.length - offset > 2 ? digit_of(raw.start[offset + 1]) : -1;
    int low = high >= 0 ? digit_of(raw.start[offset + 2]) : -1;

    if (low < 0)
        return fail_because(why, FAILURE_MALFORMED,
            "the path of the OCSP request has a %% without two digits at "
            "offset %zu (RFC 3986, 2.1)",
            offset);
    *character = (uint8_t)(high << 4 | low);
    return true;
}

/* A '+' is itself: it means a blank in forms, not in paths. */
static bool read_escapes(struct bytes raw, uint8_t text[static TEXT_MAX],
    size_t *length, struct failure *why)
{
    size_t count = 0;

    for (size_t i = 0; i < raw.length; i++) {
        uint8_t character = raw.start[i];

        if (count == TEXT_MAX)
            return fail_because(why, FAILURE_MALFORMED,
                "the path of the OCSP request is longer than a request of %d "
                "bytes",
                OCSP_QUESTION_MAX);
        if (character == '%') {
            if (!read_escape(raw, i, &character, why))
                return false;
            i += 2;
        }
        text[count++] = character;
    }
    *length = count;
    return true;
}

/*
 * A URL that ends in "/" gets another one from clients that put one in front of
 * what they append; no request begins with it, since 0x30 is an "M" in base64.
 */
static struct bytes without_first_slashes(struct bytes raw)
{
    while (raw.length > 0 && raw.start[0] == '/') {
        raw.start++;
        raw.length--;
    }
    return raw;
}

bool ocsp_question_from_path(
    struct bytes raw, struct buffer *der, struct failure *why)
{
    uint8_t text[TEXT_MAX];
    size_t length = 0;

    return read_escapes(without_first_slashes(raw), text, &length, why) &&
           base64_read((struct bytes){text, length}, der, why);
}
