#include "x509/crl_window.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define LENGTH_BYTES_MAX 4

bool crl_refuse_at(uint64_t offset, const char *what, struct failure *why)
{
    return fail_because(why, FAILURE_MALFORMED,
        "%s, at offset %" PRIu64 " of the revocation list", what, offset);
}

/* The reason of a reader that saw one element alone. */
bool crl_refuse_element(uint64_t offset, const char *what,
    const struct failure *inside, struct failure *why)
{
    return fail_because(why, FAILURE_MALFORMED,
        "%s at offset %" PRIu64 " of the revocation list: %.200s", what, offset,
        inside->reason);
}

static bool read_exactly(struct crl_window *window, uint8_t *start,
    size_t length, struct failure *why)
{
    while (length > 0) {
        ssize_t count = pread(
            window->descriptor, start, length, (off_t)window->file_offset);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail_in_file(why, "reading", "a revocation list");
        if (count == 0)
            return fail_because(why, FAILURE_UNAVAILABLE,
                "the file of a revocation list ends before the list does");
        start += count;
        length -= (size_t)count;
        window->file_offset += (uint64_t)count;
        window->unread -= (uint64_t)count;
    }
    return true;
}

/* Moves what is left to the front, and reads a piece behind it. */
static bool refill(struct crl_window *window, struct failure *why)
{
    size_t left = window->end - window->position;
    size_t piece = window->unread < CRL_PIECE_BYTES ? (size_t)window->unread
                                                    : CRL_PIECE_BYTES;

    memmove(window->room, window->room + window->position, left);
    window->position = 0;
    window->end = left;
    if (!read_exactly(window, window->room + left, piece, why) ||
        !window->sink(
            window->context, (struct bytes){window->room + left, piece}, why))
        return false;
    window->end += piece;
    return true;
}

/* count: at most CRL_ELEMENT_MAX. */
bool crl_window_need(
    struct crl_window *window, size_t count, struct failure *why)
{
    if (window->end - window->position >= count)
        return true;
    if (window->length - window->taken < count)
        return crl_refuse_at(window->taken, "an element is cut off", why);
    return refill(window, why);
}

static void pass(struct crl_window *window, size_t count)
{
    window->position += count;
    window->taken += count;
}

int crl_window_peek(const struct crl_window *window)
{
    return window->position < window->end ? window->start[window->position]
                                          : -1;
}

/* X.690, 10.1, of a length whose first byte says that more follow. */
static bool read_long_length(struct crl_window *window, size_t length_bytes,
    uint64_t *length, struct failure *why)
{
    uint64_t value = 0;

    if (length_bytes == 0 || length_bytes > LENGTH_BYTES_MAX)
        return crl_refuse_at(
            window->taken, "a length is indefinite or beyond 4 bytes", why);
    if (!crl_window_need(window, 2 + length_bytes, why))
        return false;
    for (size_t i = 0; i < length_bytes; i++)
        value = value << 8 | window->start[window->position + 2 + i];
    if (value < 0x80 || value >> 8 * (length_bytes - 1) == 0)
        return crl_refuse_at(
            window->taken, "a length is not in its fewest bytes", why);
    *length = value;
    return true;
}

/* Looks at the head of the next element without passing it. */
static bool see_head(struct crl_window *window, unsigned int tag, size_t *head,
    uint64_t *length, struct failure *why)
{
    if (!crl_window_need(window, 2, why))
        return false;
    if (window->start[window->position] != tag)
        return fail_because(why, FAILURE_MALFORMED,
            "tag 0x%02x where 0x%02x belongs, at offset %" PRIu64
            " of the revocation list",
            window->start[window->position], tag, window->taken);

    uint8_t first = window->start[window->position + 1];
    *head = 2;
    *length = first;
    if (first >= 0x80) {
        *head += first & 0x7fu;
        if (!read_long_length(window, first & 0x7fu, length, why))
            return false;
    }
    return *length <= window->length - window->taken - *head ||
           crl_refuse_at(
               window->taken, "an element reaches beyond its end", why);
}

/* Passes the head alone. */
bool crl_window_enter(struct crl_window *window, unsigned int tag,
    uint64_t *length, struct failure *why)
{
    size_t head = 0;

    if (!see_head(window, tag, &head, length, why))
        return false;
    pass(window, head);
    return true;
}

/* Passes a whole element; the view lives until the next one is asked for. */
bool crl_window_take(struct crl_window *window, unsigned int tag, size_t most,
    struct bytes *element, struct failure *why)
{
    size_t head = 0;
    uint64_t length = 0;

    if (!see_head(window, tag, &head, &length, why))
        return false;
    if (head + length > most)
        return fail_because(why, FAILURE_MALFORMED,
            "an element has %" PRIu64 " bytes; at most %zu are taken, at "
            "offset %" PRIu64 " of the revocation list",
            head + length, most, window->taken);
    if (!crl_window_need(window, head + (size_t)length, why))
        return false;
    *element =
        (struct bytes){window->start + window->position, head + (size_t)length};
    pass(window, element->length);
    return true;
}
