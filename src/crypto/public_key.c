#include "crypto/public_key.h"

#include <stdatomic.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>

#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"

#define POINT_UNCOMPRESSED 0x04 /* SEC 1, 2.3.3 */
#define EXPONENT_BYTES_MAX 8    /* OpenSSL's own limit for large moduli */

/* A key with a curve and no point.  Its copies start with the curve's tables in
 * place: a third of what EVP_PKEY_fromdata costs. */
static struct held_curve {
    const char *group;
    _Atomic(EVP_PKEY *) parameters;
} held_curves[] = {
    {"P-256", NULL}, {"P-384", NULL}, {"P-521", NULL}, {"P-224", NULL}};

static bool make_curve(struct held_curve *held, struct failure *why)
{
    SCOPED(EVP_PKEY_CTX) *context =
        EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    SCOPED(EVP_PKEY) *parameters = NULL;
    EVP_PKEY *none = NULL;

    if (context == NULL || EVP_PKEY_paramgen_init(context) <= 0 ||
        EVP_PKEY_CTX_set_group_name(context, held->group) <= 0 ||
        EVP_PKEY_paramgen(context, &parameters) <= 0)
        return fail_in_openssl(why, FAILURE_UNAVAILABLE, held->group);
    if (atomic_compare_exchange_strong(&held->parameters, &none, parameters))
        (void)KEEP(EVP_PKEY, &parameters);
    return true;
}

static bool curve_named(
    const char *group, EVP_PKEY **parameters, struct failure *why)
{
    for (size_t i = 0; i < sizeof(held_curves) / sizeof(*held_curves); i++) {
        struct held_curve *held = &held_curves[i];

        if (strcmp(held->group, group) != 0)
            continue;
        if (atomic_load(&held->parameters) == NULL && !make_curve(held, why))
            return false;
        *parameters = atomic_load(&held->parameters);
        return true;
    }
    return fail_because(
        why, FAILURE_UNSUITABLE, "the curve %s is not one of ours", group);
}

/* RFC 5480, section 2.2 allows compressed points too; nothing that asks us
 * needs them, and one form per key keeps its hash unique. */
static bool check_point_form(
    const struct public_key_parts *parts, struct failure *why)
{
    const char *title = parts->algorithm->title;
    struct bytes point = parts->bits;

    if (point.length == 0)
        return fail_because(
            why, FAILURE_UNSUITABLE, "the %s key has no point", title);
    if (point.length == 1 && point.start[0] == 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the point of the %s key is the point at infinity", title);
    if (point.start[0] != POINT_UNCOMPRESSED)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the point of the %s key is in form 0x%02x; only the uncompressed "
            "form 0x04 is taken",
            title, point.start[0]);
    if (point.length != parts->algorithm->public_length)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the point of the %s key has %zu bytes, not %zu", title,
            point.length, parts->algorithm->public_length);
    return true;
}

static bool make_ec(
    const struct public_key_parts *parts, EVP_PKEY **key, struct failure *why)
{
    SCOPED(EVP_PKEY) *made = NULL;
    EVP_PKEY *parameters = NULL;

    if (!check_point_form(parts, why) ||
        !curve_named(parts->algorithm->group, &parameters, why))
        return false;
    made = EVP_PKEY_dup(parameters);
    if (made == NULL)
        return fail_in_openssl(why, FAILURE_INTERNAL, "copying a curve");
    /* This refuses coordinates beyond the field and points off the curve;
     * the cofactor of these curves is 1, so no more is needed (SP 800-56A,
     * 5.6.2.3.4). */
    if (EVP_PKEY_set1_encoded_public_key(
            made, parts->bits.start, parts->bits.length) <= 0) {
        ERR_clear_error();
        return fail_because(why, FAILURE_UNSUITABLE,
            "the point of the %s key is not on its curve",
            parts->algorithm->title);
    }
    *key = KEEP(EVP_PKEY, &made);
    return true;
}

