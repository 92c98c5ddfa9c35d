#include "x509/crl.h"

#include "crypto/public_key.h"
#include "x509/algorithm_identifier.h"
#include "x509/der_element.h"
#include "x509/name.h"
#include "x509/signed_object.h"
#include "x509/time.h"

#define VERSION_2 1

/* --- entries -------------------------------------------------------------- */

/* 5.3.1.  A number without a meaning is read, and left to lint. */
static bool read_reason(struct bytes value, int *reason, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};

    if (!der_read(&reader, DER_ENUMERATED, &contents, why) ||
        !der_finish(&reader, "reasonCode", why))
        return false;
    struct bytes number = der_remaining(&contents);
    if (number.length != 1 || number.start[0] > 0x7f)
        return fail_because(why, FAILURE_MALFORMED,
            "a reasonCode is no ENUMERATED of 0 to 10 (RFC 5280, 5.3.1)");
    *reason = number.start[0];
    return true;
}

/* 5.3.2: GeneralizedTime, whatever the year. */
static bool read_invalidity_date(
    struct bytes value, int64_t *time, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);

    if (der_peek(&reader) != DER_GENERALIZED_TIME)
        return fail_because(why, FAILURE_MALFORMED,
            "an invalidityDate is no GeneralizedTime (RFC 5280, 5.3.2)");
    return der_read_time(&reader, time, why) &&
           der_finish(&reader, "invalidityDate", why);
}

static bool read_certificate_issuer(
    struct bytes value, struct bytes *names, struct failure *why)
{
    struct der_reader reader = {0};

    if (!extension_general_names(value, &reader, why))
        return false;
    *names = der_remaining(&reader);
    return true;
}

static bool take_entry_extension(const struct extension *extension,
    struct crl_entry *entry, struct failure *why)
{
    if (extension->type == OID_REASON_CODE)
        return read_reason(extension->value, &entry->reason, why);
    if (extension->type == OID_INVALIDITY_DATE)
        return read_invalidity_date(
            extension->value, &entry->invalidity_date, why);
    if (extension->type == OID_CERTIFICATE_ISSUER)
        return read_certificate_issuer(
            extension->value, &entry->certificate_issuer, why);
    entry->has_unknown_critical =
        entry->has_unknown_critical || extension->critical;
    return true;
}

static bool take_entry_extensions(struct crl_entry *entry, struct failure *why)
{
    struct der_reader extensions = entry->extensions;
    struct extension extension = {0};
    size_t count = 0;

    for (; !der_at_end(&extensions); count++) {
        if (!extension_next(&extensions, &extension, why) ||
            !take_entry_extension(&extension, entry, why))
            return false;
    }
    /* A million entries have one each, which is not there twice. */
    return count < 2 || extensions_check(entry->extensions, why);
}

bool crl_next_entry(
    struct der_reader *entries, struct crl_entry *entry, struct failure *why)
{
    struct crl_entry found = {.reason = CRL_REASON_ABSENT};
    struct der_reader next = *entries;
    struct der_reader contents = {0};

    if (!der_read(&next, DER_SEQUENCE, &contents, why) ||
        !der_read_integer(&contents, &found.serial, why) ||
        !der_read_time(&contents, &found.revoked_at, why))
        return false;
    found.has_extensions = !der_at_end(&contents);
    if (found.has_extensions &&
        (!der_read(&contents, DER_SEQUENCE, &found.extensions, why) ||
            !der_finish(&contents, "an entry", why) ||
            !take_entry_extensions(&found, why)))
        return false;
    *entry = found;
    *entries = next;
    return true;
}

static bool check_entries(struct crl *crl, struct failure *why)
{
    struct der_reader entries = crl->entries;
    struct crl_entry entry = {0};

    while (!der_at_end(&entries)) {
        if (!crl_next_entry(&entries, &entry, why))
            return false;
        crl->has_unknown_critical =
            crl->has_unknown_critical || entry.has_unknown_critical;
    }
    return true;
}

/* --- the list ------------------------------------------------------------- */

/* 5.1.2.1.  "v1" written out is read, as it is in certificates. */
static bool read_version(
    struct der_reader *reader, uint32_t *version, struct failure *why)
{
    uint32_t found = 0;

    if (der_peek(reader) == DER_INTEGER &&
        !der_read_small_integer(reader, &found, why))
        return false;
    if (found > VERSION_2)
        return fail_because(why, FAILURE_MALFORMED,
            "the CRL has version %u; there are 1 and 2", found + 1);
    *version = found;
    return true;
}

static bool read_issuer(
    struct der_reader *reader, struct bytes *issuer, struct failure *why)
{
    struct der_reader contents = {0};

    return der_read_element(reader, DER_SEQUENCE, &contents, issuer, why) &&
           name_check_form(*issuer, why);
}

static bool read_next_update(
    struct der_reader *reader, int64_t *time, struct failure *why)
{
    int tag = der_peek(reader);

    if (tag != DER_UTC_TIME && tag != DER_GENERALIZED_TIME)
        return true;
    return der_read_time(reader, time, why);
}

