#ifndef AUTHORITY_NAMES_LIMITS_H
#define AUTHORITY_NAMES_LIMITS_H

#include "x509/name.h"

/*
 * How long an attribute may be (RFC 5280, A.1, the ub- constants; X.520; RFC
 * 4519 and RFC 1034 for DC, RFC 4524 for UID): each for itself, never several
 * together (kb 40).  A country is one that ISO 3166 knows (kb 55).
 *
 * text: the attribute's, in UTF-8.  type: what a person calls it ("CN").
 * FAILURE_UNSUITABLE names attribute, length and limit.
 */
MUST_CHECK bool name_limits_check(const struct name_attribute *attribute,
    const char *type, struct bytes text, struct failure *why);

#endif
