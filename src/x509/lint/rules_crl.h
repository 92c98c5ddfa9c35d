#ifndef X509_LINT_RULES_CRL_H
#define X509_LINT_RULES_CRL_H

#include "x509/lint/lint_crl.h"
#include "x509/lint/rules.h"

/* Inside the lint of revocation lists: what the rules look at, found once. */

/* What is wrong with entries, by rule; found in one walk. */
enum crl_fault {
    CRL_FAULT_SERIAL,
    CRL_FAULT_TIME_FORM,
    CRL_FAULT_LATER,
    CRL_FAULT_REASON,
    CRL_FAULT_REMOVAL,
    CRL_FAULT_BR_REASON,
    CRL_FAULT_CRITICAL,
    CRL_FAULT_ISSUER,
    CRL_FAULT_EMPTY,
    CRL_FAULT_UNKNOWN,
    CRL_FAULTS
};

struct crl_offenders {
    size_t count;
    struct bytes first; /* serial */
};

struct crl_lint_facts {
    const struct crl *crl;
    const struct tbs_certificate *issuer; /* NULL: unknown */

    /* Of the list; not found: type OID_UNKNOWN. */
    struct extension key, number, delta, point, freshest;
    bool has_point; /* and it can be read: */
    struct issuing_distribution_point distribution_point;

    size_t entry_count;
    bool has_certificate_issuers; /* an indirect list */
    struct crl_offenders offenders[CRL_FAULTS];
};

typedef void crl_lint_check(
    const struct crl_lint_facts *facts, struct lint_pen *pen);

struct crl_rule {
    struct lint_rule rule; /* its check is NULL */
    crl_lint_check *check;
};

#define CRL_RULE(title, where, from, function) \
    {                                          \
        .rule = {.name = (title),              \
            .reference = (where),              \
            .scope = (from),                   \
            .on_drafts = (from) != LINT_BR},   \
        .check = (function)                    \
    }

/* Ended by one without a check. */
extern const struct crl_rule crl_rules_of_list[], crl_rules_of_entries[];

/* Walks the entries. */
void crl_lint_gather_entries(struct crl_lint_facts *facts);

#endif
