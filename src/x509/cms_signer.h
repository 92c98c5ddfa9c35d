#ifndef X509_CMS_SIGNER_H
#define X509_CMS_SIGNER_H

#include "x509/chain/question.h"
#include "x509/cms_digest.h"
#include "x509/pkcs7.h"
#include "x509/signed_notes.h"

/*
 * One signer of CMS SignedData (RFC 5652, 5.3 to 5.6): is this what was signed,
 * and is this the signature over it?  Whether the signer's certificate is good
 * is the chain engine's answer.
 */
struct cms_content {
    struct bytes type; /* contents of the OBJECT IDENTIFIER */
    /* The bytes that may have been hashed: text is signed with CR LF at its
     * line ends, however it lies here (RFC 8551, 3.1.1), so there may be two
     * readings of one content. */
    struct bytes readings[2];
    size_t count;
    bool type_may_be_unsigned; /* a countersignature, RFC 5652, 11.4 */
};

/* Certificates to find signers and their issuers in: those given and those
 * enclosed; one that can't be read is passed over.  origin: for people. */
#define CMS_CERTIFICATES_MAX 500
MUST_CHECK bool cms_pool(const struct chain_pool *given,
    struct der_reader enclosed, const char *origin, struct chain_pool **pool,
    struct failure *why);

/* By issuer and serial number, or key identifier; NULL: it is not there, and
 * the notes say so. */
const struct chain_certificate *cms_signer_find(
    const struct pkcs7_signer *signer, const struct chain_pool *pool,
    struct signed_notes *notes);

/* RULE_CONTENT, RULE_SIGNED_ATTRIBUTES, RULE_SIGNATURE and what is before it;
 * false: the notes have a failure. */
bool cms_signer_check(const struct pkcs7_signer *signer,
    const struct cms_content *content,
    const struct chain_certificate *certificate, struct signature_cache *cache,
    struct signed_notes *notes);

/* The signed signing-time: what the signer's clock said, no proof. */
MUST_CHECK bool cms_signing_time(const struct pkcs7_signer *signer,
    int64_t *time, bool *found, struct failure *why);

/* RFC 2634, 5.4 and RFC 5035, 3: the first identifier in signing-certificate
 * and -v2 is this certificate's.  Absent is a fault where required. */
bool cms_signing_certificate_check(const struct pkcs7_signer *signer,
    struct bytes certificate, bool required, struct signed_notes *notes);

#endif
