#include <string.h>

#include "crypto/algorithm.h"
#include "x509/der_writer.h"
#include "x509/ocsp_parts.h"
#include "x509/ocsp_writer.h"

/* Heads, the type and the status: less than this. */
#define AROUND_ROOM 96

struct bytes ocsp_answer_without_body(enum ocsp_response_status status)
{
    /* SEQUENCE { ENUMERATED }: RFC 6960, 4.2.1. */
#define STATUS(number) \
    [number] = { DER_SEQUENCE, 3, DER_ENUMERATED, 1, (number) }
    static const uint8_t answers[][5] = {
        STATUS(OCSP_MALFORMED_REQUEST),
        STATUS(OCSP_INTERNAL_ERROR),
        STATUS(OCSP_TRY_LATER),
        STATUS(OCSP_SIG_REQUIRED),
        STATUS(OCSP_UNAUTHORIZED),
    };
#undef STATUS

    /* Success without a body would be malformed. */
    if (status == OCSP_SUCCESSFUL)
        status = OCSP_INTERNAL_ERROR;
    return (struct bytes){answers[status], sizeof(answers[status])};
}

static bool check_parts(struct bytes body, struct bytes algorithm,
    struct bytes signature, struct bytes certificate, struct failure *why)
{
    if (body.length == 0 || algorithm.length == 0 || signature.length == 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the OCSP answer lacks its body, algorithm or signature");
    if (signature.length > SIGNATURE_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the signature of the OCSP answer has more than %d bytes",
            SIGNATURE_MAX);
    if (body.length > OCSP_RESPONSE_MAX ||
        algorithm.length > OCSP_RESPONSE_MAX ||
        certificate.length > OCSP_RESPONSE_MAX ||
        body.length + algorithm.length + signature.length + certificate.length +
                AROUND_ROOM >
            OCSP_RESPONSE_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the OCSP answer has more than %d bytes", OCSP_RESPONSE_MAX);
    return true;
}

/* BasicOCSPResponse and what is behind it, backwards. */
static void write_basic(struct der_writer *writer, struct bytes body,
    struct bytes algorithm, struct bytes signature, struct bytes certificate)
{
    const size_t mark = der_writer_mark(writer);

    if (certificate.length > 0) {
        der_write_raw(writer, certificate);
        der_write_head(writer, DER_SEQUENCE, mark);
        der_write_head(writer, DER_CONTEXT_HOLDING(0), mark);
    }
    der_write_bit_string(writer, signature, 0);
    der_write_raw(writer, algorithm);
    der_write_raw(writer, body);
    der_write_head(writer, DER_SEQUENCE, mark);
}

/* Around it: ResponseBytes, and the status in front. */
static void write_around(struct der_writer *writer, size_t end)
{
    static const uint8_t successful[] = {DER_ENUMERATED, 1, OCSP_SUCCESSFUL};

    der_write_head(writer, DER_OCTET_STRING, end);
    der_write_oid(writer, ocsp_basic_type());
    der_write_head(writer, DER_SEQUENCE, end);
    der_write_head(writer, DER_CONTEXT_HOLDING(0), end);
    der_write_raw(writer, (struct bytes){successful, sizeof(successful)});
    der_write_head(writer, DER_SEQUENCE, end);
}

/* Written backwards into the buffer's own room and moved to its front: all of
 * it is copied twice, and nothing is measured before. */
bool ocsp_answer_seal(struct bytes body, struct bytes algorithm,
    struct bytes signature, struct bytes certificate, struct buffer *answer,
    struct failure *why)
{
    size_t room = body.length + algorithm.length + signature.length +
                  certificate.length + AROUND_ROOM;
    struct bytes encoding = {0};

    if (!check_parts(body, algorithm, signature, certificate, why) ||
        !buffer_reserve(answer, room, why))
        return false;

    struct der_writer writer =
        der_writer_in(answer->start + answer->length, room);
    const size_t end = der_writer_mark(&writer);
    write_basic(&writer, body, algorithm, signature, certificate);
    write_around(&writer, end);
    if (!der_writer_take(&writer, &encoding, why))
        return false;
    memmove(answer->start + answer->length, encoding.start, encoding.length);
    answer->length += encoding.length;
    return true;
}
