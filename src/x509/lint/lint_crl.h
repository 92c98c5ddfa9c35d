#ifndef X509_LINT_LINT_CRL_H
#define X509_LINT_LINT_CRL_H

#include "x509/crl.h"
#include "x509/lint/lint.h"

/*
 * The rules that a revocation list keeps, one function each, as for
 * certificates in x509/lint/lint.h.  crl: read by crl_read, or a draft by
 * crl_body_read.  issuer: the certificate of who signs it; NULL: nobody knows,
 * and the rules that compare the two are silent.  The report is overwritten and
 * lives on its own.
 *
 * Entries that are there twice are looked for among at most
 * LINT_CRL_SORTED_MAX entries.
 */
#define LINT_CRL_SORTED_MAX 100000

/* True when a list of ours keeps every rule that we keep: those of RFC 5280 and
 * our own. */
bool lint_crl(const struct crl *crl, const struct tbs_certificate *issuer,
    struct lint_report *report);

/* True when anybody's keeps the rules of these scopes (LINT_... joined). */
bool lint_crl_in(const struct crl *crl, const struct tbs_certificate *issuer,
    unsigned int scopes, struct lint_report *report);

/*
 * As lint_crl_in, for bytes that may be no list to crl_read (an extension
 * twice, a length in other than its fewest bytes, no signature): that is a
 * finding of the rule crl-readable then, and crl-extensions-once is the only
 * other one.
 */
bool lint_crl_encoded(struct bytes der, const struct tbs_certificate *issuer,
    unsigned int scopes, struct lint_report *report);

/* All rules, for listing: NULL behind the last; their check is NULL. */
const struct lint_rule *lint_crl_rule_at(size_t place);

#endif
