#include "x509/chain/signature_key.h"

#include <stdio.h>

#include "x509/chain/budget.h"

#define DSA_PRIME_BITS_MIN 1024
#define DSA_PRIME_BITS_MAX 3072 /* FIPS 186-4, 4.2 */

static bool check_rsa_size(
    unsigned int bits, enum algorithm_policy policy, struct failure *why)
{
    unsigned int least = policy == ALGORITHMS_WEBPKI ? RSA_BITS_WEBPKI_MIN
                                                     : RSA_BITS_RFC5280_MIN;

    if (bits > BUDGET_RSA_BITS)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the RSA key has %u bits; at most %d are computed with", bits,
            BUDGET_RSA_BITS);
    if (bits < least)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the RSA key has %u bits; at least %u are wanted (%s)", bits, least,
            policy == ALGORITHMS_WEBPKI ? "Baseline Requirements, 6.1.5"
                                        : "NIST SP 800-131A");
    if (policy == ALGORITHMS_WEBPKI && bits % 8 != 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the RSA key has %u bits, which 8 does not divide (Baseline "
            "Requirements, 6.1.5)",
            bits);
    return true;
}

static bool read_rsa(const struct spki *spki, enum algorithm_policy policy,
    struct verifying_key *found, struct failure *why)
{
    unsigned int bits = 0;

    if (!spki_rsa_numbers(spki->bits, &found->parts, why))
        return false;
    bits = public_key_bits(found->parts.modulus);
    (void)snprintf(found->title, sizeof(found->title), "RSA %u", bits);
    found->row = (struct key_algorithm){
        .kind = KEY_KIND_RSA, .openssl_name = "RSA", .bits = bits};
    return check_rsa_size(bits, policy, why);
}

/* RFC 4055, 3.3: parameters bind whoever signs with the key. */
static bool read_rsa_pss(const struct spki *spki, struct bytes parameters,
    enum algorithm_policy policy, struct verifying_key *found,
    struct failure *why)
{
    found->is_restricted = parameters.length > 0;
    if (policy == ALGORITHMS_WEBPKI)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the key is one of id-RSASSA-PSS, not rsaEncryption (Baseline "
            "Requirements, 7.1.3.1.1)");
    return read_rsa(spki, policy, found, why) &&
           (!found->is_restricted ||
               pss_parameters_read(parameters, &found->restricts, why));
}

static bool refuse_curve(struct bytes parameters, struct failure *why)
{
    struct der_reader reader = der_reader_of(parameters);
    struct bytes curve = {0};
    char name[OID_TEXT] = "";

    /* Explicit ones never reach OpenSSL (incident 26, CVE-2022-0778). */
    if (der_peek(&reader) != DER_OBJECT_IDENTIFIER)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the elliptic-curve key names no curve (RFC 5480, 2.1.1)");
    if (!der_read_oid(&reader, &curve, why))
        return false;
    algorithm_name_print(curve, name);
    return fail_because(
        why, FAILURE_UNSUITABLE, "the curve %s is not taken", name);
}

static bool read_ec(const struct spki *spki, struct bytes parameters,
    enum algorithm_policy policy, struct verifying_key *found,
    struct failure *why)
{
    struct der_reader reader = der_reader_of(parameters);
    struct bytes curve = {0};

    if (der_peek(&reader) != DER_OBJECT_IDENTIFIER ||
        !der_read_oid(&reader, &curve, why) ||
        (found->curve = curve_row_of(curve)) == NULL ||
        !(policy == ALGORITHMS_WEBPKI ? found->curve->webpki
                                      : found->curve->rfc5280))
        return refuse_curve(parameters, why);
    found->row = found->curve->key;
    found->parts.bits = spki->bits;
    (void)snprintf(found->title, sizeof(found->title), "%s", found->row.title);
    return true;
}

static bool read_number(
    struct der_reader *reader, struct bytes *number, struct failure *why)
{
    if (!der_read_integer(reader, number, why))
        return false;
    if ((number->start[0] & 0x80) != 0)
        return fail_because(
            why, FAILURE_MALFORMED, "a number of the DSA key is negative");
    if (number->start[0] == 0)
        *number = (struct bytes){number->start + 1, number->length - 1};
    return number->length > 0 || fail_because(why, FAILURE_MALFORMED,
                                     "a number of the DSA key is zero");
}

