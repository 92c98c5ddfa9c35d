#ifndef X509_OCSP_REQUEST_H
#define X509_OCSP_REQUEST_H

#include "x509/certificate.h"

/*
 * An OCSP request for one certificate (RFC 6960, 4.1.1; RFC 5019, 2.1.1: one
 * CertID, no signature), with a nonce (RFC 9654, 2.1).
 */
#define OCSP_NONCE_BYTES 32
#define OCSP_REQUEST_MAX 512

/*
 * Appends the request.  digest: "SHA1", which every responder knows (RFC 5019,
 * 2.1.1), or "SHA256".  nonce: length 0 leaves it out.  FAILURE_UNSUITABLE:
 * there is no such digest, or the serial is longer than a request has room for.
 */
MUST_CHECK bool ocsp_request_write(const struct certificate *certificate,
    const struct certificate *issuer, const char *digest, struct bytes nonce,
    struct buffer *request, struct failure *why);

#endif
