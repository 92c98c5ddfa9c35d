#ifndef AUTHORITY_AUTHORISE_PARTS_H
#define AUTHORITY_AUTHORISE_PARTS_H

#include "authority/steps.h"

/* The questions of issue_authorise about who asks; FAILURE_FORBIDDEN names the
 * caller and the rule. */

/* Is the caller's way one of its door's, and may they ask for anything there?
 */
MUST_CHECK bool authorise_door(const struct authority *authority,
    const struct enrolment *enrolment, struct failure *why);

/* Is the profile, issuance->rule's, for such a caller (`who`), and on the list
 * of a token or account? */
MUST_CHECK bool authorise_asker(
    const struct issuance *issuance, struct failure *why);

#endif
