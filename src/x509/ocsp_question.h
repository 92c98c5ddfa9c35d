#ifndef X509_OCSP_QUESTION_H
#define X509_OCSP_QUESTION_H

#include "crypto/digest.h"
#include "x509/ocsp.h"

/*
 * An OCSP request as a responder reads it (RFC 6960, 4.1; RFC 5019; RFC 9654):
 * what ocsp_request.h writes, and what others do.  Views into the bytes.
 */
#define OCSP_QUESTION_MAX (16 * 1024) /* bytes of a request */
#define OCSP_QUESTION_IDS_MAX 32
#define OCSP_NONCE_MAX 128 /* RFC 9654, 2.1; at least 1 */

enum ocsp_id_hash { OCSP_ID_SHA1, OCSP_ID_SHA256, OCSP_ID_OTHER };

struct ocsp_question_id {
    struct bytes whole; /* the CertID, to be repeated in the answer */
    struct ocsp_certificate_id id;
    enum ocsp_id_hash hash;
};

struct ocsp_question {
    struct ocsp_question_id ids[OCSP_QUESTION_IDS_MAX];
    size_t id_count;
    struct bytes nonce; /* contents of the inner OCTET STRING; length 0: none */
};

/* FAILURE_MALFORMED: no request, none or too many ids, a nonce of a length that
 * RFC 9654 forbids, a critical extension we don't know.  A requestor's name and
 * signature are passed over, their DER checked. */
MUST_CHECK bool ocsp_question_read(
    struct bytes der, struct ocsp_question *question, struct failure *why);

/* RFC 6960, A.1: the request in the raw path behind "/ocsp/", base64 that was
 * URL-encoded by some clients and not by others: "/", "//", "+", "%2F", "%2B",
 * "%3D" all mean what they say (incident 46).  Appends the DER. */
MUST_CHECK bool ocsp_question_from_path(
    struct bytes raw, struct buffer *der, struct failure *why);

#endif
