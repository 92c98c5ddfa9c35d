#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>

#include "crypto/key_strength.h"
#include "crypto/openssl_scoped.h"

#define PRIMES 12
#define KEYS_PER_CLASS 10
DEFINE_SCOPED(BN_CTX, BN_CTX_free)

struct exponent {
    uint8_t bytes[9];
    size_t length;
};

static const struct exponent f4 = {{1, 0, 1}, 3};

struct rsa_key {
    uint8_t modulus[1024];
    struct public_key_parts parts;
};

/* Fresh, of 1024 bits with the two highest set: any two make 2048. */
static BIGNUM *primes[PRIMES];

static int make_primes(void **state)
{
    (void)state;
    for (size_t i = 0; i < PRIMES; i++) {
        primes[i] = BN_new();
        if (primes[i] == NULL ||
            !BN_generate_prime_ex(primes[i], 1024, 0, NULL, NULL, NULL))
            return -1;
    }
    return 0;
}

static int free_primes(void **state)
{
    (void)state;
    for (size_t i = 0; i < PRIMES; i++)
        BN_free(primes[i]);
    return 0;
}

static struct rsa_key *key_of(const BIGNUM *modulus)
{
    static struct rsa_key key;
    int length = BN_num_bytes(modulus);

    assert_in_range(length, 1, sizeof(key.modulus));
    assert_int_equal(BN_bn2bin(modulus, key.modulus), length);
    key.parts =
        (struct public_key_parts){.algorithm = key_algorithm_named("rsa2048"),
            .modulus = {key.modulus, (size_t)length},
            .exponent = {f4.bytes, f4.length}};
    return &key;
}

static struct rsa_key *key_of_product(const BIGNUM *p, const BIGNUM *q)
{
    SCOPED(BN_CTX) *arithmetic = BN_CTX_new();
    SCOPED(BIGNUM) *modulus = BN_new();

    assert_true(BN_mul(modulus, p, q, arithmetic));
    return key_of(modulus);
}

static void assert_refused(
    const struct rsa_key *key, enum key_strength_rule rule)
{
    const struct key_strength_test *test = &key_strength_tests()[rule];
    struct failure why = {0};
    char ending[120];

    (void)snprintf(
        ending, sizeof(ending), " (test %s, %s)", test->name, test->reference);
    assert_false(key_strength_check(&key->parts, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_true(strlen(why.reason) > strlen(ending));
    assert_string_equal(
        why.reason + strlen(why.reason) - strlen(ending), ending);
}

static void assert_taken(const struct rsa_key *key)
{
    struct failure why = {0};

    assert_true(key_strength_check(&key->parts, &why));
    assert_int_equal(why.kind, FAILURE_NONE);
}

static void properties07_fresh_rsa_keys_are_taken(void **state)
{
    (void)state;
    for (size_t p = 0; p < PRIMES; p++) {
        for (size_t q = 0; q < p; q++)
            assert_taken(key_of_product(primes[p], primes[q]));
    }
}

static void properties07_fresh_rsa_keys_of_openssl_are_taken(void **state)
{
    static const struct {
        const char *row;
        size_t bits;
    } sizes[] = {{"rsa2048", 2048}, {"rsa3072", 3072}};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        SCOPED(EVP_PKEY) *fresh =
            EVP_PKEY_Q_keygen(NULL, NULL, "RSA", sizes[i].bits);
        SCOPED(BIGNUM) *modulus = NULL;

        assert_non_null(fresh);
        assert_true(EVP_PKEY_get_bn_param(fresh, "n", &modulus));
        struct rsa_key *key = key_of(modulus);
        key->parts.algorithm = key_algorithm_named(sizes[i].row);
        assert_taken(key);
    }
}

static void properties07_rsa_keys_of_other_sizes_are_refused(void **state)
{
    static const int bits[] = {
        512, 1023, 1024, 1536, 2040, 2047, 2049, 2056, 3072, 4096, 8192};

    (void)state;
    for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
        SCOPED(BIGNUM) *modulus = BN_new();

        assert_true(
            BN_rand(modulus, bits[i], BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD));
        assert_refused(key_of(modulus), KEY_STRENGTH_RSA_SIZE);
    }
}

