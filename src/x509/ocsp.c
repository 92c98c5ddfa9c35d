#include "x509/ocsp.h"

#include "x509/algorithm_identifier.h"
#include "x509/crl.h"
#include "x509/der_element.h"
#include "x509/ocsp_parts.h"

/* Contents of an OBJECT IDENTIFIER: id-pkix-ocsp-extended-revoke (RFC 6960,
 * 4.4.8). */
static const uint8_t extended_revoke[] = {
    0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x09};

const char *ocsp_response_status_name(enum ocsp_response_status status)
{
    static const char *const names[] = {
        [OCSP_SUCCESSFUL] = "successful",
        [OCSP_MALFORMED_REQUEST] = "malformedRequest",
        [OCSP_INTERNAL_ERROR] = "internalError",
        [OCSP_TRY_LATER] = "tryLater",
        [OCSP_SIG_REQUIRED] = "sigRequired",
        [OCSP_UNAUTHORIZED] = "unauthorized",
    };

    return names[status];
}

/* GeneralizedTime, whatever the year (RFC 6960, 4.2.1). */
static bool read_generalized_time(
    struct der_reader *reader, int64_t *time, struct failure *why)
{
    if (der_peek(reader) != DER_GENERALIZED_TIME)
        return fail_because(why, FAILURE_MALFORMED,
            "a time of an OCSP answer is no GeneralizedTime at offset %zu "
            "(RFC 6960, 4.2.1)",
            reader->position);
    return der_read_time(reader, time, why);
}

/* An ENUMERATED of one byte. */
static bool read_enumerated(
    struct der_reader *reader, int *number, struct failure *why)
{
    struct der_reader contents = {0};

    if (!der_read(reader, DER_ENUMERATED, &contents, why))
        return false;
    struct bytes value = der_remaining(&contents);
    if (value.length != 1 || value.start[0] > 0x7f)
        return fail_because(why, FAILURE_MALFORMED,
            "an ENUMERATED of an OCSP answer has no meaning at offset %zu",
            contents.position);
    *number = value.start[0];
    return true;
}

/* --- single answers (4.2.1) ----------------------------------------------- */

static bool read_revoked(
    struct der_reader contents, struct ocsp_single *single, struct failure *why)
{
    struct der_reader reason = {0};
    bool present = false;

    single->status = OCSP_REVOKED;
    if (!read_generalized_time(&contents, &single->revoked_at, why) ||
        !der_read_optional(
            &contents, DER_CONTEXT_HOLDING(0), &reason, &present, why))
        return false;
    if (present && (!read_enumerated(&reason, &single->reason, why) ||
                       !der_finish(&reason, "a revocationReason", why)))
        return false;
    return der_finish(&contents, "RevokedInfo", why);
}

/* CertStatus: good and unknown are NULL in disguise. */
static bool read_status(
    struct der_reader *reader, struct ocsp_single *single, struct failure *why)
{
    struct der_reader contents = {0};

    if (der_peek(reader) == DER_CONTEXT_HOLDING(1))
        return der_read(reader, DER_CONTEXT_HOLDING(1), &contents, why) &&
               read_revoked(contents, single, why);
    single->status =
        der_peek(reader) == DER_CONTEXT(2) ? OCSP_UNKNOWN : OCSP_GOOD;
    return der_read(reader,
               single->status == OCSP_UNKNOWN ? DER_CONTEXT(2) : DER_CONTEXT(0),
               &contents, why) &&
           der_finish(&contents, "a CertStatus", why);
}

static bool read_next_update(
    struct der_reader *reader, int64_t *time, struct failure *why)
{
    struct der_reader outer = {0};
    bool present = false;

    return der_read_optional(
               reader, DER_CONTEXT_HOLDING(0), &outer, &present, why) &&
           (!present || (read_generalized_time(&outer, time, why) &&
                            der_finish(&outer, "nextUpdate", why)));
}

/* 4.4.5: those of a list's entry may be here; they say what the status says. */
static bool check_single_extensions(
    struct ocsp_single *single, struct failure *why)
{
    struct der_reader extensions = single->extensions;
    struct extension extension = {0};

    while (!der_at_end(&extensions)) {
        if (!extension_next(&extensions, &extension, why))
            return false;
        if (extension.critical && extension.type != OID_REASON_CODE &&
            extension.type != OID_INVALIDITY_DATE)
            single->has_unknown_critical = true;
    }
    return true;
}