static bool read_entries(
    struct der_reader *reader, struct crl *crl, struct failure *why)
{
    crl->entries = (struct der_reader){.whole = reader->whole,
        .position = reader->position,
        .end = reader->position};
    return der_read_optional(
               reader, DER_SEQUENCE, &crl->entries, &crl->has_entries, why) &&
           check_entries(crl, why);
}

/* 5.2: those that have a meaning here. */
static bool is_known_extension(enum oid type)
{
    static const enum oid known[] = {OID_AUTHORITY_KEY_IDENTIFIER,
        OID_ISSUER_ALT_NAME, OID_CRL_NUMBER, OID_DELTA_CRL_INDICATOR,
        OID_ISSUING_DISTRIBUTION_POINT, OID_FRESHEST_CRL,
        OID_AUTHORITY_INFO_ACCESS};

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (known[i] == type)
            return true;
    }
    return false;
}

static bool check_extensions(struct crl *crl, struct failure *why)
{
    struct der_reader extensions = crl->extensions;
    struct extension extension = {0};

    if (!extensions_check(extensions, why))
        return false;
    while (!der_at_end(&extensions)) {
        if (!extension_next(&extensions, &extension, why))
            return false;
        if (extension.critical && !is_known_extension(extension.type))
            crl->has_unknown_critical = true;
    }
    return true;
}

static bool read_extensions(
    struct der_reader *reader, struct crl *crl, struct failure *why)
{
    struct der_reader outer = {0};

    crl->extensions = (struct der_reader){.whole = reader->whole,
        .position = reader->position,
        .end = reader->position};
    if (!der_read_optional(
            reader, DER_CONTEXT_HOLDING(0), &outer, &crl->has_extensions, why))
        return false;
    return !crl->has_extensions ||
           (der_read(&outer, DER_SEQUENCE, &crl->extensions, why) &&
               der_finish(&outer, "the extensions", why) &&
               check_extensions(crl, why));
}

/* The order of RFC 5280, 5.1. */
static bool read_fields(
    struct der_reader contents, struct crl *crl, struct failure *why)
{
    struct algorithm_identifier algorithm = {0};

    if (!read_version(&contents, &crl->version, why) ||
        !algorithm_identifier_read(&contents, &algorithm, why) ||
        !read_issuer(&contents, &crl->issuer, why) ||
        !der_read_time(&contents, &crl->this_update, why) ||
        !read_next_update(&contents, &crl->next_update, why) ||
        !read_entries(&contents, crl, why) ||
        !read_extensions(&contents, crl, why))
        return false;
    crl->body_algorithm = algorithm.whole;
    return der_finish(&contents, "the CRL's fields", why);
}

bool crl_body_read(struct bytes der, struct crl *crl, struct failure *why)
{
    struct crl found = {.whole = der, .body = der};
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0};

    if (!der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !der_finish(&reader, "the CRL's body", why) ||
        !read_fields(contents, &found, why))
        return false;
    *crl = found;
    return true;
}

/* The body alone, or wrapped as if a signature were to follow. */
static bool is_unsigned(struct bytes der)
{
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0};
    struct crl body = {0};
    struct failure not_this = {0};

    if (crl_body_read(der, &body, &not_this))
        return true;
    return der_read(&reader, DER_SEQUENCE, &contents, &not_this) &&
           der_at_end(&reader) &&
           crl_body_read(der_remaining(&contents), &body, &not_this);
}

static bool refuse_unsigned(struct failure *why)
{
    return fail_because(why, FAILURE_MALFORMED,
        "CRL signature missing: the bytes are a CRL's body that nobody has "
        "signed (RFC 5280, 5.1.1.3)");
}

bool crl_read(struct bytes der, struct crl *crl, struct failure *why)
{
    struct signed_object object = {0};
    struct crl found = {.whole = der};

    if (!signed_object_read(der, &object, why))
        return is_unsigned(der) ? refuse_unsigned(why) : false;
    if (!read_fields(object.contents, &found, why))
        return false;
    if (object.signature.length == 0)
        return refuse_unsigned(why);
    found.body = object.body;
    found.signature_algorithm = object.algorithm;
    found.signature = object.signature;
    *crl = found;
    return true;
}

bool crl_verify(
    const struct crl *crl, EVP_PKEY *issuer_key, struct failure *why)
{
    const struct signature_algorithm *algorithm = NULL;

    if (crl->signature.length == 0)
        return refuse_unsigned(why);
    /* Or an attacker chooses which of the two is believed. */
    if (!bytes_equal(crl->signature_algorithm, crl->body_algorithm))
        return fail_because(why, FAILURE_MALFORMED,
            "the signature algorithm inside the CRL is not the one beside its "
            "signature (RFC 5280, 5.1.1.2)");
    algorithm = signature_algorithm_of(crl->signature_algorithm);
    if (algorithm == NULL)
        return signature_algorithm_refuse(crl->signature_algorithm, "CRL", why);
    return signature_verify(
        issuer_key, algorithm, crl->body, crl->signature, why);
}
