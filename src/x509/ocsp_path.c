#include <string.h>

#include "base/base64.h"
#include "base/hex.h"
#include "x509/ocsp_question.h"

/* Characters of the longest request in base64, with line ends that some put
 * in. */
#define TEXT_MAX ((size_t)OCSP_QUESTION_MAX / 3 * 4 + 1024)

/* RFC 3986, 2.1: "%2F" at this offset. */
static bool read_escape(
    struct bytes raw, size_t offset, uint8_t *character, struct failure *why)
{
    int high =
        raw.length - offset > 2 ? hex_digit_value(raw.start[offset + 1]) : -1;
    int low = high >= 0 ? hex_digit_value(raw.start[offset + 2]) : -1;

    if (low < 0)
        return fail_because(why, FAILURE_MALFORMED,
            "the path of the OCSP request has a %% without two digits at "
            "offset %zu (RFC 3986, 2.1)",
            offset);
    *character = (uint8_t)(high << 4 | low);
    return true;
}

static struct bytes before_escape(struct bytes raw, size_t from)
{
    struct bytes run = {raw.start + from, raw.length - from};
    const uint8_t *escape = memchr(run.start, '%', run.length);

    if (escape != NULL)
        run.length = (size_t)(escape - run.start);
    return run;
}

static bool append(struct buffer *text, struct bytes run, struct failure *why)
{
    if (run.length > text->ceiling - text->length)
        return fail_because(why, FAILURE_MALFORMED,
            "the path of the OCSP request is longer than a request of %d bytes",
            OCSP_QUESTION_MAX);
    return buffer_append(text, run, why);
}

/* A '+' is itself: it means a blank in forms, not in paths. */
static bool read_escapes(
    struct bytes raw, struct buffer *text, struct failure *why)
{
    uint8_t character = 0;

    for (size_t i = 0; i < raw.length; i += 3) {
        struct bytes run = before_escape(raw, i);

        if (!append(text, run, why))
            return false;
        i += run.length;
        if (i == raw.length)
            break;
        if (!read_escape(raw, i, &character, why) ||
            !append(text, (struct bytes){&character, 1}, why))
            return false;
    }
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
    RELEASED(buffer) text = BUFFER("the path of an OCSP request", TEXT_MAX);

    return read_escapes(without_first_slashes(raw), &text, why) &&
           base64_read(buffer_view(&text), der, why);
}
