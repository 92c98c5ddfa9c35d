#include "x509/view/fields.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "x509/algorithm_identifier.h"
#include "x509/view/element.h"
#include "x509/view/oid_name.h"

#define TEXT_MAX (64 * 1024) /* of a name as text */

static size_t show_unreadable(struct view_document *document, size_t parent,
    const char *label, struct bytes value, const struct failure *why)
{
    size_t node = view_hex(document, parent, label, value);

    view_note(document, node, "%s", why->reason);
    return node;
}

size_t view_name(struct view_document *document, size_t parent,
    const char *label, struct bytes name)
{
    RELEASED(buffer) text = BUFFER("a name", TEXT_MAX);
    struct failure why = {0};
    size_t node = VIEW_NOWHERE;

    if (!name_print(name, &text, &why))
        return show_unreadable(document, parent, label, name, &why);
    if (name_is_empty(name))
        node = view_print(document, parent, label, "(empty)");
    else
        node = view_words(document, parent, label, buffer_view(&text));
    return node;
}

static const char *string_name(uint8_t tag, char text[static VIEW_TAG_TEXT])
{
    view_element_print(
        &(struct view_element){.tag = tag, .number = tag & 0x1f}, text);
    return text;
}

static void show_attribute(struct view_document *document, size_t parent,
    const struct name_attribute *attribute)
{
    RELEASED(buffer) text = BUFFER("an attribute", TEXT_MAX);
    char type[VIEW_OID_TEXT] = "";
    char string[VIEW_TAG_TEXT] = "";
    struct failure why = {0};
    size_t node = VIEW_NOWHERE;

    if (attribute->type == OID_UNKNOWN)
        view_oid_print(attribute->type_contents, type);
    else
        (void)snprintf(
            type, sizeof(type), "%s", oid_row(attribute->type)->name);
    if (name_attribute_append_text(attribute, &text, &why))
        node = view_text(document, parent, type, buffer_view(&text));
    else
        node = view_hex(document, parent, type, attribute->value);
    view_note(document, node, "%s", string_name(attribute->tag, string));
    view_at(document, node, attribute->whole);
}

size_t view_attributes(struct view_document *document, size_t parent,
    const char *label, struct bytes name)
{
    size_t list = view_list(document, parent, label);
    struct name_walk walk = {0};
    struct name_attribute attribute = {0};
    struct failure why = {0};
    size_t count = 0;

    if (!name_walk_start(name, &walk, &why))
        return list;
    while (!name_walk_at_end(&walk)) {
        if (count++ == VIEW_ITEMS_MAX) {
            view_note(document, list, "the first %d", VIEW_ITEMS_MAX);
            return list;
        }
        if (!name_walk_next(&walk, &attribute, &why)) {
            if (why.kind != FAILURE_NOT_FOUND)
                view_damage(document, list, &why);
            return list;
        }
        show_attribute(document, list, &attribute);
    }
    return list;
}

static bool append_hex(
    struct buffer *words, struct bytes value, struct failure *why)
{
    size_t shown = value.length < VIEW_HEX_MAX ? value.length : VIEW_HEX_MAX;

    for (size_t i = 0; i < shown; i++) {
        if (!buffer_print(words, why, "%02x", value.start[i]))
            return false;
    }
    return shown == value.length || buffer_append_text(words, "...", why);
}

/* userPrincipalName and its like: an OID, then [0] a string. */
static size_t show_other_name(struct view_document *document, size_t parent,
    const char *label, struct bytes value)
{
    RELEASED(buffer) words = BUFFER("a name", TEXT_MAX);
    struct der_reader reader = der_reader_of(value);
    struct der_reader outer = {0};
    struct der_reader inner = {0};
    struct bytes type = {0};
    struct bytes element = {0};
    struct failure why = {0};
    char name[VIEW_OID_TEXT] = "";
    uint8_t tag = 0;
    bool ok = der_read_oid(&reader, &type, &why) &&
              der_read(&reader, DER_CONTEXT_HOLDING(0), &outer, &why) &&
              der_read_any(&outer, &tag, &inner, &element, &why);

    if (!ok)
        return show_unreadable(document, parent, label, value, &why);
    view_oid_print(type, name);
    ok = buffer_print(&words, &why, "other:%s:", name);
    if (tag == DER_UTF8_STRING || tag == DER_IA5_STRING ||
        tag == DER_PRINTABLE_STRING)
        ok = ok && text_append_visible(&words, der_remaining(&inner), &why);
    else
        ok = ok && append_hex(&words, element, &why);
    return ok ? view_words(document, parent, label, buffer_view(&words))
              : show_unreadable(document, parent, label, value, &why);
}

