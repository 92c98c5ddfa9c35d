#ifndef X509_LINT_RULES_H
#define X509_LINT_RULES_H

#include "x509/lint/lint.h"

/* Inside the lint: what the rules look at, found once. */

/* What the reader of certificates does not keep, from the bytes. */
struct lint_time {
    uint8_t tag; /* 0: there is none */
    struct bytes text;
};

struct lint_form {
    struct lint_time not_before, not_after;
    bool has_unique_identifiers;
    struct bytes signature;   /* length 0: a draft */
    struct bytes signed_with; /* beside the signature; length 0: a draft */
    struct failure refused;   /* by certificate_read; no reason: it was not */
};

enum lint_issuer { LINT_ISSUER_UNKNOWN, LINT_ISSUER_GIVEN, LINT_ISSUER_ITSELF };

/* What a certificate is for, by its purposes. */
struct lint_purposes {
    bool any, server, client, code, email, time, ocsp, others;
    size_t count;
};

/* The reserved policies of the CA/Browser Forum: bits. */
enum lint_policy {
    LINT_POLICY_ANY = 1 << 0,
    LINT_POLICY_DOMAIN = 1 << 1,       /* 2.23.140.1.2.1 */
    LINT_POLICY_ORGANIZATION = 1 << 2, /* 2.23.140.1.2.2 */
    LINT_POLICY_INDIVIDUAL = 1 << 3,   /* 2.23.140.1.2.3 */
    LINT_POLICY_EXTENDED = 1 << 4,     /* 2.23.140.1.1 */
    LINT_POLICY_CODE = 1 << 5,         /* 2.23.140.1.4.1 and 1.3 */
    LINT_POLICY_MAILBOX = 1 << 6,      /* 2.23.140.1.5.1 */
    LINT_POLICY_MAIL_ORGANIZATION = 1 << 7,
    LINT_POLICY_MAIL_SPONSOR = 1 << 8,
    LINT_POLICY_MAIL_INDIVIDUAL = 1 << 9,
    LINT_POLICY_MAIL_LEGACY = 1
                              << 10, /* the generation, with one of the four */
    LINT_POLICY_MAIL_MULTIPURPOSE = 1 << 11,
    LINT_POLICY_MAIL_STRICT = 1 << 12
};
#define LINT_POLICIES_TLS                                                     \
    (LINT_POLICY_DOMAIN | LINT_POLICY_ORGANIZATION | LINT_POLICY_INDIVIDUAL | \
        LINT_POLICY_EXTENDED)
#define LINT_POLICIES_MAIL                                 \
    (LINT_POLICY_MAILBOX | LINT_POLICY_MAIL_ORGANIZATION | \
        LINT_POLICY_MAIL_SPONSOR | LINT_POLICY_MAIL_INDIVIDUAL)

struct lint_facts {
    const struct tbs_certificate *body;
    const struct tbs_certificate *issuer; /* NULL: itself or unknown */
    enum lint_issuer issuer_is;
    const struct lint_expectations *expected; /* NULL: none */
    struct lint_form form;

    struct extension extensions[EXTENSIONS_MAX];
    struct der_reader lists[EXTENSIONS_MAX]; /* of each: lint_list */
    size_t extension_count;
    const struct extension *key_usage_extension; /* NULL when absent */
    const struct extension *alternative_names;
    struct basic_constraints basic; /* all zero when absent */
    uint32_t key_usage;             /* 0 when absent */
    struct lint_purposes purposes;
    unsigned int policies; /* enum lint_policy, joined */
    size_t policy_count;
    struct bytes issuer_key_identifier;  /* length 0: none */
    struct bytes subject_key_identifier; /* length 0: none */
    struct authority_key_identifier authority_key_identifier;
    bool is_readable;
    struct failure unreadable; /* why it is not */

    struct name_attribute subject[NAME_DRAFT_ATTRIBUTES_MAX];
    size_t subject_count; /* those beyond are a finding of their own */
    struct failure subject_unread;

    const struct key_algorithm *key_algorithm; /* NULL: without a row */
    struct failure key_refused;                /* why there is none */
    struct bytes key_oid, key_parameters;
    struct bytes signature_oid, signature_parameters;
};

struct lint_pen {
    const struct lint_rule *rule;
    struct lint_report *report;
    size_t written; /* by this rule */
};

