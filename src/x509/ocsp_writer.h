#ifndef X509_OCSP_WRITER_H
#define X509_OCSP_WRITER_H

#include "x509/ocsp_question.h"

/*
 * An OCSP answer, written in two steps as certificates are: the to-be-signed
 * ResponseData first, then the whole around it and the signature.  Responder by
 * key (RFC 6960, 4.2.1; RFC 5019, 2.2.1).
 */
struct ocsp_answer_single {
    struct bytes id; /* whole CertID */
    enum ocsp_status status;
    int64_t revoked_at;
    int reason; /* of a revoked one; CRL_REASON_ABSENT or 0: left out */
    int64_t this_update, next_update;
};

struct ocsp_answer_plan {
    struct bytes responder_key; /* SHA-1 of the responder's key bits */
    int64_t produced_at;
    const struct ocsp_answer_single *singles;
    size_t single_count; /* 1 to OCSP_QUESTION_IDS_MAX */
    struct bytes nonce;  /* length 0: none */
};

/* Appends the ResponseData.  FAILURE_UNSUITABLE: a plan that makes none. */
MUST_CHECK bool ocsp_answer_body(const struct ocsp_answer_plan *plan,
    struct buffer *body, struct failure *why);

/* Appends the whole OCSPResponse.  algorithm: whole AlgorithmIdentifier;
 * certificate: the responder's, DER; length 0 where it is the issuer itself. */
MUST_CHECK bool ocsp_answer_seal(struct bytes body, struct bytes algorithm,
    struct bytes signature, struct bytes certificate, struct buffer *answer,
    struct failure *why);

/* An answer without a body: malformedRequest, tryLater, unauthorized ...  A
 * constant of 5 bytes. */
struct bytes ocsp_answer_without_body(enum ocsp_response_status status);

/* The most bytes that a CertID of ours has. */
#define OCSP_ID_MAX 256

/* A CertID, DER, appended; digest: "SHA1" or "SHA256".  The issuer's name and
 * key bits are hashed; serial: contents of the INTEGER.  FAILURE_UNSUITABLE:
 * another digest, or a serial without room. */
MUST_CHECK bool ocsp_certificate_id_write(const char *digest,
    struct bytes issuer_name, struct bytes issuer_key_bits, struct bytes serial,
    struct buffer *id, struct failure *why);

#endif