static void properties07_even_rsa_moduli_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS_PER_CLASS; i++) {
        struct rsa_key *key = key_of_product(primes[i], primes[i + 1]);

        key->modulus[255] &= (uint8_t)~1U;
        assert_refused(key, KEY_STRENGTH_RSA_ODD_MODULUS);
    }
}

static void properties07_rsa_exponents_out_of_range_are_refused(void **state)
{
    static const struct exponent refused[] = {
        {{1}, 1},
        {{2}, 1},
        {{3}, 1},
        {{5}, 1},
        {{17}, 1},
        {{35}, 1},
        {{1, 1}, 2},
        {{0xff, 0xff}, 2},
        {{1, 0, 0}, 3},
        {{1, 0, 2}, 3},
        {{1, 0, 0, 0, 0, 0, 1, 0, 1}, 9},
        {{0}, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        struct rsa_key *key = key_of_product(primes[0], primes[1]);

        key->parts.exponent =
            (struct bytes){refused[i].bytes, refused[i].length};
        assert_refused(key, KEY_STRENGTH_RSA_EXPONENT);
    }
}

static void properties07_rsa_exponents_from_65537_to_64_bits_are_taken(
    void **state)
{
    static const struct exponent taken[] = {
        {{1, 0, 1}, 3},
        {{1, 0, 3}, 3},
        {{1, 0, 0, 0, 1}, 5},
        {{0xff, 0, 0, 0, 0, 0, 0, 1}, 8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
        struct rsa_key *key = key_of_product(primes[0], primes[1]);

        key->parts.exponent = (struct bytes){taken[i].bytes, taken[i].length};
        assert_taken(key);
    }
}

static void properties07_an_exponent_is_refused_with_its_number(void **state)
{
    struct rsa_key *key = key_of_product(primes[0], primes[1]);
    struct failure why = {0};

    (void)state;
    key->parts.exponent = (struct bytes){(const uint8_t[]){3}, 1};
    assert_false(key_strength_check(&key->parts, &why));
    assert_string_equal(why.reason,
        "the RSA exponent 3 is below 65537, where flaws of padding have broken "
        "signatures and secrets; make a key with 65537 (test rsa-exponent, "
        "FIPS 186-5, A.1.1)");
}

static bool has_factor_below(const BIGNUM *number, BN_ULONG end)
{
    for (BN_ULONG divisor = 3; divisor < end; divisor += 2) {
        if (BN_mod_word(number, divisor) == 0)
            return true;
    }
    return false;
}

/* 2048 bits: the factor and a random number without a factor below 760. */
static struct rsa_key *key_with_factor(BN_ULONG factor)
{
    SCOPED(BIGNUM) *modulus = BN_new();

    do {
        assert_true(
            BN_rand(modulus, 2048, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY));
        assert_true(BN_div_word(modulus, factor) != (BN_ULONG)-1);
        assert_true(BN_set_bit(modulus, 0));
        if (has_factor_below(modulus, 760))
            continue;
        assert_true(BN_mul_word(modulus, factor));
    } while (BN_num_bits(modulus) != 2048);
    return key_of(modulus);
}

static void properties07_every_factor_below_752_is_refused_by_name(void **state)
{
    (void)state;
    for (BN_ULONG factor = 3; factor < 752; factor += 2) {
        SCOPED(BIGNUM) *number = BN_new();
        struct failure why = {0};
        char beginning[80];

        assert_true(BN_set_word(number, factor));
        if (BN_check_prime(number, NULL, NULL) != 1)
            continue;
        struct rsa_key *key = key_with_factor(factor);
        assert_refused(key, KEY_STRENGTH_RSA_SMALL_FACTORS);
        (void)snprintf(beginning, sizeof(beginning),
            "the RSA modulus is divisible by %u,", (unsigned int)factor);
        assert_false(key_strength_check(&key->parts, &why));
        assert_memory_equal(why.reason, beginning, strlen(beginning));
    }
}

static void a_factor_above_752_is_not_looked_for(void **state)
{
    (void)state;
    assert_taken(key_with_factor(757));
}

static void properties07_moduli_that_share_small_factors_are_refused(
    void **state)
{
    static const BN_ULONG products[] = {3 * 5, 3 * 7, 5 * 7, 3 * 5 * 7 * 11,
        13 * 751, 743 * 751, 9, 27, 101 * 101, 739 * 743 * 751};

    (void)state;
    for (size_t i = 0; i < sizeof(products) / sizeof(*products); i++)
        assert_refused(
            key_with_factor(products[i]), KEY_STRENGTH_RSA_SMALL_FACTORS);
}

/* The next prime. */
static void seek_prime(BIGNUM *number)
{
    assert_true(BN_set_bit(number, 0));
    while (BN_check_prime(number, NULL, NULL) != 1)
        assert_true(BN_add_word(number, 2));
}

static void properties07_close_primes_are_refused(void **state)
{
    static const int distances[KEYS_PER_CLASS] = {
        1, 8, 64, 128, 256, 400, 500, 510, 512, 515};

    (void)state;
    for (size_t i = 0; i < KEYS_PER_CLASS; i++) {
        SCOPED(BIGNUM) *close = BN_new();

        assert_true(BN_set_bit(close, distances[i]));
        assert_true(BN_add(close, close, primes[i]));
        seek_prime(close);
        assert_refused(
            key_of_product(primes[i], close), KEY_STRENGTH_RSA_CLOSE_PRIMES);
    }
}

static void properties07_a_modulus_that_is_a_square_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS_PER_CLASS; i++)
        assert_refused(key_of_product(primes[i], primes[i]),
            KEY_STRENGTH_RSA_CLOSE_PRIMES);
}

