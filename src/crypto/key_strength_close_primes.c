#include "crypto/key_strength_parts.h"

#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"

#define ROUNDS 110 /* Baseline Requirements 6.1.1.3: at least 100 */

DEFINE_SCOPED(BN_CTX, BN_CTX_free)

/*
 * Fermat's method: n = p * q = a^2 - b^2 with a = (p + q) / 2, which lies just
 * above the root of n where p and q are close.  So a starts there, grows by 1 a
 * round, and p and q are found when a^2 - n is a square.
 */
struct search {
    BN_CTX *arithmetic;
    const BIGNUM *modulus;
    BIGNUM *root;   /* of the modulus, rounded down */
    BIGNUM *sum;    /* a */
    BIGNUM *square; /* b^2, if it is one */
    BIGNUM *side;   /* b */
};

/* Bit i of squares is set where i is a square modulo the divisor.  A number
 * that is no square passes them all with a chance of 1 in 248. */
static const struct sieve {
    unsigned int divisor;
    uint64_t squares;
} sieves[] = {
    {64, UINT64_C(0x0202021202030213)},
    {63, UINT64_C(0x0402483012450293)},
    {61, UINT64_C(0x1713e6940a59f23b)},
    {55, UINT64_C(0x000230148611ca33)},
    {53, UINT64_C(0x0012dd703303aed3)},
};

#define SIEVES_PRODUCT (64U * 63U * 61U * 55U * 53U)

static bool may_be_square(uint64_t remainder)
{
    for (size_t i = 0; i < sizeof(sieves) / sizeof(*sieves); i++) {
        if ((sieves[i].squares >> (remainder % sieves[i].divisor) & 1) == 0)
            return false;
    }
    return true;
}

/* Newton's method from above; ends at the root rounded down. */
static bool take_root(const BIGNUM *number, BIGNUM *root, BN_CTX *arithmetic)
{
    SCOPED(BIGNUM) *next = BN_new();

    BN_zero(root);
    if (next == NULL || !BN_set_bit(root, (BN_num_bits(number) + 1) / 2))
        return false;
    for (;;) {
        if (!BN_div(next, NULL, number, root, arithmetic) ||
            !BN_add(next, next, root) || !BN_rshift1(next, next))
            return false;
        if (BN_cmp(next, root) >= 0)
            return true;
        if (BN_copy(root, next) == NULL)
            return false;
    }
}

/* The arithmetic of one round, which few rounds need. */
static bool try_round(
    const struct search *search, unsigned int round, bool *is_found)
{
    if (BN_copy(search->sum, search->root) == NULL ||
        !BN_add_word(search->sum, round) ||
        !BN_sqr(search->square, search->sum, search->arithmetic) ||
        !BN_sub(search->square, search->square, search->modulus) ||
        !take_root(search->square, search->side, search->arithmetic) ||
        !BN_sqr(search->sum, search->side, search->arithmetic))
        return false;
    *is_found = BN_cmp(search->sum, search->square) == 0;
    return true;
}

/* Round 0: both primes are the same. */
static bool try_root(const struct search *search, bool *is_found)
{
    if (!BN_sqr(search->square, search->root, search->arithmetic))
        return false;
    *is_found = BN_cmp(search->square, search->modulus) == 0;
    return true;
}

static bool try_rounds(
    const struct search *search, unsigned int *round, bool *is_found)
{
    BN_ULONG modulus = BN_mod_word(search->modulus, SIEVES_PRODUCT);
    BN_ULONG root = BN_mod_word(search->root, SIEVES_PRODUCT);

    *round = 0;
    if (modulus == (BN_ULONG)-1 || root == (BN_ULONG)-1 ||
        !try_root(search, is_found))
        return false;
    while (!*is_found && *round < ROUNDS) {
        ++*round;
        uint64_t sum = (root + *round) % SIEVES_PRODUCT;
        uint64_t difference = sum * sum + SIEVES_PRODUCT - modulus;

        if (may_be_square(difference) && !try_round(search, *round, is_found))
            return false;
    }
    return true;
}

bool key_strength_check_close_primes(struct bytes modulus, struct failure *why)
{
    SCOPED(BN_CTX) *arithmetic = BN_CTX_new();
    SCOPED(BIGNUM) *number =
        BN_bin2bn(modulus.start, (int)modulus.length, NULL);
    SCOPED(BIGNUM) *root = BN_new();
    SCOPED(BIGNUM) *sum = BN_new();
    SCOPED(BIGNUM) *square = BN_new();
    SCOPED(BIGNUM) *side = BN_new();
    const struct search search = {arithmetic, number, root, sum, square, side};
    unsigned int round = 0;
    bool is_found = false;

    if (arithmetic == NULL || number == NULL || root == NULL || sum == NULL ||
        square == NULL || side == NULL ||
        !take_root(number, root, arithmetic) ||
        !try_rounds(&search, &round, &is_found))
        return fail_in_openssl(
            why, FAILURE_INTERNAL, "looking for close primes");
    if (is_found)
        return key_strength_refuse(why, KEY_STRENGTH_RSA_CLOSE_PRIMES,
            "the two primes of the RSA key are so close that Fermat's method "
            "finds them in round %u of %d; make a new key, with another "
            "program",
            round, ROUNDS);
    return true;
}
