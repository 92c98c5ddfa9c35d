#ifndef X509_LINT_RULES_H
#define X509_LINT_RULES_H

#include "x509/lint/lint.h"

/* Inside the lint: what the rules look at, found once. */
struct lint_facts {
    const struct tbs_certificate *draft;
    const struct tbs_certificate *issuer; /* NULL: its own */
    struct extension extensions[EXTENSIONS_MAX];
    size_t extension_count;
    struct basic_constraints basic;              /* all zero when absent */
    uint32_t key_usage;                          /* 0 when absent */
    const struct extension *key_usage_extension; /* NULL when absent */
    const struct extension *alternative_names;
    struct bytes issuer_key_identifier; /* of the issuer's; length 0: none */
    const struct key_algorithm *key_algorithm; /* NULL: without a row */
    struct failure key_refused;                /* why there is none */
    bool is_readable;
    struct failure unreadable; /* why it is not */
};

struct lint_pen {
    const struct lint_rule *rule;
    struct lint_report *report;
};

typedef void lint_check(const struct lint_facts *facts, struct lint_pen *pen);

struct lint_rule {
    const char *name;
    const char *reference;
    lint_check *check;
};

/* Writes a finding of the rule that is being checked. */
void lint_find(struct lint_pen *pen, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The first extension of a type, or NULL. */
const struct extension *lint_extension(
    const struct lint_facts *facts, enum oid type);

/* Bytes of a name as a finding may show them: visible and cut. */
#define LINT_SHOWN 80
void lint_show(struct bytes text, char shown[static LINT_SHOWN]);

/* rules_body.c */
lint_check lint_version, lint_serial_positive, lint_serial_longest,
    lint_serial_shortest, lint_signature_algorithm, lint_issuer_present,
    lint_issuer_matches, lint_dates_ordered, lint_dates_encoding,
    lint_dates_nested, lint_key_algorithm;
/* rules_name.c */
lint_check lint_subject_present, lint_authority_named, lint_subject_differs,
    lint_relative_names, lint_string_types, lint_string_alphabet,
    lint_string_controls, lint_attribute_lengths, lint_country;
/* rules_alternative.c */
lint_check lint_alternative_critical, lint_alternative_count,
    lint_alternative_dns, lint_alternative_ip, lint_alternative_email,
    lint_alternative_uri;
/* rules_extension.c */
lint_check lint_extensions_readable, lint_extensions_once,
    lint_extensions_not_critical, lint_authority_identifier_present,
    lint_authority_identifier_matches, lint_subject_identifier_present,
    lint_subject_identifier_derived, lint_authority_critical,
    lint_authority_signs, lint_leaf_does_not_sign, lint_path_length,
    lint_key_usage_present, lint_key_usage_critical, lint_key_usage_fits,
    lint_purposes_present, lint_purposes_once;

#endif
