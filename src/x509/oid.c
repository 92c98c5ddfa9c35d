#include "x509/oid.h"

#include <string.h>
#include <strings.h>

/* 2.5.4 */
#define ATTRIBUTE 0x55, 0x04
/* 2.5.29 */
#define EXTENSION 0x55, 0x1d
/* 1.2.840.113549.1.9 */
#define PKCS9 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09
/* 0.9.2342.19200300.100.1, RFC 4519 */
#define PILOT_ATTRIBUTE 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01
/* 1.3.6.1.5.5.7 */
#define PKIX 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07
/* 1.3.6.1.4.1.311 */
#define MICROSOFT 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37
/* 1.3.6.1.4.1.11129.2.4, RFC 6962 */
#define GOOGLE_CT 0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04

#define ROW(value, full, short, ...)                          \
    [value] = {.oid = (value),                                \
        .name = (full),                                       \
        .short_name = (short),                                \
        .contents = {.start = (const uint8_t[]){__VA_ARGS__}, \
            .length = sizeof((const uint8_t[]){__VA_ARGS__})}}

static const struct oid_row rows[] = {
    [OID_UNKNOWN] = {.oid = OID_UNKNOWN, .name = "unknown"},
    ROW(OID_COMMON_NAME, "commonName", "CN", ATTRIBUTE, 0x03),
    ROW(OID_SURNAME, "surname", "SN", ATTRIBUTE, 0x04),
    ROW(OID_SERIAL_NUMBER, "serialNumber", "serialNumber", ATTRIBUTE, 0x05),
    ROW(OID_COUNTRY, "countryName", "C", ATTRIBUTE, 0x06),
    ROW(OID_LOCALITY, "localityName", "L", ATTRIBUTE, 0x07),
    ROW(OID_STATE, "stateOrProvinceName", "ST", ATTRIBUTE, 0x08),
    ROW(OID_STREET, "streetAddress", "STREET", ATTRIBUTE, 0x09),
    ROW(OID_ORGANIZATION, "organizationName", "O", ATTRIBUTE, 0x0a),
    ROW(OID_ORGANIZATIONAL_UNIT, "organizationalUnitName", "OU", ATTRIBUTE,
        0x0b),
    ROW(OID_TITLE, "title", "title", ATTRIBUTE, 0x0c),
    ROW(OID_GIVEN_NAME, "givenName", "GN", ATTRIBUTE, 0x2a),
    ROW(OID_INITIALS, "initials", "initials", ATTRIBUTE, 0x2b),
    ROW(OID_PSEUDONYM, "pseudonym", "pseudonym", ATTRIBUTE, 0x41),
    ROW(OID_GENERATION_QUALIFIER, "generationQualifier", "generationQualifier",
        ATTRIBUTE, 0x2c),
    ROW(OID_DN_QUALIFIER, "dnQualifier", "dnQualifier", ATTRIBUTE, 0x2e),
    ROW(OID_EMAIL_ADDRESS, "emailAddress", "emailAddress", PKCS9, 0x01),
    ROW(OID_DOMAIN_COMPONENT, "domainComponent", "DC", PILOT_ATTRIBUTE, 0x19),
    ROW(OID_USER_ID, "userId", "UID", PILOT_ATTRIBUTE, 0x01),
    ROW(OID_ORGANIZATION_IDENTIFIER, "organizationIdentifier",
        "organizationIdentifier", ATTRIBUTE, 0x61),
    ROW(OID_POSTAL_CODE, "postalCode", "postalCode", ATTRIBUTE, 0x11),
    ROW(OID_BUSINESS_CATEGORY, "businessCategory", "businessCategory",
        ATTRIBUTE, 0x0f),
    ROW(OID_JURISDICTION_LOCALITY, "jurisdictionLocalityName", "jurisdictionL",
        MICROSOFT, 0x3c, 0x02, 0x01, 0x01),
    ROW(OID_JURISDICTION_STATE, "jurisdictionStateOrProvinceName",
        "jurisdictionST", MICROSOFT, 0x3c, 0x02, 0x01, 0x02),
    ROW(OID_JURISDICTION_COUNTRY, "jurisdictionCountryName", "jurisdictionC",
        MICROSOFT, 0x3c, 0x02, 0x01, 0x03),
    ROW(OID_NAME, "name", "name", ATTRIBUTE, 0x29),
    ROW(OID_UNSTRUCTURED_NAME, "unstructuredName", "unstructuredName", PKCS9,
        0x02),
    ROW(OID_SUBJECT_KEY_IDENTIFIER, "subjectKeyIdentifier", NULL, EXTENSION,
        0x0e),
    ROW(OID_KEY_USAGE, "keyUsage", NULL, EXTENSION, 0x0f),
    ROW(OID_PRIVATE_KEY_USAGE_PERIOD, "privateKeyUsagePeriod", NULL, EXTENSION,
        0x10),
    ROW(OID_SUBJECT_ALT_NAME, "subjectAltName", NULL, EXTENSION, 0x11),
    ROW(OID_ISSUER_ALT_NAME, "issuerAltName", NULL, EXTENSION, 0x12),
    ROW(OID_BASIC_CONSTRAINTS, "basicConstraints", NULL, EXTENSION, 0x13),
    ROW(OID_CRL_NUMBER, "crlNumber", NULL, EXTENSION, 0x14),
    ROW(OID_REASON_CODE, "reasonCode", NULL, EXTENSION, 0x15),
    ROW(OID_INVALIDITY_DATE, "invalidityDate", NULL, EXTENSION, 0x18),
    ROW(OID_DELTA_CRL_INDICATOR, "deltaCRLIndicator", NULL, EXTENSION, 0x1b),
    ROW(OID_ISSUING_DISTRIBUTION_POINT, "issuingDistributionPoint", NULL,
        EXTENSION, 0x1c),
    ROW(OID_CERTIFICATE_ISSUER, "certificateIssuer", NULL, EXTENSION, 0x1d),
    ROW(OID_NAME_CONSTRAINTS, "nameConstraints", NULL, EXTENSION, 0x1e),
    ROW(OID_CRL_DISTRIBUTION_POINTS, "crlDistributionPoints", NULL, EXTENSION,
        0x1f),
    ROW(OID_CERTIFICATE_POLICIES, "certificatePolicies", NULL, EXTENSION, 0x20),
    ROW(OID_POLICY_MAPPINGS, "policyMappings", NULL, EXTENSION, 0x21),
    ROW(OID_AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier", NULL, EXTENSION,
        0x23),
    ROW(OID_POLICY_CONSTRAINTS, "policyConstraints", NULL, EXTENSION, 0x24),
    ROW(OID_EXTENDED_KEY_USAGE, "extendedKeyUsage", NULL, EXTENSION, 0x25),
    ROW(OID_FRESHEST_CRL, "freshestCRL", NULL, EXTENSION, 0x2e),
    ROW(OID_INHIBIT_ANY_POLICY, "inhibitAnyPolicy", NULL, EXTENSION, 0x36),
    ROW(OID_AUTHORITY_INFO_ACCESS, "authorityInfoAccess", NULL, PKIX, 0x01,
        0x01),
    ROW(OID_SUBJECT_INFO_ACCESS, "subjectInfoAccess", NULL, PKIX, 0x01, 0x0b),
    ROW(OID_TLS_FEATURE, "tlsFeature", NULL, PKIX, 0x01, 0x18),
    ROW(OID_OCSP_NO_CHECK, "ocspNoCheck", NULL, PKIX, 0x30, 0x01, 0x05),
    ROW(OID_SCT_LIST, "signedCertificateTimestampList", NULL, GOOGLE_CT, 0x02),
    ROW(OID_PRECERT_POISON, "precertificatePoison", NULL, GOOGLE_CT, 0x03),
    ROW(OID_AD_OCSP, "ocsp", NULL, PKIX, 0x30, 0x01),
    ROW(OID_AD_CA_ISSUERS, "caIssuers", NULL, PKIX, 0x30, 0x02),
    ROW(OID_ANY_EXTENDED_KEY_USAGE, "anyExtendedKeyUsage", NULL, EXTENSION,
        0x25, 0x00),
    ROW(OID_SERVER_AUTH, "serverAuth", NULL, PKIX, 0x03, 0x01),
    ROW(OID_CLIENT_AUTH, "clientAuth", NULL, PKIX, 0x03, 0x02),
    ROW(OID_CODE_SIGNING, "codeSigning", NULL, PKIX, 0x03, 0x03),
    ROW(OID_EMAIL_PROTECTION, "emailProtection", NULL, PKIX, 0x03, 0x04),
    ROW(OID_TIME_STAMPING, "timeStamping", NULL, PKIX, 0x03, 0x08),
    ROW(OID_OCSP_SIGNING, "ocspSigning", NULL, PKIX, 0x03, 0x09),
    ROW(OID_ANY_POLICY, "anyPolicy", NULL, EXTENSION, 0x20, 0x00),
    ROW(OID_EXTENSION_REQUEST, "extensionRequest", NULL, PKCS9, 0x0e),
    ROW(OID_MS_EXTENSION_REQUEST, "msExtensionRequest", NULL, MICROSOFT, 0x02,
        0x01, 0x0e),
    ROW(OID_CHALLENGE_PASSWORD, "challengePassword", NULL, PKCS9, 0x07),
};

