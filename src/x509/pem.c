#include "x509/pem.h"

#include <string.h>

#include "base/base64.h"
#include "x509/der.h"

#define LINE_CHARACTERS 64 /* RFC 7468, 2 */
#define DASHES "-----"
#define BEGIN "-----BEGIN "
#define END "-----END "
#define UTF8_MARK "\xef\xbb\xbf"

/* A block as it stands in the text. */
struct found_block {
    struct bytes label;
    size_t begins; /* offset of BEGIN */
    struct bytes body;
};

static bool ends_line(uint8_t character)
{
    return character == '\n' || character == '\r';
}

/* CR and LF together are one line end. */
static bool is_pair_at(struct bytes text, size_t place)
{
    return place + 1 < text.length && text.start[place] == '\r' &&
           text.start[place + 1] == '\n';
}

static size_t count_line_ends(struct bytes text, size_t from, size_t offset)
{
    size_t count = 0;

    for (size_t i = from; i < offset; i++)
        count += ends_line(text.start[i]) && !is_pair_at(text, i) ? 1 : 0;
    return count;
}

static bool refuse_at(
    struct bytes text, size_t offset, const char *rule, struct failure *why)
{
    size_t line_begins = offset;

    while (line_begins > 0 && !ends_line(text.start[line_begins - 1]))
        line_begins--;
    return fail_because(why, FAILURE_MALFORMED, "PEM, line %zu, byte %zu: %s",
        count_line_ends(text, 0, offset) + 1, offset - line_begins + 1, rule);
}

static struct bytes after(struct bytes text, size_t count)
{
    return (struct bytes){
        .start = text.start + count, .length = text.length - count};
}

static size_t offset_in(struct bytes text, struct bytes part)
{
    return (size_t)(part.start - text.start);
}

static bool is_blank(uint8_t character)
{
    return character == ' ' || character == '\t';
}

/* Spaces, tabs, and the mark that begins a file in UTF-8: joined files have it
 * in their midst. */
static struct bytes without_indentation(struct bytes line)
{
    for (;;) {
        if (line.length > 0 && is_blank(line.start[0]))
            line = after(line, 1);
        else if (bytes_begin_with(line, UTF8_MARK))
            line = after(line, strlen(UTF8_MARK));
        else
            return line;
    }
}

/* The line at *position, without its indentation; *position moves to the next
 * one. */
static struct bytes take_line(struct bytes text, size_t *position)
{
    struct bytes line = after(text, *position);
    size_t length = 0;

    while (length < line.length && !ends_line(line.start[length]))
        length++;
    *position += length;
    if (is_pair_at(text, *position))
        *position += 2;
    else if (*position < text.length)
        *position += 1;
    line.length = length;
    return without_indentation(line);
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

/*
 * The label behind BEGIN or END (start), which stands at the offset.  *behind:
 * the offset after its dashes, where more may follow when a line end was lost.
 * It looks no further than a label can reach: a text may be one long line.
 */
static bool read_label(struct bytes text, size_t offset, const char *start,
    struct bytes *label, size_t *behind, struct failure *why)
{
    struct bytes rest = after(text, offset + strlen(start));
    size_t length = 0;

