#include "x509/pkcs7.h"

#include <string.h>

#include "x509/der_element.h"
#include "x509/pkcs7_oid.h"

#define INDEFINITE 0x80u /* X.690, 8.1.3.6 */

static struct der_reader nothing_in(const struct der_reader *reader)
{
    return (struct der_reader){.whole = reader->whole,
        .position = reader->position,
        .end = reader->position};
}

bool pkcs7_is_content_info(struct bytes der)
{
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0};
    struct bytes type = {0};
    struct failure why = {0};

    return der_read(&reader, DER_SEQUENCE, &contents, &why) &&
           der_read_oid(&contents, &type, &why) &&
           (pkcs7_oid_begins(type, PKCS7_TYPES) ||
               pkcs7_oid_begins(type, SMIME_TYPES)) &&
           (der_at_end(&contents) ||
               der_peek(&contents) == DER_CONTEXT_HOLDING(0));
}

/* --- the parts ------------------------------------------------------------ */

static bool refuse_type(struct bytes type, struct failure *why)
{
    const struct {
        struct bytes type;
        const char *name;
    } names[] = {
        {PKCS7_DATA, "plain data"},
        {PKCS7_ENVELOPED, "enveloped data, which is encrypted"},
        {PKCS7_SIGNED_AND_ENVELOPED,
            "signed and enveloped data, which is encrypted"},
        {PKCS7_DIGESTED, "digested data"},
        {PKCS7_ENCRYPTED, "encrypted data"},
    };
    char text[OID_TEXT] = "";

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (bytes_equal(names[i].type, type))
            return fail_because(why, FAILURE_MALFORMED,
                "the PKCS#7 holds %s; signed data is wanted", names[i].name);
    }
    return oid_print(type, text, why) &&
           fail_because(why, FAILURE_MALFORMED,
               "the PKCS#7 holds data of type %s; signed data is wanted", text);
}

/* SEQUENCE { type, [0] EXPLICIT }. */
static bool read_content_info(
    struct bytes der, struct der_reader *signed_data, struct failure *why)
{
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0};
    struct der_reader outer = {0};
    struct bytes type = {0};

    if (!der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !der_finish(&reader, "the PKCS#7", why) ||
        !der_read_oid(&contents, &type, why))
        return false;
    if (!bytes_equal(type, PKCS7_SIGNED))
        return refuse_type(type, why);
    return der_read(&contents, DER_CONTEXT_HOLDING(0), &outer, why) &&
           der_finish(&contents, "the content of the PKCS#7", why) &&
           der_read(&outer, DER_SEQUENCE, signed_data, why) &&
           der_finish(&outer, "the signed data", why);
}

static bool read_digest_algorithms(
    struct der_reader *reader, struct failure *why)
{
    struct der_reader algorithms = {0};
    struct algorithm_identifier algorithm = {0};

    if (!der_read(reader, DER_SET, &algorithms, why))
        return false;
    while (!der_at_end(&algorithms)) {
        if (!algorithm_identifier_read(&algorithms, &algorithm, why))
            return false;
    }
    return true;
}

/* RFC 5652, 5.2: an OCTET STRING.  RFC 2315, 7 has anything there, and its
 * contents without the head are what is signed: whoever reads it as one knows
 * from content_type. */
static bool read_content(
    struct der_reader *reader, struct pkcs7 *pkcs7, struct failure *why)
{
    struct der_reader contents = {0};
    struct der_reader outer = {0};
    struct der_reader inside = {0};
    struct bytes element = {0};
    uint8_t tag = 0;

    if (!der_read(reader, DER_SEQUENCE, &contents, why) ||
        !der_read_oid(&contents, &pkcs7->content_type, why) ||
        !der_read_optional(&contents, DER_CONTEXT_HOLDING(0), &outer,
            &pkcs7->has_content, why) ||
        !der_finish(&contents, "the signed content", why))
        return false;
    if (!pkcs7->has_content)
        return true;
    if (!der_read_any(&outer, &tag, &inside, &element, why) ||
        !der_finish(&outer, "the signed content", why))
        return false;
    if (tag == DER_OCTET_STRING_IN_PARTS)
        return fail_because(why, FAILURE_MALFORMED,
            "the content of the PKCS#7 is in parts (BER), not DER");
    pkcs7->content_tag = tag;
    pkcs7->content = der_remaining(&inside);
    return true;
}

static bool read_optional_set(struct der_reader *reader, unsigned int tag,
    struct der_reader *members, struct failure *why)
{
    bool present = false;

    *members = nothing_in(reader);
    return der_read_optional(reader, tag, members, &present, why);
}

static bool walk_members(struct der_reader members,
    bool (*next)(struct der_reader *, struct bytes *, struct failure *),
    struct failure *why)
{
    struct bytes element = {0};

    while (!der_at_end(&members)) {
        if (!next(&members, &element, why))
            return false;
    }
    return true;
}

static bool walk_signers(struct der_reader signers, struct failure *why)
{
    struct pkcs7_signer signer = {0};

    for (size_t count = 0; !der_at_end(&signers); count++) {
        if (count == PKCS7_SIGNERS_MAX)
            return fail_because(why, FAILURE_MALFORMED,
                "the PKCS#7 has more than %d signers", PKCS7_SIGNERS_MAX);
        if (!pkcs7_next_signer(&signers, &signer, why))
            return false;
    }
    return true;
}

