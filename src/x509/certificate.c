#include "x509/certificate.h"

#include "x509/algorithm_identifier.h"
#include "x509/der_element.h"
#include "x509/signed_object.h"

#define VERSION_3 2

/*
 * RFC 5280, 4.1.2.1.  "v1" written out although it is the default is read: the
 * bytes say nothing ambiguous, and lint names it.
 */
static bool read_version(
    struct der_reader *reader, uint32_t *version, struct failure *why)
{
    struct der_reader contents = {0};
    uint32_t found = 0;
    bool present = false;

    if (!der_read_optional(
            reader, DER_CONTEXT_HOLDING(0), &contents, &present, why))
        return false;
    if (present && (!der_read_small_integer(&contents, &found, why) ||
                       !der_finish(&contents, "the version", why)))
        return false;
    if (found > VERSION_3)
        return fail_because(why, FAILURE_MALFORMED,
            "the certificate has version %u; there are 1, 2 and 3", found + 1);
    *version = found;
    return true;
}

static bool read_name(
    struct der_reader *reader, struct bytes *name, struct failure *why)
{
    struct der_reader contents = {0};

    return der_read_element(reader, DER_SEQUENCE, &contents, name, why) &&
           name_check_form(*name, why);
}

static bool read_validity(struct der_reader *reader, int64_t *not_before,
    int64_t *not_after, struct failure *why)
{
    struct der_reader contents = {0};

    return der_read(reader, DER_SEQUENCE, &contents, why) &&
           der_read_time(&contents, not_before, why) &&
           der_read_time(&contents, not_after, why) &&
           der_finish(&contents, "the validity", why);
}

/* An IMPLICIT BIT STRING: its first byte counts the spare bits.  Nobody reads
 * unique identifiers (4.1.2.8), they are only passed over. */
static bool pass_unique_identifier(
    struct der_reader *reader, unsigned int tag, struct failure *why)
{
    struct der_reader contents = {0};
    bool present = false;

    if (!der_read_optional(reader, tag, &contents, &present, why))
        return false;
    if (!present)
        return true;
    struct bytes bits = der_remaining(&contents);
    return (bits.length > 0 && bits.start[0] <= 7) ||
           fail_because(why, FAILURE_MALFORMED,
               "a unique identifier is no BIT STRING, at offset %zu",
               contents.position);
}

static bool read_extensions(struct der_reader *reader,
    struct der_reader *extensions, struct failure *why)
{
    struct der_reader outer = {0};
    bool present = false;

    if (!der_read_optional(
            reader, DER_CONTEXT_HOLDING(3), &outer, &present, why))
        return false;
    if (!present) {
        *extensions = (struct der_reader){.whole = reader->whole,
            .position = reader->position,
            .end = reader->position};
        return true;
    }
    return der_read(&outer, DER_SEQUENCE, extensions, why) &&
           der_finish(&outer, "the extensions", why) &&
           extensions_check(*extensions, why);
}

/* The order of RFC 5280, 4.1. */
static bool read_fields(struct der_reader contents, struct tbs_certificate *tbs,
    struct failure *why)
{
    struct algorithm_identifier algorithm = {0};

    if (!read_version(&contents, &tbs->version, why) ||
        !der_read_integer(&contents, &tbs->serial, why) ||
        !algorithm_identifier_read(&contents, &algorithm, why) ||
        !read_name(&contents, &tbs->issuer, why) ||
        !read_validity(&contents, &tbs->not_before, &tbs->not_after, why) ||
        !read_name(&contents, &tbs->subject, why) ||
        !spki_read(&contents, &tbs->key, why) ||
        !pass_unique_identifier(&contents, DER_CONTEXT(1), why) ||
        !pass_unique_identifier(&contents, DER_CONTEXT(2), why) ||
        !read_extensions(&contents, &tbs->extensions, why))
        return false;
    tbs->signature_algorithm = algorithm.whole;
    return der_finish(&contents, "the certificate's fields", why);
}

static bool check_size(struct bytes der, struct failure *why)
{
    return der.length <= CERTIFICATE_MAX ||
           fail_because(why, FAILURE_UNSUITABLE,
               "the certificate has %zu bytes; at most %d are read", der.length,
               CERTIFICATE_MAX);
}

bool certificate_read(
    struct bytes der, struct certificate *certificate, struct failure *why)
{
    struct signed_object object = {0};
    struct tbs_certificate tbs = {0};

    if (!check_size(der, why) || !signed_object_read(der, &object, why) ||
        !read_fields(object.contents, &tbs, why))
        return false;
    /* RFC 5280, 4.1.1.2: or an attacker chooses which of the two is believed.
     */
    if (!bytes_equal(object.algorithm, tbs.signature_algorithm))
        return fail_because(why, FAILURE_MALFORMED,
            "the signature algorithm inside the certificate is not the one "
            "beside its signature (RFC 5280, 4.1.1.2)");
    tbs.whole = object.body;
    *certificate = (struct certificate){.whole = der,
        .tbs = tbs,
        .signature_algorithm = object.algorithm,
        .signature = object.signature};
    return true;
}

bool tbs_certificate_read(
    struct bytes der, struct tbs_certificate *tbs, struct failure *why)
{
    struct tbs_certificate found = {.whole = der};
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0};

    if (!check_size(der, why) ||
        !der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !der_finish(&reader, "the draft", why) ||
        !read_fields(contents, &found, why))
        return false;
    *tbs = found;
    return true;
}

bool certificate_verify(const struct certificate *certificate,
    EVP_PKEY *issuer_key, struct failure *why)
{
    const struct signature_algorithm *algorithm =
        signature_algorithm_of(certificate->signature_algorithm);

    if (algorithm == NULL)
        return signature_algorithm_refuse(
            certificate->signature_algorithm, "certificate", why);
    return signature_verify(issuer_key, algorithm, certificate->tbs.whole,
        certificate->signature, why);
}

/* What was joined is read before it is let out: whatever leaves here is one
 * certificate, with one algorithm. */
bool certificate_seal(struct bytes tbs, struct bytes algorithm,
    struct bytes signature, struct buffer *der, struct failure *why)
{
    struct certificate certificate = {0};
    size_t length = der->length;

    if (!signed_object_append(tbs, algorithm, signature, der, why))
        return false;
    struct bytes sealed = {der->start + length, der->length - length};
    if (!certificate_read(sealed, &certificate, why)) {
        der->length = length;
        return false;
    }
    return true;
}
