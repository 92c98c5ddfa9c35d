#ifndef X509_NAME_MATCH_H
#define X509_NAME_MATCH_H

#include "x509/name.h"

/*
 * Would a verifier take the two Names for one (RFC 5280, 7.1)?  Compared are
 * the types and the texts, whatever string type they are in, without regard to
 * the case of ASCII letters and to needless blanks.  A name that can't be read
 * matches nothing but its own bytes.
 */
bool name_matches(struct bytes a, struct bytes b);

#endif
