#include <stdio.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"
#include "x509/certificate.h"
#include "x509/pkcs7.h"
#include "x509/pkcs7_attribute.h"
#include "x509/pkcs7_oid.h"

/* --- what was signed, and by whom ----------------------------------------- */

static bool check_content(const struct pkcs7 *pkcs7, struct failure *why)
{
    char type[OID_TEXT] = "";

    if (bytes_equal(pkcs7->content_type, CMC_REQUEST))
        return fail_because(why, FAILURE_UNSUITABLE,
            "this is a CMC full request (RFC 5272), which is not taken; "
            "%s",
            REQUESTS_ACCEPTED);
    if (!bytes_equal(pkcs7->content_type, PKCS7_DATA))
        return oid_print(pkcs7->content_type, type, why) &&
               fail_because(why, FAILURE_UNSUITABLE,
                   "the signed content is of type %s, no request; %s", type,
                   REQUESTS_ACCEPTED);
    return pkcs7->has_content ||
           fail_because(why, FAILURE_UNSUITABLE,
               "the PKCS#7 has no content, so there is no request in it; %s",
               REQUESTS_ACCEPTED);
}

static bool read_one_signer(
    struct der_reader signers, struct pkcs7_signer *signer, struct failure *why)
{
    if (der_at_end(&signers))
        return fail_because(why, FAILURE_UNSUITABLE,
            "nobody has signed this PKCS#7; a renewal is signed with the old "
            "key");
    if (!pkcs7_next_signer(&signers, signer, why))
        return false;
    return der_at_end(&signers) ||
           fail_because(why, FAILURE_UNSUITABLE,
               "more than one has signed this PKCS#7; a renewal is signed with "
               "the old key alone");
}

static bool has_key_identifier(const struct certificate *certificate,
    struct bytes wanted, bool *has, struct failure *why)
{
    struct extension extension = {0};
    struct bytes identifier = {0};
    bool found = false;

    if (!extensions_find(certificate->tbs.extensions,
            OID_SUBJECT_KEY_IDENTIFIER, &extension, &found, why) ||
        (found && !extension_key_identifier(extension.value, &identifier, why)))
        return false;
    *has = found && bytes_equal(identifier, wanted);
    return true;
}

static bool is_signers(const struct pkcs7_signer *signer,
    const struct certificate *certificate, bool *is, struct failure *why)
{
    if (signer->key_identifier.length > 0)
        return has_key_identifier(certificate, signer->key_identifier, is, why);
    *is = bytes_equal(signer->issuer, certificate->tbs.issuer) &&
          bytes_equal(signer->serial, certificate->tbs.serial);
    return true;
}

/* Leaves *found alone when the signer's certificate is not enclosed. */
static bool find_certificate(struct der_reader certificates,
    const struct pkcs7_signer *signer, struct bytes *found, struct failure *why)
{
    struct certificate certificate = {0};
    struct bytes element = {0};
    bool is = false;

    while (!der_at_end(&certificates)) {
        if (!pkcs7_next_certificate(&certificates, &element, why))
            return false;
        if (element.length == 0)
            return true;
        if (!certificate_read(element, &certificate, why) ||
            !is_signers(signer, &certificate, &is, why))
            return false;
        if (is) {
            *found = element;
            return true;
        }
    }
    return true;
}

bool pkcs7_renewal_read(
    struct bytes der, struct pkcs7_renewal *renewal, struct failure *why)
{
    struct pkcs7_renewal found = {0};
    struct pkcs7 pkcs7 = {0};

    if (!pkcs7_read(der, &pkcs7, why) || !check_content(&pkcs7, why) ||
        !read_one_signer(pkcs7.signers, &found.signer, why) ||
        !find_certificate(
            pkcs7.certificates, &found.signer, &found.certificate, why))
        return false;
    found.request = pkcs7.content;
    *renewal = found;
    return true;
}

/* --- the signature -------------------------------------------------------- */

/* RFC 5754, 2.  The parameters, absent or NULL, say nothing. */
static bool digest_of(
    const struct pkcs7_signer *signer, const char **name, struct failure *why)
{
#define SHA2_ARC "\x60\x86\x48\x01\x65\x03\x04\x02"
    const struct {
        struct bytes oid;
        const char *name;
    } digests[] = {
        {CONTENTS(SHA2_ARC "\x01"), "SHA256"},
        {CONTENTS(SHA2_ARC "\x02"), "SHA384"},
        {CONTENTS(SHA2_ARC "\x03"), "SHA512"},
    };
#undef SHA2_ARC
    char text[OID_TEXT] = "";

    for (size_t i = 0; i < sizeof(digests) / sizeof(*digests); i++) {
        if (!bytes_equal(digests[i].oid, signer->digest.oid))
            continue;
        *name = digests[i].name;
        return true;
    }
    if (bytes_equal(signer->digest.oid, CONTENTS("\x2b\x0e\x03\x02\x1a")))
        (void)snprintf(text, sizeof(text), "SHA-1");
    else
        algorithm_name_print(signer->digest.oid, text);
    return fail_because(why, FAILURE_UNSUITABLE,
        "the renewal is hashed with %s; SHA-256, SHA-384 and SHA-512 are taken",
        text);
}

/* A second attribute of the type would let two readers see different ones. */
static bool find_attribute(struct der_reader list, struct bytes type,
    const char *name, struct der_reader *value, struct failure *why)
{
    bool found = false;

    return pkcs7_attribute_find(list, type, name, value, &found, why) &&
           (found || fail_because(why, FAILURE_MALFORMED,
                         "the signer has signed attributes, and %s is not "
                         "among them (RFC 5652, 5.3)",
                         name));
}

