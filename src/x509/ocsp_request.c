#include "x509/ocsp_request.h"

#include "x509/der_writer.h"
#include "x509/ocsp_parts.h"
#include "x509/ocsp_writer.h"

/* [2] EXPLICIT Extensions with the nonce alone. */
static void write_extensions(struct der_writer *writer, struct bytes nonce)
{
    const size_t mark = der_writer_mark(writer);

    if (nonce.length == 0)
        return;
    der_write_element(writer, DER_OCTET_STRING, nonce);
    der_write_head(writer, DER_OCTET_STRING, mark);
    der_write_oid(writer, ocsp_nonce_type());
    der_write_head(writer, DER_SEQUENCE, mark);
    der_write_head(writer, DER_SEQUENCE, mark);
    der_write_head(writer, DER_CONTEXT_HOLDING(2), mark);
}

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
    write_extensions(&writer, nonce);
    mark = der_writer_mark(&writer);
    der_write_raw(&writer, buffer_view(&id));
    der_write_head(&writer, DER_SEQUENCE, mark); /* Request */
    der_write_head(&writer, DER_SEQUENCE, mark); /* requestList */
    der_write_head(&writer, DER_SEQUENCE, end);  /* tbsRequest */
    der_write_head(&writer, DER_SEQUENCE, end);
    return der_writer_take(&writer, &encoding, why) &&
           buffer_append(request, encoding, why);
}
