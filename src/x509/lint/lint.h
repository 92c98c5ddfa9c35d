#ifndef X509_LINT_LINT_H
#define X509_LINT_LINT_H

#include "x509/certificate.h"
#include "x509/request.h"

/*
 * The rules that a certificate keeps.  One function for each rule, in tables
 * with its name, where it is written and whom it concerns.  A draft is judged
 * before it is signed, and what was linted is byte for byte what is signed
 * afterwards; a certificate of anybody's can be judged as well.
 */

/* Where a rule comes from. */
enum lint_scope {
    LINT_RFC5280 = 1 << 0, /* and the RFCs and X.5xx around it */
    LINT_BR = 1 << 1,      /* the CA/Browser Forum's requirements, Mozilla's */
    LINT_OWN = 1 << 2      /* ours: what went wrong elsewhere */
};
#define LINT_SCOPES (LINT_RFC5280 | LINT_BR | LINT_OWN)

struct lint_finding {
    const char *rule;      /* "serial-length" */
    const char *reference; /* "RFC 5280, 4.1.2.2" */
    char sentence[200];    /* names the thing and the rule, fit to be shown */
};

#define LINT_FINDINGS_MAX 64
/* Of one rule: a thousand wrong names hide nothing else. */
#define LINT_FINDINGS_OF_RULE 8

struct lint_report {
    size_t count;
    bool cut; /* there were more findings than fit */
    struct lint_finding findings[LINT_FINDINGS_MAX];
};

/* What the caller knows that should be in it.  NULL: not looked for. */
struct lint_expectations {
    const char *crl_address;    /* in crlDistributionPoints */
    const char *issuer_address; /* caIssuers of authorityInfoAccess */
    const char *ocsp_address;   /* ocsp of authorityInfoAccess */
};

/*
 * True when the draft keeps every rule that we keep: those of the RFCs, our
 * own, and those of the Baseline Requirements that make sense for a private
 * authority (lint_rule.on_drafts).  issuer: the certificate that it will hang
 * below; NULL: it is its own issuer (a root).  The report is overwritten and
 * lives on its own.
 */
bool lint_draft(const struct tbs_certificate *draft,
    const struct tbs_certificate *issuer,
    const struct lint_expectations *expected, struct lint_report *report);

/*
 * True when anybody's certificate keeps the rules of these scopes (LINT_...
 * joined).  issuer NULL: unknown, unless it is self-signed by its names and key
 * identifiers; rules that need the issuer are passed over then.
 */
bool lint_certificate(const struct certificate *certificate,
    const struct tbs_certificate *issuer, unsigned int scopes,
    struct lint_report *report);

/*
 * As lint_certificate, for bytes that may break the rules of form which
 * certificate_read enforces (an extension twice, a time without seconds): these
 * are findings here.  False and FAILURE_MALFORMED only when its fields can't be
 * told apart; the report says the rest.
 */
MUST_CHECK bool lint_encoded(struct bytes der,
    const struct tbs_certificate *issuer, unsigned int scopes,
    struct lint_report *report, struct failure *why);

/* The rules about subject, names, key and asked-for extensions. */
bool lint_request(const struct request *request, unsigned int scopes,
    struct lint_report *report);

/* Records the first finding as FAILURE_UNSUITABLE, with rule and reference and
 * how many more there are.  Always false. */
bool fail_in_lint(struct failure *why, const struct lint_report *report);

/* All rules, for listing, in the order of a report: NULL behind the last. */
struct lint_facts;
struct lint_pen;
typedef void lint_check(const struct lint_facts *facts, struct lint_pen *pen);

struct lint_rule {
    const char *name;
    const char *reference;
    lint_check *check;
    enum lint_scope scope;
    bool on_drafts;     /* lint_draft runs it */
    bool on_requests;   /* lint_request does */
    bool drafts_only;   /* the narrow rules say the same of certificates */
    unsigned int about; /* what check looks at, where several rules share it */
};
const struct lint_rule *lint_rule_at(size_t place);

#endif