static bool check_content_type(
    const struct pkcs7_signer *signer, struct failure *why)
{
    struct der_reader value = {0};
    struct bytes type = {0};

    if (!find_attribute(signer->attribute_list, PKCS9_CONTENT_TYPE,
            "contentType", &value, why) ||
        !der_read_oid(&value, &type, why) ||
        !der_finish(&value, "the attribute contentType", why))
        return false;
    return bytes_equal(type, PKCS7_DATA) ||
           fail_because(why, FAILURE_MALFORMED,
               "the attribute contentType is not that of the content");
}

static bool check_message_digest(const struct pkcs7_signer *signer,
    const char *digest_name, struct bytes content, struct failure *why)
{
    struct der_reader value = {0};
    struct der_reader octets = {0};
    const EVP_MD *digest = NULL;
    uint8_t room[EVP_MAX_MD_SIZE];
    unsigned int length = 0;

    if (!find_attribute(signer->attribute_list, PKCS9_MESSAGE_DIGEST,
            "messageDigest", &value, why) ||
        !der_read(&value, DER_OCTET_STRING, &octets, why) ||
        !der_finish(&value, "the attribute messageDigest", why) ||
        !digest_named(digest_name, &digest, why))
        return false;
    if (!EVP_Digest(content.start, content.length, room, &length, digest, NULL))
        return fail_in_openssl(why, FAILURE_INTERNAL, "hashing");
    return bytes_equal(der_remaining(&octets),
               (struct bytes){.start = room, .length = length}) ||
           fail_because(why, FAILURE_UNSUITABLE,
               "the request in this renewal is not the one that was signed: "
               "its digest is another");
}

/* RFC 5652, 5.4: the attributes are signed as a SET, whose tag stands in for
 * the [0] that they have here. */
static bool signed_message(const struct pkcs7_renewal *renewal,
    struct buffer *message, struct failure *why)
{
    struct bytes attributes = renewal->signer.attributes;

    if (!renewal->signer.has_attributes)
        return buffer_append(message, renewal->request, why);
    if (!buffer_append(message, attributes, why))
        return false;
    message->start[0] = DER_SET;
    return true;
}

/* "rsaEncryption" and "id-ecPublicKey" name the kind of key alone; the digest
 * stands beside them (RFC 3370, 3.2; RFC 5753, 2.1.1 in its older form). */
static bool kind_named_alone(struct bytes oid, enum key_kind *kind)
{
    if (bytes_equal(oid, CONTENTS("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01")))
        *kind = KEY_KIND_RSA;
    else if (bytes_equal(oid, CONTENTS("\x2a\x86\x48\xce\x3d\x02\x01")))
        *kind = KEY_KIND_EC;
    else
        return false;
    return true;
}

static const struct signature_algorithm *row_of(
    enum key_kind kind, const char *digest)
{
    const struct signature_algorithm *row = signature_algorithms();

    for (; row->name != NULL; row++) {
        if (row->kind == kind && !row->pss && strcmp(row->digest, digest) == 0)
            return row;
    }
    return NULL;
}

static bool find_algorithm(const struct pkcs7_signer *signer,
    const char *digest, const struct signature_algorithm **algorithm,
    struct failure *why)
{
    const struct signature_algorithm *found =
        signature_algorithm_of(signer->algorithm.whole);
    enum key_kind kind = KEY_KIND_RAW;

    if (found == NULL && kind_named_alone(signer->algorithm.oid, &kind))
        found = row_of(kind, digest);
    if (found == NULL)
        return signature_algorithm_refuse(
            signer->algorithm.whole, "renewal", why);
    if (found->digest != NULL && strcmp(found->digest, digest) != 0)
        return fail_because(why, FAILURE_MALFORMED,
            "the renewal is signed with %s, and its digest is %s", found->name,
            digest);
    *algorithm = found;
    return true;
}

static bool make_key(
    const struct certificate *certificate, EVP_PKEY **key, struct failure *why)
{
    struct public_key_parts parts = {0};

    return spki_parts(&certificate->tbs.key, &parts, why) &&
           public_key_make(&parts, key, why);
}

static bool verify_with(const struct pkcs7_renewal *renewal,
    const struct certificate *certificate, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("what was signed", RENEWAL_MAX);
    const struct signature_algorithm *algorithm = NULL;
    struct failure mismatch = {0};
    const char *digest = NULL;
    SCOPED(EVP_PKEY) *key = NULL;

    if (renewal->signer.signature.length == 0)
        return fail_because(
            why, FAILURE_MALFORMED, "the renewal has an empty signature");
    if (!digest_of(&renewal->signer, &digest, why) ||
        !find_algorithm(&renewal->signer, digest, &algorithm, why))
        return false;
    if (renewal->signer.has_attributes &&
        (!check_content_type(&renewal->signer, why) ||
            !check_message_digest(
                &renewal->signer, digest, renewal->request, why)))
        return false;
    if (!make_key(certificate, &key, why) ||
        !signed_message(renewal, &message, why))
        return false;
    return signature_verify(key, algorithm, buffer_view(&message),
               renewal->signer.signature, &mismatch) ||
           fail_because(why, mismatch.kind,
               "the renewal is not signed with the old certificate's key: "
               "%.160s",
               mismatch.reason);
}

bool pkcs7_renewal_verify(const struct pkcs7_renewal *renewal,
    struct bytes certificate, struct failure *why)
{
    struct certificate found = {0};
    bool is = false;

    if (!certificate_read(certificate, &found, why) ||
        !is_signers(&renewal->signer, &found, &is, why))
        return false;
    if (!is)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the signer of this renewal names another certificate");
    return verify_with(renewal, &found, why);
}
