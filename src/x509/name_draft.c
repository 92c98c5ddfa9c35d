#include "x509/name_draft.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "x509/der_writer.h"

/* What the heads of an attribute, or of a relative name, take at most. */
#define HEADS_MAX 32

/* Text of NAME_TEXT_MAX and the heads of all its attributes. */
#define ENCODINGS_MAX \
    (NAME_TEXT_MAX + NAME_DRAFT_ATTRIBUTES_MAX * 2 * HEADS_MAX)

struct name_draft name_draft_new(void)
{
    return (struct name_draft){
        .encodings = BUFFER("attributes of a name", ENCODINGS_MAX)};
}

void name_draft_free(struct name_draft *draft)
{
    buffer_free(&draft->encodings);
}

/* X.680, 41.4 */
static bool is_printable(uint8_t character)
{
    return (character >= 'A' && character <= 'Z') ||
           (character >= 'a' && character <= 'z') ||
           (character >= '0' && character <= '9') ||
           (character != 0 && strchr(" '()+,-./:=?", character) != NULL);
}

static bool is_ascii(uint8_t character)
{
    return character < 0x80;
}

static bool all_are(struct bytes text, bool (*predicate)(uint8_t))
{
    for (size_t i = 0; i < text.length; i++) {
        if (!predicate(text.start[i]))
            return false;
    }
    return true;
}

static bool wants_printable(enum oid type)
{
    return type == OID_COUNTRY || type == OID_JURISDICTION_COUNTRY ||
           type == OID_SERIAL_NUMBER || type == OID_DN_QUALIFIER;
}

/* RFC 5280, appendix A.1: PrintableString for X520countryName,
 * X520SerialNumber and X520dnQualifier, IA5String for DomainComponent and
 * EmailAddress, and 4.1.2.4: UTF8String for the rest. */
static bool choose_tag(
    enum oid type, struct bytes text, enum der_tag *tag, struct failure *why)
{
    if (!text_is_utf8(text))
        return fail_because(why, FAILURE_MALFORMED, "the value is not UTF-8");
    if (type == OID_DOMAIN_COMPONENT || type == OID_EMAIL_ADDRESS) {
        if (!all_are(text, is_ascii))
            return fail_because(why, FAILURE_MALFORMED,
                "%s takes ASCII alone; write a domain as its A-label (xn--)",
                oid_row(type)->short_name);
        *tag = DER_IA5_STRING;
        return true;
    }
    *tag = wants_printable(type) && all_are(text, is_printable)
               ? DER_PRINTABLE_STRING
               : DER_UTF8_STRING;
    return true;
}

static bool add_part(struct name_draft *draft, size_t relative,
    struct bytes type, unsigned int tag, struct bytes value,
    struct failure *why)
{
    size_t room = type.length + value.length + HEADS_MAX;
    struct bytes encoding = {0};

    if (draft->count == NAME_DRAFT_ATTRIBUTES_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "a name has more than %d attributes", NAME_DRAFT_ATTRIBUTES_MAX);
    if (!buffer_reserve(&draft->encodings, room, why))
        return false;

    uint8_t *end = draft->encodings.start + draft->encodings.length;
    struct der_writer writer = der_writer_in(end, room);
    size_t mark = der_writer_mark(&writer);
    der_write_element(&writer, tag, value);
    der_write_oid(&writer, type);
    der_write_head(&writer, DER_SEQUENCE, mark);
    if (!der_writer_take(&writer, &encoding, why))
        return false;

    memmove(end, encoding.start, encoding.length);
    draft->parts[draft->count++] = (struct name_part){.relative = relative,
        .offset = draft->encodings.length,
        .length = encoding.length};
    draft->encodings.length += encoding.length;
    return true;
}

bool name_draft_add_text(struct name_draft *draft, size_t relative,
    struct bytes type, struct bytes text, struct failure *why)
{
    enum der_tag tag = DER_UTF8_STRING;

    return choose_tag(oid_of(type), text, &tag, why) &&
           add_part(draft, relative, type, tag, text, why);
}

/* Old and wide strings never; any other only where the type has no name, for
 * such a value is printed by its bytes. */
