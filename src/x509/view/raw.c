#include "x509/view/raw.h"

#include "x509/view/element.h"
#include "x509/view/oid_name.h"

#define PREVIEW_BYTES 24

struct raw_walk {
    struct view_document *document;
    size_t shown;
    bool is_stopped; /* by damage, which is told once */
};

/* Only what is whole DER to its innermost is taken for wrapped: one of 256 key
 * identifiers looks like it from outside, and is not damaged for that. */
static bool is_whole_der(struct der_reader contents, unsigned int depth)
{
    struct bytes element = {0};
    struct der_reader inside = {0};
    struct failure why = {0};
    uint8_t tag = 0;
    bool any = !der_at_end(&contents);

    while (!der_at_end(&contents)) {
        if (!der_read_any(&contents, &tag, &inside, &element, &why) ||
            tag == 0 || (tag & 0x1f) > 0x1e)
            return false;
        if ((tag & 0x20) != 0 &&
            (depth == 0 ||
                (!der_at_end(&inside) && !is_whole_der(inside, depth - 1))))
            return false;
    }
    return any;
}

/* A constructed element, or a string around DER; *contents: what to enter. */
static bool is_entered(
    const struct view_element *element, struct der_reader *contents)
{
    struct der_reader wrapped = *contents;

    if (view_element_holds(element))
        return true;
    if (element->is_cut)
        return false;
    if (element->tag == DER_BIT_STRING && !der_at_end(&wrapped) &&
        wrapped.whole.start[wrapped.position] == 0)
        wrapped.position++;
    else if (element->tag != DER_OCTET_STRING)
        return false;
    if (wrapped.end - wrapped.position < 2 ||
        !is_whole_der(wrapped, VIEW_RAW_DEPTH_MAX) ||
        (wrapped.whole.start[wrapped.position] != DER_SEQUENCE &&
            element->tag == DER_BIT_STRING))
        return false;
    *contents = wrapped;
    return true;
}

static bool is_text(uint8_t tag)
{
    return tag == DER_UTF8_STRING || tag == DER_NUMERIC_STRING ||
           tag == DER_PRINTABLE_STRING || tag == DER_IA5_STRING ||
           tag == DER_UTC_TIME || tag == DER_GENERALIZED_TIME ||
           tag == DER_VISIBLE_STRING || tag == DER_TELETEX_STRING;
}

static size_t show_value(struct view_document *document, size_t parent,
    const char *label, uint8_t tag, struct bytes value)
{
    char name[VIEW_OID_TEXT] = "";
    size_t node = VIEW_NOWHERE;
    bool is_short = value.length <= PREVIEW_BYTES;

    if (tag == DER_OBJECT_IDENTIFIER) {
        view_oid_print(value, name);
        return view_print(document, parent, label, "%s", name);
    }
    if (is_text(tag))
        return view_text(document, parent, label, value);
    if (tag == DER_BOOLEAN && value.length == 1)
        return view_print(
            document, parent, label, "%s", value.start[0] == 0 ? "no" : "yes");
    if (!is_short)
        value.length = PREVIEW_BYTES;
    node = view_hex(document, parent, label, value);
    if (!is_short)
        view_note(document, node, "the first %d bytes", PREVIEW_BYTES);
    return node;
}

static void walk(struct raw_walk *raw, size_t parent, struct der_reader *reader,
    unsigned int depth, bool until_end_of_contents);

static void enter(struct raw_walk *raw, size_t parent,
    const struct view_element *element, struct der_reader *contents,
    const char *label, unsigned int depth)
{
    size_t node = view_list(raw->document, parent, label);
    struct bytes whole = {contents->whole.start + element->offset,
        element->head_length + element->length};

    view_at(raw->document, node, whole);
    if (element->is_indefinite)
        view_note(raw->document, node, "BER: the length is indefinite");
    walk(raw, node, contents, depth + 1, element->is_indefinite);
}

static void show_leaf(struct raw_walk *raw, size_t parent,
    const struct view_element *element, const struct der_reader *contents,
    const char *label)
{
    size_t node = show_value(
        raw->document, parent, label, element->tag, der_remaining(contents));
    struct bytes whole = {contents->whole.start + element->offset,
        element->head_length + element->length};

    view_at(raw->document, node, whole);
}

static void tell_cut(struct raw_walk *raw, size_t parent,
    const struct view_element *element, const struct der_reader *contents)
{
    struct failure why = {0};

    (void)fail_because(&why, FAILURE_MALFORMED,
        "the element at offset %zu says %zu bytes, and the file ends at %zu, "
        "%zu too early",
        element->offset, element->length, contents->end,
        element->length -
            (contents->end - element->offset - element->head_length));
    view_damage(raw->document, parent, &why);
    raw->is_stopped = true;
}

static void walk_one(struct raw_walk *raw, size_t parent,
    struct der_reader *reader, unsigned int depth, bool *ended)
{
    struct view_element element = {0};
    struct der_reader contents = {0};
    struct failure why = {0};
    char label[VIEW_TAG_TEXT] = "";

    if (!view_element_next(reader, &element, &contents, &why)) {
        view_damage(raw->document, parent, &why);
        raw->is_stopped = true;
        return;
    }
    *ended = element.tag == 0 && element.length == 0;
    view_element_print(&element, label);
    if (depth < VIEW_RAW_DEPTH_MAX && is_entered(&element, &contents)) {
        enter(raw, parent, &element, &contents, label, depth);
        if (element.is_indefinite)
            reader->position = contents.position;
    } else {
        show_leaf(raw, parent, &element, &contents, label);
    }
    if (element.is_cut && !raw->is_stopped)
        tell_cut(raw, parent, &element, &contents);
}

static void walk(struct raw_walk *raw, size_t parent, struct der_reader *reader,
    unsigned int depth, bool until_end_of_contents)
{
    bool ended = false;

    while (!der_at_end(reader) && !raw->is_stopped &&
           !(ended && until_end_of_contents)) {
        if (raw->shown++ >= VIEW_RAW_MAX) {
            if (raw->shown == VIEW_RAW_MAX + 1)
                view_note(raw->document, parent,
                    "more than %d elements: the rest is not shown",
                    VIEW_RAW_MAX);
            return;
        }
        walk_one(raw, parent, reader, depth, &ended);
    }
}

void view_raw(struct view_document *document)
{
    struct raw_walk raw = {.document = document};
    struct der_reader reader = der_reader_of(document->der);

    walk(&raw, document->raw, &reader, 0, false);
}
