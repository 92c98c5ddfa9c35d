#include "x509/smime.h"

#include <string.h>
#include <strings.h>

/* --- lines ---------------------------------------------------------------- */

struct lines {
    struct bytes text;
    size_t position;
};

/* The next line without its end; *line is behind the last when false. */
static bool next_line(struct lines *lines, struct bytes *line)
{
    const uint8_t *start = lines->text.start + lines->position;
    size_t left = lines->text.length - lines->position;
    const uint8_t *end = NULL;

    if (left == 0)
        return false;
    end = memchr(start, '\n', left);
    line->start = start;
    line->length = end == NULL ? left : (size_t)(end - start);
    lines->position += line->length + (end == NULL ? 0 : 1);
    if (line->length > 0 && start[line->length - 1] == '\r')
        line->length--;
    return true;
}

static bool is_blank(uint8_t octet)
{
    return octet == ' ' || octet == '\t';
}

static bool begins_with(struct bytes text, const char *word)
{
    size_t length = strlen(word);

    return text.length >= length &&
           strncasecmp((const char *)text.start, word, length) == 0;
}

static struct bytes after(struct bytes text, size_t count)
{
    return (struct bytes){
        .start = text.start + count, .length = text.length - count};
}

static struct bytes trimmed(struct bytes text)
{
    while (text.length > 0 && is_blank(text.start[0]))
        text = after(text, 1);
    while (text.length > 0 && is_blank(text.start[text.length - 1]))
        text.length--;
    return text;
}

/* --- headers -------------------------------------------------------------- */

/* Views of what two headers say; a folded line goes on with the next. */
struct part {
    struct bytes type;     /* of Content-Type, its folds within */
    struct bytes encoding; /* of Content-Transfer-Encoding */
    struct bytes body;
    bool has_headers;
};

/* RFC 5322, 2.2: printable characters but the colon. */
static bool is_header(struct bytes line)
{
    for (size_t i = 0; i < line.length; i++) {
        if (line.start[i] == ':')
            return i > 0;
        if (line.start[i] <= ' ' || line.start[i] > '~')
            return false;
    }
    return false;
}

/* Up to where the last fold ends. */
static struct bytes extend(struct bytes value, struct bytes line)
{
    return (struct bytes){.start = value.start,
        .length = (size_t)(line.start + line.length - value.start)};
}

static struct bytes *field_of(struct part *part, struct bytes line)
{
    const struct {
        const char *name;
        struct bytes *field;
    } fields[] = {
        {"content-type:", &part->type},
        {"content-transfer-encoding:", &part->encoding},
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        if (!begins_with(line, fields[i].name))
            continue;
        *fields[i].field = after(line, strlen(fields[i].name));
        return fields[i].field;
    }
    return NULL;
}

/* False: these are no headers. */
static bool read_headers(struct bytes text, struct part *part)
{
    struct lines lines = {.text = text};
    struct bytes line = {0};
    struct bytes *field = NULL;

    while (next_line(&lines, &line)) {
        if (line.length == 0) {
            part->body = after(text, lines.position);
            return true;
        }
        if (lines.position > SMIME_HEADERS_MAX)
            return false;
        if (is_blank(line.start[0]) && part->has_headers) {
            if (field != NULL)
                *field = extend(*field, line);
            continue;
        }
        if (!is_header(line))
            return false;
        part->has_headers = true;
        field = field_of(part, line);
    }
    return false;
}

/* --- parameters of Content-Type ------------------------------------------- */

static bool is_gap(uint8_t octet)
{
    return is_blank(octet) || octet == '\r' || octet == '\n';
}

static size_t skip_gaps(struct bytes text, size_t place)
{
    while (place < text.length && is_gap(text.start[place]))
        place++;
    return place;
}

/* Behind the next ";" that is in no quotes, or the end. */
static size_t next_parameter(struct bytes text, size_t place)
{
    bool is_quoted = false;

    for (; place < text.length; place++) {
        if (text.start[place] == '"')
            is_quoted = !is_quoted;
        if (text.start[place] == ';' && !is_quoted)
            return place + 1;
    }
    return place;
}

static struct bytes value_at(struct bytes text, size_t place)
{
    const bool is_quoted = place < text.length && text.start[place] == '"';
    size_t from = is_quoted ? place + 1 : place;
    size_t to = from;

    while (to < text.length &&
           (is_quoted ? text.start[to] != '"'
                      : text.start[to] != ';' && !is_gap(text.start[to])))
        to++;
    return (struct bytes){.start = text.start + from, .length = to - from};
}

/* RFC 2045, 5.1; length 0: there is none. */
static struct bytes parameter(struct bytes type, const char *name)
{
    size_t place = next_parameter(type, 0);

    while (place < type.length) {
        size_t equals = 0;

        place = skip_gaps(type, place);
        if (begins_with(after(type, place), name)) {
            equals = skip_gaps(type, place + strlen(name));
            if (equals < type.length && type.start[equals] == '=')
                return value_at(type, skip_gaps(type, equals + 1));
        }
        place = next_parameter(type, place);
    }
    return (struct bytes){0};
}

