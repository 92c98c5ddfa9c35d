#ifndef X509_NAME_MATCH_H
#define X509_NAME_MATCH_H

#include "x509/name.h"

/*
 * Would a verifier take the two Names for one (RFC 5280, 7.1)?  Compared are
 * the types and the texts, whatever string type they are in, without regard to
 * the case of ASCII letters and to needless blanks.  A value that is no text is
 * compared byte for byte.  A name that can't be read matches nothing but its
 * own bytes.
 */
bool name_matches(struct bytes a, struct bytes b);

/* Does the name lie within the subtree (RFC 5280, 4.2.1.10: directory names):
 * do its first relative names match all of the subtree's? */
bool name_is_within(struct bytes name, struct bytes subtree);

/* Equal for names that match.  Who does not know the seed can't choose many
 * names with one hash. */
uint64_t name_hash(struct bytes name, uint64_t seed);

#endif
