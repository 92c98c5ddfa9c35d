#include "x509/view/element.h"

#include <stdio.h>

#define LENGTH_BYTES_MAX 8
#define TAG_BYTES_MAX 4 /* behind the first, X.690, 8.1.2.4 */

static bool take(struct der_reader *reader, uint8_t *byte, struct failure *why)
{
    if (reader->position == reader->end)
        return fail_because(why, FAILURE_MALFORMED,
            "at offset %zu the bytes end inside the head of an element",
            reader->position);
    *byte = reader->whole.start[reader->position++];
    return true;
}

static bool read_tag(struct der_reader *reader, struct view_element *element,
    struct failure *why)
{
    uint8_t byte = 0x80;

    if (!take(reader, &element->tag, why))
        return false;
    element->number = element->tag & 0x1f;
    if (element->number != 0x1f)
        return true;
    element->number = 0;
    for (int i = 0; i < TAG_BYTES_MAX && (byte & 0x80) != 0; i++) {
        if (!take(reader, &byte, why))
            return false;
        element->number = element->number << 7 | (byte & 0x7f);
    }
    return (byte & 0x80) == 0 ||
           fail_because(why, FAILURE_MALFORMED,
               "at offset %zu a tag is longer than %d bytes", element->offset,
               TAG_BYTES_MAX + 1);
}

static bool read_length(struct der_reader *reader, struct view_element *element,
    struct failure *why)
{
    uint8_t first = 0;
    uint8_t byte = 0;
    uint64_t length = 0;

    if (!take(reader, &first, why))
        return false;
    element->is_indefinite = first == 0x80;
    element->length = first;
    if (first <= 0x80)
        return true;
    if ((first & 0x7f) > LENGTH_BYTES_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "at offset %zu a length of %d bytes", reader->position - 1,
            first & 0x7f);
    for (int i = first & 0x7f; i > 0; i--) {
        if (!take(reader, &byte, why))
            return false;
        length = length << 8 | byte;
    }
    element->length = length;
    return true;
}

bool view_element_next(struct der_reader *reader, struct view_element *element,
    struct der_reader *contents, struct failure *why)
{
    struct view_element found = {.offset = reader->position};
    struct der_reader next = *reader;
    size_t left = 0;

    if (!read_tag(&next, &found, why) || !read_length(&next, &found, why))
        return false;
    found.head_length = next.position - found.offset;
    left = next.end - next.position;
    if (found.is_indefinite)
        found.length = left;
    found.is_cut = found.length > left;
    *contents = next;
    contents->end = next.position + (found.is_cut ? left : found.length);
    next.position = contents->end;
    *reader = next;
    *element = found;
    return true;
}

static const char *universal_name(uint32_t number)
{
    static const char *const names[] = {"end of contents", "BOOLEAN", "INTEGER",
        "BIT STRING", "OCTET STRING", "NULL", "OBJECT IDENTIFIER",
        "ObjectDescriptor", "EXTERNAL", "REAL", "ENUMERATED", "EMBEDDED PDV",
        "UTF8String", "RELATIVE-OID", "TIME", NULL, "SEQUENCE", "SET",
        "NumericString", "PrintableString", "TeletexString", "VideotexString",
        "IA5String", "UTCTime", "GeneralizedTime", "GraphicString",
        "VisibleString", "GeneralString", "UniversalString", "CHARACTER STRING",
        "BMPString"};

    return number < sizeof(names) / sizeof(*names) ? names[number] : NULL;
}

void view_element_print(
    const struct view_element *element, char text[static VIEW_TAG_TEXT])
{
    static const char *const classes[] = {
        "UNIVERSAL ", "APPLICATION ", "", "PRIVATE "};
    const char *name =
        element->tag < 0x40 ? universal_name(element->number) : NULL;

    if (name != NULL)
        (void)snprintf(text, VIEW_TAG_TEXT, "%s", name);
    else
        (void)snprintf(text, VIEW_TAG_TEXT, "[%s%u]",
            classes[element->tag >> 6], element->number);
}