#define ROW_COUNT (sizeof(rows) / sizeof(*rows))

/*
 * Where a row is looked for: a sum of the length and the last two bytes that
 * differs for all of ours (two rows on one slot don't compile), found by trying
 * factors.  It finds a candidate; the contents decide.
 */
#define SLOT(length, before_last, last) \
    (((length)*16u + (before_last)*63u + (last)) & 0xffu)

static const uint8_t slots[256] = {
    [SLOT(3, 0x04, 0x03)] = OID_COMMON_NAME,
    [SLOT(3, 0x04, 0x04)] = OID_SURNAME,
    [SLOT(3, 0x04, 0x05)] = OID_SERIAL_NUMBER,
    [SLOT(3, 0x04, 0x06)] = OID_COUNTRY,
    [SLOT(3, 0x04, 0x07)] = OID_LOCALITY,
    [SLOT(3, 0x04, 0x08)] = OID_STATE,
    [SLOT(3, 0x04, 0x09)] = OID_STREET,
    [SLOT(3, 0x04, 0x0a)] = OID_ORGANIZATION,
    [SLOT(3, 0x04, 0x0b)] = OID_ORGANIZATIONAL_UNIT,
    [SLOT(3, 0x04, 0x0c)] = OID_TITLE,
    [SLOT(3, 0x04, 0x2a)] = OID_GIVEN_NAME,
    [SLOT(3, 0x04, 0x2b)] = OID_INITIALS,
    [SLOT(3, 0x04, 0x41)] = OID_PSEUDONYM,
    [SLOT(3, 0x04, 0x2c)] = OID_GENERATION_QUALIFIER,
    [SLOT(3, 0x04, 0x2e)] = OID_DN_QUALIFIER,
    [SLOT(9, 0x09, 0x01)] = OID_EMAIL_ADDRESS,
    [SLOT(10, 0x01, 0x19)] = OID_DOMAIN_COMPONENT,
    [SLOT(10, 0x01, 0x01)] = OID_USER_ID,
    [SLOT(3, 0x04, 0x61)] = OID_ORGANIZATION_IDENTIFIER,
    [SLOT(3, 0x04, 0x11)] = OID_POSTAL_CODE,
    [SLOT(3, 0x04, 0x0f)] = OID_BUSINESS_CATEGORY,
    [SLOT(11, 0x01, 0x01)] = OID_JURISDICTION_LOCALITY,
    [SLOT(11, 0x01, 0x02)] = OID_JURISDICTION_STATE,
    [SLOT(11, 0x01, 0x03)] = OID_JURISDICTION_COUNTRY,
    [SLOT(3, 0x04, 0x29)] = OID_NAME,
    [SLOT(9, 0x09, 0x02)] = OID_UNSTRUCTURED_NAME,
    [SLOT(3, 0x1d, 0x0e)] = OID_SUBJECT_KEY_IDENTIFIER,
    [SLOT(3, 0x1d, 0x0f)] = OID_KEY_USAGE,
    [SLOT(3, 0x1d, 0x10)] = OID_PRIVATE_KEY_USAGE_PERIOD,
    [SLOT(3, 0x1d, 0x11)] = OID_SUBJECT_ALT_NAME,
    [SLOT(3, 0x1d, 0x12)] = OID_ISSUER_ALT_NAME,
    [SLOT(3, 0x1d, 0x13)] = OID_BASIC_CONSTRAINTS,
    [SLOT(3, 0x1d, 0x14)] = OID_CRL_NUMBER,
    [SLOT(3, 0x1d, 0x15)] = OID_REASON_CODE,
    [SLOT(3, 0x1d, 0x18)] = OID_INVALIDITY_DATE,
    [SLOT(3, 0x1d, 0x1b)] = OID_DELTA_CRL_INDICATOR,
    [SLOT(3, 0x1d, 0x1c)] = OID_ISSUING_DISTRIBUTION_POINT,
    [SLOT(3, 0x1d, 0x1d)] = OID_CERTIFICATE_ISSUER,
    [SLOT(3, 0x1d, 0x1e)] = OID_NAME_CONSTRAINTS,
    [SLOT(3, 0x1d, 0x1f)] = OID_CRL_DISTRIBUTION_POINTS,
    [SLOT(3, 0x1d, 0x20)] = OID_CERTIFICATE_POLICIES,
    [SLOT(3, 0x1d, 0x21)] = OID_POLICY_MAPPINGS,
    [SLOT(3, 0x1d, 0x23)] = OID_AUTHORITY_KEY_IDENTIFIER,
    [SLOT(3, 0x1d, 0x24)] = OID_POLICY_CONSTRAINTS,
    [SLOT(3, 0x1d, 0x25)] = OID_EXTENDED_KEY_USAGE,
    [SLOT(3, 0x1d, 0x2e)] = OID_FRESHEST_CRL,
    [SLOT(3, 0x1d, 0x36)] = OID_INHIBIT_ANY_POLICY,
    [SLOT(8, 0x01, 0x01)] = OID_AUTHORITY_INFO_ACCESS,
    [SLOT(8, 0x01, 0x0b)] = OID_SUBJECT_INFO_ACCESS,
    [SLOT(8, 0x01, 0x18)] = OID_TLS_FEATURE,
    [SLOT(9, 0x01, 0x05)] = OID_OCSP_NO_CHECK,
    [SLOT(10, 0x04, 0x02)] = OID_SCT_LIST,
    [SLOT(10, 0x04, 0x03)] = OID_PRECERT_POISON,
    [SLOT(8, 0x30, 0x01)] = OID_AD_OCSP,
    [SLOT(8, 0x30, 0x02)] = OID_AD_CA_ISSUERS,
    [SLOT(4, 0x25, 0x00)] = OID_ANY_EXTENDED_KEY_USAGE,
    [SLOT(8, 0x03, 0x01)] = OID_SERVER_AUTH,
    [SLOT(8, 0x03, 0x02)] = OID_CLIENT_AUTH,
    [SLOT(8, 0x03, 0x03)] = OID_CODE_SIGNING,
    [SLOT(8, 0x03, 0x04)] = OID_EMAIL_PROTECTION,
    [SLOT(8, 0x03, 0x08)] = OID_TIME_STAMPING,
    [SLOT(8, 0x03, 0x09)] = OID_OCSP_SIGNING,
    [SLOT(4, 0x20, 0x00)] = OID_ANY_POLICY,
    [SLOT(9, 0x09, 0x0e)] = OID_EXTENSION_REQUEST,
    [SLOT(10, 0x01, 0x0e)] = OID_MS_EXTENSION_REQUEST,
    [SLOT(9, 0x09, 0x07)] = OID_CHALLENGE_PASSWORD,
};

enum oid oid_of(struct bytes contents)
{
    if (contents.length < 2)
        return OID_UNKNOWN;

    const uint8_t *last = contents.start + contents.length - 1;
    const struct oid_row *row =
        &rows[slots[SLOT((unsigned int)contents.length, last[-1], *last)]];
    if (row->contents.length != contents.length ||
        memcmp(row->contents.start, contents.start, contents.length) != 0)
        return OID_UNKNOWN;
    return row->oid;
}

const struct oid_row *oid_row(enum oid oid)
{
    return &rows[oid];
}

struct bytes oid_contents(enum oid oid)
{
    return rows[oid].contents;
}

enum oid oid_named(const char *name)
{
    for (size_t i = OID_UNKNOWN + 1; i < ROW_COUNT; i++) {
        if (strcasecmp(rows[i].name, name) == 0)
            return rows[i].oid;
        if (rows[i].short_name != NULL &&
            strcasecmp(rows[i].short_name, name) == 0)
            return rows[i].oid;
    }
    return OID_UNKNOWN;
}
