#ifndef PROTOCOLS_REST_CERTIFICATES_H
#define PROTOCOLS_REST_CERTIFICATES_H

#include "protocols/rest/operation.h"
#include "store/search.h"

/* Finds the certificate that the path names, by its serial or the beginning of
 * it; as store_certificate_by_serial. */
MUST_CHECK bool rest_find_certificate(struct rest_call *call,
    certificate_visitor *visit, void *context, struct failure *why);

/* How a certificate is wanted. */
enum rest_form {
    FORM_JSON,
    FORM_CHAIN, /* application/pem-certificate-chain (RFC 8555, 9.1) */
    FORM_DER    /* application/pkix-cert (RFC 2585) */
};
extern const char *const rest_form_types[]; /* in their order */
#define REST_FORMS 3

/* By Accept; 406 where it takes none of them. */
MUST_CHECK bool rest_choose_form(
    struct rest_call *call, enum rest_form *form, struct failure *why);

/* FORM_CHAIN goes up to the root, without it; issuer: of the certificate. */
MUST_CHECK bool rest_answer_certificate(struct rest_call *call,
    enum rest_form form, struct bytes der,
    const struct authority_issuer *issuer, struct failure *why);

#endif