/*
 * A prime above p that Fermat's method finds in the middle of this round:
 * (p + q) / 2 is above the root of p * q by (q - p)^2 / (8 p), very nearly.
 */
static void make_prime_of_round(
    const BIGNUM *p, unsigned int round, BIGNUM *prime)
{
    SCOPED(BN_CTX) *arithmetic = BN_CTX_new();
    SCOPED(BIGNUM) *wanted = BN_dup(p);
    SCOPED(BIGNUM) *distance = BN_new();
    SCOPED(BIGNUM) *square = BN_new();

    assert_true(BN_mul_word(wanted, 4 * (2 * round - 1)));
    for (int bit = 540; bit >= 0; bit--) {
        assert_true(BN_set_bit(distance, bit));
        assert_true(BN_sqr(square, distance, arithmetic));
        if (BN_cmp(square, wanted) > 0)
            assert_true(BN_clear_bit(distance, bit));
    }
    assert_true(BN_add(prime, p, distance));
    seek_prime(prime);
}

static void properties07_fermats_method_is_tried_for_110_rounds(void **state)
{
    static const unsigned int found[] = {1, 2, 50, 100, 110};

    (void)state;
    for (size_t i = 0; i < sizeof(found) / sizeof(*found); i++) {
        SCOPED(BIGNUM) *prime = BN_new();
        struct failure why = {0};
        char sentence[240];

        make_prime_of_round(primes[i], found[i], prime);
        (void)snprintf(sentence, sizeof(sentence),
            "the two primes of the RSA key are so close that Fermat's method "
            "finds them in round %u of 110; make a new key, with another "
            "program (test rsa-close-primes, Baseline Requirements 6.1.1.3)",
            found[i]);
        assert_false(
            key_strength_check(&key_of_product(primes[i], prime)->parts, &why));
        assert_string_equal(why.reason, sentence);
    }
}

