#include "x509/name.h"

#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "x509/name_draft.h"

#define TYPE_BYTES OID_TEXT
#define VALUE_MAX NAME_TEXT_MAX

/* A text that is being understood, and what was understood so far. */
struct name_text {
    const char *whole;
    const char *place;
    bool slashes; /* openssl's form */
    size_t relative;
    struct name_draft draft;
};

static void name_text_free(struct name_text *text)
{
    name_draft_free(&text->draft);
}

/* Characters are counted from 1, as people count, and not in bytes. */
static bool refuse_at(const struct name_text *text, const char *place,
    const char *rule, struct failure *why)
{
    size_t character = 1;

    for (const char *byte = text->whole; byte < place; byte++)
        character += ((uint8_t)*byte & 0xc0) != 0x80 ? 1 : 0;
    return fail_because(
        why, FAILURE_MALFORMED, "name, character %zu: %s", character, rule);
}

/* As refuse_at, when a function below has said what is wrong. */
static bool refuse_part(const struct name_text *text, const char *place,
    const struct failure *part, struct failure *why)
{
    if (part->kind == FAILURE_MALFORMED)
        return refuse_at(text, place, part->reason, why);
    *why = *part;
    return false;
}

static void pass_spaces(struct name_text *text)
{
    while (*text->place == ' ')
        text->place++;
}