size_t view_general_name(struct view_document *document, size_t parent,
    const char *label, const struct general_name *name)
{
    RELEASED(buffer) text = BUFFER("a name", TEXT_MAX);
    struct failure why = {0};
    char type[VIEW_OID_TEXT] = "";

    if (name->kind == GENERAL_NAME_OTHER)
        return show_other_name(document, parent, label, name->value);
    if (name->kind == GENERAL_NAME_REGISTERED_ID) {
        view_oid_print(name->value, type);
        return view_print(document, parent, label, "registered ID %s", type);
    }
    if (!general_name_print(name, &text, &why))
        return show_unreadable(document, parent, label, name->value, &why);
    return view_words(document, parent, label, buffer_view(&text));
}

size_t view_general_names(struct view_document *document, size_t parent,
    const char *label, struct der_reader names)
{
    size_t list = view_list(document, parent, label);
    struct general_name name = {0};
    struct failure why = {0};
    size_t count = 0;

    while (!der_at_end(&names)) {
        if (!general_name_next(&names, &name, &why)) {
            view_damage(document, list, &why);
            return list;
        }
        if (count++ < VIEW_ITEMS_MAX)
            (void)view_general_name(document, list, NULL, &name);
    }
    if (count > VIEW_ITEMS_MAX)
        view_note(document, list, "the first %d of %zu", VIEW_ITEMS_MAX, count);
    return list;
}

size_t view_time(struct view_document *document, size_t parent,
    const char *label, int64_t time)
{
    char text[CLOCK_TEXT] = "";

    clock_print(time, text);
    return view_print(document, parent, label, "%s", text);
}

size_t view_oid(struct view_document *document, size_t parent,
    const char *label, struct bytes contents)
{
    char text[VIEW_OID_TEXT] = "";

    view_oid_print(contents, text);
    return view_print(document, parent, label, "%s", text);
}

size_t view_algorithm(struct view_document *document, size_t parent,
    const char *label, struct bytes identifier)
{
    const struct signature_algorithm *row = signature_algorithm_of(identifier);
    struct algorithm_identifier algorithm = {0};
    struct der_reader reader = der_reader_of(identifier);
    struct failure why = {0};
    char name[VIEW_OID_TEXT] = "";

    if (!algorithm_identifier_read(&reader, &algorithm, &why))
        return show_unreadable(document, parent, label, identifier, &why);
    view_oid_print(algorithm.oid, name);
    if (row != NULL && row->pss)
        (void)snprintf(name, sizeof(name), "%s", row->name);
    return view_print(document, parent, label, "%s", name);
}

size_t view_serial(struct view_document *document, size_t parent,
    const char *label, struct bytes serial)
{
    char text[SERIAL_TEXT] = "";

    serial_print(serial, text);
    return view_print(document, parent, label, "%s", text);
}

size_t view_fingerprint(
    struct view_document *document, size_t parent, struct bytes der)
{
    uint8_t digest[SHA256_BYTES] = {0};
    char text[SHA256_TEXT] = "";
    struct failure why = {0};

    if (!sha256(&der, 1, digest, &why))
        return VIEW_NOWHERE;
    hex_print((struct bytes){digest, sizeof(digest)}, text);
    return view_print(document, parent, "Fingerprint SHA-256", "%s", text);
}

size_t view_bits(struct view_document *document, size_t parent,
    const char *label, uint32_t bits, const char *const *words, size_t count)
{
    char text[512] = "";
    size_t used = 0;

    for (size_t i = 0; i < 32; i++) {
        if ((bits >> i & 1) == 0 || used + 40 >= sizeof(text))
            continue;
        used += i < count ? (size_t)snprintf(text + used, sizeof(text) - used,
                                "%s%s", used == 0 ? "" : ", ", words[i])
                          : (size_t)snprintf(text + used, sizeof(text) - used,
                                "%sbit %zu", used == 0 ? "" : ", ", i);
    }
    return view_print(
        document, parent, label, "%s", used == 0 ? "(none)" : text);
}

void view_distance_print(int64_t seconds, char text[static VIEW_DISTANCE_TEXT])
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    int64_t distance = seconds < 0 ? -seconds : seconds;
    size_t unit = 0;
    int64_t count = 0;

    while (unit < 3 && distance < units[unit].seconds)
        unit++;
    count = distance / units[unit].seconds;
    (void)snprintf(text, VIEW_DISTANCE_TEXT, "%s%lld %s%s%s",
        seconds < 0 ? "" : "in ", (long long)count, units[unit].name,
        count == 1 ? "" : "s", seconds < 0 ? " ago" : "");
}

bool view_open(struct view_document *document, size_t parent,
    struct der_reader *reader, unsigned int tag, struct der_reader *contents)
{
    struct view_element element = {0};
    struct failure why = {0};
    struct failure unread = {0};
    struct der_reader next = *reader;

    if (der_read(reader, tag, contents, &why))
        return true;
    if (!document->is_damaged)
        view_damage(document, parent, &why);
    if (der_peek(reader) != (int)tag ||
        !view_element_next(&next, &element, contents, &unread) ||
        !element.is_cut)
        return false;
    *reader = next;
    return true;
}
