#include <string.h>

#include "crypto/key_strength_parts.h"
#include "x509/lint/rules.h"

/* The public key: RFC 3279, 5480; BR 6.1.5, 6.1.6 and 7.1.3.1. */

#define RSA_ENCRYPTION "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define RSA_PSS "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
#define EC_KEY "\x2a\x86\x48\xce\x3d\x02\x01"

struct rsa_numbers {
    struct bytes modulus, exponent; /* as encoded, with a sign byte */
};

static bool is_rsa(const struct lint_facts *facts)
{
    return bytes_equal(facts->key_oid, bytes_of_text(RSA_ENCRYPTION));
}

static bool read_rsa(
    const struct lint_facts *facts, struct rsa_numbers *numbers)
{
    struct der_reader reader = der_reader_of(facts->body->key.bits);
    struct der_reader inside = {0};
    struct failure unread = {0};

    return is_rsa(facts) && der_read(&reader, DER_SEQUENCE, &inside, &unread) &&
           der_read_integer(&inside, &numbers->modulus, &unread) &&
           der_read_integer(&inside, &numbers->exponent, &unread);
}

static unsigned int bits_of(struct bytes number)
{
    unsigned int bits = 0;

    while (number.length > 0 && number.start[0] == 0) {
        number.start++;
        number.length--;
    }
    if (number.length == 0)
        return 0;
    bits = (unsigned int)number.length * 8;
    for (unsigned int top = number.start[0]; (top & 0x80) == 0; top <<= 1)
        bits--;
    return bits;
}

static bool is_negative(struct bytes number)
{
    return (number.start[0] & 0x80) != 0;
}

static bool is_odd(struct bytes number)
{
    return (number.start[number.length - 1] & 1) != 0;
}

static void key_algorithm(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->key_algorithm == NULL)
        lint_find(
            pen, "the public key is refused: %s", facts->key_refused.reason);
}

static void key_type(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (!is_rsa(facts) && !bytes_equal(facts->key_oid, bytes_of_text(EC_KEY)))
        lint_find(pen, "the key is neither of RSA nor of an elliptic curve");
}

static void key_curve(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (bytes_equal(facts->key_oid, bytes_of_text(EC_KEY)) &&
        (facts->key_algorithm == NULL || facts->key_algorithm->bits < 256))
        lint_find(pen, "the curve is none of P-256, P-384 and P-521");
}

/* BR 7.1.3.1.2: byte for byte. */
static void key_curve_encoding(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader reader = der_reader_of(facts->key_parameters);

    if (bytes_equal(facts->key_oid, bytes_of_text(EC_KEY)) &&
        der_peek(&reader) != DER_OBJECT_IDENTIFIER)
        lint_find(pen, "the key's parameters don't name a curve");
}

static void key_rsa_parameters(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    static const uint8_t null[] = {DER_NULL, 0};

    if (is_rsa(facts) &&
        !bytes_equal(facts->key_parameters, (struct bytes){null, sizeof(null)}))
        lint_find(pen, "the parameters of the RSA key are not NULL");
}

/* BR 7.1.3.1: the bytes are listed there, and are those of our rows. */
static void key_identifier_encoding(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (!is_rsa(facts) && !bytes_equal(facts->key_oid, bytes_of_text(EC_KEY)))
        return;
    for (const struct key_algorithm *row = key_algorithms(); row->name != NULL;
         row++) {
        if (bytes_equal(row->identifier, facts->body->key.algorithm))
            return;
    }
    lint_find(pen, "the key's AlgorithmIdentifier is none of those that are "
                   "listed, byte for byte");
}

static void key_not_pss(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (bytes_equal(facts->key_oid, bytes_of_text(RSA_PSS)))
        lint_find(pen, "the key is bound to RSASSA-PSS");
}

static void rsa_readable(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct rsa_numbers numbers = {0};

    if (is_rsa(facts) && !read_rsa(facts, &numbers))
        lint_find(pen, "the RSA key can't be read");
}

static void check_size(
    const struct lint_facts *facts, unsigned int least, struct lint_pen *pen)
{
    struct rsa_numbers numbers = {0};

    if (read_rsa(facts, &numbers) && bits_of(numbers.modulus) < least)
        lint_find(pen, "the RSA modulus has %u bits, at least %u must be",
            bits_of(numbers.modulus), least);
}

static void rsa_2048(const struct lint_facts *facts, struct lint_pen *pen)
{
    check_size(facts, 2048, pen);
}

static void rsa_1024(const struct lint_facts *facts, struct lint_pen *pen)
{
    check_size(facts, 1024, pen);
}

static void rsa_octets(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct rsa_numbers numbers = {0};

    if (read_rsa(facts, &numbers) && bits_of(numbers.modulus) % 8 != 0)
        lint_find(pen, "the RSA modulus has %u bits, not whole octets",
            bits_of(numbers.modulus));
}