static bool is_type(struct bytes type, const char *name)
{
    size_t place = skip_gaps(type, 0);
    size_t end = place + strlen(name);

    return begins_with(after(type, place), name) &&
           (end == type.length || type.start[end] == ';' ||
               is_gap(type.start[end]));
}

static bool is_signature(struct bytes type)
{
    return is_type(type, "application/pkcs7-signature") ||
           is_type(type, "application/x-pkcs7-signature");
}

static bool is_opaque(struct bytes type)
{
    return is_type(type, "application/pkcs7-mime") ||
           is_type(type, "application/x-pkcs7-mime");
}

/* --- multipart/signed ----------------------------------------------------- */

enum delimiter { DELIMITER_NONE, DELIMITER_NEXT, DELIMITER_LAST };

/* RFC 2046, 5.1.1: "--" and the boundary, and "--" again behind the last. */
static enum delimiter delimiter_of(struct bytes line, struct bytes boundary)
{
    struct bytes rest = {0};

    if (line.length < boundary.length + 2 || memcmp(line.start, "--", 2) != 0 ||
        memcmp(line.start + 2, boundary.start, boundary.length) != 0)
        return DELIMITER_NONE;
    rest = trimmed(after(line, boundary.length + 2));
    if (rest.length == 0)
        return DELIMITER_NEXT;
    return bytes_equal(rest, bytes_of_text("--")) ? DELIMITER_LAST
                                                  : DELIMITER_NONE;
}

/* What is in front of the delimiter, whose own line end it has lent. */
static struct bytes before(
    struct bytes text, size_t from, const struct bytes *line)
{
    size_t to = (size_t)(line->start - text.start);

    if (to > from && text.start[to - 1] == '\n')
        to--;
    if (to > from && text.start[to - 1] == '\r')
        to--;
    return (struct bytes){.start = text.start + from, .length = to - from};
}

#define SIGNED_PARTS 2

/* RFC 1847, 2.1: exactly two parts. */
static bool split(struct bytes body, struct bytes boundary,
    struct bytes parts[static SIGNED_PARTS], struct failure *why)
{
    struct lines lines = {.text = body};
    struct bytes line = {0};
    size_t from = 0;
    size_t delimiters = 0;

    while (next_line(&lines, &line)) {
        enum delimiter delimiter = delimiter_of(line, boundary);

        if (delimiter == DELIMITER_NONE)
            continue;
        if (delimiters > SIGNED_PARTS)
            return fail_because(why, FAILURE_MALFORMED,
                "the signed mail has more than two parts (RFC 1847, 2.1)");
        if (delimiters > 0)
            parts[delimiters - 1] = before(body, from, &line);
        delimiters++;
        from = lines.position;
        if (delimiter == DELIMITER_LAST)
            break;
    }
    return delimiters == SIGNED_PARTS + 1 ||
           fail_because(why, FAILURE_MALFORMED,
               "the signed mail does not have two parts between its "
               "boundaries (RFC 1847, 2.1)");
}

static bool is_base64(const struct part *part)
{
    return begins_with(trimmed(part->encoding), "base64");
}

static bool read_detached(
    const struct part *message, struct smime *smime, struct failure *why)
{
    struct bytes boundary = parameter(message->type, "boundary");
    struct bytes parts[SIGNED_PARTS] = {0};
    struct part signature = {0};

    if (boundary.length == 0 || boundary.length > SMIME_BOUNDARY_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "the signed mail names no boundary of 1 to %d characters",
            SMIME_BOUNDARY_MAX);
    if (!split(message->body, boundary, parts, why))
        return false;
    if (!read_headers(parts[1], &signature) || !is_signature(signature.type))
        return fail_because(why, FAILURE_MALFORMED,
            "the second part of the signed mail is no signature of S/MIME");
    *smime = (struct smime){.kind = SMIME_DETACHED,
        .content = parts[0],
        .encoded = signature.body,
        .is_base64 = is_base64(&signature)};
    return true;
}

bool smime_read(struct bytes file, struct smime *smime, struct failure *why)
{
    struct part message = {0};

    *smime = (struct smime){0};
    if (!read_headers(file, &message))
        return true;
    if (is_type(message.type, "multipart/signed"))
        return read_detached(&message, smime, why);
    if (is_opaque(message.type))
        *smime = (struct smime){.kind = SMIME_OPAQUE,
            .encoded = message.body,
            .is_base64 = is_base64(&message)};
    return true;
}

/* --- the canonical form --------------------------------------------------- */

bool smime_canonical(
    struct bytes text, struct buffer *canonical, struct failure *why)
{
    size_t from = 0;

    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] != '\n' || (i > 0 && text.start[i - 1] == '\r'))
            continue;
        if (!buffer_append(canonical,
                (struct bytes){.start = text.start + from, .length = i - from},
                why) ||
            !buffer_append_text(canonical, "\r\n", why))
            return false;
        from = i + 1;
    }
    return buffer_append(canonical,
        (struct bytes){
            .start = text.start + from, .length = text.length - from},
        why);
}
