#include "x509/lint/rules.h"

/* basicConstraints and what an authority's key is for. */

/* kb 45: without it a hierarchy falls apart in some clients. */
static void basic_constraints_critical(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct extension *basic =
        lint_extension(facts, OID_BASIC_CONSTRAINTS);

    if (facts->basic.is_authority && !basic->critical)
        lint_find(pen, "an authority's basicConstraints is not critical");
}

static void leaf_basic_constraints_critical(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct extension *basic =
        lint_extension(facts, OID_BASIC_CONSTRAINTS);

    if (lint_is_leaf(facts) && basic != NULL && !basic->critical)
        lint_find(pen, "basicConstraints is not critical");
}

static void authority_key_usage(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->basic.is_authority && facts->key_usage_extension == NULL)
        lint_find(pen, "an authority's keyUsage is missing");
}

static void authority_signs(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->basic.is_authority && facts->key_usage_extension != NULL &&
        (facts->key_usage & KEY_USAGE_CERT_SIGN) == 0)
        lint_find(pen, "an authority's keyUsage lacks keyCertSign");
}

static void authority_signs_crls(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->basic.is_authority && facts->key_usage_extension != NULL &&
        (facts->key_usage & KEY_USAGE_CRL_SIGN) == 0)
        lint_find(pen, "an authority's keyUsage lacks cRLSign");
}

static void leaf_does_not_sign(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (!facts->basic.is_authority &&
        (facts->key_usage & KEY_USAGE_CERT_SIGN) != 0)
        lint_find(pen, "keyUsage has keyCertSign though this is no authority");
}

static void leaf_does_not_sign_crls(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_leaf(facts) && (facts->key_usage & KEY_USAGE_CRL_SIGN) != 0)
        lint_find(pen, "keyUsage has cRLSign though this is no authority");
}

static void path_length(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->basic.has_path_length &&
        (!facts->basic.is_authority ||
            (facts->key_usage & KEY_USAGE_CERT_SIGN) == 0))
        lint_find(pen, "basicConstraints limits the path though this is no "
                       "authority that signs");
}

static void path_length_positive(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_BASIC_CONSTRAINTS);
    struct bytes length = {0};
    struct failure unread = {0};
    bool is_authority = false;

    if (der_peek(&list) == DER_BOOLEAN &&
        !der_read_boolean(&list, &is_authority, &unread))
        return;
    if (der_peek(&list) == DER_INTEGER &&
        der_read_integer(&list, &length, &unread) &&
        (length.start[0] & 0x80) != 0)
        lint_find(pen, "the path length of basicConstraints is negative");
}

static void root_path_length(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_root(facts) && facts->basic.has_path_length)
        lint_find(pen, "a root limits the path, which clients don't read");
}

static void root_purposes(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_root(facts) && facts->purposes.count > 0)
        lint_find(pen, "a root has extendedKeyUsage");
}

static void root_policies(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_root(facts) &&
        lint_extension(facts, OID_CERTIFICATE_POLICIES) != NULL)
        lint_find(pen, "a root has certificatePolicies");
}

static void subordinate_purposes(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_subordinate(facts) && facts->purposes.count == 0)
        lint_find(pen, "a subordinate authority has no extendedKeyUsage");
}

/* BR 7.1.2.10.6: one that issues for servers issues for servers alone. */
static void subordinate_purposes_mixed(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct lint_purposes *purposes = &facts->purposes;

    if (!lint_is_subordinate(facts) || purposes->count == 0)
        return;
    if (purposes->any && purposes->count > 1)
        lint_find(pen, "anyExtendedKeyUsage stands beside other purposes");
    if (purposes->server &&
        (purposes->email || purposes->code || purposes->time || purposes->ocsp))
        lint_find(pen, "serverAuth stands beside emailProtection, codeSigning, "
                       "timeStamping or OCSPSigning");
}

static void subordinate_purposes_not_critical(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct extension *purposes =
        lint_extension(facts, OID_EXTENDED_KEY_USAGE);

    if (lint_is_subordinate(facts) && purposes != NULL && purposes->critical)
        lint_find(pen, "a subordinate authority's extendedKeyUsage is "
                       "critical");
}

#define AUTHORITY(title, where, function)                           \
    {                                                               \
        .name = (title), .reference = (where), .check = (function), \
        .scope = LINT_RFC5280, .on_drafts = true                    \
    }
#define FORUM(title, where, function)                                \
    {                                                                \
        .name = (title), .reference = "CA/Browser Forum BR, " where, \
        .check = (function), .scope = LINT_BR                        \
    }

const struct lint_rule lint_rules_of_authority[] = {
    AUTHORITY("basic-constraints-critical", "RFC 5280, 4.2.1.9",
        basic_constraints_critical),
    FORUM("leaf-basic-constraints-critical", "7.1.2.7.8",
        leaf_basic_constraints_critical),
    AUTHORITY("authority-key-usage", "RFC 5280, 4.2.1.3", authority_key_usage),
    AUTHORITY("authority-signs", "RFC 5280, 4.2.1.3", authority_signs),
    {.name = "authority-signs-crls",
        .reference = "CA/Browser Forum BR, 7.1.2.10.7",
        .check = authority_signs_crls,
        .scope = LINT_BR,
        .on_drafts = true},
    AUTHORITY("leaf-does-not-sign", "RFC 5280, 4.2.1.9", leaf_does_not_sign),
    {.name = "leaf-does-not-sign-crls",
        .reference = "CA/Browser Forum BR, 7.1.2.7.11",
        .check = leaf_does_not_sign_crls,
        .scope = LINT_BR,
        .on_drafts = true},
    AUTHORITY("path-length", "RFC 5280, 4.2.1.9", path_length),
    AUTHORITY(
        "path-length-positive", "RFC 5280, 4.2.1.9", path_length_positive),
    FORUM("root-path-length", "7.1.2.1.4", root_path_length),
    FORUM("root-purposes", "7.1.2.1.2", root_purposes),
    FORUM("root-policies", "7.1.2.1.2", root_policies),
    FORUM("subordinate-purposes", "7.1.2.10.6", subordinate_purposes),
    FORUM(
        "subordinate-purposes-mixed", "7.1.2.10.6", subordinate_purposes_mixed),
    FORUM("subordinate-purposes-not-critical", "7.1.2.10.1",
        subordinate_purposes_not_critical),
    {0},
};
