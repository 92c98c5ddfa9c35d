#ifndef X509_CHAIN_SIGNATURE_PARAMETERS_H
#define X509_CHAIN_SIGNATURE_PARAMETERS_H

#include "x509/der.h"

/* RSASSA-PSS-params (RFC 4055, 3.1), its defaults filled in. */
struct pss_parameters {
    const char *digest;      /* "SHA256" */
    const char *mask_digest; /* of MGF1 */
    uint32_t salt_length;
};

/* parameters: the whole element, or nothing for all defaults.
 * FAILURE_UNSUITABLE: a hash, mask or trailer that is not one of the RFC's. */
MUST_CHECK bool pss_parameters_read(
    struct bytes parameters, struct pss_parameters *found, struct failure *why);

#endif
