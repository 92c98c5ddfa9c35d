#include <string.h>

#include "crypto/digest.h"
#include "x509/lint/rules.h"

/* Key identifiers, and which extensions may be critical. */

static void extension_not_critical(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    enum oid type = (enum oid)pen->rule->about;
    const struct extension *extension = lint_extension(facts, type);

    if (extension != NULL && extension->critical)
        lint_find(pen, "%s is critical", oid_row(type)->name);
}

static void extension_critical(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    enum oid type = (enum oid)pen->rule->about;
    const struct extension *extension = lint_extension(facts, type);

    if (extension != NULL && !extension->critical)
        lint_find(pen, "%s is not critical", oid_row(type)->name);
}

/* id-ce-subjectDirectoryAttributes has no row among our identifiers. */
static void directory_attributes_not_critical(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    static const uint8_t type[] = {0x55, 0x1d, 0x09};

    for (size_t i = 0; i < facts->extension_count; i++) {
        const struct extension *extension = &facts->extensions[i];

        if (extension->critical && bytes_equal(extension->type_contents,
                                       (struct bytes){type, sizeof(type)}))
            lint_find(pen, "subjectDirectoryAttributes is critical");
    }
}

/* A root may leave it out. */
static void authority_identifier_present(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->issuer_is != LINT_ISSUER_ITSELF &&
        lint_extension(facts, OID_AUTHORITY_KEY_IDENTIFIER) == NULL)
        lint_find(pen, "authorityKeyIdentifier is missing");
}

/* Missing with or without the extension around it. */
static void authority_identifier_key(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->issuer_is != LINT_ISSUER_ITSELF &&
        facts->authority_key_identifier.identifier.length == 0)
        lint_find(pen, "the keyIdentifier of authorityKeyIdentifier is "
                       "missing");
}

static void authority_identifier_matches(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct bytes identifier = facts->authority_key_identifier.identifier;

    if (facts->issuer_is != LINT_ISSUER_UNKNOWN && identifier.length > 0 &&
        !bytes_equal(identifier, facts->issuer_key_identifier))
        lint_find(pen, "authorityKeyIdentifier is not the "
                       "subjectKeyIdentifier of the issuer's certificate");
}

/* Path builders that compare both refuse every cross-certificate. */
static void authority_identifier_alone(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct authority_key_identifier *named =
        &facts->authority_key_identifier;

    if (named->identifier.length > 0 &&
        (named->issuer.length > 0 || named->serial.length > 0))
        lint_find(pen, "authorityKeyIdentifier names both a key and an "
                       "issuer's serial number");
}

static void authority_identifier_no_issuer(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct authority_key_identifier *named =
        &facts->authority_key_identifier;

    if (named->issuer.length > 0 || named->serial.length > 0)
        lint_find(pen, "authorityKeyIdentifier names an issuer or a serial "
                       "number");
}

static void subject_identifier_present(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->basic.is_authority &&
        lint_extension(facts, OID_SUBJECT_KEY_IDENTIFIER) == NULL)
        lint_find(pen, "an authority's subjectKeyIdentifier is missing");
}

static void leaf_identifier_present(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (!facts->basic.is_authority &&
        lint_extension(facts, OID_SUBJECT_KEY_IDENTIFIER) == NULL)
        lint_find(pen, "subjectKeyIdentifier is missing");
}

static void subject_identifier_not_empty(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_extension(facts, OID_SUBJECT_KEY_IDENTIFIER) != NULL &&
        facts->subject_key_identifier.length == 0)
        lint_find(pen, "subjectKeyIdentifier is empty");
}

/* An authority's key may come from elsewhere, and keeps its identifier: what
 * hangs below names it (RFC 5280, 4.2.1.2: other methods are acceptable). */
static void subject_identifier_derived(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    uint8_t derived[KEY_IDENTIFIER_BYTES];
    struct failure why = {0};

    if (facts->subject_key_identifier.length == 0 || facts->basic.is_authority)
        return;
    if (!key_identifier(facts->body->key.bits, derived, &why)) {
        lint_find(pen, "subjectKeyIdentifier can't be checked: %s", why.reason);
        return;
    }
    if (!bytes_equal(facts->subject_key_identifier,
            (struct bytes){.start = derived, .length = sizeof(derived)}))
        lint_find(pen, "subjectKeyIdentifier is not that of the public key");
}

