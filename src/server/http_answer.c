#include "server/http_answer.h"

#include <string.h>
#include <strings.h>

#include "base/hex.h"

#define TRAILER_MAX 4096

size_t http_head_end(struct bytes so_far)
{
    const void *end = NULL;

    if (so_far.length == 0)
        return 0;
    end = memmem(so_far.start, so_far.length, "\r\n\r\n", 4);
    return end == NULL ? 0 : (size_t)((const uint8_t *)end - so_far.start) + 4;
}

/* The next line without its end; every line of a head has one. */
static struct bytes take_line(struct bytes *head)
{
    const uint8_t *end = memmem(head->start, head->length, "\r\n", 2);
    struct bytes line = *head;

    if (end == NULL) {
        head->length = 0;
        return line;
    }
    line.length = (size_t)(end - head->start);
    head->start += line.length + 2;
    head->length -= line.length + 2;
    return line;
}

static bool is_word(struct bytes text, const char *word)
{
    return text.length == strlen(word) &&
           strncasecmp((const char *)text.start, word, text.length) == 0;
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* "HTTP/1.1 200 OK" */
static bool read_status(
    struct bytes line, struct http_answer *answer, struct failure *why)
{
    const uint8_t *text = line.start;

    if (line.length < 12 || memcmp(text, "HTTP/1.", 7) != 0 ||
        (text[7] != '0' && text[7] != '1') || text[8] != ' ' ||
        !is_digit(text[9]) || !is_digit(text[10]) || !is_digit(text[11]) ||
        (line.length > 12 && text[12] != ' '))
        return fail_because(why, FAILURE_MALFORMED,
            "the server does not answer in HTTP/1.1 (RFC 9112, 4)");
    answer->status = (unsigned int)(text[9] - '0') * 100 +
                     (unsigned int)(text[10] - '0') * 10 +
                     (unsigned int)(text[11] - '0');
    return (answer->status >= 200 && answer->status <= 599) ||
           fail_because(why, FAILURE_MALFORMED,
               "the server answers with the status %u, which nobody asked for",
               answer->status);
}

/* RFC 9110, 5.6.2 */
static bool is_token(struct bytes text)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < text.length; i++) {
        const uint8_t byte = text.start[i];

        if (!is_digit(byte) && !(byte >= 'a' && byte <= 'z') &&
            !(byte >= 'A' && byte <= 'Z') &&
            (byte == 0 || strchr(marks, byte) == NULL))
            return false;
    }
    return text.length > 0;
}

static struct bytes trimmed(struct bytes text)
{
    while (text.length > 0 && (*text.start == ' ' || *text.start == '\t')) {
        text.start++;
        text.length--;
    }
    while (text.length > 0 && (text.start[text.length - 1] == ' ' ||
                                  text.start[text.length - 1] == '\t'))
        text.length--;
    return text;
}

static bool read_length(
    struct bytes value, struct http_answer *answer, struct failure *why)
{
    uint64_t length = 0;
    bool is_number = value.length > 0 && value.length <= 18;

    for (size_t i = 0; i < value.length && is_number; i++) {
        is_number = is_digit(value.start[i]);
        length = length * 10 + (uint64_t)(value.start[i] - '0');
    }
    if (!is_number || (answer->has_length && answer->length != length))
        return fail_because(why, FAILURE_MALFORMED,
            "Content-Length is no number, or two (RFC 9112, 6.3)");
    answer->has_length = true;
    answer->length = length;
    return true;
}

static bool read_field(struct bytes name, struct bytes value,
    struct http_answer *answer, struct failure *why)
{
    if (is_word(name, "Content-Length"))
        return read_length(value, answer, why);
    if (is_word(name, "Transfer-Encoding")) {
        if (!is_word(value, "chunked") || answer->is_chunked)
            return fail_because(why, FAILURE_FORBIDDEN,
                "Transfer-Encoding is another than chunked");
        answer->is_chunked = true;
    } else if (is_word(name, "Content-Encoding")) {
        if (!is_word(value, "identity"))
            return fail_because(why, FAILURE_FORBIDDEN,
                "the server compresses or encodes what it was not asked to "
                "(Content-Encoding)");
    } else if (is_word(name, "Location")) {
        answer->location = value;
    } else if (is_word(name, "Content-Type")) {
        const uint8_t *end =
            value.length == 0 ? NULL : memchr(value.start, ';', value.length);

        answer->type = value;
        if (end != NULL)
            answer->type.length = (size_t)(end - value.start);
        answer->type = trimmed(answer->type);
    }
    return true;
}

/* RFC 9112, 5: no blank before the colon, no folding. */
static bool read_line(
    struct bytes line, struct http_answer *answer, struct failure *why)
{
    const uint8_t *colon = memchr(line.start, ':', line.length);
    struct bytes name = line;
    struct bytes value = {0};

