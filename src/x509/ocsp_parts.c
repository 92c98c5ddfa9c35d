#include "x509/ocsp_parts.h"

#include "x509/algorithm_identifier.h"

/* Contents of OBJECT IDENTIFIERs: id-pkix-ocsp-basic and -nonce (RFC 6960,
 * 4.2.1, 4.4.1), id-sha1 (RFC 3279, 2.1), id-sha256 (RFC 5754, 2.2). */
static const uint8_t basic_type[] = {
    0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01};
static const uint8_t nonce_type[] = {
    0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02};
static const uint8_t sha1_type[] = {0x2b, 0x0e, 0x03, 0x02, 0x1a};
static const uint8_t sha256_type[] = {
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};

/* Version 1 is said by saying nothing. */
#define VERSION_1 0

struct bytes ocsp_basic_type(void)
{
    return (struct bytes){basic_type, sizeof(basic_type)};
}

struct bytes ocsp_nonce_type(void)
{
    return (struct bytes){nonce_type, sizeof(nonce_type)};
}

struct bytes ocsp_sha1_type(void)
{
    return (struct bytes){sha1_type, sizeof(sha1_type)};
}

struct bytes ocsp_sha256_type(void)
{
    return (struct bytes){sha256_type, sizeof(sha256_type)};
}

bool ocsp_is_nonce(const struct extension *extension)
{
    return bytes_equal(extension->type_contents, ocsp_nonce_type());
}

struct der_reader ocsp_ended(const struct der_reader *reader)
{
    return (struct der_reader){.whole = reader->whole,
        .position = reader->position,
        .end = reader->position};
}

bool ocsp_read_octets(struct der_reader *reader, unsigned int tag,
    struct bytes *octets, struct failure *why)
{
    struct der_reader contents = {0};

    if (!der_read(reader, tag, &contents, why))
        return false;
    *octets = der_remaining(&contents);
    return true;
}

bool ocsp_read_version(
    struct der_reader *reader, const char *what, struct failure *why)
{
    struct der_reader outer = {0};
    bool present = false;
    uint32_t version = VERSION_1;

    if (!der_read_optional(
            reader, DER_CONTEXT_HOLDING(0), &outer, &present, why))
        return false;
    if (present && (!der_read_small_integer(&outer, &version, why) ||
                       !der_finish(&outer, "the version", why)))
        return false;
    return version == VERSION_1 ||
           fail_because(why, FAILURE_MALFORMED,
               "the OCSP %s has version %u; there is only 1", what,
               version + 1);
}

bool ocsp_read_id(struct der_reader *reader, struct ocsp_certificate_id *id,
    struct failure *why)
{
    struct algorithm_identifier algorithm = {0};
    struct der_reader contents = {0};

    if (!der_read(reader, DER_SEQUENCE, &contents, why) ||
        !algorithm_identifier_read(&contents, &algorithm, why) ||
        !ocsp_read_octets(&contents, DER_OCTET_STRING, &id->name_hash, why) ||
        !ocsp_read_octets(&contents, DER_OCTET_STRING, &id->key_hash, why) ||
        !der_read_integer(&contents, &id->serial, why))
        return false;
    id->hash_algorithm = algorithm.whole;
    return der_finish(&contents, "a CertID", why);
}

bool ocsp_read_extensions(struct der_reader *reader, unsigned int number,
    struct der_reader *extensions, struct failure *why)
{
    struct der_reader outer = {0};
    bool present = false;

    *extensions = ocsp_ended(reader);
    if (!der_read_optional(
            reader, DER_CONTEXT_HOLDING(number), &outer, &present, why))
        return false;
    return !present || (der_read(&outer, DER_SEQUENCE, extensions, why) &&
                           der_finish(&outer, "the extensions", why) &&
                           extensions_check(*extensions, why));
}

bool ocsp_read_nonce(
    struct bytes value, struct bytes *nonce, struct failure *why)
{
    struct der_reader reader = der_reader_of(value);

    if (!ocsp_read_octets(&reader, DER_OCTET_STRING, nonce, why) ||
        !der_finish(&reader, "the nonce", why))
        return false;
    if (nonce->length == 0 || nonce->length > OCSP_NONCE_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "the nonce has %zu octets; it has 1 to %d (RFC 9654, 2.1)",
            nonce->length, OCSP_NONCE_MAX);
    return true;
}

void ocsp_write_nonce(
    struct der_writer *writer, unsigned int number, struct bytes nonce)
{
    const size_t mark = der_writer_mark(writer);

    if (nonce.length == 0)
        return;
    der_write_element(writer, DER_OCTET_STRING, nonce);
    der_write_head(writer, DER_OCTET_STRING, mark);
    der_write_oid(writer, ocsp_nonce_type());
    der_write_head(writer, DER_SEQUENCE, mark);
    der_write_head(writer, DER_SEQUENCE, mark);
    der_write_head(writer, DER_CONTEXT_HOLDING(number), mark);
}
