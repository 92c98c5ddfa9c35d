#ifndef X509_CHAIN_POLICY_EXTENSION_H
#define X509_CHAIN_POLICY_EXTENSION_H

#include "x509/der.h"

/* The extensions about policies (RFC 5280, 4.2.1.4, .5, .11, .14) as views. */

/* certificatePolicies: the identifiers, one after the other. */
MUST_CHECK bool policies_read(
    struct bytes value, struct der_reader *policies, struct failure *why);
MUST_CHECK bool policies_next(
    struct der_reader *policies, struct bytes *policy, struct failure *why);

MUST_CHECK bool policy_mappings_read(
    struct bytes value, struct der_reader *mappings, struct failure *why);
MUST_CHECK bool policy_mappings_next(struct der_reader *mappings,
    struct bytes *issuer_policy, struct bytes *subject_policy,
    struct failure *why);

/* SkipCerts: a number no path reaches stands for a larger one. */
#define SKIP_CERTIFICATES_MAX 1000000u

struct policy_constraints {
    bool has_explicit, has_mapping;
    uint32_t explicit_after, mapping_until; /* certificates */
};
MUST_CHECK bool policy_constraints_read(struct bytes value,
    struct policy_constraints *constraints, struct failure *why);
MUST_CHECK bool inhibit_any_policy_read(
    struct bytes value, uint32_t *after, struct failure *why);

#endif
