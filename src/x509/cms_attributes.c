#include "x509/cms_signer.h"
#include "x509/pkcs7_attribute.h"
#include "x509/pkcs7_oid.h"
#include "x509/time.h"

bool cms_signing_time(const struct pkcs7_signer *signer, int64_t *time,
    bool *found, struct failure *why)
{
    struct der_reader values = {0};
    int64_t read = 0;

    if (!pkcs7_attribute_find(signer->attribute_list, PKCS9_SIGNING_TIME,
            "signingTime", &values, found, why))
        return false;
    if (!*found)
        return true;
    if (!der_read_time(&values, &read, why) ||
        !der_finish(&values, "the attribute signingTime", why))
        return false;
    *time = read;
    return true;
}

/* --- signing-certificate -------------------------------------------------- */

struct certificate_identifier {
    const struct cms_digest *digest;
    struct bytes hash;
};

/* RFC 5035, 4: the algorithm is SHA-256 where it is left out; version 1 has
 * SHA-1 and no room for another. */
static bool read_algorithm(struct der_reader *identifier, bool is_v2,
    const struct cms_digest **digest, struct failure *why)
{
    struct algorithm_identifier algorithm = {0};
    const struct bytes sha256_oid =
        CONTENTS("\x60\x86\x48\x01\x65\x03\x04\x02\x01");
    const struct bytes sha1_oid = CONTENTS("\x2b\x0e\x03\x02\x1a");

    algorithm.oid = is_v2 ? sha256_oid : sha1_oid;
    if (is_v2 && der_peek(identifier) == DER_SEQUENCE &&
        !algorithm_identifier_read(identifier, &algorithm, why))
        return false;
    *digest = cms_digest_of(algorithm.oid);
    return *digest != NULL ||
           fail_because(why, FAILURE_MALFORMED,
               "signingCertificate has a hash that is not known here");
}

/* SEQUENCE { SEQUENCE OF ESSCertID, policies OPTIONAL }: the first. */
static bool read_first(struct der_reader values, bool is_v2,
    struct certificate_identifier *found, struct failure *why)
{
    struct der_reader attribute = {0};
    struct der_reader list = {0};
    struct der_reader identifier = {0};
    struct der_reader hash = {0};

    if (!der_read(&values, DER_SEQUENCE, &attribute, why) ||
        !der_finish(&values, "the attribute signingCertificate", why) ||
        !der_read(&attribute, DER_SEQUENCE, &list, why) ||
        !der_read(&list, DER_SEQUENCE, &identifier, why) ||
        !read_algorithm(&identifier, is_v2, &found->digest, why) ||
        !der_read(&identifier, DER_OCTET_STRING, &hash, why))
        return false;
    found->hash = der_remaining(&hash);
    return true;
}

static bool matches(const struct certificate_identifier *identifier,
    struct bytes certificate, bool *is, struct failure *why)
{
    uint8_t value[EVP_MAX_MD_SIZE] = {0};
    struct bytes hash = {.start = value};

    if (!cms_digest_compute(
            identifier->digest, &certificate, 1, value, &hash.length, why))
        return false;
    *is = bytes_equal(hash, identifier->hash);
    return true;
}

static bool check_one(const struct pkcs7_signer *signer, bool is_v2,
    struct bytes certificate, bool *seen, struct signed_notes *notes)
{
    struct certificate_identifier identifier = {0};
    struct der_reader values = {0};
    struct failure why = {0};
    bool found = false;
    bool is = false;

    if (!pkcs7_attribute_find(signer->attribute_list,
            is_v2 ? SIGNING_CERTIFICATE_V2 : SIGNING_CERTIFICATE,
            "signingCertificate", &values, &found, &why) ||
        (found && (!read_first(values, is_v2, &identifier, &why) ||
                      !matches(&identifier, certificate, &is, &why))))
        return note_failure(
            notes, RULE_SIGNED_ATTRIBUTES, VERDICT_MALFORMED, &why);
    if (found && !is)
        return note_fail(notes, RULE_SIGNER_FOUND, VERDICT_ISSUER_MISSING,
            "signingCertificate is the hash of another certificate than the "
            "signer's");
    *seen = *seen || found;
    return true;
}

bool cms_signing_certificate_check(const struct pkcs7_signer *signer,
    struct bytes certificate, bool required, struct signed_notes *notes)
{
    bool seen = false;

    if (!check_one(signer, false, certificate, &seen, notes) ||
        !check_one(signer, true, certificate, &seen, notes))
        return false;
    return seen || !required ||
           note_fail(notes, RULE_SIGNED_ATTRIBUTES, VERDICT_MALFORMED,
               "signingCertificate is not among the signed attributes "
               "(RFC 3161, 2.4.2)");
}
