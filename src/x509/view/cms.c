#include "x509/pkcs7.h"
#include "x509/pkcs7_oid.h"
#include "x509/view/fields.h"
#include "x509/view/time_stamp.h"
#include "x509/view/view.h"

/* id-ct-TSTInfo, RFC 3161, 2.4.2 */
#define TIME_STAMP_CONTENT CONTENTS(PKCS9_ARC "\x10\x01\x04")
#define PKCS9_SIGNING_TIME CONTENTS(PKCS9_ARC "\x05")

static void show_attribute_value(struct view_document *document, size_t group,
    struct bytes type, struct der_reader values)
{
    struct der_reader whole = values;
    struct der_reader contents = {0};
    struct bytes oid = {0};
    struct failure why = {0};
    int64_t time = 0;

    if (bytes_equal(type, PKCS9_SIGNING_TIME) &&
        der_read_time(&values, &time, &why)) {
        (void)view_time(document, group, "Value", time);
        return;
    }
    if (bytes_equal(type, PKCS9_CONTENT_TYPE) &&
        der_read_oid(&values, &oid, &why)) {
        (void)view_oid(document, group, "Value", oid);
        return;
    }
    if (bytes_equal(type, PKCS9_MESSAGE_DIGEST) &&
        der_read(&values, DER_OCTET_STRING, &contents, &why)) {
        (void)view_hex(document, group, "Value", der_remaining(&contents));
        return;
    }
    (void)view_hex(document, group, "Value", der_remaining(&whole));
}

/* RFC 5652, 5.3 */
static void show_attributes(
    struct view_document *document, size_t parent, struct der_reader attributes)
{
    size_t list = view_list(document, parent, "Signed attributes");

    for (size_t i = 0; i < VIEW_ITEMS_MAX && !der_at_end(&attributes); i++) {
        struct der_reader attribute = {0};
        struct der_reader values = {0};
        struct bytes type = {0};
        struct failure why = {0};
        size_t group = view_group(document, list, NULL);

        if (!der_read(&attributes, DER_SEQUENCE, &attribute, &why) ||
            !der_read_oid(&attribute, &type, &why) ||
            !der_read(&attribute, DER_SET, &values, &why)) {
            view_damage(document, group, &why);
            return;
        }
        (void)view_oid(document, group, "Type", type);
        show_attribute_value(document, group, type, values);
    }
}

static void show_signer(struct view_document *document, size_t list,
    const struct pkcs7_signer *signer)
{
    size_t group = view_group(document, list, NULL);

    if (signer->issuer.length > 0) {
        (void)view_name(document, group, "Issuer", signer->issuer);
        (void)view_serial(document, group, "Serial number", signer->serial);
    } else {
        (void)view_hex(
            document, group, "Key identifier", signer->key_identifier);
    }
    (void)view_algorithm(document, group, "Digest", signer->digest.whole);
    if (signer->has_attributes)
        show_attributes(document, group, signer->attribute_list);
    (void)view_algorithm(
        document, group, "Signed with", signer->algorithm.whole);
    (void)view_hex(document, group, "Signature", signer->signature);
}

static size_t show_signers(
    struct view_document *document, struct der_reader signers)
{
    size_t list = view_list(document, document->details, "Signers");
    struct pkcs7_signer signer = {0};
    struct failure why = {0};
    size_t count = 0;

    while (!der_at_end(&signers)) {
        if (!pkcs7_next_signer(&signers, &signer, &why)) {
            view_damage(document, list, &why);
            break;
        }
        if (count++ < PKCS7_SIGNERS_MAX)
            show_signer(document, list, &signer);
    }
    return count;
}

static size_t show_certificates(
    struct view_document *document, struct der_reader certificates)
{
    size_t list = view_list(document, document->details, "Certificates");
    struct bytes der = {0};
    struct failure why = {0};
    size_t count = 0;

