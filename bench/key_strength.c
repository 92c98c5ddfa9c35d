/*
 * What the tests of a key's strength cost, and whether they refuse good keys.
 *
 *     key_strength [KIND...]                 CPU microseconds, kind by kind
 *     key_strength --fresh COUNT [KIND...]   refusals among so many fresh keys
 *
 * Fresh RSA moduli are the products of pairs of fresh primes: 10,000 of them
 * take 142 primes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bn.h>
#include <openssl/err.h>

#include "crypto/key_strength.h"
#include "crypto/openssl_scoped.h"

#define KEYS 100   /* of a kind, measured by turns */
#define CALLS 4000 /* of the tests; a percentile needs many */
#define VERIFICATIONS 1000
#define PRIMES_MAX 512
#define COUNT_MAX ((uint64_t)PRIMES_MAX * (PRIMES_MAX - 1) / 2)
#define KEY_MAX 2592 /* bytes, of ML-DSA-87 */

DEFINE_SCOPED(BN_CTX, BN_CTX_free)

static const uint8_t exponent[] = {1, 0, 1};

struct fresh_key {
    uint8_t bytes[KEY_MAX];
    struct public_key_parts parts;
};

/* Primes of half the modulus' size. */
struct pool {
    BIGNUM *primes[PRIMES_MAX];
    size_t count;
};

static void give_up_unless(bool holds, const char *sentence)
{
    if (holds)
        return;
    (void)fprintf(stderr, "key_strength: %s\n", sentence);
    exit(EXIT_FAILURE);
}

static int64_t cpu_nanoseconds(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static EVP_PKEY *make_pair(const struct key_algorithm *algorithm)
{
    if (algorithm->kind == KEY_KIND_RSA)
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)algorithm->bits);
    if (algorithm->kind == KEY_KIND_EC)
        return EVP_EC_gen(algorithm->group);
    return EVP_PKEY_Q_keygen(NULL, NULL, algorithm->openssl_name);
}

static void fill_pool(struct pool *pool, unsigned int bits, size_t count)
{
    for (; pool->count < count; pool->count++) {
        BIGNUM **prime = &pool->primes[pool->count];

        *prime = BN_new();
        give_up_unless(*prime != NULL && BN_generate_prime_ex(*prime, (int)bits,
                                             0, NULL, NULL, NULL) == 1,
            "no prime can be made");
    }
}

static void empty_pool(struct pool *pool)
{
    while (pool->count > 0)
        BN_free(pool->primes[--pool->count]);
}

/* How many primes have this many pairs. */
static size_t primes_for(uint64_t pairs)
{
    size_t primes = 2;

    while ((uint64_t)primes * (primes - 1) / 2 < pairs)
        primes++;
    return primes;
}

/* The pair number so and so: (1, 0), (2, 0), (2, 1), (3, 0) and on. */
static void make_modulus(
    const struct pool *pool, uint64_t number, struct fresh_key *key)
{
    SCOPED(BN_CTX) *arithmetic = BN_CTX_new();
    SCOPED(BIGNUM) *modulus = BN_new();
    size_t greater = 1;

    for (; number >= greater; greater++)
        number -= greater;
    give_up_unless(arithmetic != NULL && modulus != NULL &&
                       BN_mul(modulus, pool->primes[greater],
                           pool->primes[number], arithmetic) == 1,
        "no modulus can be made");
    key->parts.modulus = (struct bytes){
        .start = key->bytes, .length = (size_t)BN_bn2bin(modulus, key->bytes)};
    key->parts.exponent =
        (struct bytes){.start = exponent, .length = sizeof(exponent)};
}

static void encode(EVP_PKEY *pair, struct fresh_key *key)
{
    SCOPED(openssl_bytes) *point = NULL;
    size_t length = sizeof(key->bytes);

    if (key->parts.algorithm->kind == KEY_KIND_EC) {
        length = EVP_PKEY_get1_encoded_public_key(pair, &point);
        give_up_unless(length > 0 && length <= sizeof(key->bytes),
            "a point can't be encoded");
        memcpy(key->bytes, point, length);
    } else {
        give_up_unless(
            EVP_PKEY_get_raw_public_key(pair, key->bytes, &length) == 1,
            "a key can't be encoded");
    }
    key->parts.bits = (struct bytes){.start = key->bytes, .length = length};
}

static void make_key(const struct key_algorithm *algorithm,
    const struct pool *pool, uint64_t number, struct fresh_key *key)
{
    key->parts = (struct public_key_parts){.algorithm = algorithm};
    if (algorithm->kind == KEY_KIND_RSA) {
        make_modulus(pool, number, key);
        return;
    }
    SCOPED(EVP_PKEY) *pair = make_pair(algorithm);
    give_up_unless(pair != NULL, "no key can be made");
    encode(pair, key);
}