/* Dss-Parms, RFC 3279, 2.3.2 */
static bool read_dsa_parameters(
    struct bytes parameters, struct dsa_numbers *numbers, struct failure *why)
{
    struct der_reader reader = der_reader_of(parameters);
    struct der_reader contents = {0};

    return der_read(&reader, DER_SEQUENCE, &contents, why) &&
           read_number(&contents, &numbers->prime, why) &&
           read_number(&contents, &numbers->subprime, why) &&
           read_number(&contents, &numbers->generator, why) &&
           der_finish(&contents, "the DSA parameters", why);
}

static bool check_dsa_size(
    const struct verifying_key *found, struct failure *why)
{
    unsigned int bits = public_key_bits(found->dsa.prime);

    return (bits >= DSA_PRIME_BITS_MIN && bits <= DSA_PRIME_BITS_MAX &&
               found->dsa.subprime.length >= 20 &&
               found->dsa.subprime.length <= 32 &&
               found->dsa.generator.length <= found->dsa.prime.length &&
               found->dsa.value.length <= found->dsa.prime.length) ||
           fail_because(why, FAILURE_UNSUITABLE,
               "the DSA key has %u and %u bits, which are none of FIPS "
               "186-4's sizes",
               bits, public_key_bits(found->dsa.subprime));
}

static bool read_dsa(const struct signature_key *key, struct bytes parameters,
    enum algorithm_policy policy, struct verifying_key *found,
    struct failure *why)
{
    struct der_reader reader = der_reader_of(key->spki.bits);
    struct bytes used = parameters.length > 0 ? parameters : key->inherited;

    if (policy == ALGORITHMS_WEBPKI)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the key is one of DSA (Baseline Requirements, 6.1.5)");
    if (used.length == 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the DSA key has no parameters, nor has its issuer's (RFC 3279, "
            "2.3.2)");
    if (!read_dsa_parameters(used, &found->dsa, why) ||
        !read_number(&reader, &found->dsa.value, why) ||
        !der_finish(&reader, "the DSA key", why))
        return false;
    (void)snprintf(found->title, sizeof(found->title), "DSA %u",
        public_key_bits(found->dsa.prime));
    return check_dsa_size(found, why);
}

static bool read_raw(const struct spki *spki, struct bytes parameters,
    enum algorithm_policy policy, const struct key_algorithm *row,
    struct verifying_key *found, struct failure *why)
{
    found->row = *row;
    found->parts.bits = spki->bits;
    (void)snprintf(found->title, sizeof(found->title), "%s", row->title);
    if (policy == ALGORITHMS_WEBPKI)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the key is one of %s (Baseline Requirements, 6.1.5)", row->title);
    return parameters.length == 0 ||
           fail_because(why, FAILURE_UNSUITABLE,
               "the %s key has parameters; it must have none (RFC 8410, 3)",
               row->title);
}

bool verifying_key_read(const struct signature_key *key,
    enum algorithm_policy policy, struct verifying_key *found,
    struct failure *why)
{
    struct der_reader reader = der_reader_of(key->spki.algorithm);
    struct algorithm_identifier algorithm = {0};
    const struct family_row *row = NULL;

    if (!algorithm_identifier_read(&reader, &algorithm, why))
        return false;
    row = family_row_of(algorithm.oid);
    found->family = row->family;
    switch (row->family) {
    case FAMILY_RSA:
        return read_rsa(&key->spki, policy, found, why);
    case FAMILY_RSA_PSS:
        return read_rsa_pss(
            &key->spki, algorithm.parameters, policy, found, why);
    case FAMILY_EC:
        return read_ec(&key->spki, algorithm.parameters, policy, found, why);
    case FAMILY_DSA:
        return read_dsa(key, algorithm.parameters, policy, found, why);
    case FAMILY_RAW:
        return read_raw(
            &key->spki, algorithm.parameters, policy, row->raw, found, why);
    case FAMILY_UNKNOWN:
        break;
    }
    algorithm_name_print(algorithm.oid, found->title);
    return true;
}

bool verifying_key_make(
    const struct verifying_key *key, EVP_PKEY **made, struct failure *why)
{
    struct key_algorithm row = key->row;
    struct public_key_parts parts = key->parts;

    if (key->family == FAMILY_DSA)
        return dsa_key_make(&key->dsa, made, why);
    row.title = key->title;
    parts.algorithm = &row;
    return public_key_make(&parts, made, why);
}
