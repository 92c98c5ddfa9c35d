#include <stdio.h>

#include "x509/algorithm_identifier.h"
#include "x509/der_element.h"
#include "x509/view/extension.h"
#include "x509/view/fields.h"
#include "x509/view/general.h"
#include "x509/view/view.h"

/*
 * The fields one after another, each with the reader that certificate_read
 * uses: up to the one that is damaged, where that one gives nothing.
 */
struct walk {
    struct view_document *document;
    struct view_certificate_facts *facts;
    struct der_reader *body;
};

static bool show_version(struct walk *walk, struct failure *why)
{
    struct der_reader contents = {0};
    bool present = false;
    uint32_t version = 0;

    if (!der_read_optional(
            walk->body, DER_CONTEXT_HOLDING(0), &contents, &present, why) ||
        (present && !der_read_small_integer(&contents, &version, why)))
        return false;
    (void)view_number(walk->document, walk->document->details, "Version",
        (int64_t)version + 1);
    return true;
}

static bool show_serial(struct walk *walk, struct failure *why)
{
    if (!der_read_integer(walk->body, &walk->facts->serial, why))
        return false;
    (void)view_serial(walk->document, walk->document->details, "Serial number",
        walk->facts->serial);
    return true;
}

static bool show_algorithm(struct walk *walk, struct failure *why)
{
    struct algorithm_identifier algorithm = {0};

    if (!algorithm_identifier_read(walk->body, &algorithm, why))
        return false;
    (void)view_algorithm(walk->document, walk->document->details,
        "Signature algorithm", algorithm.whole);
    return true;
}

static bool show_name(struct walk *walk, const char *label,
    const char *attributes, struct bytes *name, struct failure *why)
{
    struct der_reader contents = {0};
    size_t node = VIEW_NOWHERE;

    if (!der_read_element(walk->body, DER_SEQUENCE, &contents, name, why))
        return false;
    node = view_name(walk->document, walk->document->details, label, *name);
    view_at(walk->document, node, *name);
    (void)view_attributes(
        walk->document, walk->document->details, attributes, *name);
    return true;
}

static bool show_issuer(struct walk *walk, struct failure *why)
{
    return show_name(
        walk, "Issuer", "Issuer attributes", &walk->facts->issuer, why);
}

static bool show_subject(struct walk *walk, struct failure *why)
{
    return show_name(
        walk, "Subject", "Subject attributes", &walk->facts->subject, why);
}

static bool show_validity(struct walk *walk, struct failure *why)
{
    struct view_certificate_facts *facts = walk->facts;
    struct der_reader contents = {0};

    if (!der_read(walk->body, DER_SEQUENCE, &contents, why) ||
        !der_read_time(&contents, &facts->not_before, why))
        return false;
    (void)view_time(walk->document, walk->document->details, "Not before",
        facts->not_before);
    if (!der_read_time(&contents, &facts->not_after, why))
        return false;
    (void)view_time(
        walk->document, walk->document->details, "Not after", facts->not_after);
    facts->has_validity = true;
    return true;
}

static bool show_key(struct walk *walk, struct failure *why)
{
    if (!spki_read(walk->body, &walk->facts->key, why))
        return false;
    walk->facts->has_key = true;
    (void)view_key_details(
        walk->document, walk->document->details, &walk->facts->key);
    return true;
}

static bool show_unique_identifier(
    struct walk *walk, const char *label, unsigned int tag, struct failure *why)
{
    struct der_reader contents = {0};
    bool present = false;

    if (!der_read_optional(walk->body, tag, &contents, &present, why))
        return false;
    if (present)
        (void)view_hex(walk->document, walk->document->details, label,
            der_remaining(&contents));
    return true;
}

static bool show_unique_identifiers(struct walk *walk, struct failure *why)
{
    return show_unique_identifier(
               walk, "Issuer unique identifier", DER_CONTEXT(1), why) &&
           show_unique_identifier(
               walk, "Subject unique identifier", DER_CONTEXT(2), why);
}

static bool show_extensions(struct walk *walk, struct failure *why)
{
    struct view_document *document = walk->document;
    struct der_reader outer = {0};

    if (der_at_end(walk->body))
        return true;
    if (der_peek(walk->body) != DER_CONTEXT_HOLDING(3))
        return der_finish(walk->body, "the certificate's body", why);
    if (view_open(document, document->details, walk->body,
            DER_CONTEXT_HOLDING(3), &outer) &&
        view_open(document, document->details, &outer, DER_SEQUENCE,
            &walk->facts->extensions))
        view_extensions(
            document, document->details, "Extensions", walk->facts->extensions);
    return true;
}

static void show_body(struct walk *walk)
{
    static bool (*const steps[])(struct walk *, struct failure *) = {
        show_version, show_serial, show_algorithm, show_issuer, show_validity,
        show_subject, show_key, show_unique_identifiers, show_extensions};
    struct failure why = {0};

    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        if (steps[i](walk, &why))
            continue;
        view_damage(walk->document, walk->document->details, &why);
        return;
    }
}

static void show_signature(
    struct view_document *document, struct der_reader *reader)
{
    struct algorithm_identifier algorithm = {0};
    struct failure why = {0};
    struct bytes bits = {0};
    uint8_t unused = 0;

    if (der_at_end(reader) && document->is_damaged)
        return;
    if (!algorithm_identifier_read(reader, &algorithm, &why) ||
        !der_read_bit_string(reader, &bits, &unused, &why)) {
        view_damage(document, document->details, &why);
        return;
    }
    (void)view_algorithm(
        document, document->details, "Signed with", algorithm.whole);
    (void)view_hex(document, document->details, "Signature", bits);
}

void view_certificate(
    struct view_document *document, const struct view_options *options)
{
    struct view_certificate_facts facts = {0};
    struct der_reader reader = der_reader_of(document->der);
    struct der_reader contents = {0};
    struct der_reader body = {0};
    struct walk walk = {.document = document, .facts = &facts, .body = &body};

    if (view_open(
            document, document->details, &reader, DER_SEQUENCE, &contents) &&
        view_open(
            document, document->details, &contents, DER_SEQUENCE, &body)) {
        show_body(&walk);
        show_signature(document, &contents);
    }
    view_certificate_general(document, &facts, options);
}
