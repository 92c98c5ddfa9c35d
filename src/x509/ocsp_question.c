#include "x509/ocsp_question.h"

#include "x509/algorithm_identifier.h"
#include "x509/ocsp_parts.h"

/* Contents of id-pkix-ocsp-response (RFC 6960, 4.4.3): it says that basic
 * answers are understood, and no others are written here. */
static const uint8_t acceptable_responses[] = {
    0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x04};

#define SHA1_BYTES 20

/* --- one certificate ------------------------------------------------------ */

/* SHA-1 and SHA-256 have parameters of NULL or none: both are sent. */
static enum ocsp_id_hash hash_of(const struct algorithm_identifier *algorithm)
{
    static const uint8_t null[] = {DER_NULL, 0};

    if (algorithm->parameters.length > 0 &&
        !bytes_equal(algorithm->parameters, (struct bytes){null, sizeof(null)}))
        return OCSP_ID_OTHER;
    if (bytes_equal(algorithm->oid, ocsp_sha1_type()))
        return OCSP_ID_SHA1;
    return bytes_equal(algorithm->oid, ocsp_sha256_type()) ? OCSP_ID_SHA256
                                                           : OCSP_ID_OTHER;
}

/* 4.1.1: both are hashes by the algorithm that is named. */
static bool check_hash_lengths(
    const struct ocsp_question_id *id, struct failure *why)
{
    size_t wanted = id->hash == OCSP_ID_SHA1 ? SHA1_BYTES : SHA256_BYTES;

    if (id->hash == OCSP_ID_OTHER ||
        (id->id.name_hash.length == wanted && id->id.key_hash.length == wanted))
        return true;
    return fail_because(why, FAILURE_MALFORMED,
        "a CertID has hashes of %zu and %zu octets where its algorithm makes "
        "%zu (RFC 6960, 4.1.1)",
        id->id.name_hash.length, id->id.key_hash.length, wanted);
}

static bool read_question_id(struct der_reader *request,
    struct ocsp_question_id *id, struct failure *why)
{
    struct algorithm_identifier algorithm = {0};
    size_t position = request->position;

    if (!ocsp_read_id(request, &id->id, why))
        return false;
    id->whole = (struct bytes){
        request->whole.start + position, request->position - position};

    struct der_reader reader = der_reader_of(id->id.hash_algorithm);
    if (!algorithm_identifier_read(&reader, &algorithm, why))
        return false;
    id->hash = hash_of(&algorithm);
    return check_hash_lengths(id, why);
}

/* --- extensions ----------------------------------------------------------- */

/* 4.4: what is critical and not understood makes the request one that can't be
 * answered. */
static bool refuse_critical(
    const struct extension *extension, struct failure *why)
{
    char name[OID_TEXT] = "";

    return oid_print(extension->type_contents, name, why) &&
           fail_because(why, FAILURE_MALFORMED,
               "the critical extension %s of the OCSP request is not known "
               "here (RFC 6960, 4.4)",
               name);
}

static bool take_extensions(struct der_reader extensions,
    struct ocsp_question *question, struct failure *why)
{
    struct extension extension = {0};

    while (!der_at_end(&extensions)) {
        if (!extension_next(&extensions, &extension, why))
            return false;
        if (ocsp_is_nonce(&extension)) {
            if (!ocsp_read_nonce(extension.value, &question->nonce, why))
                return false;
        } else if (extension.critical &&
                   !bytes_equal(extension.type_contents,
                       (struct bytes){acceptable_responses,
                           sizeof(acceptable_responses)})) {
            return refuse_critical(&extension, why);
        }
    }
    return true;
}

/* Of one certificate: none is known here, the service locator (4.4.6) neither.
 */
static bool check_single_extensions(
    struct der_reader extensions, struct failure *why)
{
    struct extension extension = {0};

    while (!der_at_end(&extensions)) {
        if (!extension_next(&extensions, &extension, why))
            return false;
        if (extension.critical)
            return refuse_critical(&extension, why);
    }
    return true;
}

/* --- the request ---------------------------------------------------------- */

