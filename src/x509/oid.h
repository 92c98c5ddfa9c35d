#ifndef X509_OID_H
#define X509_OID_H

#include "base/bytes.h"

/* Object identifiers as the contents of their DER element.  One table: the
 * name we show, the name of the field's standard, the contents. */
enum oid {
    OID_UNKNOWN,
    /* attributes of a name, RFC 5280 4.1.2.4, RFC 4519 */
    OID_COMMON_NAME,
    OID_SURNAME,
    OID_SERIAL_NUMBER,
    OID_COUNTRY,
    OID_LOCALITY,
    OID_STATE,
    OID_STREET,
    OID_ORGANIZATION,
    OID_ORGANIZATIONAL_UNIT,
    OID_TITLE,
    OID_GIVEN_NAME,
    OID_INITIALS,
    OID_PSEUDONYM,
    OID_GENERATION_QUALIFIER,
    OID_DN_QUALIFIER,
    OID_EMAIL_ADDRESS,
    OID_DOMAIN_COMPONENT,
    OID_USER_ID,
    OID_ORGANIZATION_IDENTIFIER,
    OID_POSTAL_CODE,
    OID_BUSINESS_CATEGORY,
    OID_JURISDICTION_LOCALITY,
    OID_JURISDICTION_STATE,
    OID_JURISDICTION_COUNTRY,
    OID_NAME,
    OID_UNSTRUCTURED_NAME,
    /* extensions */
    OID_SUBJECT_KEY_IDENTIFIER,
    OID_KEY_USAGE,
    OID_PRIVATE_KEY_USAGE_PERIOD,
    OID_SUBJECT_ALT_NAME,
    OID_ISSUER_ALT_NAME,
    OID_BASIC_CONSTRAINTS,
    OID_CRL_NUMBER,
    OID_REASON_CODE,
    OID_INVALIDITY_DATE,
    OID_DELTA_CRL_INDICATOR,
    OID_ISSUING_DISTRIBUTION_POINT,
    OID_CERTIFICATE_ISSUER,
    OID_NAME_CONSTRAINTS,
    OID_CRL_DISTRIBUTION_POINTS,
    OID_CERTIFICATE_POLICIES,
    OID_POLICY_MAPPINGS,
    OID_AUTHORITY_KEY_IDENTIFIER,
    OID_POLICY_CONSTRAINTS,
    OID_EXTENDED_KEY_USAGE,
    OID_FRESHEST_CRL,
    OID_INHIBIT_ANY_POLICY,
    OID_AUTHORITY_INFO_ACCESS,
    OID_SUBJECT_INFO_ACCESS,
    OID_TLS_FEATURE,
    OID_OCSP_NO_CHECK,
    OID_SCT_LIST,
    OID_PRECERT_POISON,
    /* access methods, purposes */
    OID_AD_OCSP,
    OID_AD_CA_ISSUERS,
    OID_ANY_EXTENDED_KEY_USAGE,
    OID_SERVER_AUTH,
    OID_CLIENT_AUTH,
    OID_CODE_SIGNING,
    OID_EMAIL_PROTECTION,
    OID_TIME_STAMPING,
    OID_OCSP_SIGNING,
    OID_ANY_POLICY,
    /* request attributes, RFC 2985 */
    OID_EXTENSION_REQUEST,
    OID_MS_EXTENSION_REQUEST,
    OID_CHALLENGE_PASSWORD
};

struct oid_row {
    enum oid oid;
    const char *name;       /* "subjectAltName" */
    const char *short_name; /* for name attributes, RFC 4514: "CN"; else NULL */
    struct bytes contents;
};

/* By contents; OID_UNKNOWN when it is none of ours. */
enum oid oid_of(struct bytes contents);

/* The row of a known one. */
const struct oid_row *oid_row(enum oid oid);
struct bytes oid_contents(enum oid oid);

/* "2.5.4.3"; contents must have passed der_read_oid. */
#define OID_TEXT 128
MUST_CHECK bool oid_print(
    struct bytes contents, char text[static OID_TEXT], struct failure *why);
/* From dotted form into at most room bytes of contents. */
MUST_CHECK bool oid_read(const char *text, uint8_t *contents, size_t room,
    size_t *length, struct failure *why);
/* By name or short name, in any case; OID_UNKNOWN when there is none. */
enum oid oid_named(const char *name);

#endif