#define PLAIN(title, where, type)                               \
    {                                                           \
        .name = (title), .reference = (where),                  \
        .check = extension_not_critical, .scope = LINT_RFC5280, \
        .on_drafts = true, .about = (type)                      \
    }
#define CRITICAL(title, where, type)                                        \
    {                                                                       \
        .name = (title), .reference = (where), .check = extension_critical, \
        .scope = LINT_RFC5280, .on_drafts = true, .about = (type)           \
    }
#define IDENTIFIER(title, where, function)                          \
    {                                                               \
        .name = (title), .reference = (where), .check = (function), \
        .scope = LINT_RFC5280, .on_drafts = true                    \
    }

const struct lint_rule lint_rules_of_identifier[] = {
    PLAIN("authority-key-identifier-not-critical", "RFC 5280, 4.2.1.1",
        OID_AUTHORITY_KEY_IDENTIFIER),
    PLAIN("subject-key-identifier-not-critical", "RFC 5280, 4.2.1.2",
        OID_SUBJECT_KEY_IDENTIFIER),
    PLAIN("authority-info-access-not-critical", "RFC 5280, 4.2.2.1",
        OID_AUTHORITY_INFO_ACCESS),
    PLAIN("subject-info-access-not-critical", "RFC 5280, 4.2.2.2",
        OID_SUBJECT_INFO_ACCESS),
    PLAIN("crl-distribution-points-not-critical", "RFC 5280, 4.2.1.13",
        OID_CRL_DISTRIBUTION_POINTS),
    PLAIN("freshest-crl-not-critical", "RFC 5280, 4.2.1.15", OID_FRESHEST_CRL),
    PLAIN("issuer-alt-name-not-critical", "RFC 5280, 4.2.1.7",
        OID_ISSUER_ALT_NAME),
    IDENTIFIER("directory-attributes-not-critical", "RFC 5280, 4.2.1.8",
        directory_attributes_not_critical),
    CRITICAL("key-usage-critical", "RFC 5280, 4.2.1.3", OID_KEY_USAGE),
    CRITICAL("name-constraints-critical", "RFC 5280, 4.2.1.10",
        OID_NAME_CONSTRAINTS),
    CRITICAL("policy-constraints-critical", "RFC 5280, 4.2.1.11",
        OID_POLICY_CONSTRAINTS),
    CRITICAL(
        "policy-mappings-critical", "RFC 5280, 4.2.1.5", OID_POLICY_MAPPINGS),
    CRITICAL("inhibit-any-policy-critical", "RFC 5280, 4.2.1.14",
        OID_INHIBIT_ANY_POLICY),
    {.name = "certificate-policies-not-critical",
        .reference = "CA/Browser Forum BR, 7.1.2.7.9",
        .check = extension_not_critical,
        .scope = LINT_BR,
        .about = OID_CERTIFICATE_POLICIES},
    {.name = "authority-key-identifier",
        .reference = "RFC 5280, 4.2.1.1",
        .check = authority_identifier_present,
        .scope = LINT_RFC5280},
    IDENTIFIER("authority-key-identifier-key", "RFC 5280, 4.2.1.1",
        authority_identifier_key),
    IDENTIFIER("authority-key-identifier-matches", "RFC 5280, 4.2.1.1",
        authority_identifier_matches),
    {.name = "authority-key-identifier-alone",
        .reference = "Mozilla, 5.2",
        .check = authority_identifier_alone,
        .scope = LINT_BR,
        .on_drafts = true},
    {.name = "authority-key-identifier-no-issuer",
        .reference = "CA/Browser Forum BR, 7.1.2.11.1",
        .check = authority_identifier_no_issuer,
        .scope = LINT_BR},
    IDENTIFIER("subject-key-identifier", "RFC 5280, 4.2.1.2",
        subject_identifier_present),
    {.name = "subject-key-identifier-of-leaf",
        .reference = "RFC 5280, 4.2.1.2",
        .check = leaf_identifier_present,
        .scope = LINT_RFC5280},
    IDENTIFIER("subject-key-identifier-not-empty", "RFC 5280, 4.2.1.2",
        subject_identifier_not_empty),
    {.name = "subject-key-identifier-derived",
        .reference = "RFC 7093, 2 (1)",
        .check = subject_identifier_derived,
        .scope = LINT_OWN,
        .on_drafts = true,
        .drafts_only = true},
    {0},
};
