#include "x509/input.h"

#include <string.h>

#include "x509/pkcs7.h"

/* The tags of an element's first members, each with its contents. */
#define MEMBERS_SEEN 5
struct shape {
    char tags[MEMBERS_SEEN + 1]; /* as letters, see letter_of; '.' ends it */
    struct der_reader contents[MEMBERS_SEEN];
};

static char letter_of(uint8_t tag)
{
    switch (tag) {
    case DER_INTEGER:
        return 'I';
    case DER_BIT_STRING:
        return 'B';
    case DER_OCTET_STRING:
        return 'O';
    case DER_OBJECT_IDENTIFIER:
        return 'D';
    case DER_SEQUENCE:
        return 'S';
    case DER_UTC_TIME:
    case DER_GENERALIZED_TIME:
        return 'T';
    case DER_CONTEXT_HOLDING(0):
        return '0';
    default:
        return '?';
    }
}

/* Members that can't be read end the shape. */
static struct shape shape_of(struct der_reader members)
{
    struct shape shape = {0};
    struct bytes element = {0};
    struct failure why = {0};
    uint8_t tag = 0;
    size_t count = 0;

    for (; count < MEMBERS_SEEN && !der_at_end(&members); count++) {
        if (!der_read_any(
                &members, &tag, &shape.contents[count], &element, &why))
            return shape;
        shape.tags[count] = letter_of(tag);
    }
    if (count < MEMBERS_SEEN)
        shape.tags[count] = '.';
    return shape;
}

static bool begins(const struct shape *shape, const char *tags)
{
    return strncmp(shape->tags, tags, strlen(tags)) == 0;
}

/* The first member as a small number, or -1. */
static int version_of(const struct shape *shape)
{
    struct bytes number = der_remaining(&shape->contents[0]);

    return number.length == 1 ? number.start[0] : -1;
}

static bool begins_with_oid(struct der_reader members)
{
    return der_peek(&members) == DER_OBJECT_IDENTIFIER;
}

/* RFC 5280, 4.1 and 5.1, RFC 2986, 4.1: where a certificate has its validity, a
 * list has a time, and a request has a name second where the others have an
 * algorithm. */
static enum input_kind kind_of_signed(struct der_reader body)
{
    struct shape shape = shape_of(body);

    if (begins(&shape, "0IS"))
        return INPUT_CERTIFICATE;
    if (begins(&shape, "SST"))
        return INPUT_CRL;
    if (!begins(&shape, "ISS"))
        return INPUT_OTHER;
    if (!begins_with_oid(shape.contents[1]))
        return INPUT_REQUEST;
    return begins(&shape, "ISST") ? INPUT_CRL : INPUT_CERTIFICATE;
}

/* RFC 8017, A.1.2; RFC 5915, 3; RFC 5958, 2; RFC 7292, 4. */
static enum input_kind kind_of_versioned(const struct shape *shape)
{
    int version = version_of(shape);

    if (version == 3 && begins(shape, "IS") &&
        begins_with_oid(shape->contents[1]))
        return INPUT_PKCS12;
    if ((version == 0 || version == 1) && begins(shape, "ISO"))
        return INPUT_PRIVATE_KEY;
    if (version == 1 && begins(shape, "IO"))
        return INPUT_PRIVATE_KEY;
    return version == 0 && begins(shape, "IIIII") ? INPUT_PRIVATE_KEY
                                                  : INPUT_OTHER;
}

/* PKCS#12 of NSS is BER with indefinite lengths, which the reader of DER does
 * not enter. */
static bool is_pkcs12_in_ber(struct bytes der)
{
    static const uint8_t beginning[] = {0x30, 0x80, 0x02, 0x01, 0x03, 0x30};

    return der.length > sizeof(beginning) &&
           memcmp(der.start, beginning, sizeof(beginning)) == 0;
}

/* Of signed data, enveloped data and their kin. */
static bool is_pkcs7_in_ber(struct bytes der)
{
    static const uint8_t beginning[] = {
        0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07};

    return der.length > sizeof(beginning) &&
           memcmp(der.start, beginning, sizeof(beginning)) == 0;
}

enum input_kind input_kind_of(struct bytes der)
{
    struct der_reader reader = der_reader_of(der);
    struct der_reader members = {0};
    struct failure why = {0};

    if (is_pkcs12_in_ber(der))
        return INPUT_PKCS12;
    if (pkcs7_is_content_info(der) || is_pkcs7_in_ber(der))
        return INPUT_PKCS7;
    if (!der_read(&reader, DER_SEQUENCE, &members, &why))
        return INPUT_OTHER;

    struct shape shape = shape_of(members);
    if (begins(&shape, "SSB."))
        return kind_of_signed(shape.contents[0]);
    if (begins(&shape, "I"))
        return kind_of_versioned(&shape);
    if (begins(&shape, "SB.") && begins_with_oid(shape.contents[0]))
        return INPUT_PUBLIC_KEY;
    if (begins(&shape, "SO.") && begins_with_oid(shape.contents[0]))
        return INPUT_ENCRYPTED_KEY;
    return INPUT_OTHER;
}

const char *input_kind_name(enum input_kind kind)
{
    static const char *const names[INPUT_KINDS] = {
        [INPUT_CERTIFICATE] = "a certificate",
        [INPUT_REQUEST] = "a request",
        [INPUT_CRL] = "a revocation list",
        [INPUT_PRIVATE_KEY] = "a private key",
        [INPUT_ENCRYPTED_KEY] = "an encrypted private key",
        [INPUT_PUBLIC_KEY] = "a public key",
        [INPUT_PKCS7] = "a PKCS#7 object",
        [INPUT_PKCS12] = "a PKCS#12 store",
        [INPUT_OTHER] = "an object of another kind",
    };

    return names[kind];
}

const char *input_kind_plural(enum input_kind kind)
{
    static const char *const names[INPUT_KINDS] = {
        [INPUT_CERTIFICATE] = "certificates",
        [INPUT_REQUEST] = "requests",
        [INPUT_CRL] = "revocation lists",
        [INPUT_PRIVATE_KEY] = "private keys",
        [INPUT_ENCRYPTED_KEY] = "encrypted private keys",
        [INPUT_PUBLIC_KEY] = "public keys",
        [INPUT_PKCS7] = "PKCS#7 objects",
        [INPUT_PKCS12] = "PKCS#12 stores",
        [INPUT_OTHER] = "objects of another kind",
    };

    return names[kind];
}
