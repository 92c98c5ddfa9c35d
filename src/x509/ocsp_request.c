#include "x509/ocsp_request.h"

#include "x509/der_writer.h"
#include "x509/ocsp_parts.h"
#include "x509/ocsp_writer.h"

bool ocsp_request_write(const struct certificate *certificate,
    const struct certificate *issuer, const char *digest, struct bytes nonce,
    struct buffer *request, struct failure *why)
{
    RELEASED(buffer) id = BUFFER("a CertID", OCSP_REQUEST_MAX);
    uint8_t room[OCSP_REQUEST_MAX];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    struct bytes encoding = {0};
    const size_t end = der_writer_mark(&writer);
    size_t mark;

    if (!ocsp_certificate_id_write(digest, certificate->tbs.issuer,
            issuer->tbs.key.bits, certificate->tbs.serial, &id, why))
        return false;
    ocsp_write_nonce(&writer, 2, nonce);
    mark = der_writer_mark(&writer);
    der_write_raw(&writer, buffer_view(&id));
    der_write_head(&writer, DER_SEQUENCE, mark); /* Request */
    der_write_head(&writer, DER_SEQUENCE, mark); /* requestList */
    der_write_head(&writer, DER_SEQUENCE, end);  /* tbsRequest */
    der_write_head(&writer, DER_SEQUENCE, end);
    return der_writer_take(&writer, &encoding, why) &&
           buffer_append(request, encoding, why);
}
