#include "crypto/key_strength_parts.h"

/* OpenSSL takes no longer one for moduli above 3072 bits, others none at all:
 * the cost of a verification grows with it.  FIPS 186-5 ends at 256 bits. */
#define EXPONENT_BYTES_MAX 8

/* Of the primes below: all, and those that divide what the keys of
 * CVE-2017-15361 of any size are made with, which are the primes up to 167. */
#define SMALL_PRIMES 132
#define ROCA_PRIMES 38

#define ROCA_GENERATOR 65537U

/* SP 800-89, 5.3.3: no factor is smaller than 752. */
static const uint16_t small_primes[SMALL_PRIMES] = {3, 5, 7, 11, 13, 17, 19, 23,
    29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181,
    191, 193, 197, 199, 211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269,
    271, 277, 281, 283, 293, 307, 311, 313, 317, 331, 337, 347, 349, 353, 359,
    367, 373, 379, 383, 389, 397, 401, 409, 419, 421, 431, 433, 439, 443, 449,
    457, 461, 463, 467, 479, 487, 491, 499, 503, 509, 521, 523, 541, 547, 557,
    563, 569, 571, 577, 587, 593, 599, 601, 607, 613, 617, 619, 631, 641, 643,
    647, 653, 659, 661, 673, 677, 683, 691, 701, 709, 719, 727, 733, 739, 743,
    751};

static bool is_odd(struct bytes number)
{
    return number.length > 0 && (number.start[number.length - 1] & 1) != 0;
}

bool key_strength_check_rsa_numbers(
    const struct public_key_parts *parts, struct failure *why)
{
    struct bytes exponent = parts->exponent;

    if (!is_odd(parts->modulus))
        return key_strength_refuse(why, KEY_STRENGTH_RSA_ODD_MODULUS,
            "the RSA modulus is even, no product of two large primes; make a "
            "new key");
    if (exponent.length > EXPONENT_BYTES_MAX)
        return key_strength_refuse(why, KEY_STRENGTH_RSA_EXPONENT,
            "the RSA exponent has more than %d bits; make a key with 65537",
            EXPONENT_BYTES_MAX * 8);
    if (!is_odd(exponent) || (exponent.length == 1 && exponent.start[0] == 1))
        return key_strength_refuse(why, KEY_STRENGTH_RSA_EXPONENT,
            "the RSA exponent is not an odd number above 1; make a key with "
            "65537");
    return true;
}

/* Every row's size is a multiple of 32 bits, which take_remainder relies on. */
static bool check_size(
    const struct public_key_parts *parts, struct failure *why)
{
    struct bytes modulus = parts->modulus;

    if (modulus.length == parts->algorithm->bits / 8 &&
        (modulus.start[0] & 0x80) != 0)
        return true;
    return key_strength_refuse(why, KEY_STRENGTH_RSA_SIZE,
        "the modulus of the %s key has not exactly %u bits",
        parts->algorithm->title, parts->algorithm->bits);
}

static uint64_t number_of(struct bytes bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < bytes.length; i++)
        number = number << 8 | bytes.start[i];
    return number;
}

static bool check_exponent(struct bytes bytes, struct failure *why)
{
    uint64_t exponent = number_of(bytes);

    if (exponent > 65536)
        return true;
    return key_strength_refuse(why, KEY_STRENGTH_RSA_EXPONENT,
        "the RSA exponent %u is below 65537, where flaws of padding have "
        "broken signatures and secrets; make a key with 65537",
        (unsigned int)exponent);
}

static uint32_t take_remainder(struct bytes modulus, uint32_t divisor)
{
    uint64_t remainder = 0;

    for (size_t i = 0; i < modulus.length; i += 4) {
        struct bytes word = {.start = modulus.start + i, .length = 4};

        remainder = (remainder << 32 | number_of(word)) % divisor;
    }
    return (uint32_t)remainder;
}

/* One walk of the modulus serves as many primes as a 32-bit product holds. */
static void take_remainders(
    struct bytes modulus, uint32_t remainders[static SMALL_PRIMES])
{
    size_t first = 0;
    size_t end = 0;

    while (first < SMALL_PRIMES) {
        uint64_t product = 1;

        while (end < SMALL_PRIMES && product * small_primes[end] <= UINT32_MAX)
            product *= small_primes[end++];
        uint32_t remainder = take_remainder(modulus, (uint32_t)product);
        for (; first < end; first++)
            remainders[first] = remainder % small_primes[first];
    }
}

static bool check_small_factors(
    const uint32_t remainders[static SMALL_PRIMES], struct failure *why)
{
    for (size_t i = 0; i < SMALL_PRIMES; i++) {
        if (remainders[i] == 0)
            return key_strength_refuse(why, KEY_STRENGTH_RSA_SMALL_FACTORS,
                "the RSA modulus is divisible by %u, no product of two large "
                "primes; make a new key, with another program",
                (unsigned int)small_primes[i]);
    }
    return true;
}

/* generator^exponent mod prime, and after how many steps the powers repeat. */
struct logarithm {
    unsigned int exponent;
    unsigned int order;
};

static bool find_logarithm(
    uint32_t number, uint32_t prime, struct logarithm *logarithm)
{
    uint32_t power = 1;
    bool is_found = false;

    logarithm->order = 0;
    do {
        if (power == number) {
            logarithm->exponent = logarithm->order;
            is_found = true;
        }
        power = power * ROCA_GENERATOR % prime;
        logarithm->order++;
    } while (power != 1);
    return is_found;
}

static unsigned int common_divisor(unsigned int a, unsigned int b)
{
    while (b != 0) {
        unsigned int remainder = a % b;

        a = b;
        b = remainder;
    }
    return a;
}

/* There is one exponent for both primes (Chinese remainders). */
static bool agree(const struct logarithm *a, const struct logarithm *b)
{
    unsigned int common = common_divisor(a->order, b->order);

    return a->exponent % common == b->exponent % common;
}

/*
 * Nemec et al., The Return of Coppersmith's Attack, 2.3: primes of the form
 * k * M + (65537^a mod M), M a product of the first primes, so that the modulus
 * is a power of 65537 modulo M.  A random one is with a chance of 2^-154: 61
 * bits of powers among 216 of residues.
 */
static bool is_roca(const uint32_t remainders[static SMALL_PRIMES])
{
    struct logarithm logarithms[ROCA_PRIMES];

    for (size_t i = 0; i < ROCA_PRIMES; i++) {
        if (!find_logarithm(remainders[i], small_primes[i], &logarithms[i]))
            return false;
        for (size_t earlier = 0; earlier < i; earlier++) {
            if (!agree(&logarithms[i], &logarithms[earlier]))
                return false;
        }
    }
    return true;
}

bool key_strength_check_rsa(
    const struct public_key_parts *parts, struct failure *why)
{
    uint32_t remainders[SMALL_PRIMES];

    if (!check_size(parts, why) ||
        !key_strength_check_rsa_numbers(parts, why) ||
        !check_exponent(parts->exponent, why))
        return false;
    take_remainders(parts->modulus, remainders);
    if (!check_small_factors(remainders, why))
        return false;
    if (is_roca(remainders))
        return key_strength_refuse(why, KEY_STRENGTH_RSA_ROCA,
            "the RSA key was made by a chip whose keys can be factored; make a "
            "new key outside of it, or after its firmware's update");
    return key_strength_check_close_primes(parts->modulus, why);
}
