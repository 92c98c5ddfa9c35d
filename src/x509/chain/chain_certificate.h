#ifndef X509_CHAIN_CHAIN_CERTIFICATE_H
#define X509_CHAIN_CHAIN_CERTIFICATE_H

#include "crypto/digest.h"
#include "x509/certificate.h"

/*
 * A certificate as the engine sees it: its views, and what its extensions say,
 * found once.  Nothing is copied; it lives as long as its bytes.
 */
enum chain_extension {
    CHAIN_AUTHORITY_KEY_IDENTIFIER,
    CHAIN_SUBJECT_KEY_IDENTIFIER,
    CHAIN_KEY_USAGE,
    CHAIN_CERTIFICATE_POLICIES,
    CHAIN_POLICY_MAPPINGS,
    CHAIN_SUBJECT_ALT_NAME,
    CHAIN_ISSUER_ALT_NAME,
    CHAIN_BASIC_CONSTRAINTS,
    CHAIN_NAME_CONSTRAINTS,
    CHAIN_POLICY_CONSTRAINTS,
    CHAIN_EXTENDED_KEY_USAGE,
    CHAIN_CRL_DISTRIBUTION_POINTS,
    CHAIN_INHIBIT_ANY_POLICY,
    CHAIN_FRESHEST_CRL,
    CHAIN_AUTHORITY_INFO_ACCESS,
    CHAIN_SUBJECT_INFO_ACCESS,
    CHAIN_OCSP_NO_CHECK,
    CHAIN_TLS_FEATURE,
    CHAIN_EXTENSIONS
};

struct chain_certificate {
    struct certificate certificate;
    const char *origin; /* where it was found, for people; not owned */
    uint8_t sha256[SHA256_BYTES];

    /* Bit 1 << enum chain_extension. */
    uint32_t present, critical;
    struct bytes values[CHAIN_EXTENSIONS]; /* of those present */
    /* Contents of the first critical type that the engine does not process;
     * length 0: none. */
    struct bytes unknown_critical;

    struct basic_constraints basic; /* all zero when absent */
    uint32_t key_usage;             /* enum key_usage_bit; 0 when absent */
    struct bytes key_identifier;    /* length 0: absent */
    struct authority_key_identifier authority_key;
    struct der_reader purposes;    /* contents of ExtKeyUsageSyntax */
    struct der_reader other_names; /* of subjectAltName; at its end when none */

    bool is_self_issued; /* subject and issuer match (RFC 5280, 6.1) */
};

static inline bool chain_has(
    const struct chain_certificate *certificate, enum chain_extension extension)
{
    return (certificate->present >> extension & 1) != 0;
}

/*
 * Reads one that fills the bytes.  FAILURE_MALFORMED: no certificate
 * (*at_extension false), or one with an extension of the list above that can't
 * be read (true): the reason names it.  Every listed extension is walked to its
 * end here, so that no rule meets damaged bytes later.
 */
MUST_CHECK bool chain_certificate_read(struct bytes der, const char *origin,
    struct chain_certificate *certificate, bool *at_extension,
    struct failure *why);

/* Subject for a sentence: "CN=www.example.org,O=Acme", visible and cut; a
 * certificate without one is named by its serial. */
#define CHAIN_NAME_TEXT 160
void chain_certificate_print(const struct chain_certificate *certificate,
    char text[static CHAIN_NAME_TEXT]);

#endif
