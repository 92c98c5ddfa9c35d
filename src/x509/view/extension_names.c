#include "x509/crl.h"
#include "x509/view/extension.h"
#include "x509/view/fields.h"

bool view_alternative_names(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader names = {0};

    if (!der_read(&reader, DER_SEQUENCE, &names, why))
        return false;
    (void)view_general_names(document, parent, "Names", names);
    return der_finish(&reader, "the names", why);
}

bool view_certificate_issuer(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    return view_alternative_names(document, parent, value, why);
}

/* RFC 5280, 4.2.1.10: the name of a GeneralSubtree is its first member. */
static bool show_subtrees(struct view_document *document, size_t parent,
    const char *label, unsigned int tag, struct der_reader *reader,
    struct failure *why)
{
    struct der_reader subtrees = {0};
    struct der_reader subtree = {0};
    struct general_name name = {0};
    size_t list = VIEW_NOWHERE;
    bool present = false;

    if (!der_read_optional(reader, tag, &subtrees, &present, why))
        return false;
    if (present)
        list = view_list(document, parent, label);
    for (size_t i = 0; i < VIEW_ITEMS_MAX && present && !der_at_end(&subtrees);
         i++) {
        if (!der_read(&subtrees, DER_SEQUENCE, &subtree, why) ||
            !general_name_next(&subtree, &name, why))
            return false;
        (void)view_general_name(document, list, NULL, &name);
    }
    if (present && !der_at_end(&subtrees))
        view_note(document, list, "the first %d", VIEW_ITEMS_MAX);
    return true;
}

bool view_name_constraints(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};

    return der_read(&reader, DER_SEQUENCE, &contents, why) &&
           show_subtrees(document, parent, "Permitted", DER_CONTEXT_HOLDING(0),
               &contents, why) &&
           show_subtrees(document, parent, "Excluded", DER_CONTEXT_HOLDING(1),
               &contents, why) &&
           der_finish(&contents, "the name constraints", why);
}

static void show_point_name(struct view_document *document, size_t group,
    const struct distribution_point_name *name)
{
    if (!der_at_end(&name->names))
        (void)view_general_names(document, group, "Names", name->names);
    if (name->relative_name.length > 0)
        (void)view_hex(
            document, group, "Name relative to issuer", name->relative_name);
}

bool view_distribution_points(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader points = {0};
    struct distribution_point point = {0};
    size_t list = VIEW_NOWHERE;

    if (!extension_distribution_points(value, &points, why))
        return false;
    list = view_list(document, parent, "Points");
    for (size_t i = 0; i < VIEW_ITEMS_MAX && !der_at_end(&points); i++) {
        size_t group = view_group(document, list, NULL);

        if (!distribution_point_next(&points, &point, why))
            return false;
        show_point_name(document, group, &point.name);
        if (point.has_reasons)
            (void)view_bits(document, group, "Reasons", point.reasons,
                view_reason_words, VIEW_REASONS);
        if (point.crl_issuer.length > 0)
            (void)view_general_names(document, group, "Issuer of the list",
                der_reader_of(point.crl_issuer));
    }
    return true;
}

bool view_issuing_distribution_point(struct view_document *document,
    size_t parent, struct bytes value, struct failure *why)
{
    struct issuing_distribution_point point = {0};

    if (!extension_issuing_distribution_point(value, &point, why))
        return false;
    show_point_name(document, parent, &point.name);
    (void)view_yes_no(document, parent, "Only end entities", point.only_users);
    (void)view_yes_no(
        document, parent, "Only authorities", point.only_authorities);
    (void)view_yes_no(
        document, parent, "Only attributes", point.only_attributes);
    (void)view_yes_no(document, parent, "Indirect", point.indirect);
    if (point.has_reasons)
        (void)view_bits(document, parent, "Reasons", point.reasons,
            view_reason_words, VIEW_REASONS);
    return true;
}

/* RFC 5280, 4.2.2.1 and 4.2.2.2. */
bool view_access_descriptions(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader descriptions = {0};
    size_t list = view_list(document, parent, "Access");

    if (!der_read(&reader, DER_SEQUENCE, &descriptions, why))
        return false;
    for (size_t i = 0; i < VIEW_ITEMS_MAX && !der_at_end(&descriptions); i++) {
        struct der_reader description = {0};
        struct bytes method = {0};
        struct general_name name = {0};
        size_t group = view_group(document, list, NULL);

        if (!der_read(&descriptions, DER_SEQUENCE, &description, why) ||
            !der_read_oid(&description, &method, why) ||
            !general_name_next(&description, &name, why))
            return false;
        (void)view_oid(document, group, "Method", method);
        (void)view_general_name(document, group, "Location", &name);
    }
    return true;
}

bool view_authority_key_identifier(struct view_document *document,
    size_t parent, struct bytes value, struct failure *why)
{
    struct authority_key_identifier key = {0};

    if (!extension_authority_key_identifier(value, &key, why))
        return false;
    if (key.identifier.length > 0)
        (void)view_hex(document, parent, "Key identifier", key.identifier);
    if (key.issuer.length > 0)
        (void)view_general_names(
            document, parent, "Issuer", der_reader_of(key.issuer));
    if (key.serial.length > 0)
        (void)view_serial(document, parent, "Serial number", key.serial);
    return true;
}
