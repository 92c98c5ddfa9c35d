#include "x509/view/extension.h"
#include "x509/view/fields.h"
#include "x509/view/oid_name.h"

/* RFC 5280, 4.2.1.4: explicitText, an organization with numbers. */
static bool show_notice(struct view_document *document, size_t group,
    struct der_reader *qualifier, struct failure *why)
{
    struct der_reader notice = {0};
    struct der_reader contents = {0};
    struct bytes element = {0};
    uint8_t tag = 0;

    if (!der_read(qualifier, DER_SEQUENCE, &notice, why))
        return false;
    while (!der_at_end(&notice)) {
        if (!der_read_any(&notice, &tag, &contents, &element, why))
            return false;
        if (tag == DER_SEQUENCE) {
            (void)view_hex(document, group, "Reference", element);
            continue;
        }
        /* BMPString is UTF-16: the reader of names knows it. */
        struct name_attribute text = {
            .tag = tag, .value = der_remaining(&contents)};
        RELEASED(buffer) words = BUFFER("a notice", 64 * 1024);
        struct failure unread = {0};

        if (name_attribute_append_text(&text, &words, &unread))
            (void)view_text(document, group, "Notice", buffer_view(&words));
        else
            (void)view_hex(document, group, "Notice", text.value);
    }
    return true;
}

static bool show_qualifier(struct view_document *document, size_t list,
    struct der_reader *qualifiers, struct failure *why)
{
    struct der_reader qualifier = {0};
    struct der_reader contents = {0};
    struct bytes type = {0};
    struct bytes element = {0};
    uint8_t tag = 0;
    size_t group = view_group(document, list, NULL);

    if (!der_read(qualifiers, DER_SEQUENCE, &qualifier, why) ||
        !der_read_oid(&qualifier, &type, why))
        return false;
    (void)view_oid(document, group, "Kind", type);
    if (der_peek(&qualifier) == DER_SEQUENCE)
        return show_notice(document, group, &qualifier, why);
    if (!der_read_any(&qualifier, &tag, &contents, &element, why))
        return false;
    if (tag == DER_IA5_STRING)
        (void)view_text(document, group, "Address", der_remaining(&contents));
    else
        (void)view_hex(document, group, "Value", element);
    return true;
}

static bool show_policy(struct view_document *document, size_t list,
    struct der_reader *policies, struct failure *why)
{
    struct der_reader policy = {0};
    struct der_reader qualifiers = {0};
    struct bytes oid = {0};
    bool present = false;
    size_t group = view_group(document, list, NULL);
    size_t inner = VIEW_NOWHERE;

    if (!der_read(policies, DER_SEQUENCE, &policy, why) ||
        !der_read_oid(&policy, &oid, why) ||
        !der_read_optional(&policy, DER_SEQUENCE, &qualifiers, &present, why))
        return false;
    (void)view_oid(document, group, "Policy", oid);
    if (present)
        inner = view_list(document, group, "Qualifiers");
    for (size_t i = 0;
         i < VIEW_ITEMS_MAX && present && !der_at_end(&qualifiers); i++) {
        if (!show_qualifier(document, inner, &qualifiers, why))
            return false;
    }
    return true;
}

/* What walks a SEQUENCE of something. */
typedef bool item_shower(struct view_document *document, size_t list,
    struct der_reader *items, struct failure *why);

static bool show_items(struct view_document *document, size_t parent,
    const char *label, struct bytes value, item_shower *show,
    struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader items = {0};
    size_t list = view_list(document, parent, label);

    if (!der_read(&reader, DER_SEQUENCE, &items, why))
        return false;
    for (size_t i = 0; i < VIEW_ITEMS_MAX && !der_at_end(&items); i++) {
        if (!show(document, list, &items, why))
            return false;
    }
    if (!der_at_end(&items))
        view_note(document, list, "the first %d", VIEW_ITEMS_MAX);
    return true;
}

bool view_policies(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    return show_items(document, parent, "Policies", value, show_policy, why);
}

static bool show_mapping(struct view_document *document, size_t list,
    struct der_reader *mappings, struct failure *why)
{
    struct der_reader mapping = {0};
    struct bytes issuers = {0};
    struct bytes subjects = {0};
    size_t group = view_group(document, list, NULL);

    if (!der_read(mappings, DER_SEQUENCE, &mapping, why) ||
        !der_read_oid(&mapping, &issuers, why) ||
        !der_read_oid(&mapping, &subjects, why))
        return false;
    (void)view_oid(document, group, "Policy of the issuer", issuers);
    (void)view_oid(document, group, "Policy of the subject", subjects);
    return true;
}

bool view_policy_mappings(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    return show_items(document, parent, "Mappings", value, show_mapping, why);
}

/* SkipCerts, tagged: the INTEGER's contents. */
static bool show_skip(struct view_document *document, size_t parent,
    const char *label, unsigned int tag, struct der_reader *reader,
    struct failure *why)
{
    struct der_reader number = {0};
    bool present = false;

    if (!der_read_optional(reader, tag, &number, &present, why))
        return false;
    if (present)
        (void)view_serial(document, parent, label, der_remaining(&number));
    return true;
}

bool view_policy_constraints(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};

    return der_read(&reader, DER_SEQUENCE, &contents, why) &&
           show_skip(document, parent, "Explicit policy after", DER_CONTEXT(0),
               &contents, why) &&
           show_skip(document, parent, "No mapping after", DER_CONTEXT(1),
               &contents, why) &&
           der_finish(&contents, "the policy constraints", why);
}

bool view_inhibit_any_policy(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct bytes number = {0};

    if (!der_read_integer(&reader, &number, why))
        return false;
    (void)view_serial(document, parent, "No anyPolicy after", number);
    return true;
}

/* RFC 3739, 3.2.6; ETSI EN 319 412-5, 4: an OID, then whatever it says. */
static bool show_statement(struct view_document *document, size_t list,
    struct der_reader *statements, struct failure *why)
{
    struct der_reader statement = {0};
    struct bytes oid = {0};
    char name[VIEW_OID_TEXT] = "";
    size_t group = view_group(document, list, NULL);

    if (!der_read(statements, DER_SEQUENCE, &statement, why) ||
        !der_read_oid(&statement, &oid, why))
        return false;
    view_oid_print(oid, name);
    (void)view_print(document, group, "Statement", "%s", name);
    if (!der_at_end(&statement))
        (void)view_hex(
            document, group, "Information", der_remaining(&statement));
    return true;
}

bool view_statements(struct view_document *document, size_t parent,
    struct bytes value, struct failure *why)
{
    return show_items(
        document, parent, "Statements", value, show_statement, why);
}