/* --- refusals among fresh keys ------------------------------------------- */

static bool count_refusals(
    const struct key_algorithm *algorithm, uint64_t count)
{
    static struct fresh_key key;
    static struct pool pool;
    uint64_t refusals = 0;

    if (algorithm->kind == KEY_KIND_RSA)
        fill_pool(&pool, algorithm->bits / 2, primes_for(count));
    for (uint64_t i = 0; i < count; i++) {
        struct failure why = {0};

        make_key(algorithm, &pool, i, &key);
        if (key_strength_check(&key.parts, &why))
            continue;
        (void)printf("%s: %s\n", algorithm->name, why.reason);
        refusals++;
    }
    empty_pool(&pool);
    (void)printf("%-8s %llu of %llu fresh keys refused\n", algorithm->name,
        (unsigned long long)refusals, (unsigned long long)count);
    (void)fflush(stdout);
    return refusals == 0;
}

/* --- what it costs ------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    int64_t first = *(const int64_t *)a;
    int64_t second = *(const int64_t *)b;

    return first < second ? -1 : first > second;
}

static double verification_microseconds(const struct key_algorithm *algorithm)
{
    static const struct bytes message = {
        .start = (const uint8_t *)"a request", .length = 9};
    const struct signature_algorithm *how = algorithm->signs_with;
    SCOPED(EVP_PKEY) *pair = make_pair(algorithm);
    SCOPED(EVP_MD_CTX) *signing = EVP_MD_CTX_new();
    uint8_t signature[SIGNATURE_MAX];
    size_t length = sizeof(signature);
    struct failure why = {0};
    int64_t start;

    give_up_unless(pair != NULL && signing != NULL &&
                       EVP_DigestSignInit_ex(signing, NULL, how->digest, NULL,
                           NULL, pair, NULL) == 1 &&
                       EVP_DigestSign(signing, signature, &length,
                           message.start, message.length) == 1,
        "no signature can be made");
    start = cpu_nanoseconds();
    for (size_t i = 0; i < VERIFICATIONS; i++)
        give_up_unless(signature_verify(pair, how, message,
                           (struct bytes){signature, length}, &why),
            why.reason);
    return (double)(cpu_nanoseconds() - start) / VERIFICATIONS / 1000;
}

static void measure(const struct key_algorithm *algorithm)
{
    static struct fresh_key keys[KEYS];
    static int64_t taken[CALLS];
    static struct pool pool;
    struct failure why = {0};

    if (algorithm->kind == KEY_KIND_RSA)
        fill_pool(&pool, algorithm->bits / 2, primes_for(KEYS));
    for (size_t i = 0; i < KEYS; i++)
        make_key(algorithm, &pool, i, &keys[i]);
    empty_pool(&pool);
    for (size_t i = 0; i < CALLS; i++) {
        int64_t start = cpu_nanoseconds();
        bool is_fit = key_strength_check(&keys[i % KEYS].parts, &why);

        taken[i] = cpu_nanoseconds() - start;
        give_up_unless(is_fit, why.reason);
    }
    qsort(taken, CALLS, sizeof(*taken), compare);
    double median = (double)taken[CALLS / 2] / 1000;
    double verification = verification_microseconds(algorithm);
    (void)printf("| %s | %.1f | %.1f | %.1f | %.2f |\n", algorithm->name,
        median, (double)taken[CALLS * 99 / 100] / 1000, verification,
        median / verification);
    (void)fflush(stdout);
}

static bool is_wanted(
    const struct key_algorithm *algorithm, char **kinds, int count)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(kinds[i], algorithm->name) == 0)
            return true;
    }
    return count == 0;
}

int main(int count, char **words)
{
    bool finds_refusals = count > 2 && strcmp(words[1], "--fresh") == 0;
    int options = finds_refusals ? 3 : 1;
    uint64_t fresh = 0;
    bool is_good = true;
    struct failure why = {0};

    if (finds_refusals) {
        char *end = NULL;

        fresh = strtoull(words[2], &end, 10);
        give_up_unless(*end == '\0' && fresh > 0 && fresh <= COUNT_MAX,
            "--fresh takes a number from 1 to 130816");
    } else {
        (void)printf("| key | us, p50 | us, p99 | us, one verification | "
                     "p50 / verification |\n|---|---|---|---|---|\n");
    }
    for (const struct key_algorithm *row = key_algorithms(); row->name; row++) {
        if (!is_wanted(row, words + options, count - options))
            continue;
        if (!key_algorithm_probe(row, &why))
            (void)fprintf(stderr, "%s: %s\n", row->name, why.reason);
        else if (finds_refusals)
            is_good = count_refusals(row, fresh) && is_good;
        else
            measure(row);
    }
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