    while (length < rest.length && length <= PEM_LABEL_MAX &&
           !ends_line(rest.start[length]) &&
           !bytes_begin_with(after(rest, length), DASHES))
        length++;
    if (length > PEM_LABEL_MAX)
        return refuse_at(
            text, offset, "the label is longer than 64 characters", why);
    if (!bytes_begin_with(after(rest, length), DASHES))
        return refuse_at(
            text, offset, "five dashes do not end the label here", why);
    rest.length = length;
    if (!is_label(rest))
        return refuse_at(text, offset,
            "a label is words of A to Z and 0 to 9 with a space between", why);
    *label = rest;
    *behind = offset_in(text, rest) + length + strlen(DASHES);
    return true;
}

/* Passes over text up to BEGIN.  A lone END means that the file was damaged,
 * and an object in it would go unseen. */
static bool find_begin(struct bytes text, size_t *position,
    struct found_block *block, struct failure *why)
{
    while (*position < text.length) {
        struct bytes rest = without_indentation(after(text, *position));
        size_t offset = offset_in(text, rest);

        if (bytes_begin_with(rest, END))
            return refuse_at(
                text, offset, "a block ends here that no line begins", why);
        if (bytes_begin_with(rest, BEGIN)) {
            block->begins = offset;
            return read_label(
                text, offset, BEGIN, &block->label, position, why);
        }
        *position = offset;
        (void)take_line(text, position);
    }
    return fail_because(
        why, FAILURE_NOT_FOUND, "no line begins with -----BEGIN");
}

/* offset: of the first dashes behind BEGIN; base64 has none. */
static bool check_end(struct bytes text, size_t offset,
    const struct found_block *block, size_t *behind, struct failure *why)
{
    struct bytes label = {0};
    struct failure rule = {0};

    if (!bytes_begin_with(after(text, offset), END))
        return refuse_at(
            text, offset, "a block is not ended before these dashes", why);
    if (!read_label(text, offset, END, &label, behind, why))
        return false;
    if (bytes_equal(label, block->label))
        return true;
    (void)fail_because(&rule, FAILURE_MALFORMED,
        "this ends \"%.*s\" where \"%.*s\" was begun", (int)label.length,
        (const char *)label.start, (int)block->label.length,
        (const char *)block->label.start);
    return refuse_at(text, offset, rule.reason, why);
}

/* Not by memmem: where it is watched (AddressSanitizer), each call costs as
 * much as all that is left. */
static size_t length_before_dashes(struct bytes text)
{
    struct bytes rest = text;

    while (rest.length > 0 && !bytes_begin_with(rest, DASHES)) {
        const uint8_t *dash = memchr(rest.start + 1, '-', rest.length - 1);

        if (dash == NULL)
            return text.length;
        rest = after(rest, (size_t)(dash - rest.start));
    }
    return offset_in(text, rest);
}

static bool find_block(struct bytes text, size_t *position,
    struct found_block *block, struct failure *why)
{
    size_t place = *position;
    struct found_block found = {0};

    if (!find_begin(text, &place, &found, why))
        return false;

    struct bytes rest = after(text, place);
    size_t length = length_before_dashes(rest);
    if (length == rest.length)
        return refuse_at(
            text, found.begins, "the block that begins here never ends", why);
    found.body = (struct bytes){.start = rest.start, .length = length};
    if (!check_end(text, place + found.body.length, &found, &place, why))
        return false;
    *block = found;
    *position = place;
    return true;
}

/* The first line of the body that is not empty. */
static struct bytes first_line(struct bytes body)
{
    struct bytes line = {0};
    size_t position = 0;

    while (line.length == 0 && position < body.length)
        line = take_line(body, &position);
    return line;
}

/* RFC 1421, 4.6.1.1: how OpenSSL's oldest encryption of keys is told. */
static bool is_encrypted(struct bytes body)
{
    struct bytes line = first_line(body);

    return bytes_begin_with(line, "Proc-Type:") &&
           memmem(line.start, line.length, "ENCRYPTED", 9) != NULL;
}

static bool is_base64(uint8_t character)
{
    return is_label_character(character) ||
           (character >= 'a' && character <= 'z') || character == '+' ||
           character == '/';
}

/* RFC 1421 put lines such as "Content-Domain: RFC822" before the base64. */
static bool is_in_header(struct bytes body, size_t place)
{
    struct bytes line = take_line(body, &place);

    return memchr(line.start, ':', line.length) != NULL;
}

/* What is wrong with this character, NULL: nothing.  *count and *padding are of
 * the characters so far. */
static const char *add_character(
    struct bytes body, size_t place, size_t *count, size_t *padding)
{
    uint8_t character = body.start[place];

    if (is_blank(character) || ends_line(character))
        return NULL;
    if (character != '=' && !is_base64(character))
        return is_in_header(body, place)
                   ? "a header (RFC 1421) is not taken; convert the object "
                     "first"
                   : "a character that is not base64";
    if (character == '=' && *count % 4 < 2)
        return "padding where no padding belongs";
    if (character != '=' && *padding > 0)
        return "a character after the padding";
    *padding += character == '=' ? 1 : 0;
    *count += 1;
    return NULL;
}

/* base64_read would say the same with an offset; people look for a line. */
static bool check_base64(
    struct bytes text, struct bytes body, struct failure *why)
{
    size_t begins = offset_in(text, body);
    size_t count = 0;
    size_t padding = 0;