    if (colon != NULL) {
        name.length = (size_t)(colon - line.start);
        value =
            trimmed((struct bytes){colon + 1, line.length - name.length - 1});
    }
    if (colon == NULL || !is_token(name) ||
        (value.length > 0 &&
            (memchr(value.start, '\0', value.length) != NULL ||
                memchr(value.start, '\n', value.length) != NULL ||
                memchr(value.start, '\r', value.length) != NULL)))
        return fail_because(why, FAILURE_MALFORMED,
            "the head of the answer has a line that is no field (RFC 9112, 5)");
    return read_field(name, value, answer, why);
}

bool http_answer_read(
    struct bytes head, struct http_answer *answer, struct failure *why)
{
    struct http_answer read = {0};
    size_t fields = 0;

    if (!read_status(take_line(&head), &read, why))
        return false;
    while (head.length > 0) {
        const struct bytes line = take_line(&head);

        if (line.length == 0)
            break;
        if (++fields > HTTP_FIELDS_MAX)
            return fail_because(why, FAILURE_MALFORMED,
                "the head of the answer has more than %d fields",
                HTTP_FIELDS_MAX);
        if (!read_line(line, &read, why))
            return false;
    }
    if (read.is_chunked && read.has_length)
        return fail_because(why, FAILURE_MALFORMED,
            "the answer has a length beside chunks (RFC 9112, 6.3)");
    *answer = read;
    return true;
}

/* --- chunks --------------------------------------------------------------- */

/* Extensions (7.1.1) are passed over. */
static bool read_size(struct http_chunks *chunks, struct failure *why)
{
    size_t digits = 0;

    chunks->left = 0;
    while (digits < chunks->line_length && digits < 16 &&
           hex_digit_value((uint8_t)chunks->line[digits]) >= 0)
        chunks->left = chunks->left * 16 + (uint64_t)hex_digit_value(
                                               (uint8_t)chunks->line[digits++]);
    if (digits == 0 || digits > 15 ||
        (digits < chunks->line_length && chunks->line[digits] != ';' &&
            chunks->line[digits] != ' '))
        return fail_because(why, FAILURE_MALFORMED,
            "a chunk has a size that is no number (RFC 9112, 7.1)");
    chunks->line_length = 0;
    chunks->at = chunks->left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
    return true;
}

/* Collects a line; *is_whole: its end was there. */
static bool take_byte(struct http_chunks *chunks, uint8_t byte, bool *is_whole,
    struct failure *why)
{
    *is_whole = byte == '\n' && chunks->line_length > 0 &&
                chunks->line[chunks->line_length - 1] == '\r';
    if (*is_whole) {
        chunks->line_length--;
        return true;
    }
    if (chunks->line_length == sizeof(chunks->line))
        return fail_because(why, FAILURE_MALFORMED,
            "the line of a chunk is longer than %zu bytes",
            sizeof(chunks->line));
    chunks->line[chunks->line_length++] = (char)byte;
    return true;
}

/* Fields behind the last chunk are passed over up to their empty line. */
static bool take_trailer(
    struct http_chunks *chunks, uint8_t byte, struct failure *why)
{
    if (++chunks->trailer_length > TRAILER_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "what follows the chunks is longer than %d bytes", TRAILER_MAX);
    if (byte == '\n') {
        if (chunks->line_length == 0)
            chunks->at = CHUNKS_ENDED;
        chunks->line_length = 0;
    } else if (byte != '\r')
        chunks->line_length = 1;
    return true;
}

static bool take_mark(
    struct http_chunks *chunks, uint8_t byte, struct failure *why)
{
    bool is_whole = false;

    if (chunks->at == CHUNK_TRAILER)
        return take_trailer(chunks, byte, why);
    if (!take_byte(chunks, byte, &is_whole, why))
        return false;
    if (!is_whole)
        return true;
    if (chunks->at == CHUNK_SIZE)
        return read_size(chunks, why);
    if (chunks->line_length > 0)
        return fail_because(why, FAILURE_MALFORMED,
            "a chunk is longer than its size (RFC 9112, 7.1)");
    chunks->at = CHUNK_SIZE;
    return true;
}

static bool take_data(struct http_chunks *chunks, struct bytes *piece,
    struct buffer *body, struct failure *why)
{
    struct bytes data = *piece;

    if (data.length > chunks->left)
        data.length = (size_t)chunks->left;
    chunks->left -= data.length;
    piece->start += data.length;
    piece->length -= data.length;
    if (chunks->left == 0)
        chunks->at = CHUNK_DATA_END;
    return buffer_append(body, data, why);
}

bool http_chunks_take(struct http_chunks *chunks, struct bytes piece,
    struct buffer *body, struct failure *why)
{
    while (piece.length > 0) {
        if (chunks->at == CHUNKS_ENDED)
            return fail_because(why, FAILURE_MALFORMED,
                "the answer goes on behind its last chunk");
        if (chunks->at == CHUNK_DATA) {
            if (!take_data(chunks, &piece, body, why))
                return false;
            continue;
        }
        if (!take_mark(chunks, *piece.start, why))
            return false;
        piece.start++;
        piece.length--;
    }
    return true;
}
