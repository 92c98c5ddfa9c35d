#include <openssl/core_names.h>
#include <openssl/err.h>

#include "crypto/key_file.h"
#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"

/* Every number of a key of two primes that its arithmetic takes. */
static const char *const rsa_numbers[] = {OSSL_PKEY_PARAM_RSA_E,
    OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_FACTOR1,
    OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};

#define RSA_BITS_MAX 4096 /* the largest row of key_algorithms */

/* A file of 64 KiB holds a factor of 500,000 bits, which takes hours to
 * compute with; a factor or exponent larger than its modulus is wrong anyway.
 */
static bool check_size(EVP_PKEY *pair, const char *number, struct failure *why)
{
    SCOPED(BIGNUM) *value = NULL;

    if (!EVP_PKEY_get_bn_param(pair, number, &value)) {
        ERR_clear_error();
        return fail_because(why, FAILURE_MALFORMED,
            "the RSA key has no %s; a key of two primes has", number);
    }
    if (BN_num_bits(value) > EVP_PKEY_get_bits(pair))
        return fail_because(why, FAILURE_MALFORMED,
            "the %s of the RSA key has %d bits, its modulus %d", number,
            BN_num_bits(value), EVP_PKEY_get_bits(pair));
    return true;
}

static bool check_two_primes(EVP_PKEY *pair, struct failure *why)
{
    SCOPED(BIGNUM) *third = NULL;

    if (EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_FACTOR3, &third))
        return fail_because(
            why, FAILURE_UNSUITABLE, "the RSA key has more than two primes");
    ERR_clear_error();
    return true;
}

static bool check_rsa_sizes(EVP_PKEY *pair, struct failure *why)
{
    int bits = EVP_PKEY_get_bits(pair);

    if (bits > RSA_BITS_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the RSA key has %d bits; %d are the limit", bits, RSA_BITS_MAX);
    for (size_t i = 0; i < sizeof(rsa_numbers) / sizeof(*rsa_numbers); i++) {
        if (!check_size(pair, rsa_numbers[i], why))
            return false;
    }
    return check_two_primes(pair, why);
}

#define EC_BITS_MAX 521 /* the largest row of key_algorithms */

/* A signature alone doesn't show a scalar of zero: the public point is then at
 * infinity, where everybody's signature verifies (SEC 1, 3.2.1). */
static bool check_ec(EVP_PKEY *pair, struct failure *why)
{
    SCOPED(EVP_PKEY_CTX) *context = NULL;

    if (EVP_PKEY_get_bits(pair) > EC_BITS_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the EC key has %d bits; %d are the limit", EVP_PKEY_get_bits(pair),
            EC_BITS_MAX);
    context = EVP_PKEY_CTX_new_from_pkey(NULL, pair, NULL);
    if (context == NULL)
        return fail_in_openssl(why, FAILURE_INTERNAL, "checking an EC key");
    if (EVP_PKEY_check(context) > 0)
        return true;
    ERR_clear_error();
    return fail_because(why, FAILURE_MALFORMED,
        "the private and the public part of the key file don't belong "
        "together");
}

static bool check_rsa(EVP_PKEY *pair, struct failure *why)
{
    SCOPED(EVP_PKEY_CTX) *context = NULL;

    if (!check_rsa_sizes(pair, why))
        return false;
    context = EVP_PKEY_CTX_new_from_pkey(NULL, pair, NULL);
    if (context == NULL)
        return fail_in_openssl(why, FAILURE_INTERNAL, "checking an RSA key");
    /* A signature alone doesn't show a wrong factor: OpenSSL then computes
     * without the factors, and whoever has the key finds out much later. */
    if (EVP_PKEY_pairwise_check(context) <= 0)
        return fail_in_openssl(why, FAILURE_MALFORMED,
            "the parts of the RSA key don't belong together");
    return true;
}

bool key_file_check_pair(EVP_PKEY *pair, struct failure *why)
{
    if (EVP_PKEY_is_a(pair, "RSA"))
        return check_rsa(pair, why);
    return !EVP_PKEY_is_a(pair, "EC") || check_ec(pair, why);
}
