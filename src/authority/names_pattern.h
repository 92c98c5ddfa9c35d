#ifndef AUTHORITY_NAMES_PATTERN_H
#define AUTHORITY_NAMES_PATTERN_H

#include "x509/general_name.h"

/*
 * Which names may be asked for, as a profile's allowed-names, a token and an
 * account write it:
 *
 *     example.org            this DNS name
 *     *.example.org          every DNS name below it, at any depth, and not
 *                            itself; wildcards there too
 *     alice@example.org      this mailbox
 *     @example.org           every mailbox at this host
 *     @*.example.org         every mailbox at a host below it
 *     10.0.0.0/8, 2001:db8::1   addresses of the network; this address
 *     https://example.org    every URI of this scheme and host, without a
 *                            user name in it; "*." before the host: below it
 *
 * Letters of hosts and schemes match in either case.
 */
#define NAME_PATTERN_MAX 320 /* bytes */

/* NULL when the pattern is well-formed, otherwise what is wrong with it. */
const char *name_pattern_fault(const char *pattern);

/* A pattern that is not well-formed matches nothing, and so does a name of
 * another kind than the four. */
bool name_pattern_matches(const char *pattern, const struct general_name *name);

#endif
