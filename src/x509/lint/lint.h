#ifndef X509_LINT_LINT_H
#define X509_LINT_LINT_H

#include "x509/certificate.h"

/*
 * The rules that a to-be-signed body keeps before it is signed.  One function
 * for each rule, in a table with its name and where it is written; what was
 * linted is byte for byte what is signed afterwards.
 */

struct lint_finding {
    const char *rule;      /* "serial-length" */
    const char *reference; /* "RFC 5280, 4.1.2.2" */
    char sentence[200];    /* names the thing and the rule, fit to be shown */
};

#define LINT_FINDINGS_MAX 32

struct lint_report {
    size_t count;
    bool cut; /* there were more findings than fit */
    struct lint_finding findings[LINT_FINDINGS_MAX];
};

/* True when the draft keeps every rule.  issuer: the certificate that it will
 * hang below; NULL: it is its own issuer (a root).  The report is overwritten
 * and lives on its own. */
bool lint_draft(const struct tbs_certificate *draft,
    const struct tbs_certificate *issuer, struct lint_report *report);

/* Records the first finding as FAILURE_UNSUITABLE, with rule and reference and
 * how many more there are.  Always false. */
bool fail_in_lint(struct failure *why, const struct lint_report *report);

/* All rules, for listing; ended by one without a name. */
struct lint_rule;
const struct lint_rule *lint_rules(void);

#endif
