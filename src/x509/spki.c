#include "x509/spki.h"

#include <stdio.h>
#include <string.h>

#include "crypto/key_strength.h"
#include "x509/algorithm_identifier.h"
#include "x509/der_element.h"

#define TITLES_ROOM 120

static const uint8_t rsa_encryption[] = {
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
static const uint8_t ec_public_key[] = {
    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};

static bool is_oid(struct bytes oid, const uint8_t *contents, size_t length)
{
    return bytes_equal(
        oid, (struct bytes){.start = contents, .length = length});
}

bool spki_read(
    struct der_reader *reader, struct spki *spki, struct failure *why)
{
    struct spki found = {0};
    struct algorithm_identifier algorithm = {0};
    struct der_reader next = *reader;
    struct der_reader contents = {0};
    uint8_t spare_bits = 0;

    if (!der_read_element(&next, DER_SEQUENCE, &contents, &found.whole, why) ||
        !algorithm_identifier_read(&contents, &algorithm, why) ||
        !der_read_bit_string(&contents, &found.bits, &spare_bits, why) ||
        !der_finish(&contents, "the public key", why))
        return false;
    if (spare_bits != 0)
        return fail_because(why, FAILURE_MALFORMED,
            "the public key has %u spare bits; it is whole bytes",
            (unsigned int)spare_bits);
    found.algorithm = algorithm.whole;
    *spki = found;
    *reader = next;
    return true;
}

/* The titles of the rows of a kind, for the reason of a refusal. */
static void print_titles(enum key_kind kind, char titles[static TITLES_ROOM])
{
    size_t used = 0;

    titles[0] = '\0';
    for (const struct key_algorithm *row = key_algorithms(); row->name; row++) {
        int printed = 0;

        if (row->kind != kind || used >= TITLES_ROOM - 1)
            continue;
        printed = snprintf(titles + used, TITLES_ROOM - used, "%s%s",
            used == 0 ? "" : ", ", row->title);
        if (printed > 0)
            used += (size_t)printed;
    }
}

/* A positive INTEGER without its sign byte. */
static bool read_magnitude(struct der_reader *reader, const char *what,
    struct bytes *magnitude, struct failure *why)
{
    struct bytes integer = {0};

    if (!der_read_integer(reader, &integer, why))
        return false;
    if ((integer.start[0] & 0x80) != 0)
        return fail_because(
            why, FAILURE_MALFORMED, "the RSA %s is negative", what);
    if (integer.start[0] == 0) {
        integer.start++;
        integer.length--;
    }
    if (integer.length == 0)
        return fail_because(why, FAILURE_MALFORMED, "the RSA %s is zero", what);
    *magnitude = integer;
    return true;
}

/* RFC 8017, A.1.1. */
bool spki_rsa_numbers(
    struct bytes bits, struct public_key_parts *parts, struct failure *why)
{
    struct der_reader reader = der_reader_of(bits);
    struct der_reader contents = {0};

    return der_read(&reader, DER_SEQUENCE, &contents, why) &&
           der_finish(&reader, "the RSA public key", why) &&
           read_magnitude(&contents, "modulus", &parts->modulus, why) &&
           read_magnitude(&contents, "exponent", &parts->exponent, why) &&
           der_finish(&contents, "the RSA public key", why);
}

static bool rsa_parts(const struct spki *spki, struct bytes parameters,
    struct public_key_parts *parts, struct failure *why)
{
    static const uint8_t null[] = {DER_NULL, 0x00};
    char titles[TITLES_ROOM] = "";

    /* RFC 3279, 2.3.1 */
    if (!is_oid(parameters, null, sizeof(null)))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the parameters of an rsaEncryption key must be NULL");
    if (!spki_rsa_numbers(spki->bits, parts, why) ||
        !key_strength_check_rsa_numbers(parts, why))
        return false;
    parts->algorithm =
        key_algorithm_of(spki->algorithm, public_key_bits(parts->modulus));
    if (parts->algorithm == NULL) {
        print_titles(KEY_KIND_RSA, titles);
        return key_strength_refuse(why, KEY_STRENGTH_RSA_SIZE,
            "an RSA key of %u bits is not taken; these are: %s",
            public_key_bits(parts->modulus), titles);
    }
    return true;
}

/*
 * RFC 5480, 2.1.1: parameters name a curve.  Explicit ones never reach
 * OpenSSL (incident 26, CVE-2022-0778).
 */
static bool refuse_curve(struct bytes parameters, struct failure *why)
{
    struct der_reader reader = der_reader_of(parameters);
    struct bytes curve = {0};
    char name[OID_TEXT] = "";
    char titles[TITLES_ROOM] = "";

    print_titles(KEY_KIND_EC, titles);
    /* NULL is implicitCurve: that of the issuer. */
    if (parameters.length == 0 || der_peek(&reader) == DER_NULL)
        return key_strength_refuse(why, KEY_STRENGTH_EC_NAMED_CURVE,
            "the elliptic-curve key names no curve; these are taken: %s",
            titles);
    if (der_peek(&reader) != DER_OBJECT_IDENTIFIER)
        return key_strength_refuse(why, KEY_STRENGTH_EC_NAMED_CURVE,
            "the elliptic-curve key has explicit parameters; only named curves "
            "are taken: %s",
            titles);
    if (!der_read_oid(&reader, &curve, why))
        return false;
    algorithm_name_print(curve, name);
    return key_strength_refuse(why, KEY_STRENGTH_EC_NAMED_CURVE,
        "the curve %s is not taken; these are: %s", name, titles);
}

static bool refuse_algorithm(
    const struct algorithm_identifier *algorithm, struct failure *why)
{
    char name[OID_TEXT] = "";

    if (is_oid(algorithm->oid, ec_public_key, sizeof(ec_public_key)))
        return refuse_curve(algorithm->parameters, why);
    algorithm_name_print(algorithm->oid, name);
    /* RFC 8410, 3; RFC 9881, 2: parameters of raw keys are absent. */
    return fail_because(why, FAILURE_UNSUITABLE,
        "the key's algorithm, %s%s, is not taken", name,
        algorithm->parameters.length > 0 ? " with parameters" : "");
}

bool spki_parts(const struct spki *spki, struct public_key_parts *parts,
    struct failure *why)
{
    struct public_key_parts found = {.bits = spki->bits};
    struct der_reader reader = der_reader_of(spki->algorithm);
    struct algorithm_identifier algorithm = {0};

    if (!algorithm_identifier_read(&reader, &algorithm, why))
        return false;
    if (is_oid(algorithm.oid, rsa_encryption, sizeof(rsa_encryption))) {
        if (!rsa_parts(spki, algorithm.parameters, &found, why))
            return false;
    } else {
        found.algorithm = key_algorithm_of(spki->algorithm, 0);
        if (found.algorithm == NULL)
            return refuse_algorithm(&algorithm, why);
    }
    *parts = found;
    return true;
}