    while (!der_at_end(&certificates) &&
           pkcs7_next_certificate(&certificates, &der, &why)) {
        struct certificate certificate = {0};
        size_t node = VIEW_NOWHERE;

        if (der.length == 0 || count++ >= VIEW_ITEMS_MAX)
            continue;
        if (certificate_read(der, &certificate, &why))
            node = view_name(document, list, NULL, certificate.tbs.subject);
        else
            node = view_print(document, list, NULL, "(damaged)");
        view_at(document, node, der);
    }
    return count;
}

static size_t count_crls(struct der_reader crls)
{
    struct bytes der = {0};
    struct failure why = {0};
    size_t count = 0;

    while (!der_at_end(&crls) && pkcs7_next_crl(&crls, &der, &why))
        count += der.length > 0;
    return count;
}

static void show_signed_data(
    struct view_document *document, const struct pkcs7 *pkcs7)
{
    size_t details = document->details;
    size_t general = document->general;
    size_t signers = 0;

    (void)view_number(document, details, "Version", (int64_t)pkcs7->version);
    (void)view_oid(document, details, "Content type", pkcs7->content_type);
    if (bytes_equal(pkcs7->content_type, TIME_STAMP_CONTENT) &&
        pkcs7->has_content)
        view_time_stamp(document, pkcs7->content);
    else if (pkcs7->has_content)
        (void)view_number(document, general, "Bytes of content",
            (int64_t)pkcs7->content.length);
    else
        (void)view_print(document, general, "Content",
            "none: it stands in another file, or there is none");
    (void)view_number(document, general, "Certificates",
        (int64_t)show_certificates(document, pkcs7->certificates));
    (void)view_number(document, general, "Revocation lists",
        (int64_t)count_crls(pkcs7->crls));
    signers = show_signers(document, pkcs7->signers);
    (void)view_number(document, general, "Signers", (int64_t)signers);
    if (signers == 0)
        (void)view_print(document, general, "Status",
            "nobody signed it: it carries certificates or lists");
}

/* What is no signed data: its type is all that DER tells without a key.  A cut
 * one tells its type, too. */
static bool show_type(
    struct view_document *document, struct der_reader *contents)
{
    struct der_reader reader = der_reader_of(document->der);
    struct bytes type = {0};
    struct failure why = {0};

    if (!view_open(
            document, document->details, &reader, DER_SEQUENCE, contents) ||
        !der_read_oid(contents, &type, &why))
        return false;
    (void)view_oid(document, document->general, "Type", type);
    return !bytes_equal(type, PKCS7_SIGNED);
}

/* RFC 5652, 5.1: as far as its certificates. */
static void show_damaged(struct view_document *document,
    struct der_reader *contents, const struct failure *refused)
{
    size_t details = document->details;
    struct der_reader outer = {0};
    struct der_reader data = {0};
    struct der_reader inside = {0};
    struct der_reader certificates = {0};
    struct failure why = {0};
    uint32_t version = 0;

    if (view_open(
            document, details, contents, DER_CONTEXT_HOLDING(0), &outer) &&
        view_open(document, details, &outer, DER_SEQUENCE, &data) &&
        der_read_small_integer(&data, &version, &why)) {
        (void)view_number(document, details, "Version", (int64_t)version);
        if (view_open(document, details, &data, DER_SET, &inside) &&
            view_open(document, details, &data, DER_SEQUENCE, &inside) &&
            der_peek(&data) == DER_CONTEXT_HOLDING(0) &&
            view_open(document, details, &data, DER_CONTEXT_HOLDING(0),
                &certificates))
            (void)show_certificates(document, certificates);
    }
    if (!document->is_damaged)
        view_damage(document, details, refused);
}

void view_cms(
    struct view_document *document, const struct view_options *options)
{
    struct pkcs7 pkcs7 = {0};
    struct der_reader contents = {0};
    struct failure why = {0};

    (void)options;
    if (show_type(document, &contents))
        return;
    if (pkcs7_read(document->der, &pkcs7, &why))
        show_signed_data(document, &pkcs7);
    else
        show_damaged(document, &contents, &why);
    (void)view_fingerprint(document, document->general, document->der);
}