static bool make_raw(
    const struct public_key_parts *parts, EVP_PKEY **key, struct failure *why)
{
    const struct key_algorithm *algorithm = parts->algorithm;
    EVP_PKEY *made;

    if (parts->bits.length != algorithm->public_length)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the %s key has %zu bytes, not %zu", algorithm->title,
            parts->bits.length, algorithm->public_length);
    made = EVP_PKEY_new_raw_public_key_ex(NULL, algorithm->openssl_name, NULL,
        parts->bits.start, parts->bits.length);
    if (made == NULL)
        return key_algorithm_is_missing(algorithm, why);
    *key = made;
    return true;
}

unsigned int public_key_bits(struct bytes magnitude)
{
    unsigned int bits = (unsigned int)magnitude.length * 8;

    if (magnitude.length == 0)
        return 0;
    for (unsigned int top = magnitude.start[0]; bits % 8 != 1 && top < 0x80;
         top <<= 1)
        bits--;
    return bits;
}

static bool is_odd(struct bytes number)
{
    return number.length > 0 && (number.start[number.length - 1] & 1) != 0;
}

/* An even modulus or exponent, or e of 1, is no RSA key, and a long e makes
 * whoever verifies with it work for seconds. */
static bool check_rsa(const struct public_key_parts *parts, struct failure *why)
{
    struct bytes modulus = parts->modulus;
    struct bytes exponent = parts->exponent;

    if (public_key_bits(modulus) != parts->algorithm->bits)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the modulus of the %s key has not exactly %u bits",
            parts->algorithm->title, parts->algorithm->bits);
    if (!is_odd(modulus))
        return fail_because(
            why, FAILURE_UNSUITABLE, "the modulus of the RSA key is even");
    if (!is_odd(exponent) || (exponent.length == 1 && exponent.start[0] == 1))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the exponent of the RSA key is not an odd number above 1");
    if (exponent.length > EXPONENT_BYTES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the exponent of the RSA key is longer than %d bits",
            EXPONENT_BYTES_MAX * 8);
    return true;
}

static bool rsa_parameters(const struct public_key_parts *parts,
    OSSL_PARAM **parameters, struct failure *why)
{
    SCOPED(OSSL_PARAM_BLD) *builder = OSSL_PARAM_BLD_new();
    SCOPED(BIGNUM) *modulus =
        BN_bin2bn(parts->modulus.start, (int)parts->modulus.length, NULL);
    SCOPED(BIGNUM) *exponent =
        BN_bin2bn(parts->exponent.start, (int)parts->exponent.length, NULL);

    /* The builder borrows the numbers until to_param copies them. */
    if (builder == NULL || modulus == NULL || exponent == NULL ||
        !OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) ||
        !OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent))
        return fail_in_openssl(why, FAILURE_INTERNAL, "composing an RSA key");
    *parameters = OSSL_PARAM_BLD_to_param(builder);
    if (*parameters == NULL)
        return fail_in_openssl(why, FAILURE_INTERNAL, "composing an RSA key");
    return true;
}

static bool make_rsa(
    const struct public_key_parts *parts, EVP_PKEY **key, struct failure *why)
{
    SCOPED(EVP_PKEY_CTX) *context = NULL;
    SCOPED(OSSL_PARAM) *parameters = NULL;
    EVP_PKEY *made = NULL;

    if (!check_rsa(parts, why) || !rsa_parameters(parts, &parameters, why))
        return false;
    context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (context == NULL)
        return key_algorithm_is_missing(parts->algorithm, why);
    if (EVP_PKEY_fromdata_init(context) <= 0 ||
        EVP_PKEY_fromdata(context, &made, EVP_PKEY_PUBLIC_KEY, parameters) <= 0)
        return fail_in_openssl(why, FAILURE_UNSUITABLE, "making an RSA key");
    *key = made;
    return true;
}

bool public_key_make(
    const struct public_key_parts *parts, EVP_PKEY **key, struct failure *why)
{
    switch (parts->algorithm->kind) {
    case KEY_KIND_EC:
        return make_ec(parts, key, why);
    case KEY_KIND_RSA:
        return make_rsa(parts, key, why);
    case KEY_KIND_RAW:
        return make_raw(parts, key, why);
    }
    return fail_because(why, FAILURE_INTERNAL, "a key algorithm without kind");
}