bool ocsp_next_single(
    struct der_reader *singles, struct ocsp_single *single, struct failure *why)
{
    struct ocsp_single found = {.reason = CRL_REASON_ABSENT};
    struct der_reader next = *singles;
    struct der_reader contents = {0};

    if (!der_read(&next, DER_SEQUENCE, &contents, why) ||
        !ocsp_read_id(&contents, &found.id, why) ||
        !read_status(&contents, &found, why) ||
        !read_generalized_time(&contents, &found.this_update, why) ||
        !read_next_update(&contents, &found.next_update, why) ||
        !ocsp_read_extensions(&contents, 1, &found.extensions, why) ||
        !der_finish(&contents, "a SingleResponse", why) ||
        !check_single_extensions(&found, why))
        return false;
    *single = found;
    *singles = next;
    return true;
}

static bool check_singles(struct der_reader singles, struct failure *why)
{
    struct ocsp_single single = {0};
    size_t count = 0;

    for (; !der_at_end(&singles); count++) {
        if (count == OCSP_SINGLES_MAX)
            return fail_because(why, FAILURE_MALFORMED,
                "the OCSP answer tells of more than %d certificates",
                OCSP_SINGLES_MAX);
        if (!ocsp_next_single(&singles, &single, why))
            return false;
    }
    return true;
}

/* --- the answer ----------------------------------------------------------- */

static bool read_responder(struct der_reader *reader,
    struct ocsp_response *response, struct failure *why)
{
    struct der_reader outer = {0}, contents = {0};
    bool is_by_name = false;

    if (!der_read_optional(
            reader, DER_CONTEXT_HOLDING(1), &outer, &is_by_name, why))
        return false;
    if (is_by_name)
        return der_read_element(&outer, DER_SEQUENCE, &contents,
                   &response->responder_name, why) &&
               der_finish(&outer, "the responder's name", why) &&
               name_check_form(response->responder_name, why);
    return der_read(reader, DER_CONTEXT_HOLDING(2), &outer, why) &&
           ocsp_read_octets(
               &outer, DER_OCTET_STRING, &response->responder_key, why) &&
           der_finish(&outer, "the responder's key", why);
}

static bool take_response_extensions(
    struct ocsp_response *response, struct failure *why)
{
    struct der_reader extensions = response->extensions;
    struct extension extension = {0};

    while (!der_at_end(&extensions)) {
        if (!extension_next(&extensions, &extension, why))
            return false;
        if (ocsp_is_nonce(&extension)) {
            if (!ocsp_read_nonce(extension.value, &response->nonce, why))
                return false;
        } else if (extension.critical && !bytes_equal(extension.type_contents,
                                             (struct bytes){extended_revoke,
                                                 sizeof(extended_revoke)})) {
            response->has_unknown_critical = true;
        }
    }
    return true;
}

static bool read_body(struct der_reader contents,
    struct ocsp_response *response, struct failure *why)
{
    return ocsp_read_version(&contents, "answer", why) &&
           read_responder(&contents, response, why) &&
           read_generalized_time(&contents, &response->produced_at, why) &&
           der_read(&contents, DER_SEQUENCE, &response->singles, why) &&
           check_singles(response->singles, why) &&
           ocsp_read_extensions(&contents, 1, &response->extensions, why) &&
           der_finish(&contents, "ResponseData", why) &&
           take_response_extensions(response, why);
}

bool ocsp_body_read(
    struct bytes der, struct ocsp_response *response, struct failure *why)
{
    struct ocsp_response found = {.whole = der, .status = OCSP_SUCCESSFUL};
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0};

    if (!der_read_element(&reader, DER_SEQUENCE, &contents, &found.body, why) ||
        !der_finish(&reader, "ResponseData", why) ||
        !read_body(contents, &found, why))
        return false;
    *response = found;
    return true;
}

bool ocsp_next_certificate(struct der_reader *certificates,
    struct bytes *certificate, struct failure *why)
{
    struct der_reader contents = {0};

    return der_read_element(
        certificates, DER_SEQUENCE, &contents, certificate, why);
}

static bool read_certificates(struct der_reader *reader,
    struct der_reader *certificates, struct failure *why)
{
    struct der_reader outer = {0}, walk = {0};
    struct bytes certificate = {0};
    bool present = false;