/* a - b and a + b, a just below 2^1024: b^2 has each remainder that a square
 * can have modulo the small numbers that squares are first looked at with. */
static void properties07_any_square_is_known_in_the_first_round(void **state)
{
    SCOPED(BIGNUM) *middle = BN_new();
    SCOPED(BIGNUM) *side = BN_new();
    SCOPED(BIGNUM) *p = BN_new();
    SCOPED(BIGNUM) *q = BN_new();

    (void)state;
    for (size_t found = 0; found < 300;) {
        assert_true(BN_rand(middle, 1024, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ANY));
        assert_true(BN_rand(side, 400, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY));
        assert_true(BN_sub(p, middle, side));
        assert_true(BN_add(q, middle, side));
        if (!BN_is_odd(p) || has_factor_below(p, 752) ||
            has_factor_below(q, 752))
            continue;
        assert_refused(key_of_product(p, q), KEY_STRENGTH_RSA_CLOSE_PRIMES);
        found++;
    }
}

static void primes_that_take_111_rounds_are_not_found(void **state)
{
    SCOPED(BIGNUM) *prime = BN_new();

    (void)state;
    make_prime_of_round(primes[0], 111, prime);
    assert_taken(key_of_product(primes[0], prime));
}

/* The product of the first primes, up to the last one. */
static void multiply_primes(BN_ULONG last, BIGNUM *product)
{
    SCOPED(BIGNUM) *number = BN_new();

    assert_true(BN_one(product));
    for (BN_ULONG candidate = 2; candidate <= last; candidate++) {
        assert_true(BN_set_word(number, candidate));
        if (BN_check_prime(number, NULL, NULL) == 1)
            assert_true(BN_mul_word(product, candidate));
    }
}

/* k * M + (65537^a mod M) of these bits, as the chips make them. */
static void make_roca_prime(const BIGNUM *product, int bits, BIGNUM *prime)
{
    SCOPED(BN_CTX) *arithmetic = BN_CTX_new();
    SCOPED(BIGNUM) *generator = BN_new();
    SCOPED(BIGNUM) *power = BN_new();
    SCOPED(BIGNUM) *times = BN_new();

    assert_true(BN_set_word(generator, 65537));
    do {
        assert_true(BN_rand(power, 64, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY));
        assert_true(BN_mod_exp(power, generator, power, product, arithmetic));
        assert_true(BN_rand(prime, bits, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ANY));
        assert_true(BN_div(times, NULL, prime, product, arithmetic));
        assert_true(BN_mul(prime, times, product, arithmetic));
        assert_true(BN_add(prime, prime, power));
    } while (BN_check_prime(prime, arithmetic, NULL) != 1);
}

/* Keys of 2048 bits have the primes up to 701 in M, those of 4096 more. */
static void properties07_roca_keys_are_refused(void **state)
{
    SCOPED(BIGNUM) *product = BN_new();
    BIGNUM *weak[5] = {NULL};

    (void)state;
    multiply_primes(701, product);
    assert_int_equal(BN_num_bits(product), 971);
    for (size_t p = 0; p < sizeof(weak) / sizeof(*weak); p++) {
        weak[p] = BN_new();
        make_roca_prime(product, 1024, weak[p]);
        for (size_t q = 0; q < p; q++) {
            assert_refused(
                key_of_product(weak[p], weak[q]), KEY_STRENGTH_RSA_ROCA);
        }
    }
    for (size_t p = 0; p < sizeof(weak) / sizeof(*weak); p++)
        BN_free(weak[p]);
}

/* The third modulus among the samples of crocs-muni/roca, the tool of those who
 * found the flaw. */
