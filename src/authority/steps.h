#ifndef AUTHORITY_STEPS_H
#define AUTHORITY_STEPS_H

#include "authority/issue.h"

/* The steps of the road (authority/issue.c), a file each.  Steps that judge
 * one member return false with the reason of the refusal. */

/* Reads the request. */
MUST_CHECK bool issue_receive(
    struct authority *, struct desk *, struct issuance *, struct failure *why);

/* The request is signed by the key it asks for.  (Who asks was established by
 * the door.) */
MUST_CHECK bool issue_authenticate(
    struct authority *, struct desk *, struct issuance *, struct failure *why);

/* May this door and role have this profile, for this key?  Finds the
 * certificate of a repeated origin. */
MUST_CHECK bool issue_authorise(
    struct authority *, struct desk *, struct issuance *, struct failure *why);

/* Each name that was decided is one of those that the token or account may ask
 * for (authorise_names.c); a part of compose. */
MUST_CHECK bool issue_authorise_names(
    const struct issuance *, struct failure *why);

/* Makes the draft: the to-be-signed bytes. */
MUST_CHECK bool issue_compose(
    struct authority *, struct desk *, struct issuance *, struct failure *why);

/* Holds the draft's bytes against every rule. */
MUST_CHECK bool issue_lint(
    struct authority *, struct desk *, struct issuance *, struct failure *why);

/* Has the signer sign those of the group that are on the road; each gets its
 * certificate, or the signer's refusal. */
MUST_CHECK bool issue_sign(struct authority *, struct desk *,
    struct issuance *group, size_t count, struct failure *why);

/* Makes the group durable: certificates, journal, and how far the sign log has
 * been taken in, in one transaction.  Refused members are journalled too. */
MUST_CHECK bool issue_record(struct authority *, struct desk *,
    struct issuance *group, size_t count, struct failure *why);

/* Takes over the certificate that an origin has already; for another key it is
 * FAILURE_CONFLICT. */
MUST_CHECK bool issue_take_repeat(
    struct issuance *, const struct certificate_row *, struct failure *why);

bool issuance_is_on_the_road(const struct issuance *issuance);

#endif
