#ifndef X509_OCSP_H
#define X509_OCSP_H

#include "x509/certificate.h"

/*
 * OCSP (RFC 6960, 9654): an answer as bytes plus views found by one
 * bounds-checked walk.  The views live as long as the bytes.
 */
enum ocsp_response_status {
    OCSP_SUCCESSFUL = 0,
    OCSP_MALFORMED_REQUEST = 1,
    OCSP_INTERNAL_ERROR = 2,
    OCSP_TRY_LATER = 3,
    OCSP_SIG_REQUIRED = 5,
    OCSP_UNAUTHORIZED = 6
};

/* CertID, 4.1.1 */
struct ocsp_certificate_id {
    struct bytes hash_algorithm; /* whole AlgorithmIdentifier */
    struct bytes name_hash, key_hash;
    struct bytes serial; /* contents of the INTEGER */
};

enum ocsp_status { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };

struct ocsp_single {
    struct ocsp_certificate_id id;
    enum ocsp_status status;
    int64_t revoked_at;
    int reason; /* enum crl_reason, or CRL_REASON_ABSENT */
    int64_t this_update;
    int64_t next_update;          /* 0: absent */
    struct der_reader extensions; /* at its end when there are none */
    bool has_unknown_critical;
};

struct ocsp_response {
    struct bytes whole;
    enum ocsp_response_status status;
    /* The rest only where it was successful. */
    struct bytes body;           /* ResponseData, the signed element */
    struct bytes responder_name; /* whole Name; length 0: by key */
    struct bytes responder_key;  /* SHA-1 of the key's bits */
    int64_t produced_at;
    struct der_reader singles;
    struct bytes nonce; /* contents; length 0: none */
    struct der_reader extensions;
    bool has_unknown_critical;
    struct bytes signature_algorithm;
    struct bytes signature;
    struct der_reader certificates; /* at its end when there are none */
};

#define OCSP_RESPONSE_MAX (256 * 1024)
#define OCSP_SINGLES_MAX 1000

/* Reads one that fills the bytes and walks all of it; every single answer too.
 * FAILURE_MALFORMED names the offset. */
MUST_CHECK bool ocsp_response_read(
    struct bytes der, struct ocsp_response *response, struct failure *why);

/* Reads a bare ResponseData that fills the bytes, as a responder is asked to
 * sign it.  Sets what belongs to a body; status is successful. */
MUST_CHECK bool ocsp_body_read(
    struct bytes der, struct ocsp_response *response, struct failure *why);

/* The next; the caller asks der_at_end first. */
MUST_CHECK bool ocsp_next_single(struct der_reader *singles,
    struct ocsp_single *single, struct failure *why);
MUST_CHECK bool ocsp_next_certificate(struct der_reader *certificates,
    struct bytes *certificate, struct failure *why);

/* "tryLater" */
const char *ocsp_response_status_name(enum ocsp_response_status status);

#endif
