#include "x509/name.h"

#include <stdlib.h>

#include "base/text.h"

/* How wide the example in name.h is: "O   UTF8String       ". */
#define TYPE_COLUMN 3
#define ENCODING_COLUMN 16

#define VALUE_TEXT_MAX (1024 * 1024)

/* The types that are written by name; others are numbers. */
static const char *type_name(const struct name_attribute *attribute)
{
    return oid_row(attribute->type)->short_name;
}

static bool append_type(const struct name_attribute *attribute,
    struct buffer *text, struct failure *why)
{
    char dotted[OID_TEXT] = "";

    if (type_name(attribute) != NULL)
        return buffer_append_text(text, type_name(attribute), why);
    if (!oid_print(attribute->type_contents, dotted, why))
        return false;
    return buffer_append_text(text, dotted, why);
}

static bool append_pair(struct buffer *text, uint8_t byte, struct failure *why)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t pair[] = {
        (uint8_t)digits[byte >> 4], (uint8_t)digits[byte & 0x0f]};

    return buffer_append(
        text, (struct bytes){.start = pair, .length = sizeof(pair)}, why);
}

/* RFC 4514, 2.4: the whole element. */
static bool append_hexadecimal(
    struct bytes element, struct buffer *text, struct failure *why)
{
    if (!buffer_append_byte(text, '#', why))
        return false;
    for (size_t i = 0; i < element.length; i++) {
        if (!append_pair(text, element.start[i], why))
            return false;
    }
    return true;
}

static bool is_special(uint8_t character)
{
    switch (character) {
    case ',':
    case '+':
    case '"':
    case '\\':
    case '<':
    case '>':
    case ';':
        return true;
    default:
        return false;
    }
}

/* RFC 4514, 2.4 */
static bool needs_backslash(struct bytes value, size_t place)
{
    uint8_t character = value.start[place];

    if (character == ' ')
        return place == 0 || place == value.length - 1;
    if (character == '#')
        return place == 0;
    return is_special(character);
}

static bool append_escaped(
    struct bytes value, struct buffer *text, struct failure *why)
{
    for (size_t i = 0; i < value.length; i++) {
        uint8_t character = value.start[i];
        bool control = character < 0x20 || character == 0x7f;

        if ((control || needs_backslash(value, i)) &&
            !buffer_append_byte(text, '\\', why))
            return false;
        if (control ? !append_pair(text, character, why)
                    : !buffer_append_byte(text, character, why))
            return false;
    }
    return true;
}

/* A value of a type without a name is always shown by its bytes: what its text
 * would be is for its owner to know (RFC 4514, 2.4). */
static bool append_value(const struct name_attribute *attribute,
    struct buffer *text, struct failure *why)
{
    RELEASED(buffer) value = BUFFER("text of an attribute", VALUE_TEXT_MAX);
    struct failure not_text = {0};

    if (type_name(attribute) == NULL)
        return append_hexadecimal(attribute->value_element, text, why);
    if (name_attribute_append_text(attribute, &value, &not_text))
        return append_escaped(buffer_view(&value), text, why);
    if (not_text.kind == FAILURE_MALFORMED)
        return append_hexadecimal(attribute->value_element, text, why);
    *why = not_text;
    return false;
}

static bool print_attribute(const struct name_attribute *attribute,
    struct buffer *text, struct failure *why)
{
    return append_type(attribute, text, why) &&
           buffer_append_byte(text, '=', why) &&
           append_value(attribute, text, why);
}

struct attribute_list {
    struct name_attribute *start;
    size_t count;
};

static void attribute_list_free(struct attribute_list *list)
{
    free(list->start);
}

static bool count_attributes(
    struct bytes name, size_t *count, struct failure *why)
{
    struct name_walk walk = {0};
    struct name_attribute attribute = {0};
    size_t found = 0;

    if (!name_walk_start(name, &walk, why))
        return false;
    for (; !name_walk_at_end(&walk); found++) {
        if (found == NAME_ATTRIBUTES_MAX)
            return fail_because(why, FAILURE_MALFORMED,
                "a name has more than %d attributes", NAME_ATTRIBUTES_MAX);
        if (!name_walk_next(&walk, &attribute, why))
            return false;
    }
    *count = found;
    return true;
}

/* An array that grew with the name: the stack does not bear the largest. */
static bool collect_attributes(
    struct bytes name, struct attribute_list *list, struct failure *why)
{
    struct name_walk walk = {0};

