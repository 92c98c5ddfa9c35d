#ifndef X509_CHAIN_RULE_H
#define X509_CHAIN_RULE_H

#include "base/bytes.h"

/*
 * Every rule that a path is held against, in the order in which they are
 * judged: the earlier one that fails is what a person is told.  A rule is one
 * function, named by its row; 40 faults give 40 pairs of code and rule (kb 94),
 * so what has causes that are mended differently is several rules.
 */
#define CHAIN_RULES(ROW)                                                     \
    /* finding the path: chain/search.c, chain/judge.c */                    \
    ROW(READABLE, "certificate-readable", "RFC 5280, 4.1")                   \
    ROW(EXTENSIONS_READABLE, "extensions-readable", "RFC 5280, 4.2")         \
    ROW(BUDGET, "budget", "chain/budget.h")                                  \
    ROW(ISSUER_FOUND, "issuer-found", "RFC 5280, 6.1.3 (a)(4)")              \
    ROW(ANCHOR, "anchor-trusted", "RFC 5280, 6.1.1 (d)")                     \
    ROW(DISTRUST, "not-distrusted", "the list of distrusted certificates")   \
    ROW(SIGNATURE_ALGORITHM, "signature-algorithm", "RFC 5280, 4.1.1.2")     \
    ROW(KEY_STRENGTH, "key-strength", "NIST SP 800-131A")                    \
    ROW(SIGNATURE, "signature", "RFC 5280, 6.1.3 (a)(1)")                    \
    ROW(NOT_BEFORE, "not-before", "RFC 5280, 6.1.3 (a)(2)")                  \
    ROW(NOT_AFTER, "not-after", "RFC 5280, 6.1.3 (a)(2)")                    \
    ROW(ISSUER_VERSION, "issuer-version", "RFC 5280, 6.1.4 (k)")             \
    ROW(BASIC_CONSTRAINTS, "basic-constraints", "RFC 5280, 6.1.4 (k)")       \
    ROW(PATH_LENGTH, "path-length", "RFC 5280, 6.1.4 (m)")                   \
    ROW(MAX_DEPTH, "max-depth", "the caller's --max-depth")                  \
    ROW(KEY_CERT_SIGN, "key-cert-sign", "RFC 5280, 6.1.4 (n)")               \
    ROW(CRITICAL_EXTENSIONS, "critical-extensions", "RFC 5280, 6.1.4 (o)")   \
    ROW(ISSUER_PURPOSE, "issuer-purpose", "RFC 5280, 4.2.1.12")              \
    ROW(LEAF_PURPOSE, "leaf-purpose", "RFC 5280, 4.2.1.12")                  \
    ROW(LEAF_PURPOSE_ASKED, "leaf-purpose-asked", "RFC 5280, 4.2.1.12")      \
    ROW(LEAF_KEY_USAGE, "leaf-key-usage", "RFC 5280, 4.2.1.3")               \
    /* chain/reference_name.c */                                             \
    ROW(NAME_DNS, "name-dns", "RFC 9525, 6.3")                               \
    ROW(NAME_IP, "name-ip", "RFC 9525, 6.5")                                 \
    ROW(NAME_EMAIL, "name-email", "RFC 8398, 3")                             \
    ROW(NAME_URI, "name-uri", "RFC 9525, 6.5")                               \
    /* chain/constraints.c */                                                \
    ROW(PERMITTED_NAMES, "permitted-names", "RFC 5280, 6.1.3 (b)")           \
    ROW(EXCLUDED_NAMES, "excluded-names", "RFC 5280, 6.1.3 (c)")             \
    ROW(CONSTRAINT_FORM, "constraint-form", "RFC 5280, 4.2.1.10")            \
    /* chain/policy.c */                                                     \
    ROW(POLICY, "policy", "RFC 5280, 6.1.5 (g); RFC 9618")                   \
    ROW(POLICY_MAPPING, "policy-mapping", "RFC 5280, 6.1.4 (a)")             \
    /* chain/profile.c and what is beside it: its rows are in profile_rule.h \
     */                                                                      \
    ROW(PROFILE, "profile", "docs/verdicts.md")                              \
    /* chain/revocation.c */                                                 \
    ROW(REVOKED, "not-revoked", "RFC 5280, 6.3.3")                           \
    ROW(STATUS_KNOWN, "status-known", "RFC 5280, 6.3.3")                     \
    ROW(CRL_READABLE, "crl-readable", "RFC 5280, 5.1")                       \
    ROW(CRL_SIGNATURE, "crl-signature", "RFC 5280, 6.3.3 (g)")               \
    ROW(CRL_CURRENT, "crl-current", "RFC 5280, 6.3.3 (a)")                   \
    ROW(CRL_ISSUER, "crl-issuer", "RFC 5280, 6.3.3 (b), (f)")                \
    ROW(CRL_SCOPE, "crl-scope", "RFC 5280, 6.3.3 (b)(2)")                    \
    ROW(CRL_CRITICAL_EXTENSIONS, "crl-critical-extensions", "RFC 5280, 5.2") \
    ROW(OCSP_READABLE, "ocsp-readable", "RFC 6960, 4.2")                     \
    ROW(OCSP_SIGNATURE, "ocsp-signature", "RFC 6960, 3.2 (2)")               \
    ROW(OCSP_RESPONDER, "ocsp-responder", "RFC 6960, 4.2.2.2")               \
    ROW(OCSP_CURRENT, "ocsp-current", "RFC 6960, 3.2 (5)")                   \
    /* chain/fetched.c */                                                    \
    ROW(FETCHED, "fetched", "docs/fetching.md")                              \
    /* x509/cms_verify.h, x509/authenticode.h */                             \
    ROW(SIGNED, "signed", "RFC 5652, 5.1")                                   \
    ROW(CONTENT, "content", "RFC 5652, 5.4")                                 \
    ROW(SIGNED_ATTRIBUTES, "signed-attributes", "RFC 5652, 5.3")             \
    ROW(SIGNER_FOUND, "signer-found", "RFC 5652, 5.3")                       \
    ROW(TIME_STAMP, "time-stamp", "RFC 3161, 2.4.2")                         \
    ROW(PASSWORD, "password", "RFC 7292, 4")                                 \
    ROW(CONTAINER, "container", "docs/verdicts.md")

enum chain_rule {
#define CHAIN_RULE_ENTRY(identifier, name, reference) RULE_##identifier,
    CHAIN_RULES(CHAIN_RULE_ENTRY)
#undef CHAIN_RULE_ENTRY
        CHAIN_RULE_COUNT
};

const char *chain_rule_name(enum chain_rule rule);
const char *chain_rule_reference(enum chain_rule rule);

#endif
