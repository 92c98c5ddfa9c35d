#include "x509/algorithm_identifier.h"

#include <stdio.h>

#include "crypto/algorithm.h"
#include "x509/der_element.h"

bool algorithm_identifier_read(struct der_reader *reader,
    struct algorithm_identifier *identifier, struct failure *why)
{
    struct algorithm_identifier found = {0};
    struct der_reader next = *reader;
    struct der_reader contents = {0};
    struct der_reader inside = {0};
    uint8_t tag = 0;

    if (!der_read_element(&next, DER_SEQUENCE, &contents, &found.whole, why) ||
        !der_read_oid(&contents, &found.oid, why))
        return false;
    if (!der_at_end(&contents) &&
        !der_read_any(&contents, &tag, &inside, &found.parameters, why))
        return false;
    if (!der_finish(&contents, "an algorithm identifier", why))
        return false;
    *identifier = found;
    *reader = next;
    return true;
}

/* Algorithms without a row in crypto/algorithm are refused by name, so their
 * names are here: RFC 3279, 4055, 5480, 5639, 5758, 8410, 9881. */
static const struct {
    const char *name;
    struct bytes oid;
} names[] = {
#define NAMED(name, contents)                                 \
    {                                                         \
        name,                                                 \
        {                                                     \
            (const uint8_t *)(contents), sizeof(contents) - 1 \
        }                                                     \
    }
    NAMED("rsaEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"),
    NAMED("md2WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02"),
    NAMED("md4WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x03"),
    NAMED("md5WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04"),
    NAMED("sha1WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"),
    NAMED("id-RSAES-OAEP", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07"),
    NAMED("id-RSASSA-PSS", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"),
    NAMED("sha256WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"),
    NAMED("sha384WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c"),
    NAMED("sha512WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d"),
    NAMED("sha224WithRSAEncryption", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e"),
    NAMED("sha1WithRSA (OIW)", "\x2b\x0e\x03\x02\x1d"),
    NAMED("md5WithRSA (OIW)", "\x2b\x0e\x03\x02\x03"),
    NAMED("id-dsa", "\x2a\x86\x48\xce\x38\x04\x01"),
    NAMED("dsa-with-sha1", "\x2a\x86\x48\xce\x38\x04\x03"),
    NAMED("dsa-with-sha224", "\x60\x86\x48\x01\x65\x03\x04\x03\x01"),
    NAMED("dsa-with-sha256", "\x60\x86\x48\x01\x65\x03\x04\x03\x02"),
    NAMED("dhpublicnumber", "\x2a\x86\x48\xce\x3e\x02\x01"),
    NAMED("dhKeyAgreement", "\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01"),
    NAMED("id-ecPublicKey", "\x2a\x86\x48\xce\x3d\x02\x01"),
    NAMED("ecdsa-with-SHA1", "\x2a\x86\x48\xce\x3d\x04\x01"),
    NAMED("ecdsa-with-SHA224", "\x2a\x86\x48\xce\x3d\x04\x03\x01"),
    NAMED("ecdsa-with-SHA256", "\x2a\x86\x48\xce\x3d\x04\x03\x02"),
    NAMED("ecdsa-with-SHA384", "\x2a\x86\x48\xce\x3d\x04\x03\x03"),
    NAMED("ecdsa-with-SHA512", "\x2a\x86\x48\xce\x3d\x04\x03\x04"),
    NAMED("id-X25519", "\x2b\x65\x6e"),
    NAMED("id-X448", "\x2b\x65\x6f"),
    NAMED("id-Ed25519", "\x2b\x65\x70"),
    NAMED("id-Ed448", "\x2b\x65\x71"),
    NAMED("id-ml-dsa-44", "\x60\x86\x48\x01\x65\x03\x04\x03\x11"),
    NAMED("id-ml-dsa-65", "\x60\x86\x48\x01\x65\x03\x04\x03\x12"),
    NAMED("id-ml-dsa-87", "\x60\x86\x48\x01\x65\x03\x04\x03\x13"),
    /* curves */
    NAMED("secp192r1", "\x2a\x86\x48\xce\x3d\x03\x01\x01"),
    NAMED("secp256r1", "\x2a\x86\x48\xce\x3d\x03\x01\x07"),
    NAMED("secp256k1", "\x2b\x81\x04\x00\x0a"),
    NAMED("secp224r1", "\x2b\x81\x04\x00\x21"),
    NAMED("secp384r1", "\x2b\x81\x04\x00\x22"),
    NAMED("secp521r1", "\x2b\x81\x04\x00\x23"),
    NAMED("brainpoolP256r1", "\x2b\x24\x03\x03\x02\x08\x01\x01\x07"),
    NAMED("brainpoolP384r1", "\x2b\x24\x03\x03\x02\x08\x01\x01\x0b"),
    NAMED("brainpoolP512r1", "\x2b\x24\x03\x03\x02\x08\x01\x01\x0d"),
#undef NAMED
};

void algorithm_name_print(struct bytes oid, char text[static OID_TEXT])
{
    struct failure why = {0};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (!bytes_equal(names[i].oid, oid))
            continue;
        (void)snprintf(text, OID_TEXT, "%s", names[i].name);
        return;
    }
    if (!oid_print(oid, text, &why))
        (void)snprintf(text, OID_TEXT, "an object identifier too long to show");
}

/* Is there a row of the same algorithm, so that the parameters are at fault? */
static bool has_row_with_other_parameters(struct bytes oid)
{
    const struct signature_algorithm *row = signature_algorithms();

    for (; row->name != NULL; row++) {
        struct der_reader reader = der_reader_of(row->identifier);
        struct algorithm_identifier identifier = {0};
        struct failure why = {0};

        if (algorithm_identifier_read(&reader, &identifier, &why) &&
            bytes_equal(identifier.oid, oid))
            return true;
    }
    return false;
}

static bool is_pss(struct bytes oid)
{
    static const uint8_t pss[] = {
        0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a};

    return bytes_equal(oid, (struct bytes){pss, sizeof(pss)});
}

bool signature_algorithm_refuse(
    struct bytes identifier, const char *what, struct failure *why)
{
    struct der_reader reader = der_reader_of(identifier);
    struct algorithm_identifier found = {0};
    char name[OID_TEXT] = "";

    if (!algorithm_identifier_read(&reader, &found, why))
        return false;
    algorithm_name_print(found.oid, name);
    if (is_pss(found.oid))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the %s is signed with RSASSA-PSS and parameters that are not "
            "taken: those with SHA-256, SHA-384 or SHA-512, MGF1 with the same "
            "hash, and a salt of its length (32, 48 or 64 bytes) are (RFC "
            "4055, 3.1)",
            what);
    if (has_row_with_other_parameters(found.oid))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the %s is signed with %s and parameters that are not those of "
            "its standard",
            what, name);
    return fail_because(why, FAILURE_UNSUITABLE,
        "the %s is signed with %s; signatures are taken with SHA-256, "
        "SHA-384, SHA-512, Ed25519 or ML-DSA",
        what, name);
}
