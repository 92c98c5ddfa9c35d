#ifndef X509_CHAIN_NAME_CONSTRAINTS_H
#define X509_CHAIN_NAME_CONSTRAINTS_H

#include "x509/general_name.h"

/* NameConstraints (RFC 5280, 4.2.1.10) as views, and one name held against one
 * subtree. */
struct name_constraints {
    struct der_reader permitted, excluded; /* subtrees; at the end: none */
};

MUST_CHECK bool name_constraints_read(struct bytes value,
    struct name_constraints *constraints, struct failure *why);

/*
 * The next base; the caller asks der_at_end first.  FAILURE_MALFORMED: no
 * subtree; FAILURE_UNSUITABLE: one that nothing can be held against, with the
 * rule: a minimum or maximum, an address that is no network, a host with a
 * wildcard, a mailbox with two "@".  A host with a dot in front (RFC 5280 knows
 * it for URIs and mailboxes only) is taken for DNS names too, as in all
 * verifiers in use: it means what is below; chain/profile.c refuses it.
 */
MUST_CHECK bool name_constraints_next(struct der_reader *subtrees,
    struct general_name *base, struct failure *why);

/* Is the subtree about names like this?  An otherName is a form of its own by
 * its type; SmtpUTF8Mailbox obeys constraints of mailboxes too (RFC 9598, 6).
 */
bool constraint_concerns(
    const struct general_name *base, const struct general_name *name);

/* A form without a rule to compare by: otherName, X.400, EDI. */
bool constraint_has_no_rule(const struct general_name *base);

/* What keeps the name from being compared, or NULL. */
const char *constraint_fault_of_name(const struct general_name *name);

/* Of a kind that concerns it, without a fault. */
bool constraint_holds(
    const struct general_name *base, const struct general_name *name);

/* May a host that the name stands for be in the subtree?  Differs for
 * wildcards: *.example.com stands for bar.example.com. */
bool constraint_may_hold(
    const struct general_name *base, const struct general_name *name);

#endif
