#include "x509/cms_digest.h"

#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"
#include "x509/pkcs7_oid.h"

#define NIST_HASHES "\x60\x86\x48\x01\x65\x03\x04\x02"
#define RSADSI "\x2a\x86\x48\x86\xf7\x0d"

static const struct cms_digest digests[] = {
    {"SHA256", false, CONTENTS_OF(NIST_HASHES "\x01")},
    {"SHA384", false, CONTENTS_OF(NIST_HASHES "\x02")},
    {"SHA512", false, CONTENTS_OF(NIST_HASHES "\x03")},
    {"SHA224", false, CONTENTS_OF(NIST_HASHES "\x04")},
    {"SHA3-256", false, CONTENTS_OF(NIST_HASHES "\x08")},
    {"SHA3-384", false, CONTENTS_OF(NIST_HASHES "\x09")},
    {"SHA3-512", false, CONTENTS_OF(NIST_HASHES "\x0a")},
    {"SHA1", true, CONTENTS_OF("\x2b\x0e\x03\x02\x1a")},
    {"MD5", true, CONTENTS_OF(RSADSI "\x02\x05")},
};

const struct cms_digest *cms_digest_of(struct bytes oid)
{
    for (size_t i = 0; i < sizeof(digests) / sizeof(*digests); i++) {
        if (bytes_equal(digests[i].oid, oid))
            return &digests[i];
    }
    return NULL;
}

static bool start(
    const struct cms_digest *digest, EVP_MD_CTX *context, struct failure *why)
{
    SCOPED(EVP_MD) *algorithm = EVP_MD_fetch(NULL, digest->name, NULL);

    return (algorithm != NULL && context != NULL &&
               EVP_DigestInit_ex2(context, algorithm, NULL)) ||
           fail_in_openssl(why, FAILURE_INTERNAL, "starting a digest");
}

bool cms_digest_compute(const struct cms_digest *digest,
    const struct bytes *parts, size_t count, uint8_t value[EVP_MAX_MD_SIZE],
    size_t *length, struct failure *why)
{
    SCOPED(EVP_MD_CTX) *context = EVP_MD_CTX_new();
    unsigned int found = 0;

    if (!start(digest, context, why))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!EVP_DigestUpdate(context, parts[i].start, parts[i].length))
            return fail_in_openssl(why, FAILURE_INTERNAL, "hashing");
    }
    if (!EVP_DigestFinal_ex(context, value, &found))
        return fail_in_openssl(why, FAILURE_INTERNAL, "ending a digest");
    *length = found;
    return true;
}

/* --- signatures ----------------------------------------------------------- */

/* RFC 3370, 3; RFC 5754, 3; RFC 5753, 2.1.1. */
#define PKCS1 RSADSI "\x01\x01"
#define RSA_WITH(last) "\x30\x0d\x06\x09" PKCS1 last "\x05\x00"
#define ANSI_ECDSA "\x2a\x86\x48\xce\x3d\x04"
#define NIST_DSA "\x60\x86\x48\x01\x65\x03\x04\x03"
#define RSA_KEY CONTENTS_OF(PKCS1 "\x01")
#define EC_KEY CONTENTS_OF("\x2a\x86\x48\xce\x3d\x02\x01")
#define DSA_KEY CONTENTS_OF("\x2a\x86\x48\xce\x38\x04\x01")

static const struct pair {
    struct bytes key; /* of the kind alone */
    const char *digest;
    struct bytes identifier; /* whole AlgorithmIdentifier */
} pairs[] = {
    {RSA_KEY, "MD5", CONTENTS_OF(RSA_WITH("\x04"))},
    {RSA_KEY, "SHA1", CONTENTS_OF(RSA_WITH("\x05"))},
    {RSA_KEY, "SHA256", CONTENTS_OF(RSA_WITH("\x0b"))},
    {RSA_KEY, "SHA384", CONTENTS_OF(RSA_WITH("\x0c"))},
    {RSA_KEY, "SHA512", CONTENTS_OF(RSA_WITH("\x0d"))},
    {RSA_KEY, "SHA224", CONTENTS_OF(RSA_WITH("\x0e"))},
    {EC_KEY, "SHA1", CONTENTS_OF("\x30\x09\x06\x07" ANSI_ECDSA "\x01")},
    {EC_KEY, "SHA224", CONTENTS_OF("\x30\x0a\x06\x08" ANSI_ECDSA "\x03\x01")},
    {EC_KEY, "SHA256", CONTENTS_OF("\x30\x0a\x06\x08" ANSI_ECDSA "\x03\x02")},
    {EC_KEY, "SHA384", CONTENTS_OF("\x30\x0a\x06\x08" ANSI_ECDSA "\x03\x03")},
    {EC_KEY, "SHA512", CONTENTS_OF("\x30\x0a\x06\x08" ANSI_ECDSA "\x03\x04")},
    {DSA_KEY, "SHA1",
        CONTENTS_OF("\x30\x09\x06\x07\x2a\x86\x48\xce\x38\x04\x03")},
    {DSA_KEY, "SHA224", CONTENTS_OF("\x30\x0b\x06\x09" NIST_DSA "\x01")},
    {DSA_KEY, "SHA256", CONTENTS_OF("\x30\x0b\x06\x09" NIST_DSA "\x02")},
};

static const size_t pair_count = sizeof(pairs) / sizeof(*pairs);

static bool has_oid(const struct pair *pair, struct bytes oid)
{
    struct der_reader reader = der_reader_of(pair->identifier);
    struct algorithm_identifier identifier = {0};
    struct failure why = {0};

    return algorithm_identifier_read(&reader, &identifier, &why) &&
           bytes_equal(identifier.oid, oid);
}

static bool refuse(const struct algorithm_identifier *algorithm,
    const struct cms_digest *digest, struct failure *why)
{
    char name[OID_TEXT] = "";

    algorithm_name_print(algorithm->oid, name);
    return fail_because(why, FAILURE_UNSUITABLE,
        "the signature is made with %s, and %s is named as its digest", name,
        digest->name);
}

static bool same_digest(
    const struct pair *pair, const struct cms_digest *digest)
{
    return bytes_equal(
        bytes_of_text(pair->digest), bytes_of_text(digest->name));
}

bool cms_signature_algorithm(const struct algorithm_identifier *algorithm,
    const struct cms_digest *digest, struct bytes *combined,
    struct failure *why)
{
    bool names_kind = false;

    for (size_t i = 0; i < pair_count; i++) {
        const struct pair *pair = &pairs[i];

        if (has_oid(pair, algorithm->oid) && !same_digest(pair, digest))
            return refuse(algorithm, digest, why);
        if (!bytes_equal(pair->key, algorithm->oid))
            continue;
        names_kind = true;
        if (same_digest(pair, digest)) {
            *combined = pair->identifier;
            return true;
        }
    }
    if (names_kind)
        return refuse(algorithm, digest, why);
    *combined = algorithm->whole;
    return true;
}