/* Writes a finding of the rule that is being checked. */
void lint_find(struct lint_pen *pen, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* --- facts.c ------------------------------------------------------------- */

/* body, issuer and expected are filled in; form may be. */
void lint_gather(struct lint_facts *facts);

/* The first extension of a type, or NULL. */
const struct extension *lint_extension(
    const struct lint_facts *facts, enum oid type);

/* The contents of the SEQUENCE that an extension is; at its end when there is
 * none or it is no SEQUENCE. */
struct der_reader lint_list(const struct lint_facts *facts, enum oid type);

/* A leaf: no authority, and not its own issuer. */
bool lint_is_leaf(const struct lint_facts *facts);
bool lint_is_root(const struct lint_facts *facts);
bool lint_is_subordinate(const struct lint_facts *facts);
/* A leaf that TLS clients take for a server's (BR 1.1). */
bool lint_is_server(const struct lint_facts *facts);
/* A leaf for code-signing, for email: by purpose or reserved policy. */
bool lint_is_code_signing(const struct lint_facts *facts);
bool lint_is_email(const struct lint_facts *facts);

/* The first attribute of a type in the subject, or NULL. */
const struct name_attribute *lint_attribute(
    const struct lint_facts *facts, enum oid type);

/* --- form.c -------------------------------------------------------------- */

/* Reads the form from the bytes of a body; what is damaged is left empty. */
void lint_read_form(struct bytes body, struct lint_form *form);

/* As certificate_read, but passes over what the rules of form name. */
MUST_CHECK bool lint_read_damaged(
    struct bytes der, struct certificate *certificate, struct failure *why);

/* --- walks.c ------------------------------------------------------------- */

/* Each moves to the next and is false at the end, or where nothing more can be
 * read: that is a finding of extensions-readable. */
bool lint_next_name(struct der_reader *names, struct general_name *name);

struct lint_point { /* DistributionPoint, RFC 5280, 4.2.1.13 */
    struct der_reader full_names;
    bool has_name, has_relative_name, has_reasons, has_issuer;
};
bool lint_next_point(struct der_reader *points, struct lint_point *point);

struct lint_access { /* AccessDescription, RFC 5280, 4.2.2.1 */
    enum oid method;
    struct general_name location;
};
bool lint_next_access(struct der_reader *list, struct lint_access *access);

struct lint_policy_information { /* RFC 5280, 4.2.1.4 */
    struct bytes identifier;
    struct der_reader qualifiers;
    bool has_qualifiers;
};
bool lint_next_policy(
    struct der_reader *list, struct lint_policy_information *policy);

struct lint_subtree { /* GeneralSubtree, RFC 5280, 4.2.1.10 */
    struct general_name base;
    bool is_excluded;
    bool has_minimum; /* and it is not zero */
    bool has_maximum;
};
struct lint_subtrees {
    struct der_reader permitted, excluded;
    bool has_permitted, has_excluded;
};
struct lint_subtrees lint_subtrees_of(const struct lint_facts *facts);
bool lint_next_subtree(
    struct lint_subtrees *subtrees, struct lint_subtree *subtree);

/* --- texts.c ------------------------------------------------------------- */

/* Bytes of a name as a finding may show them: visible and cut. */
#define LINT_SHOWN 80
void lint_show(struct bytes text, char shown[static LINT_SHOWN]);

/* What people call an attribute, an extension. */
const char *lint_attribute_name(const struct name_attribute *attribute);

bool lint_has_byte(struct bytes text, uint8_t byte);
bool lint_begins(struct bytes text, const char *with);  /* ASCII, any case */
bool lint_equals(struct bytes text, const char *other); /* any case */
bool lint_is_ascii(struct bytes text);

/* The label up to the next dot; false behind the last.  *rest: start NULL at
 * the end. */
bool lint_next_label(struct bytes *rest, struct bytes *label);

/* The host of a URI without user, port and brackets; length 0: none. */
struct bytes lint_host_of(struct bytes uri);
bool lint_is_address_text(struct bytes host);
/* A name of at least two labels that general_name_check takes. */
bool lint_is_qualified(struct bytes host);
/* An address set apart by the registries of RFC 6890: 4 or 16 bytes. */
bool lint_is_reserved_address(struct bytes address);
/* As text, "192.0.2.1": its bytes. */
bool lint_read_address(
    struct bytes text, uint8_t address[static 16], size_t *length);

/* --- the tables, each ended by a row without a name ------------------------
 */
extern const struct lint_rule lint_rules_of_form[], lint_rules_of_body[],
    lint_rules_of_lifetime[], lint_rules_of_key[], lint_rules_of_name[],
    lint_rules_of_attribute[], lint_rules_of_subject[],
    lint_rules_of_alternative[], lint_rules_of_dns[], lint_rules_of_kinds[],
    lint_rules_of_identifier[], lint_rules_of_authority[],
    lint_rules_of_usage[], lint_rules_of_purpose[], lint_rules_of_policy[],
    lint_rules_of_constraint[], lint_rules_of_address[],
    lint_rules_of_validation[], lint_rules_of_mail[], lint_rules_of_code[];

#endif