static bool is_hexadecimal(char character)
{
    return (character >= '0' && character <= '9') ||
           (character >= 'a' && character <= 'f') ||
           (character >= 'A' && character <= 'F');
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool is_type_character(char character)
{
    return is_digit(character) || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z') || character == '.' ||
           character == '-';
}

/* "OID.1.2.3" is how RFC 1779 wrote a number. */
static const char *without_oid_prefix(const char *type)
{
    return strncasecmp(type, "OID.", 4) == 0 ? type + 4 : type;
}

static bool find_type(const struct name_text *text, const char *place,
    const char *type, uint8_t *contents, size_t *length, struct failure *why)
{
    struct failure part = {0};
    const char *number = without_oid_prefix(type);

    if (is_digit(*number)) {
        if (oid_read(number, contents, TYPE_BYTES, length, &part))
            return true;
        return refuse_part(text, place, &part, why);
    }

    const struct oid_row *row = oid_row(oid_named(type));
    if (row->short_name == NULL) {
        (void)fail_because(&part, FAILURE_MALFORMED,
            "\"%s\" is no attribute of a name; others are written by number, "
            "as 1.2.3=",
            type);
        return refuse_part(text, place, &part, why);
    }
    memcpy(contents, row->contents.start, row->contents.length);
    *length = row->contents.length;
    return true;
}

/* "CN=", with spaces before and behind the type. */
static bool read_type(struct name_text *text, uint8_t *contents, size_t *length,
    struct failure *why)
{
    char type[OID_TEXT] = "";
    size_t used = 0;

    pass_spaces(text);
    const char *start = text->place;
    while (is_type_character(*text->place)) {
        if (used == sizeof(type) - 1)
            return refuse_at(
                text, start, "a type is longer than 127 characters", why);
        type[used++] = *text->place++;
    }
    pass_spaces(text);
    if (used == 0 || *text->place != '=')
        return refuse_at(text, start,
            text->slashes
                ? "TYPE=value is wanted; a slash in a value is written \\/"
                : "TYPE=value is wanted; a comma in a value is written \\,",
            why);
    text->place++;
    return find_type(text, start, type, contents, length, why);
}

/* RFC 4514, 3: a special character or the two digits of a byte. */
static bool read_escape(
    struct name_text *text, struct buffer *value, struct failure *why)
{
    const char *escaped = text->place + 1;
    char pair[3] = "";
    uint8_t byte = 0;
    size_t length = 0;

    if (text->slashes && *escaped != '\0') {
        text->place += 2;
        return buffer_append_byte(value, (uint8_t)*escaped, why);
    }
    if (*escaped != '\0' && strchr(" #=,+\"\\<>;", *escaped) != NULL) {
        text->place += 2;
        return buffer_append_byte(value, (uint8_t)*escaped, why);
    }
    if (!is_hexadecimal(escaped[0]) || !is_hexadecimal(escaped[1]))
        return refuse_at(text, text->place,
            "a backslash stands before one of ,+\"\\<>;#= or a space, or "
            "before two hexadecimal digits",
            why);
    memcpy(pair, escaped, 2);
    if (!hex_read(pair, &byte, 1, &length, why))
        return false;
    text->place += 3;
    return buffer_append_byte(value, byte, why);
}

static bool at_separator(const struct name_text *text)
{
    char character = *text->place;

    if (character == '\0' || character == '+')
        return true;
    if (text->slashes)
        return character == '/';
    return character == ',' || character == ';';
}

/* Up to the next separator.  Spaces at the end belong to the value only where
 * they are escaped, or openssl's form is read. */
static bool read_plain(
    struct name_text *text, struct buffer *value, struct failure *why)
{
    size_t kept = 0;

    while (!at_separator(text)) {
        char character = *text->place;

        if (character == '\\') {
            if (!read_escape(text, value, why))
                return false;
            kept = value->length;
            continue;
        }
        if (!text->slashes && strchr("\"<>", character) != NULL)
            return refuse_at(text, text->place,
                "a quote, < or > in a value is written with a backslash", why);
        if (!buffer_append_byte(value, (uint8_t)character, why))
            return false;
        if (character != ' ' || text->slashes)
            kept = value->length;
        text->place++;
    }
    value->length = kept;
    return true;
}

/* RFC 2253, 4: "a, b" in quotes, which RFC 4514 no longer writes. */
static bool read_quoted(
    struct name_text *text, struct buffer *value, struct failure *why)
{
    const char *start = text->place++;

    while (*text->place != '"') {
        if (*text->place == '\0')
            return refuse_at(text, start, "this quote is never closed", why);
        if (*text->place == '\\') {
            if (!read_escape(text, value, why))
                return false;
            continue;
        }
        if (!buffer_append_byte(value, (uint8_t)*text->place++, why))
            return false;
    }
    text->place++;
    return true;
}

/* RFC 4514, 2.4: # and the bytes of a whole element. */
static bool read_hexadecimal(
    struct name_text *text, struct buffer *value, struct failure *why)
{
    const char *start = text->place++;
    char pair[3] = "";
    uint8_t byte = 0;
    size_t length = 0;

    while (is_hexadecimal(text->place[0])) {
        if (!is_hexadecimal(text->place[1]))
            return refuse_at(
                text, start, "half a byte ends this hexadecimal value", why);
        memcpy(pair, text->place, 2);
        if (!hex_read(pair, &byte, 1, &length, why))
            return false;
        if (!buffer_append_byte(value, byte, why))
            return false;
        text->place += 2;
    }
    return true;
}

static bool read_text_value(
    struct name_text *text, struct bytes type, struct failure *why)
{
    RELEASED(buffer) value = BUFFER("a value of a name", VALUE_MAX);
    const char *start = text->place;
    struct failure part = {0};
    bool quoted = !text->slashes && *text->place == '"';

    if (!(quoted ? read_quoted(text, &value, why)
                 : read_plain(text, &value, why)))
        return false;
    if (name_draft_add_text(
            &text->draft, text->relative, type, buffer_view(&value), &part))
        return true;
    return refuse_part(text, start, &part, why);
}

static bool read_element_value(
    struct name_text *text, struct bytes type, struct failure *why)
{
    RELEASED(buffer) value = BUFFER("a value of a name", VALUE_MAX);
    const char *start = text->place;
    struct failure part = {0};

    if (!read_hexadecimal(text, &value, why))
        return false;
    if (name_draft_add_element(
            &text->draft, text->relative, type, buffer_view(&value), &part))
        return true;
    return refuse_part(text, start, &part, why);
}

static bool read_attribute(struct name_text *text, struct failure *why)
{
    uint8_t contents[TYPE_BYTES] = {0};
    struct bytes type = {.start = contents};

    if (!read_type(text, contents, &type.length, why))
        return false;
    if (text->slashes)
        return read_text_value(text, type, why);

    pass_spaces(text);
    if (!(*text->place == '#' ? read_element_value(text, type, why)
                              : read_text_value(text, type, why)))
        return false;
    pass_spaces(text);
    if (at_separator(text))
        return true;
    return refuse_at(
        text, text->place, "a comma or plus is wanted behind a value", why);
}

static bool read_attributes(struct name_text *text, struct failure *why)
{
    if (!read_attribute(text, why))
        return false;
    while (*text->place != '\0') {
        text->relative += *text->place == '+' ? 0 : 1;
        text->place++;
        if (!read_attribute(text, why))
            return false;
    }
    return true;
}

bool name_read(const char *text, struct buffer *name, struct failure *why)
{
    RELEASED(name_text)
    reading = {.whole = text,
        .place = text,
        .slashes = *text == '/',
        .draft = name_draft_new()};

    if (strlen(text) > NAME_TEXT_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "a name of more than %d bytes is refused", NAME_TEXT_MAX);
    if (reading.slashes)
        reading.place++;
    else
        pass_spaces(&reading);
    if (*reading.place != '\0' && !read_attributes(&reading, why))
        return false;
    return name_draft_finish(&reading.draft, !reading.slashes, name, why);
}

bool name_of_common_name(
    const char *text, struct buffer *name, struct failure *why)
{
    RELEASED(name_draft) draft = name_draft_new();

    if (*text == '\0')
        return fail_because(
            why, FAILURE_MALFORMED, "a common name needs a character");
    if (strlen(text) > NAME_TEXT_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "a name of more than %d bytes is refused", NAME_TEXT_MAX);
    return name_draft_add_text(&draft, 0, oid_contents(OID_COMMON_NAME),
               bytes_of_text(text), why) &&
           name_draft_finish(&draft, true, name, why);
}
