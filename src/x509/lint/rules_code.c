#include "x509/lint/rules.h"

/* Code-signing certificates: the Forum's requirements for them. */

static void code_purpose(const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct lint_purposes *purposes = &facts->purposes;

    if (!lint_is_code_signing(facts))
        return;
    if (!purposes->code)
        lint_find(pen, "extendedKeyUsage lacks codeSigning");
    if (purposes->any || purposes->server)
        lint_find(pen, "codeSigning stands beside serverAuth or any purpose");
}

static void code_key_usage(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (!lint_is_code_signing(facts))
        return;
    if ((facts->key_usage & KEY_USAGE_DIGITAL_SIGNATURE) == 0)
        lint_find(pen, "keyUsage lacks digitalSignature");
    if ((facts->key_usage & (KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN)) != 0)
        lint_find(pen, "keyUsage has keyCertSign or cRLSign");
}

static void code_organization(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_code_signing(facts) &&
        lint_attribute(facts, OID_ORGANIZATION) == NULL)
        lint_find(pen, "the subject of a code-signing certificate has no "
                       "organizationName");
}

static void code_distribution_points(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader points = lint_list(facts, OID_CRL_DISTRIBUTION_POINTS);
    struct lint_point point = {0};
    struct general_name name = {0};
    size_t count = 0;

    if (!lint_is_code_signing(facts))
        return;
    while (lint_next_point(&points, &point)) {
        while (lint_next_name(&point.full_names, &name)) {
            count++;
            if (!lint_begins(name.value, "http://"))
                lint_find(pen, "a distribution point is not of http:");
        }
    }
    if (count == 0)
        lint_find(pen, "crlDistributionPoints is missing");
}

static void code_ocsp(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_AUTHORITY_INFO_ACCESS);
    struct lint_access access = {0};

    if (!lint_is_code_signing(facts))
        return;
    while (lint_next_access(&list, &access)) {
        struct failure why = {0};

        if (access.method == OID_AD_OCSP &&
            (!lint_begins(access.location.value, "http://") ||
                !general_name_check(&access.location, &why)))
            lint_find(pen, "the OCSP address is no URI of http:");
    }
}

static void code_issuers(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_AUTHORITY_INFO_ACCESS);
    struct lint_access access = {0};

    if (!lint_is_code_signing(facts))
        return;
    while (lint_next_access(&list, &access)) {
        if (access.method == OID_AD_CA_ISSUERS &&
            lint_begins(access.location.value, "http://"))
            return;
    }
    lint_find(pen, "authorityInfoAccess has no caIssuers address of http:");
}

static void code_country(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_code_signing(facts) &&
        lint_attribute(facts, OID_COUNTRY) == NULL)
        lint_find(pen, "the subject of a code-signing certificate has no "
                       "countryName");
}

static void code_place(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_code_signing(facts) &&
        lint_attribute(facts, OID_LOCALITY) == NULL &&
        lint_attribute(facts, OID_STATE) == NULL)
        lint_find(pen, "the subject of a code-signing certificate has neither "
                       "localityName nor stateOrProvinceName");
}

static void code_unit(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_code_signing(facts) &&
        lint_attribute(facts, OID_ORGANIZATIONAL_UNIT) != NULL)
        lint_find(pen, "the subject of a code-signing certificate has an "
                       "organizational unit");
}

#define SHA1_RSA "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"
#define SHA1_ECDSA "\x2a\x86\x48\xce\x3d\x04\x01"
#define SHA1_DSA "\x2a\x86\x48\xce\x38\x04\x03"
#define MD5_RSA "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04"

static void code_signature(const struct lint_facts *facts, struct lint_pen *pen)
{
    static const char *const weak[] = {SHA1_RSA, SHA1_ECDSA, SHA1_DSA, MD5_RSA};

    for (size_t i = 0; i < sizeof(weak) / sizeof(*weak); i++) {
        if (lint_is_code_signing(facts) &&
            bytes_equal(facts->signature_oid, bytes_of_text(weak[i])))
            lint_find(pen, "it is signed with SHA-1 or MD5");
    }
}

/* Sizes without a row are small or odd. */
static void code_rsa_size(const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct key_algorithm *algorithm = facts->key_algorithm;
    bool is_rsa = bytes_equal(
        facts->key_oid, bytes_of_text("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"));

    if (lint_is_code_signing(facts) && is_rsa &&
        (algorithm == NULL || algorithm->bits < 3072))
        lint_find(pen, "the RSA key is smaller than the 3072 bits that code is "
                       "signed with");
}

#define CODE(title, where, function)                                    \
    {                                                                   \
        .name = (title), .reference = "CA/Browser Forum CS BR, " where, \
        .check = (function), .scope = LINT_BR                           \
    }

const struct lint_rule lint_rules_of_code[] = {
    CODE("code-signing-purpose", "7.1.2.3", code_purpose),
    CODE("code-signing-key-usage", "7.1.2.3", code_key_usage),
    CODE("code-signing-organization", "7.1.4.2.3", code_organization),
    CODE("code-signing-country", "7.1.4.2.3", code_country),
    CODE("code-signing-place", "7.1.4.2.3", code_place),
    CODE("code-signing-unit", "7.1.4.2.4", code_unit),
    CODE("code-signing-issuers", "7.1.2.3", code_issuers),
    CODE("code-signing-distribution-points", "7.1.2.3",
        code_distribution_points),
    CODE("code-signing-ocsp", "7.1.2.3", code_ocsp),
    CODE("code-signing-signature", "7.1.3.2", code_signature),
    CODE("code-signing-rsa-size", "6.1.5.2", code_rsa_size),
    {0},
};