    *certificates = ocsp_ended(reader);
    if (!der_read_optional(
            reader, DER_CONTEXT_HOLDING(0), &outer, &present, why))
        return false;
    if (!present)
        return true;
    if (!der_read(&outer, DER_SEQUENCE, certificates, why) ||
        !der_finish(&outer, "the certificates", why))
        return false;
    walk = *certificates;
    while (!der_at_end(&walk)) {
        if (!ocsp_next_certificate(&walk, &certificate, why))
            return false;
    }
    return true;
}

static bool read_signature(struct der_reader *reader,
    struct ocsp_response *response, struct failure *why)
{
    struct algorithm_identifier algorithm = {0};
    uint8_t unused = 0;

    if (!algorithm_identifier_read(reader, &algorithm, why) ||
        !der_read_bit_string(reader, &response->signature, &unused, why))
        return false;
    response->signature_algorithm = algorithm.whole;
    return (unused == 0 && response->signature.length > 0) ||
           fail_because(why, FAILURE_MALFORMED,
               "the signature of the OCSP answer is no whole number of octets");
}

/* BasicOCSPResponse */
static bool read_basic(struct der_reader reader, struct ocsp_response *response,
    struct failure *why)
{
    struct der_reader basic = {0}, body = {0};

    return der_read(&reader, DER_SEQUENCE, &basic, why) &&
           der_finish(&reader, "BasicOCSPResponse", why) &&
           der_read_element(
               &basic, DER_SEQUENCE, &body, &response->body, why) &&
           read_body(body, response, why) &&
           read_signature(&basic, response, why) &&
           read_certificates(&basic, &response->certificates, why) &&
           der_finish(&basic, "BasicOCSPResponse", why);
}

static bool read_response_bytes(struct der_reader outer,
    struct ocsp_response *response, struct failure *why)
{
    struct der_reader contents = {0}, basic = {0};
    struct bytes type = {0};

    if (!der_read(&outer, DER_SEQUENCE, &contents, why) ||
        !der_finish(&outer, "ResponseBytes", why) ||
        !der_read_oid(&contents, &type, why) ||
        !der_read(&contents, DER_OCTET_STRING, &basic, why) ||
        !der_finish(&contents, "ResponseBytes", why))
        return false;
    if (!bytes_equal(type, ocsp_basic_type()))
        return fail_because(why, FAILURE_MALFORMED,
            "the OCSP answer is of another type than id-pkix-ocsp-basic "
            "(RFC 6960, 4.2.1)");
    return read_basic(basic, response, why);
}

static bool read_response_status(struct der_reader *reader,
    enum ocsp_response_status *status, struct failure *why)
{
    int number = 0;

    if (!read_enumerated(reader, &number, why))
        return false;
    if (number == 4 || number > OCSP_UNAUTHORIZED)
        return fail_because(why, FAILURE_MALFORMED,
            "there is no OCSPResponseStatus %d (RFC 6960, 4.2.1)", number);
    *status = (enum ocsp_response_status)number;
    return true;
}

static bool check_size(struct bytes der, struct failure *why)
{
    return der.length <= OCSP_RESPONSE_MAX ||
           fail_because(why, FAILURE_MALFORMED,
               "the OCSP answer has %zu bytes; at most %d are read", der.length,
               OCSP_RESPONSE_MAX);
}

bool ocsp_response_read(
    struct bytes der, struct ocsp_response *response, struct failure *why)
{
    struct ocsp_response found = {.whole = der};
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0}, outer = {0};
    bool has_bytes = false;

    if (!check_size(der, why) ||
        !der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !der_finish(&reader, "the OCSP answer", why) ||
        !read_response_status(&contents, &found.status, why) ||
        !der_read_optional(
            &contents, DER_CONTEXT_HOLDING(0), &outer, &has_bytes, why) ||
        !der_finish(&contents, "the OCSP answer", why))
        return false;
    if (has_bytes != (found.status == OCSP_SUCCESSFUL))
        return fail_because(why, FAILURE_MALFORMED,
            "the OCSP answer is %s and %s a response (RFC 6960, 4.2.1)",
            ocsp_response_status_name(found.status),
            has_bytes ? "has" : "lacks");
    if (has_bytes && !read_response_bytes(outer, &found, why))
        return false;
    *response = found;
    return true;
}
