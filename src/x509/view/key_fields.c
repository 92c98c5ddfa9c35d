#include <stdio.h>

#include "x509/algorithm_identifier.h"
#include "x509/view/fields.h"
#include "x509/view/oid_name.h"

static const char *kind_name(const struct spki *key, const char *rowless)
{
    struct public_key_parts parts = {0};
    struct failure why = {0};

    return spki_parts(key, &parts, &why) && parts.algorithm->title != NULL
               ? parts.algorithm->title
               : rowless;
}

/* The name of the algorithm, as the key has it. */
static void print_kind(const struct spki *key, char text[static VIEW_OID_TEXT])
{
    struct der_reader reader = der_reader_of(key->algorithm);
    struct algorithm_identifier algorithm = {0};
    struct failure why = {0};

    (void)snprintf(text, VIEW_OID_TEXT, "unknown");
    if (algorithm_identifier_read(&reader, &algorithm, &why))
        view_oid_print(algorithm.oid, text);
}

/* RFC 8017, A.1.1. */
static bool read_rsa(
    const struct spki *key, struct bytes *modulus, struct bytes *exponent)
{
    struct der_reader reader = der_reader_of(key->bits);
    struct der_reader contents = {0};
    struct failure why = {0};

    return der_read(&reader, DER_SEQUENCE, &contents, &why) &&
           der_read_integer(&contents, modulus, &why) &&
           der_read_integer(&contents, exponent, &why) && der_at_end(&contents);
}

static size_t bits_of(struct bytes number)
{
    size_t bits = 0;

    while (number.length > 0 && number.start[0] == 0) {
        number.start++;
        number.length--;
    }
    if (number.length == 0)
        return 0;
    for (uint8_t first = number.start[0]; first != 0; first >>= 1)
        bits++;
    return bits + 8 * (number.length - 1);
}

/* RFC 5480, 2.1.1: the curve by name, where it is named. */
static bool find_curve(const struct spki *key, struct bytes *curve)
{
    struct der_reader reader = der_reader_of(key->algorithm);
    struct algorithm_identifier algorithm = {0};
    struct failure why = {0};

    if (!algorithm_identifier_read(&reader, &algorithm, &why) ||
        algorithm.parameters.length == 0 ||
        algorithm.parameters.start[0] != DER_OBJECT_IDENTIFIER)
        return false;
    reader = der_reader_of(algorithm.parameters);
    return der_read_oid(&reader, curve, &why);
}

size_t view_key_line(struct view_document *document, size_t parent,
    const char *label, const struct spki *key)
{
    char kind[VIEW_OID_TEXT] = "";
    struct bytes modulus = {0};
    struct bytes exponent = {0};

    print_kind(key, kind);
    if (read_rsa(key, &modulus, &exponent))
        return view_print(
            document, parent, label, "RSA %zu bits", bits_of(modulus));
    return view_print(document, parent, label, "%s", kind_name(key, kind));
}

size_t view_key_details(
    struct view_document *document, size_t parent, const struct spki *key)
{
    size_t group = view_group(document, parent, "Public key");
    struct bytes modulus = {0};
    struct bytes exponent = {0};
    struct bytes curve = {0};
    char kind[VIEW_OID_TEXT] = "";
    char fingerprint[SHA256_TEXT] = "";
    struct failure why = {0};

    print_kind(key, kind);
    view_at(document, group, key->whole);
    (void)view_key_line(document, group, "Kind", key);
    (void)view_print(document, group, "Algorithm", "%s", kind);
    if (find_curve(key, &curve))
        (void)view_oid(document, group, "Curve", curve);
    if (read_rsa(key, &modulus, &exponent)) {
        (void)view_number(document, group, "Bits", (int64_t)bits_of(modulus));
        (void)view_hex(document, group, "Modulus", modulus);
        (void)view_hex(document, group, "Exponent", exponent);
    } else {
        (void)view_hex(document, group, "Bytes", key->bits);
    }
    if (sha256_text(key->whole, fingerprint, &why))
        (void)view_print(document, group, "Key SHA-256", "%s", fingerprint);
    return group;
}
