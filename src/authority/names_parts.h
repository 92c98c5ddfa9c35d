#ifndef AUTHORITY_NAMES_PARTS_H
#define AUTHORITY_NAMES_PARTS_H

#include "authority/names.h"

/* The steps of names_decide; each takes what the one before has decided. */

MUST_CHECK bool names_decide_subject(struct bytes asked,
    const struct profile *profile, struct issuance_names *names,
    struct failure *why);

MUST_CHECK bool names_decide_alternative(struct bytes asked,
    const struct profile *profile, struct issuance_names *names,
    struct failure *why);

/* What the request asks for and does not get. */
MUST_CHECK bool names_tell_extensions(const struct request *request,
    const struct profile *profile, struct issuance_names *names,
    struct failure *why);

/* One of the alternative names: matches the profile's allowed-names and is no
 * wildcard where there may be none. */
struct general_name;
MUST_CHECK bool names_check_allowed(const struct general_name *name,
    const struct profile *profile, struct failure *why);
/* The same for a text in the subject that looks like such a name. */
MUST_CHECK bool names_check_subject_text(enum oid type, struct bytes text,
    const struct profile *profile, struct failure *why);

/* Is this text in the subject taken for a name: emailAddress always, CN where
 * it looks like one, and where nobody looks at who signs in? */
bool names_is_name_in_subject(
    enum oid type, struct bytes text, const struct profile *profile);
/* Calls matches with the text as the name it would be among the alternative
 * ones; one that can't be one matches nothing. */
typedef bool names_match(const void *context, const struct general_name *name);
MUST_CHECK bool names_match_as_any(struct bytes text, names_match *matches,
    const void *context, struct failure *why);

/* Bytes of a name as a sentence may show them: visible and cut. */
#define NAME_SHOWN 72
void name_show(struct bytes text, char shown[static NAME_SHOWN]);

#endif