/* The order of RFC 5652, 5.1. */
static bool read_signed_data(
    struct der_reader contents, struct pkcs7 *pkcs7, struct failure *why)
{
    return der_read_small_integer(&contents, &pkcs7->version, why) &&
           read_digest_algorithms(&contents, why) &&
           read_content(&contents, pkcs7, why) &&
           read_optional_set(
               &contents, DER_CONTEXT_HOLDING(0), &pkcs7->certificates, why) &&
           read_optional_set(
               &contents, DER_CONTEXT_HOLDING(1), &pkcs7->crls, why) &&
           der_read(&contents, DER_SET, &pkcs7->signers, why) &&
           der_finish(&contents, "the signed data's fields", why) &&
           walk_members(pkcs7->certificates, pkcs7_next_certificate, why) &&
           walk_members(pkcs7->crls, pkcs7_next_crl, why) &&
           walk_signers(pkcs7->signers, why);
}

static bool is_indefinite(struct bytes der)
{
    return der.length >= 2 && der.start[0] == DER_SEQUENCE &&
           der.start[1] == INDEFINITE;
}

bool pkcs7_read(struct bytes der, struct pkcs7 *pkcs7, struct failure *why)
{
    struct pkcs7 found = {.whole = der};
    struct der_reader contents = {0};

    if (is_indefinite(der))
        return fail_because(why, FAILURE_MALFORMED,
            "this is BER with indefinite lengths, and DER is wanted: \"openssl "
            "cms -cmsout -inform DER -outform DER\" writes it anew");
    if (!read_content_info(der, &contents, why) ||
        !read_signed_data(contents, &found, why))
        return false;
    *pkcs7 = found;
    return true;
}

/* --- members -------------------------------------------------------------- */

static bool next_sequence(
    struct der_reader *members, struct bytes *element, struct failure *why)
{
    struct der_reader inside = {0};
    struct bytes found = {0};
    uint8_t tag = 0;

    *element = (struct bytes){0};
    while (!der_at_end(members)) {
        if (!der_read_any(members, &tag, &inside, &found, why))
            return false;
        if (tag != DER_SEQUENCE)
            continue;
        *element = found;
        return true;
    }
    return true;
}

/* RFC 5652, 10.2.2: the other choices have tags [0] to [3]. */
bool pkcs7_next_certificate(
    struct der_reader *certificates, struct bytes *element, struct failure *why)
{
    return next_sequence(certificates, element, why);
}

/* RFC 5652, 10.2.1: the other choice has tag [1]. */
bool pkcs7_next_crl(
    struct der_reader *crls, struct bytes *element, struct failure *why)
{
    return next_sequence(crls, element, why);
}

/* --- signers -------------------------------------------------------------- */

/* RFC 5652, 5.3: issuer and serial number, or [0] the key identifier. */
static bool read_identifier(
    struct der_reader *reader, struct pkcs7_signer *signer, struct failure *why)
{
    struct der_reader contents = {0};
    struct der_reader name = {0};

    if (der_peek(reader) != DER_CONTEXT(0))
        return der_read(reader, DER_SEQUENCE, &contents, why) &&
               der_read_element(
                   &contents, DER_SEQUENCE, &name, &signer->issuer, why) &&
               der_read_integer(&contents, &signer->serial, why) &&
               der_finish(&contents, "the signer's identifier", why);
    if (!der_read(reader, DER_CONTEXT(0), &contents, why))
        return false;
    signer->key_identifier = der_remaining(&contents);
    return signer->key_identifier.length > 0 ||
           fail_because(why, FAILURE_MALFORMED,
               "the signer's key identifier is empty, at offset %zu",
               contents.position);
}

static bool read_attributes(
    struct der_reader *reader, struct pkcs7_signer *signer, struct failure *why)
{
    size_t position = reader->position;

    signer->attribute_list = nothing_in(reader);
    if (!der_read_optional(reader, DER_CONTEXT_HOLDING(0),
            &signer->attribute_list, &signer->has_attributes, why))
        return false;
    signer->attributes = der_passed_since(reader, position);
    return true;
}

static bool read_signature(
    struct der_reader *reader, struct pkcs7_signer *signer, struct failure *why)
{
    struct der_reader signature = {0};

    if (!der_read(reader, DER_OCTET_STRING, &signature, why) ||
        !read_optional_set(
            reader, DER_CONTEXT_HOLDING(1), &signer->unsigned_attributes, why))
        return false;
    signer->signature = der_remaining(&signature);
    return true;
}

bool pkcs7_next_signer(struct der_reader *signers, struct pkcs7_signer *signer,
    struct failure *why)
{
    struct pkcs7_signer found = {0};
    struct der_reader next = *signers;
    struct der_reader contents = {0};
    uint32_t version = 0;

    if (!der_read(&next, DER_SEQUENCE, &contents, why) ||
        !der_read_small_integer(&contents, &version, why) ||
        !read_identifier(&contents, &found, why) ||
        !algorithm_identifier_read(&contents, &found.digest, why) ||
        !read_attributes(&contents, &found, why) ||
        !algorithm_identifier_read(&contents, &found.algorithm, why) ||
        !read_signature(&contents, &found, why) ||
        !der_finish(&contents, "the signer", why))
        return false;
    *signer = found;
    *signers = next;
    return true;
}