static void properties07_a_published_roca_modulus_is_refused(void **state)
{
    static const char published[] =
        "9dcd7420e420c270a68060eb8b5aa7457a9f6648f86fafed2775cc1f79ae962f"
        "1e63f1b9e51c55f9ea6fdc7332e9b0058c9ff2eb1fc89855029cf6aafe21e689"
        "feb38ac9ffb12f1ce371bb5d0e9aae64161abce74b4244bf68f1edb4411f756a"
        "097c8929c14740245ea355f8332d1aa36bb50c7dcb4505da8de02e4e53d38f8d"
        "f06097da7524df0df93db48eac8cc4af2d3a16257eb2b2adca6ba464e5974fa9"
        "2550d31b1babf161e7692d00b86e3dd886ecab4abfbe1a8f8cc263ff4af55cdb"
        "45f4249a5193925f5e983d762f0b6800943eb0267b08f42ed311ce1f5c86eacb"
        "c8ce4d3cb7a2fee1ef5641423a1cf4114e5ecf50034a60a412523af9e6f4aa11";
    BIGNUM *modulus = NULL;

    (void)state;
    assert_int_equal(BN_hex2bn(&modulus, published), 512);
    assert_refused(key_of(modulus), KEY_STRENGTH_RSA_ROCA);
    BN_free(modulus);
}

/*
 * A power of 65537 modulo each prime is not enough: it must be the same power.
 * A multiple of the other primes changes the remainder by 163 alone, from the
 * first power to the second.
 */
static void remainders_that_are_different_powers_are_taken(void **state)
{
    SCOPED(BN_CTX) *arithmetic = BN_CTX_new();
    SCOPED(BIGNUM) *product = BN_new();
    SCOPED(BIGNUM) *others = BN_new();
    SCOPED(BIGNUM) *modulus = BN_new();
    SCOPED(BIGNUM) *remainder = BN_new();

    (void)state;
    multiply_primes(167, product);
    assert_true(BN_copy(others, product));
    assert_int_equal(BN_div_word(others, 163), 0);
    do {
        assert_true(
            BN_rand(modulus, 2048, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY));
        assert_true(BN_mod(remainder, modulus, product, arithmetic));
        assert_true(BN_sub(modulus, modulus, remainder));
        assert_true(BN_add_word(modulus, 65537));
    } while (has_factor_below(modulus, 760));
    assert_refused(key_of(modulus), KEY_STRENGTH_RSA_ROCA);
    do {
        assert_true(BN_add(modulus, modulus, others));
    } while (BN_mod_word(modulus, 163) != UINT64_C(65537) * 65537 % 163 ||
             has_factor_below(modulus, 760));
    assert_taken(key_of(modulus));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties07_fresh_rsa_keys_are_taken),
        cmocka_unit_test(properties07_fresh_rsa_keys_of_openssl_are_taken),
        cmocka_unit_test(properties07_rsa_keys_of_other_sizes_are_refused),
        cmocka_unit_test(properties07_even_rsa_moduli_are_refused),
        cmocka_unit_test(properties07_rsa_exponents_out_of_range_are_refused),
        cmocka_unit_test(
            properties07_rsa_exponents_from_65537_to_64_bits_are_taken),
        cmocka_unit_test(properties07_an_exponent_is_refused_with_its_number),
        cmocka_unit_test(
            properties07_every_factor_below_752_is_refused_by_name),
        cmocka_unit_test(a_factor_above_752_is_not_looked_for),
        cmocka_unit_test(
            properties07_moduli_that_share_small_factors_are_refused),
        cmocka_unit_test(properties07_close_primes_are_refused),
        cmocka_unit_test(properties07_a_modulus_that_is_a_square_is_refused),
        cmocka_unit_test(properties07_fermats_method_is_tried_for_110_rounds),
        cmocka_unit_test(properties07_any_square_is_known_in_the_first_round),
        cmocka_unit_test(primes_that_take_111_rounds_are_not_found),
        cmocka_unit_test(properties07_roca_keys_are_refused),
        cmocka_unit_test(properties07_a_published_roca_modulus_is_refused),
        cmocka_unit_test(remainders_that_are_different_powers_are_taken),
    };

    return cmocka_run_group_tests_name(
        "key_strength_rsa", tests, make_primes, free_primes);
}
