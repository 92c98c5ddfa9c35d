#include "x509/algorithm_identifier.h"
#include "x509/der_element.h"
#include "x509/lint/rules.h"

static bool read_any(struct der_reader *reader, struct failure *why)
{
    struct der_reader contents = {0};
    struct bytes element = {0};
    uint8_t tag = 0;

    return der_read_any(reader, &tag, &contents, &element, why);
}

static bool read_lint_time(struct der_reader *validity, struct lint_time *time)
{
    struct der_reader contents = {0};
    struct bytes element = {0};
    struct failure unread = {0};

    if (!der_read_any(validity, &time->tag, &contents, &element, &unread))
        return false;
    time->text = der_remaining(&contents);
    return true;
}

/* RFC 5280, 4.1: stands behind the public key. */
static bool read_to_validity(
    struct der_reader *fields, struct der_reader *validity, struct failure *why)
{
    struct der_reader passed = {0};
    bool present = false;

    return der_read_optional(
               fields, DER_CONTEXT_HOLDING(0), &passed, &present, why) &&
           read_any(fields, why) && /* serial */
           read_any(fields, why) && /* algorithm */
           read_any(fields, why) && /* issuer */
           der_read(fields, DER_SEQUENCE, validity, why);
}

void lint_read_form(struct bytes body, struct lint_form *form)
{
    struct der_reader reader = der_reader_of(body);
    struct der_reader fields = {0}, validity = {0};
    struct failure unread = {0};
    int tag = 0;

    if (!der_read(&reader, DER_SEQUENCE, &fields, &unread) ||
        !read_to_validity(&fields, &validity, &unread))
        return;
    if (read_lint_time(&validity, &form->not_before))
        (void)read_lint_time(&validity, &form->not_after);
    if (!read_any(&fields, &unread) || !read_any(&fields, &unread))
        return;
    tag = der_peek(&fields);
    form->has_unique_identifiers =
        tag == DER_CONTEXT(1) || tag == DER_CONTEXT(2) ||
        tag == DER_CONTEXT_HOLDING(1) || tag == DER_CONTEXT_HOLDING(2);
}

static bool read_version(
    struct der_reader *fields, uint32_t *version, struct failure *why)
{
    struct der_reader contents = {0};
    bool present = false;

    *version = 0;
    if (!der_read_optional(
            fields, DER_CONTEXT_HOLDING(0), &contents, &present, why))
        return false;
    return !present || der_read_small_integer(&contents, version, why);
}

static bool read_serial(
    struct der_reader *fields, struct bytes *serial, struct failure *why)
{
    struct der_reader contents = {0};

    if (!der_read(fields, DER_INTEGER, &contents, why))
        return false;
    *serial = der_remaining(&contents);
    return true;
}

static bool read_name(
    struct der_reader *fields, struct bytes *name, struct failure *why)
{
    struct der_reader contents = {0};

    return der_read_element(fields, DER_SEQUENCE, &contents, name, why);
}

/* A time that can't be read is 0, and a finding of its form. */
static bool read_validity(
    struct der_reader *fields, struct tbs_certificate *tbs, struct failure *why)
{
    struct der_reader contents = {0};
    struct failure unread = {0};

    if (!der_read(fields, DER_SEQUENCE, &contents, why))
        return false;
    if (!der_read_time(&contents, &tbs->not_before, &unread) &&
        !read_any(&contents, why))
        return false;
    return der_read_time(&contents, &tbs->not_after, &unread) ||
           read_any(&contents, why);
}

static bool read_extensions(
    struct der_reader *fields, struct tbs_certificate *tbs, struct failure *why)
{
    struct der_reader outer = {0};

    while (!der_at_end(fields) && der_peek(fields) != DER_CONTEXT_HOLDING(3)) {
        if (!read_any(fields, why))
            return false;
    }
    if (der_at_end(fields)) {
        tbs->extensions = *fields;
        return true;
    }
    return der_read(fields, DER_CONTEXT_HOLDING(3), &outer, why) &&
           der_read(&outer, DER_SEQUENCE, &tbs->extensions, why);
}

static bool read_body(
    struct der_reader fields, struct tbs_certificate *tbs, struct failure *why)
{
    struct algorithm_identifier algorithm = {0};

    if (!read_version(&fields, &tbs->version, why) ||
        !read_serial(&fields, &tbs->serial, why) ||
        !algorithm_identifier_read(&fields, &algorithm, why) ||
        !read_name(&fields, &tbs->issuer, why) ||
        !read_validity(&fields, tbs, why) ||
        !read_name(&fields, &tbs->subject, why) ||
        !spki_read(&fields, &tbs->key, why) ||
        !read_extensions(&fields, tbs, why))
        return false;
    tbs->signature_algorithm = algorithm.whole;
    return true;
}

bool lint_read_damaged(
    struct bytes der, struct certificate *certificate, struct failure *why)
{
    struct certificate found = {.whole = der};
    struct der_reader reader = der_reader_of(der), parts = {0}, body = {0};
    struct algorithm_identifier algorithm = {0};
    uint8_t spare_bits = 0;

    if (!der_read(&reader, DER_SEQUENCE, &parts, why) ||
        !der_read_element(&parts, DER_SEQUENCE, &body, &found.tbs.whole, why) ||
        !read_body(body, &found.tbs, why) ||
        !algorithm_identifier_read(&parts, &algorithm, why) ||
        !der_read_bit_string(&parts, &found.signature, &spare_bits, why))
        return false;
    found.signature_algorithm = algorithm.whole;
    *certificate = found;
    return true;
}
