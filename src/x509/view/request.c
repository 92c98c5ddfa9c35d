#include "x509/request.h"

#include "x509/algorithm_identifier.h"
#include "x509/der_element.h"
#include "x509/view/extension.h"
#include "x509/view/fields.h"
#include "x509/view/view.h"

/* RFC 2986, 4.1 and RFC 2985, 5.4: an OID and a SET of values. */
static bool show_attribute(struct view_document *document, size_t list,
    struct der_reader *attributes, struct failure *why)
{
    struct der_reader attribute = {0};
    struct der_reader values = {0};
    struct der_reader extensions = {0};
    struct bytes type = {0};
    size_t group = view_group(document, list, NULL);

    if (!der_read(attributes, DER_SEQUENCE, &attribute, why) ||
        !der_read_oid(&attribute, &type, why))
        return false;
    (void)view_oid(document, group, "Type", type);
    if (!der_read(&attribute, DER_SET, &values, why))
        return false;
    switch ((int)oid_of(type)) {
    case OID_EXTENSION_REQUEST:
    case OID_MS_EXTENSION_REQUEST:
        if (!der_read(&values, DER_SEQUENCE, &extensions, why))
            return false;
        view_extensions(document, group, "Extensions", extensions);
        return true;
    case OID_CHALLENGE_PASSWORD:
        (void)view_print(document, group, "Value", "(hidden: a password)");
        return true;
    default:
        (void)view_hex(document, group, "Value", der_remaining(&values));
        return true;
    }
}

static void show_attributes(
    struct view_document *document, struct der_reader attributes)
{
    size_t list = view_list(document, document->details, "Attributes");
    struct failure why = {0};

    for (size_t i = 0; i < VIEW_ITEMS_MAX && !der_at_end(&attributes); i++) {
        if (show_attribute(document, list, &attributes, &why))
            continue;
        view_damage(document, list, &why);
        return;
    }
}

struct request_facts {
    struct bytes subject;
    bool has_key;
    struct spki key;
};

static bool show_information(struct view_document *document,
    struct der_reader *information, struct request_facts *facts,
    struct failure *why)
{
    struct der_reader contents = {0};
    struct der_reader attributes = {0};
    uint32_t version = 0;
    bool present = false;

    if (!der_read_small_integer(information, &version, why))
        return false;
    (void)view_number(
        document, document->details, "Version", (int64_t)version + 1);
    if (!der_read_element(
            information, DER_SEQUENCE, &contents, &facts->subject, why))
        return false;
    (void)view_name(document, document->details, "Subject", facts->subject);
    (void)view_attributes(
        document, document->details, "Subject attributes", facts->subject);
    if (!spki_read(information, &facts->key, why))
        return false;
    facts->has_key = true;
    (void)view_key_details(document, document->details, &facts->key);
    if (!der_read_optional(
            information, DER_CONTEXT_HOLDING(0), &attributes, &present, why))
        return false;
    if (present)
        show_attributes(document, attributes);
    return true;
}

/* Proof of possession is arithmetic with the request's own key. */
static void show_proof(struct view_document *document)
{
    struct request request = {0};
    struct public_key_parts parts = {0};
    struct failure why = {0};
    size_t node = VIEW_NOWHERE;

    if (!request_read(document->der, &request, &why)) {
        node = view_print(document, document->general, "Status",
            "it can't be used: %s", why.reason);
        view_tone(document, node, VIEW_BAD);
        return;
    }
    if (!request_verify(&request, &parts, &why)) {
        node = view_print(document, document->general, "Status",
            "it would be refused: %s", why.reason);
        view_tone(document, node, VIEW_BAD);
        return;
    }
    node = view_print(document, document->general, "Status",
        "signed by the key that it asks for");
    view_tone(document, node, VIEW_GOOD);
    if (!der_at_end(&request.extensions)) {
        struct extension extension = {0};
        struct der_reader names = {0};
        bool found = false;

        if (extensions_find(request.extensions, OID_SUBJECT_ALT_NAME,
                &extension, &found, &why) &&
            found && extension_general_names(extension.value, &names, &why))
            (void)view_general_names(
                document, document->general, "Names", names);
    }
}

static void show_signature(
    struct view_document *document, struct der_reader *reader)
{
    struct algorithm_identifier algorithm = {0};
    struct failure why = {0};
    struct bytes bits = {0};
    uint8_t unused = 0;

    if (!algorithm_identifier_read(reader, &algorithm, &why) ||
        !der_read_bit_string(reader, &bits, &unused, &why)) {
        if (!document->is_damaged)
            view_damage(document, document->details, &why);
        return;
    }
    (void)view_algorithm(
        document, document->details, "Signed with", algorithm.whole);
    (void)view_hex(document, document->details, "Signature", bits);
}

void view_request(
    struct view_document *document, const struct view_options *options)
{
    struct request_facts facts = {0};
    struct der_reader reader = der_reader_of(document->der);
    struct der_reader contents = {0};
    struct der_reader information = {0};
    struct failure why = {0};

    (void)options;
    if (view_open(
            document, document->details, &reader, DER_SEQUENCE, &contents) &&
        view_open(document, document->details, &contents, DER_SEQUENCE,
            &information)) {
        if (!show_information(document, &information, &facts, &why))
            view_damage(document, document->details, &why);
        show_signature(document, &contents);
    }
    if (facts.subject.length > 0)
        (void)view_name(
            document, document->general, "Asked for by", facts.subject);
    if (facts.has_key)
        (void)view_key_line(document, document->general, "Key", &facts.key);
    show_proof(document);
    (void)view_fingerprint(document, document->general, document->der);
}