static bool read_request(struct der_reader *list,
    struct ocsp_question *question, struct failure *why)
{
    struct der_reader request = {0}, extensions = {0};

    if (question->id_count == OCSP_QUESTION_IDS_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "the OCSP request asks for more than %d certificates",
            OCSP_QUESTION_IDS_MAX);
    if (!der_read(list, DER_SEQUENCE, &request, why) ||
        !read_question_id(&request, &question->ids[question->id_count], why) ||
        !ocsp_read_extensions(&request, 0, &extensions, why) ||
        !der_finish(&request, "a Request", why) ||
        !check_single_extensions(extensions, why))
        return false;
    question->id_count++;
    return true;
}

static bool read_list(
    struct der_reader list, struct ocsp_question *question, struct failure *why)
{
    question->id_count = 0;
    if (der_at_end(&list))
        return fail_because(why, FAILURE_MALFORMED,
            "the OCSP request asks for no certificate (RFC 6960, 4.1.1)");
    while (!der_at_end(&list)) {
        if (!read_request(&list, question, why))
            return false;
    }
    return true;
}

/* Who asks is nobody's business here: the name's DER is checked, no more. */
static bool pass_requestor(struct der_reader *reader, struct failure *why)
{
    struct der_reader outer = {0};
    struct general_name name = {0};
    bool present = false;

    return der_read_optional(
               reader, DER_CONTEXT_HOLDING(1), &outer, &present, why) &&
           (!present || (general_name_next(&outer, &name, why) &&
                            der_finish(&outer, "the requestor's name", why)));
}

static bool read_body(
    struct der_reader body, struct ocsp_question *question, struct failure *why)
{
    struct der_reader list = {0}, extensions = {0};

    question->nonce = (struct bytes){0};
    return ocsp_read_version(&body, "request", why) &&
           pass_requestor(&body, why) &&
           der_read(&body, DER_SEQUENCE, &list, why) &&
           read_list(list, question, why) &&
           ocsp_read_extensions(&body, 2, &extensions, why) &&
           der_finish(&body, "TBSRequest", why) &&
           take_extensions(extensions, question, why);
}

static bool pass_certificates(struct der_reader *reader, struct failure *why)
{
    struct der_reader outer = {0}, list = {0}, certificate = {0};
    bool present = false;

    if (!der_read_optional(
            reader, DER_CONTEXT_HOLDING(0), &outer, &present, why))
        return false;
    if (!present)
        return true;
    if (!der_read(&outer, DER_SEQUENCE, &list, why) ||
        !der_finish(&outer, "the certificates", why))
        return false;
    while (!der_at_end(&list)) {
        if (!der_read(&list, DER_SEQUENCE, &certificate, why))
            return false;
    }
    return true;
}

static bool pass_signature(struct der_reader *reader, struct failure *why)
{
    struct der_reader outer = {0}, contents = {0};
    struct algorithm_identifier algorithm = {0};
    struct bytes bits = {0};
    uint8_t unused = 0;
    bool present = false;

    if (!der_read_optional(
            reader, DER_CONTEXT_HOLDING(0), &outer, &present, why))
        return false;
    return !present ||
           (der_read(&outer, DER_SEQUENCE, &contents, why) &&
               der_finish(&outer, "optionalSignature", why) &&
               algorithm_identifier_read(&contents, &algorithm, why) &&
               der_read_bit_string(&contents, &bits, &unused, why) &&
               pass_certificates(&contents, why) &&
               der_finish(&contents, "the signature", why));
}

bool ocsp_question_read(
    struct bytes der, struct ocsp_question *question, struct failure *why)
{
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0}, body = {0};

    if (der.length > OCSP_QUESTION_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "the OCSP request has %zu bytes; at most %d are read", der.length,
            OCSP_QUESTION_MAX);
    return der_read(&reader, DER_SEQUENCE, &contents, why) &&
           der_finish(&reader, "the OCSP request", why) &&
           der_read(&contents, DER_SEQUENCE, &body, why) &&
           read_body(body, question, why) && pass_signature(&contents, why) &&
           der_finish(&contents, "the OCSP request", why);
}
