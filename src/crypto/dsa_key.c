#include "crypto/dsa_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>

#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"

static bool push(OSSL_PARAM_BLD *builder, const char *name, struct bytes number,
    BIGNUM **held)
{
    /* The builder borrows the number until to_param copies it. */
    *held = BN_bin2bn(number.start, (int)number.length, NULL);
    return *held != NULL && OSSL_PARAM_BLD_push_BN(builder, name, *held) == 1;
}

static bool collect(const struct dsa_numbers *numbers, OSSL_PARAM **parameters,
    struct failure *why)
{
    SCOPED(OSSL_PARAM_BLD) *builder = OSSL_PARAM_BLD_new();
    SCOPED(BIGNUM) *prime = NULL;
    SCOPED(BIGNUM) *subprime = NULL;
    SCOPED(BIGNUM) *generator = NULL;
    SCOPED(BIGNUM) *value = NULL;

    if (builder == NULL ||
        !push(builder, OSSL_PKEY_PARAM_FFC_P, numbers->prime, &prime) ||
        !push(builder, OSSL_PKEY_PARAM_FFC_Q, numbers->subprime, &subprime) ||
        !push(builder, OSSL_PKEY_PARAM_FFC_G, numbers->generator, &generator) ||
        !push(builder, OSSL_PKEY_PARAM_PUB_KEY, numbers->value, &value) ||
        (*parameters = OSSL_PARAM_BLD_to_param(builder)) == NULL)
        return fail_in_openssl(why, FAILURE_INTERNAL, "composing a DSA key");
    return true;
}

bool dsa_key_make(
    const struct dsa_numbers *numbers, EVP_PKEY **key, struct failure *why)
{
    SCOPED(OSSL_PARAM) *parameters = NULL;
    SCOPED(EVP_PKEY_CTX) *context =
        EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
    EVP_PKEY *made = NULL;

    if (context == NULL)
        return fail_in_openssl(why, FAILURE_UNAVAILABLE, "DSA");
    if (!collect(numbers, &parameters, why))
        return false;
    if (EVP_PKEY_fromdata_init(context) <= 0 ||
        EVP_PKEY_fromdata(context, &made, EVP_PKEY_PUBLIC_KEY, parameters) <= 0)
        return fail_in_openssl(why, FAILURE_UNSUITABLE, "making a DSA key");
    *key = made;
    return true;
}
