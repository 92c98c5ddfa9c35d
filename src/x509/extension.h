#ifndef X509_EXTENSION_H
#define X509_EXTENSION_H

#include "x509/der.h"
#include "x509/general_name.h"
#include "x509/oid.h"

/* Extensions as bytes plus views (RFC 5280, 4.2). */
struct extension {
    enum oid type;
    struct bytes type_contents;
    bool critical;
    struct bytes value; /* inside the OCTET STRING */
    struct bytes whole;
};

/* extensions: a reader of the contents of SEQUENCE OF Extension.  A second
 * extension of one type is FAILURE_MALFORMED in extensions_check. */
MUST_CHECK bool extension_next(struct der_reader *extensions,
    struct extension *extension, struct failure *why);
#define EXTENSIONS_MAX 64
MUST_CHECK bool extensions_check(
    struct der_reader extensions, struct failure *why);
/* *found is false when there is none. */
MUST_CHECK bool extensions_find(struct der_reader extensions, enum oid type,
    struct extension *extension, bool *found, struct failure *why);

enum key_usage_bit {
    KEY_USAGE_DIGITAL_SIGNATURE = 1 << 0,
    KEY_USAGE_NON_REPUDIATION = 1 << 1,
    KEY_USAGE_KEY_ENCIPHERMENT = 1 << 2,
    KEY_USAGE_DATA_ENCIPHERMENT = 1 << 3,
    KEY_USAGE_KEY_AGREEMENT = 1 << 4,
    KEY_USAGE_CERT_SIGN = 1 << 5,
    KEY_USAGE_CRL_SIGN = 1 << 6,
    KEY_USAGE_ENCIPHER_ONLY = 1 << 7,
    KEY_USAGE_DECIPHER_ONLY = 1 << 8
};
MUST_CHECK bool extension_key_usage(
    struct bytes value, uint32_t *bits, struct failure *why);

struct basic_constraints {
    bool is_authority;
    bool has_path_length;
    uint32_t path_length;
};
MUST_CHECK bool extension_basic_constraints(
    struct bytes value, struct basic_constraints *, struct failure *why);

/* OBJECT IDENTIFIERs of an ExtKeyUsageSyntax; at least one (incident 4). */
MUST_CHECK bool extension_purposes(
    struct bytes value, struct der_reader *purposes, struct failure *why);

MUST_CHECK bool extension_key_identifier(
    struct bytes value, struct bytes *identifier, struct failure *why);

struct authority_key_identifier {
    struct bytes identifier; /* length 0: absent */
    struct bytes issuer;     /* contents of GeneralNames; length 0: absent */
    struct bytes serial;
};
MUST_CHECK bool extension_authority_key_identifier(
    struct bytes value, struct authority_key_identifier *, struct failure *why);

/* value: of subjectAltName or issuerAltName.  At least one name; at most
 * GENERAL_NAMES_MAX. */
MUST_CHECK bool extension_general_names(
    struct bytes value, struct der_reader *names, struct failure *why);

#endif