    if (!count_attributes(name, &list->count, why))
        return false;
    if (list->count == 0)
        return true;
    list->start = calloc(list->count, sizeof(*list->start));
    if (list->start == NULL)
        return fail_because(why, FAILURE_INTERNAL,
            "no memory for %zu attributes of a name", list->count);
    if (!name_walk_start(name, &walk, why))
        return false;
    for (size_t i = 0; i < list->count; i++) {
        if (!name_walk_next(&walk, &list->start[i], why))
            return false;
    }
    return true;
}

/* The relative name that ends before attributes[end]; *end becomes its start.
 */
static bool print_relative(const struct name_attribute *attributes, size_t *end,
    struct buffer *text, struct failure *why)
{
    size_t start = *end - 1;

    while (start > 0 &&
           attributes[start - 1].relative == attributes[*end - 1].relative)
        start--;
    for (size_t i = start; i < *end; i++) {
        if (i > start && !buffer_append_byte(text, '+', why))
            return false;
        if (!print_attribute(&attributes[i], text, why))
            return false;
    }
    *end = start;
    return true;
}

/* RFC 4514, 2.1: the last relative name comes first. */
static bool print_attributes(const struct name_attribute *attributes,
    size_t count, struct buffer *text, struct failure *why)
{
    size_t end = count;

    while (end > 0) {
        if (end < count && !buffer_append_byte(text, ',', why))
            return false;
        if (!print_relative(attributes, &end, text, why))
            return false;
    }
    return true;
}

bool name_print(struct bytes name, struct buffer *text, struct failure *why)
{
    RELEASED(attribute_list) attributes = {0};
    size_t before = text->length;

    if (!collect_attributes(name, &attributes, why))
        return false;
    if (print_attributes(attributes.start, attributes.count, text, why))
        return true;
    text->length = before;
    return false;
}

static const char *encoding_name(uint8_t tag)
{
    switch (tag) {
    case DER_UTF8_STRING:
        return "UTF8String";
    case DER_NUMERIC_STRING:
        return "NumericString";
    case DER_PRINTABLE_STRING:
        return "PrintableString";
    case DER_TELETEX_STRING:
        return "TeletexString";
    case DER_IA5_STRING:
        return "IA5String";
    case DER_VISIBLE_STRING:
        return "VisibleString";
    case DER_UNIVERSAL_STRING:
        return "UniversalString";
    case DER_BMP_STRING:
        return "BMPString";
    default:
        return "no string";
    }
}

/* In quotes where it is text, else by its bytes. */
static bool append_shown(const struct name_attribute *attribute,
    struct buffer *text, struct failure *why)
{
    RELEASED(buffer) value = BUFFER("text of an attribute", VALUE_TEXT_MAX);
    struct failure not_text = {0};

    if (name_attribute_append_text(attribute, &value, &not_text))
        return buffer_append_byte(text, '"', why) &&
               text_append_visible(text, buffer_view(&value), why) &&
               buffer_append_byte(text, '"', why);
    if (not_text.kind == FAILURE_MALFORMED)
        return append_hexadecimal(attribute->value_element, text, why);
    *why = not_text;
    return false;
}

/* A type that is joined to the one before it begins with "+". */
static bool describe_attribute(const struct name_attribute *attribute,
    bool joined, struct buffer *text, struct failure *why)
{
    RELEASED(buffer) type = BUFFER("type of an attribute", OID_TEXT + 1);

    if (joined && !buffer_append_byte(&type, '+', why))
        return false;
    if (!append_type(attribute, &type, why))
        return false;
    return buffer_print(text, why, "%-*.*s %-*s ", TYPE_COLUMN,
               (int)type.length, (const char *)type.start, ENCODING_COLUMN,
               encoding_name(attribute->tag)) &&
           append_shown(attribute, text, why) &&
           buffer_append_byte(text, '\n', why);
}

bool name_describe(struct bytes name, struct buffer *text, struct failure *why)
{
    RELEASED(attribute_list) attributes = {0};
    size_t before = text->length;

    if (!collect_attributes(name, &attributes, why))
        return false;
    for (size_t i = 0; i < attributes.count; i++) {
        const struct name_attribute *attribute = &attributes.start[i];
        bool joined = i > 0 && attribute[0].relative == attribute[-1].relative;

        if (!describe_attribute(attribute, joined, text, why)) {
            text->length = before;
            return false;
        }
    }
    return true;
}
