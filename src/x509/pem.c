#include "x509/pem.h"

#include <string.h>

#include "base/base64.h"
#include "x509/der.h"

#define LINE_CHARACTERS 64 /* RFC 7468, 2 */
#define DASHES "-----"
#define BEGIN "-----BEGIN "
#define END "-----END "

struct pem_block {
    struct bytes label;
    size_t begins; /* offset of the BEGIN line */
    struct bytes body;
};

static bool refuse_line(
    struct bytes text, size_t offset, const char *rule, struct failure *why)
{
    size_t line = 1;

    for (size_t i = 0; i < offset; i++)
        line += text.start[i] == '\n' ? 1 : 0;
    return fail_because(
        why, FAILURE_MALFORMED, "PEM, line %zu: %s", line, rule);
}

static bool starts_with(struct bytes text, const char *start)
{
    size_t length = strlen(start);

    return text.length >= length && memcmp(text.start, start, length) == 0;
}

static struct bytes after(struct bytes text, size_t count)
{
    return (struct bytes){
        .start = text.start + count, .length = text.length - count};
}

static bool is_blank(uint8_t character)
{
    return character == ' ' || character == '\t' || character == '\r';
}

/* The line at *position without its end and trailing blanks, which RFC 7468
 * lets follow; *position moves to the next line. */
static struct bytes take_line(struct bytes text, size_t *position)
{
    struct bytes rest = after(text, *position);
    const uint8_t *end = memchr(rest.start, '\n', rest.length);
    size_t length = end == NULL ? rest.length : (size_t)(end - rest.start);

    *position += length + (end == NULL ? 0 : 1);
    while (length > 0 && is_blank(rest.start[length - 1]))
        length--;
    return (struct bytes){.start = rest.start, .length = length};
}

