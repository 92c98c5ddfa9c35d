#include "x509/ocsp_request.h"

#include <string.h>

#include <openssl/evp.h>

#include "crypto/digest.h"
#include "x509/der_writer.h"

/* Contents of OBJECT IDENTIFIERs: id-sha1 (RFC 3279, 2.1), id-sha256 (RFC 5754,
 * 2.2), id-pkix-ocsp-nonce (RFC 6960, 4.4.1). */
static const uint8_t sha1_type[] = {0x2b, 0x0e, 0x03, 0x02, 0x1a};
static const uint8_t sha256_type[] = {
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
static const uint8_t nonce_type[] = {
    0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02};

struct digest {
    uint8_t bytes[EVP_MAX_MD_SIZE];
    unsigned int length;
};

static bool digest_of(const char *name, struct bytes bytes,
    struct digest *digest, struct failure *why)
{
    const EVP_MD *algorithm = NULL;

    if (!digest_named(name, &algorithm, why))
        return false;
    return EVP_Digest(bytes.start, bytes.length, digest->bytes, &digest->length,
               algorithm, NULL) == 1 ||
           fail_because(why, FAILURE_INTERNAL, "%s can't be computed", name);
}

static struct bytes digest_view(const struct digest *digest)
{
    return (struct bytes){digest->bytes, digest->length};
}

/* AlgorithmIdentifier: the NULL stands there as in what others send; responders
 * exist that compare the bytes. */
static void write_algorithm(struct der_writer *writer, const char *digest)
{
    const size_t mark = der_writer_mark(writer);

    der_write_element(writer, DER_NULL, (struct bytes){0});
    if (strcmp(digest, "SHA1") == 0)
        der_write_oid(writer, (struct bytes){sha1_type, sizeof(sha1_type)});
    else
        der_write_oid(writer, (struct bytes){sha256_type, sizeof(sha256_type)});
    der_write_head(writer, DER_SEQUENCE, mark);
}

/* [2] EXPLICIT Extensions with the nonce alone. */
static void write_extensions(struct der_writer *writer, struct bytes nonce)
{
    const size_t mark = der_writer_mark(writer);

    if (nonce.length == 0)
        return;
    der_write_element(writer, DER_OCTET_STRING, nonce);
    der_write_head(writer, DER_OCTET_STRING, mark);
    der_write_oid(writer, (struct bytes){nonce_type, sizeof(nonce_type)});
    der_write_head(writer, DER_SEQUENCE, mark);
    der_write_head(writer, DER_SEQUENCE, mark);
    der_write_head(writer, DER_CONTEXT_HOLDING(2), mark);
}

/* RFC 6960, 4.1.1: the name is the issuer's as the certificate has it, the key
 * its bits without tag, length and count of unused bits. */
bool ocsp_request_write(const struct certificate *certificate,
    const struct certificate *issuer, const char *digest, struct bytes nonce,
    struct buffer *request, struct failure *why)
{
    uint8_t room[OCSP_REQUEST_MAX];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    struct digest name = {0}, key = {0};
    struct bytes encoding = {0};
    const size_t end = der_writer_mark(&writer);
    size_t mark;

    if (strcmp(digest, "SHA1") != 0 && strcmp(digest, "SHA256") != 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a CertID is made with SHA1 or SHA256, not with %.40s", digest);
    if (!digest_of(digest, certificate->tbs.issuer, &name, why) ||
        !digest_of(digest, issuer->tbs.key.bits, &key, why))
        return false;
    write_extensions(&writer, nonce);
    mark = der_writer_mark(&writer);
    der_write_element(&writer, DER_INTEGER, certificate->tbs.serial);
    der_write_element(&writer, DER_OCTET_STRING, digest_view(&key));
    der_write_element(&writer, DER_OCTET_STRING, digest_view(&name));
    write_algorithm(&writer, digest);
    der_write_head(&writer, DER_SEQUENCE, mark); /* CertID */
    der_write_head(&writer, DER_SEQUENCE, mark); /* Request */
    der_write_head(&writer, DER_SEQUENCE, mark); /* requestList */
    der_write_head(&writer, DER_SEQUENCE, end);  /* tbsRequest */
    der_write_head(&writer, DER_SEQUENCE, end);
    return der_writer_take(&writer, &encoding, why) &&
           buffer_append(request, encoding, why);
}