    for (size_t i = 0; i < body.length; i++) {
        const char *rule = add_character(body, i, &count, &padding);

        if (rule != NULL)
            return refuse_at(text, begins + i, rule, why);
    }
    if (count == 0)
        return refuse_at(text, begins, "no base64 stands here", why);
    if (count % 4 != 0)
        return refuse_at(text, begins + body.length,
            "the base64 before this is cut off: its characters come in groups "
            "of four",
            why);
    return true;
}

static bool decode_body(struct bytes text, struct bytes body,
    struct buffer *der, struct failure *why)
{
    struct failure base64 = {0};

    if (!check_base64(text, body, why))
        return false;
    if (base64_read(body, der, &base64))
        return true;
    if (base64.kind != FAILURE_MALFORMED)
        return fail_because(why, base64.kind, "%s", base64.reason);
    return refuse_at(text, offset_in(text, body) + body.length,
        "the padding before this leaves bits over that are not zero (RFC "
        "4648, 3.5)",
        why);
}

struct pem_walk pem_walk_of(struct bytes text)
{
    return (struct pem_walk){.text = text, .line = 1};
}

bool pem_next(struct pem_walk *walk, struct pem_block *block,
    struct buffer *der, struct failure *why)
{
    struct found_block found = {0};
    size_t position = walk->position;

    if (walk->text.length > PEM_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "PEM of %zu bytes is refused: %d are the most", walk->text.length,
            PEM_MAX);
    if (!find_block(walk->text, &position, &found, why))
        return false;

    bool encrypted = is_encrypted(found.body);
    if (!encrypted && !decode_body(walk->text, found.body, der, why))
        return false;
    size_t line =
        walk->line + count_line_ends(walk->text, walk->position, found.begins);
    *block = (struct pem_block){
        .label = found.label, .line = line, .is_encrypted = encrypted};
    walk->line = line + count_line_ends(walk->text, found.begins, position);
    walk->position = position;
    return true;
}

/* What follows the empty line that ends a mail's header (S/MIME as openssl
 * writes it); the text itself when its first line is none of a header. */
static struct bytes without_mail_header(struct bytes text)
{
    struct bytes line = {0};
    size_t position = 0;

    line = take_line(text, &position);
    if (memchr(line.start, ':', line.length) == NULL)
        return text;
    while (line.length > 0 && position < text.length)
        line = take_line(text, &position);
    return after(text, position);
}

/* The first byte of DER, 0x30, makes the first character 'M'. */
bool pem_bare_base64(struct bytes text, struct buffer *der, struct failure *why)
{
    struct bytes body = without_mail_header(text);
    size_t position = 0;

    while (body.length > 0 &&
           (is_blank(body.start[0]) || ends_line(body.start[0]) ||
               bytes_begin_with(body, UTF8_MARK)))
        body = after(
            body, bytes_begin_with(body, UTF8_MARK) ? strlen(UTF8_MARK) : 1);
    struct bytes line = take_line(body, &position);
    if (line.length == 0 || line.start[0] != 'M')
        return fail_because(why, FAILURE_NOT_FOUND, "no base64 begins here");
    return decode_body(text, body, der, why);
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
    bool vowel_sound = bytes_begin_with(label, "RSA ") ||
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
    struct pem_walk walk = pem_walk_of(file);
    struct pem_block block = {0};
    struct bytes first = {0};
    struct failure der_failure = {0};
    size_t length = der->length;

    if (is_one_sequence(file, &der_failure))
        return buffer_append(der, file, why);

    while (pem_next(&walk, &block, der, why)) {
        if (is_wanted(block.label, labels))
            return true;
        der->length = length;
        if (first.length == 0)
            first = block.label;
    }
    if (why->kind != FAILURE_NOT_FOUND)
        return false;
    if (first.length > 0)
        return refuse_label(first, labels, why);
    return refuse_encoding(file, &der_failure, why);
}