static bool is_label_character(uint8_t character)
{
    return (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9');
}

static bool is_label(struct bytes label)
{
    bool may_be_space = false;

    for (size_t i = 0; i < label.length; i++) {
        bool space = label.start[i] == ' ';

        if (space ? !may_be_space : !is_label_character(label.start[i]))
            return false;
        may_be_space = !space;
    }
    return may_be_space;
}

/* The label of a line that starts with BEGIN or END. */
static bool read_label(struct bytes text, struct bytes line, const char *start,
    struct bytes *label, struct failure *why)
{
    size_t offset = (size_t)(line.start - text.start);
    struct bytes rest = after(line, strlen(start));
    size_t dashes = strlen(DASHES);

    if (rest.length < dashes ||
        !starts_with(after(rest, rest.length - dashes), DASHES))
        return refuse_line(
            text, offset, "five dashes do not end this line", why);
    rest.length -= dashes;
    if (rest.length > PEM_LABEL_MAX)
        return refuse_line(
            text, offset, "the label is longer than 64 characters", why);
    if (!is_label(rest))
        return refuse_line(text, offset,
            "a label is words of A to Z and 0 to 9 with a space between", why);
    *label = rest;
    return true;
}

/* Passes over text up to a BEGIN line.  A lone END line means that the file
 * was damaged, and an object in it would go unseen. */
static bool find_begin(struct bytes text, size_t *position,
    struct pem_block *block, struct failure *why)
{
    while (*position < text.length) {
        size_t begins = *position;
        struct bytes line = take_line(text, position);

        if (starts_with(line, END))
            return refuse_line(
                text, begins, "a block ends here that no line begins", why);
        if (!starts_with(line, BEGIN))
            continue;
        block->begins = begins;
        return read_label(text, line, BEGIN, &block->label, why);
    }
    return fail_because(
        why, FAILURE_NOT_FOUND, "no line begins with -----BEGIN");
}

static bool check_end(struct bytes text, struct bytes line,
    const struct pem_block *block, struct failure *why)
{
    size_t offset = (size_t)(line.start - text.start);
    struct bytes label = {0};
    struct failure rule = {0};

    if (!starts_with(line, END))
        return refuse_line(text, offset,
            "a block is not ended before this line of dashes", why);
    if (!read_label(text, line, END, &label, why))
        return false;
    if (bytes_equal(label, block->label))
        return true;
    (void)fail_because(&rule, FAILURE_MALFORMED,
        "this ends \"%.*s\" where \"%.*s\" was begun", (int)label.length,
        (const char *)label.start, (int)block->label.length,
        (const char *)block->label.start);
    return refuse_line(text, offset, rule.reason, why);
}

static bool find_block(struct bytes text, size_t *position,
    struct pem_block *block, struct failure *why)
{
    size_t place = *position;
    struct pem_block found = {0};

    if (text.length > PEM_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "PEM of %zu bytes is refused: %d are the most", text.length,
            PEM_MAX);
    if (!find_begin(text, &place, &found, why))
        return false;

    size_t body = place;
    while (place < text.length) {
        size_t line_begins = place;
        struct bytes line = take_line(text, &place);

        if (!starts_with(line, DASHES))
            continue;
        if (!check_end(text, line, &found, why))
            return false;
        found.body = (struct bytes){
            .start = text.start + body, .length = line_begins - body};
        *block = found;
        *position = place;
        return true;
    }
    return refuse_line(
        text, found.begins, "the block that begins here never ends", why);
}

static bool is_base64_or_blank(uint8_t character)
{
    return is_label_character(character) || is_blank(character) ||
           (character >= 'a' && character <= 'z') || character == '+' ||
           character == '/' || character == '=' || character == '\n';
}

/* RFC 1421 put lines such as "Proc-Type: 4,ENCRYPTED" before the base64. */
static bool is_in_header(struct bytes body, size_t place)
{
    struct bytes rest = after(body, place);
    const uint8_t *end = memchr(rest.start, '\n', rest.length);

    if (end != NULL)
        rest.length = (size_t)(end - rest.start);
    return memchr(rest.start, ':', rest.length) != NULL;
}

/* base64_read would say the same with an offset; people look for a line. */
static bool check_characters(
    struct bytes text, struct bytes body, struct failure *why)
{
    size_t begins = (size_t)(body.start - text.start);

    for (size_t i = 0; i < body.length; i++) {
        if (is_base64_or_blank(body.start[i]))
            continue;
        return refuse_line(text, begins + i,
            is_in_header(body, i)
                ? "a header (RFC 1421) is not taken; convert the object first"
                : "a character that is not base64",
            why);
    }
    return true;
}

static bool decode_block(struct bytes text, const struct pem_block *block,
    struct buffer *der, struct failure *why)
{
    struct failure base64 = {0};
    size_t before = der->length;

    if (!check_characters(text, block->body, why))
        return false;
    if (!base64_read(block->body, der, &base64)) {
        der->length = before;
        if (base64.kind != FAILURE_MALFORMED)
            return fail_because(why, base64.kind, "%s", base64.reason);
        return refuse_line(text, block->begins, base64.reason, why);
    }
    if (der->length == before)
        return refuse_line(
            text, block->begins, "the block that begins here is empty", why);
    return true;
}

bool pem_next(struct bytes text, size_t *position, struct bytes *label,
    struct buffer *der, struct failure *why)
{
    size_t place = *position;
    struct pem_block block = {0};

    if (!find_block(text, &place, &block, why))
        return false;
    if (!decode_block(text, &block, der, why))
        return false;
    *label = block.label;
    *position = place;
    return true;
}

static bool append_block(struct buffer *text, const char *label,
    struct bytes der, struct failure *why)
{
    return buffer_print(text, why, "-----BEGIN %s-----\n", label) &&
           base64_append(text, der, LINE_CHARACTERS, why) &&
           buffer_print(text, why, "-----END %s-----\n", label);
}

bool pem_append(struct buffer *text, const char *label, struct bytes der,
    struct failure *why)
{
    size_t before = text->length;

    if (append_block(text, label, der, why))
        return true;
    text->length = before;
    return false;
}

static bool is_wanted(struct bytes label, const char *const *labels)
{
    for (; *labels != NULL; labels++) {
        if (bytes_equal(label, bytes_of_text(*labels)))
            return true;
    }
    return false;
}

static const char *article(struct bytes label)
{
    bool vowel_sound = starts_with(label, "RSA ") ||
                       memchr("AEIOX", label.start[0], 5) != NULL;

    return vowel_sound ? "an" : "a";
}

static bool refuse_label(
    struct bytes found, const char *const *labels, struct failure *why)
{
    RELEASED(buffer) wanted = BUFFER("list of labels", 1024);

    for (size_t i = 0; labels[i] != NULL; i++) {
        if (!buffer_print(&wanted, why, "%s%s %s", i == 0 ? "" : " or ",
                article(bytes_of_text(labels[i])), labels[i]))
            return false;
    }
    return fail_because(why, FAILURE_MALFORMED,
        "this is %s %.*s; %.*s is wanted", article(found), (int)found.length,
        (const char *)found.start, (int)wanted.length,
        (const char *)wanted.start);
}

static bool refuse_encoding(
    struct bytes file, const struct failure *der_failure, struct failure *why)
{
    if (file.length == 0)
        return fail_because(
            why, FAILURE_MALFORMED, "neither PEM nor DER: there are no bytes");
    if (file.start[0] == DER_SEQUENCE)
        return fail_because(why, FAILURE_MALFORMED, "neither PEM nor DER: %s",
            der_failure->reason);
    return fail_because(why, FAILURE_MALFORMED,
        "neither PEM nor DER: no line begins with -----BEGIN, and the first "
        "byte is 0x%02x where DER begins with 0x30",
        file.start[0]);
}

static bool is_one_sequence(struct bytes file, struct failure *why)
{
    struct der_reader reader = der_reader_of(file);
    struct der_reader contents = {0};

    return der_read(&reader, DER_SEQUENCE, &contents, why) &&
           der_finish(&reader, "the SEQUENCE", why);
}

bool pem_or_der(struct bytes file, const char *const *labels,
    struct buffer *der, struct failure *why)
{
    struct pem_block block = {0};
    struct bytes first = {0};
    struct failure der_failure = {0};
    size_t position = 0;

    if (is_one_sequence(file, &der_failure))
        return buffer_append(der, file, why);

    while (find_block(file, &position, &block, why)) {
        if (is_wanted(block.label, labels))
            return decode_block(file, &block, der, why);
        if (first.length == 0)
            first = block.label;
    }
    if (why->kind != FAILURE_NOT_FOUND)
        return false;
    if (first.length > 0)
        return refuse_label(first, labels, why);
    return refuse_encoding(file, &der_failure, why);
}
