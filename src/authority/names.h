#ifndef AUTHORITY_NAMES_H
#define AUTHORITY_NAMES_H

#include "authority/enrolment.h"
#include "authority/profile.h"
#include "x509/request.h"

/*
 * The names of an issuance: those of the enrolment where it gives them, else
 * those of the request, as far as the profile takes them.  Nothing that was
 * asked for is dropped without a word: names are refused, everything else is
 * told in the notices.
 */

/* Incident 32: a verifier takes time for each. */
#define NAMES_MAX 1000

struct issuance_names {
    struct bytes subject;       /* a whole Name, maybe empty */
    struct bytes general_names; /* encoded, one after another, maybe none */
    size_t general_name_count;
    /* What the requester is told beside the certificate: sentences, each on a
     * line of its own. */
    struct buffer notices;
    /* What subject and general_names view when they stand in neither the
     * enrolment nor the request any more. */
    struct buffer own_subject, own_general_names;
};

/*
 * The views live as long as the enrolment, the request's bytes and *names.
 * issuer: the whole Name of the authority that will sign.
 *
 * FAILURE_UNSUITABLE names the name and the rule: an attribute or a kind that
 * the profile does not take; control characters (incident 30); more than
 * NAMES_MAX; none where the profile requires one; a leaf with its issuer's name
 * (kb 90).  FAILURE_MALFORMED: the names can't be read.
 */
MUST_CHECK bool names_decide(const struct enrolment *enrolment,
    const struct request *request, const struct profile *profile,
    struct bytes issuer, struct issuance_names *names, struct failure *why);

void issuance_names_free(struct issuance_names *names); /* all-zero allowed */

#endif