static bool is_written_anew(const struct name_attribute *attribute)
{
    switch (attribute->tag) {
    case DER_TELETEX_STRING:
    case DER_BMP_STRING:
    case DER_UNIVERSAL_STRING:
        return true;
    case DER_UTF8_STRING:
    case DER_PRINTABLE_STRING:
    case DER_IA5_STRING:
    case DER_VISIBLE_STRING:
    case DER_NUMERIC_STRING:
        return oid_row(attribute->type)->short_name != NULL;
    default:
        return false;
    }
}

bool name_draft_add_element(struct name_draft *draft, size_t relative,
    struct bytes type, struct bytes value, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("text of an attribute", ENCODINGS_MAX);
    struct name_attribute attribute = {.type = oid_of(type)};
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};

    if (!der_read_any(
            &reader, &attribute.tag, &contents, &attribute.value_element, why))
        return false;
    if (!der_finish(&reader, "the value", why))
        return false;
    attribute.value = der_remaining(&contents);
    if (!is_written_anew(&attribute))
        return add_part(
            draft, relative, type, attribute.tag, attribute.value, why);
    if (!name_attribute_append_text(&attribute, &text, why))
        return false;
    return name_draft_add_text(draft, relative, type, buffer_view(&text), why);
}

/* By relative name, and within it as X.690, 11.6 orders a SET OF. */
static int compare_parts(const void *a, const void *b, void *encodings)
{
    const struct name_part *first = a;
    const struct name_part *second = b;
    const uint8_t *start = ((const struct buffer *)encodings)->start;

    if (first->relative != second->relative)
        return first->relative < second->relative ? -1 : 1;

    int order = memcmp(start + first->offset, start + second->offset,
        first->length < second->length ? first->length : second->length);
    if (order != 0)
        return order;
    return (first->length > second->length) - (first->length < second->length);
}

/* The attributes from first up to end as one relative name. */
static void write_set(struct der_writer *writer, const struct name_draft *draft,
    size_t first, size_t end)
{
    size_t mark = der_writer_mark(writer);

    for (size_t i = end; i > first; i--) {
        const struct name_part *part = &draft->parts[i - 1];

        der_write_raw(writer,
            (struct bytes){.start = draft->encodings.start + part->offset,
                .length = part->length});
    }
    der_write_head(writer, DER_SET, mark);
}

static size_t end_of_set(const struct name_draft *draft, size_t first)
{
    size_t end = first;

    while (end < draft->count &&
           draft->parts[end].relative == draft->parts[first].relative)
        end++;
    return end;
}

static size_t start_of_set(const struct name_draft *draft, size_t end)
{
    size_t first = end;

    while (first > 0 &&
           draft->parts[first - 1].relative == draft->parts[end - 1].relative)
        first--;
    return first;
}

/* The writer goes from the back to the front: what is to stand last is written
 * first. */
static void write_sets(struct der_writer *writer,
    const struct name_draft *draft, bool most_specific_first)
{
    if (most_specific_first) {
        for (size_t first = 0; first < draft->count;) {
            size_t end = end_of_set(draft, first);

            write_set(writer, draft, first, end);
            first = end;
        }
        return;
    }
    for (size_t end = draft->count; end > 0;) {
        size_t first = start_of_set(draft, end);

        write_set(writer, draft, first, end);
        end = first;
    }
}

bool name_draft_finish(struct name_draft *draft, bool most_specific_first,
    struct buffer *name, struct failure *why)
{
    RELEASED(buffer) room = BUFFER("a name", 2 * (size_t)ENCODINGS_MAX);
    size_t size = draft->encodings.length + (draft->count + 1) * HEADS_MAX;
    struct bytes encoding = {0};

    if (!buffer_reserve(&room, size, why))
        return false;
    qsort_r(draft->parts, draft->count, sizeof(*draft->parts), compare_parts,
        &draft->encodings);

    struct der_writer writer = der_writer_in(room.start, size);
    size_t mark = der_writer_mark(&writer);
    write_sets(&writer, draft, most_specific_first);
    der_write_head(&writer, DER_SEQUENCE, mark);
    if (!der_writer_take(&writer, &encoding, why))
        return false;
    return buffer_append(name, encoding, why);
}