static void rsa_modulus_odd(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct rsa_numbers numbers = {0};

    if (read_rsa(facts, &numbers) && !is_odd(numbers.modulus))
        lint_find(pen, "the RSA modulus is even");
}

static uint32_t remainder_of(struct bytes number, uint32_t divisor)
{
    uint32_t remainder = 0;

    for (size_t i = 0; i < number.length; i++)
        remainder = (remainder << 8 | number.start[i]) % divisor;
    return remainder;
}

/* BR 6.1.6, SP 800-89: no factor below 752. */
static void rsa_small_factors(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct rsa_numbers numbers = {0};

    if (!read_rsa(facts, &numbers))
        return;
    for (uint32_t factor = 2; factor < 752; factor++) {
        if (remainder_of(numbers.modulus, factor) != 0)
            continue;
        lint_find(pen, "the RSA modulus has the factor %u", factor);
        return;
    }
}

/* BR 6.1.1.3: primes side by side are found in no time. */
static void rsa_close_primes(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct rsa_numbers numbers = {0};
    struct failure why = {0};

    if (read_rsa(facts, &numbers) && !is_negative(numbers.modulus) &&
        is_odd(numbers.modulus) && bits_of(numbers.modulus) >= 512 &&
        bits_of(numbers.modulus) <= 16384 &&
        !key_strength_check_close_primes(numbers.modulus, &why))
        lint_find(pen, "%s", why.reason);
}

static void rsa_exponent_positive(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct rsa_numbers numbers = {0};

    if (read_rsa(facts, &numbers) && is_negative(numbers.exponent))
        lint_find(pen, "the RSA exponent is negative");
}

static void rsa_exponent_odd(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct rsa_numbers numbers = {0};

    if (read_rsa(facts, &numbers) && !is_odd(numbers.exponent))
        lint_find(pen, "the RSA exponent is even");
}

static bool is_below_three(struct bytes number)
{
    return bits_of(number) < 2 ||
           (bits_of(number) == 2 && number.start[number.length - 1] < 3);
}

static void rsa_exponent_three(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct rsa_numbers numbers = {0};

    if (read_rsa(facts, &numbers) && is_below_three(numbers.exponent))
        lint_find(pen, "the RSA exponent is below 3");
}

static void rsa_exponent_not_one(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct rsa_numbers numbers = {0};

    if (read_rsa(facts, &numbers) && bits_of(numbers.exponent) == 1)
        lint_find(pen, "the RSA exponent is 1");
}

static void rsa_exponent_range(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct rsa_numbers numbers = {0};

    if (read_rsa(facts, &numbers) &&
        (bits_of(numbers.exponent) < 17 || bits_of(numbers.exponent) > 256))
        lint_find(pen, "the RSA exponent is not between 2^16 + 1 and 2^256");
}

#define KEY(title, where, function)                                  \
    {                                                                \
        .name = (title), .reference = "CA/Browser Forum BR, " where, \
        .check = (function), .scope = LINT_BR, .on_requests = true   \
    }

const struct lint_rule lint_rules_of_key[] = {
    {.name = "key-algorithm",
        .reference = "RFC 5280, 4.1.2.7",
        .check = key_algorithm,
        .scope = LINT_OWN,
        .on_drafts = true,
        .on_requests = true,
        .drafts_only = true},
    KEY("key-type", "6.1.5", key_type),
    KEY("key-curve", "6.1.5", key_curve),
    KEY("key-curve-encoding", "7.1.3.1.2", key_curve_encoding),
    KEY("key-identifier-encoding", "7.1.3.1", key_identifier_encoding),
    {.name = "key-rsa-parameters",
        .reference = "RFC 3279, 2.3.1",
        .check = key_rsa_parameters,
        .scope = LINT_RFC5280,
        .on_requests = true},
    {.name = "key-not-pss",
        .reference = "Mozilla, 5.1.1",
        .check = key_not_pss,
        .scope = LINT_BR,
        .on_requests = true},
    {.name = "rsa-readable",
        .reference = "RFC 3279, 2.3.1",
        .check = rsa_readable,
        .scope = LINT_RFC5280,
        .on_requests = true},
    KEY("rsa-modulus-2048", "6.1.5", rsa_2048),
    KEY("rsa-modulus-1024", "1.0, A", rsa_1024),
    KEY("rsa-modulus-octets", "6.1.5", rsa_octets),
    KEY("rsa-modulus-odd", "6.1.6", rsa_modulus_odd),
    KEY("rsa-small-factors", "6.1.6", rsa_small_factors),
    KEY("rsa-close-primes", "6.1.1.3", rsa_close_primes),
    KEY("rsa-exponent-positive", "6.1.6", rsa_exponent_positive),
    KEY("rsa-exponent-odd", "6.1.6", rsa_exponent_odd),
    KEY("rsa-exponent-three", "6.1.6", rsa_exponent_three),
    KEY("rsa-exponent-not-one", "6.1.6", rsa_exponent_not_one),
    KEY("rsa-exponent-range", "6.1.6", rsa_exponent_range),
    {0},
};
