#ifndef X509_CHAIN_CONSTRAINTS_H
#define X509_CHAIN_CONSTRAINTS_H

#include <stdbool.h>

struct judgement;

/*
 * Name constraints (RFC 5280, 4.2.1.10 and 6.1.3 (b), (c)) of every authority
 * on the path, the anchor among them, against every certificate below: all
 * names of subjectAltName, the subject as a directory name, emailAddress in the
 * subject where there is no mailbox in subjectAltName; never the common name.
 * Self-issued certificates are exempt unless they are the last.
 *
 * DNS, mailbox (address, host, domain), URI (host), IP, directory name,
 * registered identifier are compared; another form that is constrained and
 * occurs is refused (RULE_CONSTRAINT_FORM).  At most CONSTRAINT_COMPARISONS_MAX
 * for a path: beyond that VERDICT_BUDGET_EXCEEDED.
 *
 * RULE_PERMITTED_NAMES, RULE_EXCLUDED_NAMES: the evidence names the name, the
 * subtree and the authority that set it.
 */
#define CONSTRAINT_COMPARISONS_MAX 250000

bool judge_constraints(struct judgement *judgement);

#endif
