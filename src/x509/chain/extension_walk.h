#ifndef X509_CHAIN_EXTENSION_WALK_H
#define X509_CHAIN_EXTENSION_WALK_H

#include "x509/der.h"

/*
 * Extensions that only some rules read, walked to their end: what they hold is
 * read again by the rule, which meets no damaged bytes then.
 * FAILURE_MALFORMED.
 */
MUST_CHECK bool walk_policies(struct bytes value, struct failure *why);
/* Of policies that were walked: is each qualifier a CPS address or a user
 * notice, the two that RFC 5280, 4.2.1.4 has? */
bool policy_qualifiers_are_known(struct bytes value);
MUST_CHECK bool walk_policy_mappings(struct bytes value, struct failure *why);
MUST_CHECK bool walk_policy_constraints(
    struct bytes value, struct failure *why);
MUST_CHECK bool walk_inhibit_any_policy(
    struct bytes value, struct failure *why);
MUST_CHECK bool walk_name_constraints(struct bytes value, struct failure *why);
MUST_CHECK bool walk_distribution_points(
    struct bytes value, struct failure *why);
/* authorityInfoAccess, subjectInfoAccess */
MUST_CHECK bool walk_access(struct bytes value, struct failure *why);
MUST_CHECK bool walk_tls_feature(struct bytes value, struct failure *why);
MUST_CHECK bool walk_ocsp_no_check(struct bytes value, struct failure *why);

#endif
