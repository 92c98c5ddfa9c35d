#include "crypto/key_strength.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "crypto/key_strength_parts.h"
#include "crypto/openssl_scoped.h"

#define POINT_UNCOMPRESSED 0x04 /* SEC 1, 2.3.3 */

static const struct key_strength_test tests[KEY_STRENGTH_RULES + 1] = {
    [KEY_STRENGTH_RSA_SIZE] = {"rsa-size", "Baseline Requirements 6.1.5"},
    [KEY_STRENGTH_RSA_ODD_MODULUS] = {"rsa-odd-modulus", "SP 800-89, 5.3.3"},
    [KEY_STRENGTH_RSA_EXPONENT] = {"rsa-exponent", "FIPS 186-5, A.1.1"},
    [KEY_STRENGTH_RSA_SMALL_FACTORS] = {"rsa-small-factors",
        "SP 800-89, 5.3.3"},
    [KEY_STRENGTH_RSA_ROCA] = {"rsa-roca", "CVE-2017-15361"},
    [KEY_STRENGTH_RSA_CLOSE_PRIMES] = {"rsa-close-primes",
        "Baseline Requirements 6.1.1.3"},
    [KEY_STRENGTH_EC_NAMED_CURVE] = {"ec-named-curve", "RFC 5480, 2.1.1"},
    [KEY_STRENGTH_EC_NOT_INFINITY] = {"ec-not-infinity",
        "SP 800-56A, 5.6.2.3.3"},
    [KEY_STRENGTH_EC_UNCOMPRESSED_POINT] = {"ec-uncompressed-point",
        "RFC 5480, 2.2"},
    [KEY_STRENGTH_EC_ON_CURVE] = {"ec-on-curve", "SP 800-56A, 5.6.2.3.3"},
    [KEY_STRENGTH_RAW_LENGTH] = {"raw-length", "RFC 8410, 4; FIPS 204, 4"},
    [KEY_STRENGTH_ED25519_CANONICAL] = {"ed25519-canonical", "RFC 8032, 5.1.3"},
    [KEY_STRENGTH_ED25519_SMALL_ORDER] = {"ed25519-small-order",
        "SP 800-186, D.1.3"},
    [KEY_STRENGTH_ED25519_ON_CURVE] = {"ed25519-on-curve", "RFC 8032, 5.1.3"},
};

const struct key_strength_test *key_strength_tests(void)
{
    return tests;
}

bool key_strength_refuse(
    struct failure *why, enum key_strength_rule rule, const char *format, ...)
{
    char sentence[FAILURE_REASON_ROOM] = "";
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    return fail_because(why, FAILURE_UNSUITABLE, "%s (test %s, %s)", sentence,
        tests[rule].name, tests[rule].reference);
}

static bool check_point_form(
    const struct public_key_parts *parts, struct failure *why)
{
    const char *title = parts->algorithm->title;
    struct bytes point = parts->bits;

    if (point.length == 1 && point.start[0] == 0)
        return key_strength_refuse(why, KEY_STRENGTH_EC_NOT_INFINITY,
            "the point of the %s key is the point at infinity, which fits any "
            "signature; make a new key",
            title);
    if (point.length != parts->algorithm->public_length ||
        point.start[0] != POINT_UNCOMPRESSED)
        return key_strength_refuse(why, KEY_STRENGTH_EC_UNCOMPRESSED_POINT,
            "the point of the %s key is not in the uncompressed form: 0x04 and "
            "two coordinates, %zu bytes; write the request with the point "
            "uncompressed",
            title, parts->algorithm->public_length);
    return true;
}

/* Full validation, SP 800-56A, 5.6.2.3.3: OpenSSL refuses coordinates beyond
 * the field and points off the curve; that n times the point is infinity
 * follows, for the cofactor of these curves is 1. */
static bool check_ec(const struct public_key_parts *parts, struct failure *why)
{
    SCOPED(EVP_PKEY) *key = NULL;
    struct failure refusal = {0};

    if (!check_point_form(parts, why))
        return false;
    if (public_key_make(parts, &key, &refusal))
        return true;
    if (refusal.kind != FAILURE_UNSUITABLE)
        return fail_because(why, refusal.kind, "%s", refusal.reason);
    return key_strength_refuse(why, KEY_STRENGTH_EC_ON_CURVE,
        "the point of the %s key is not on its curve, so that signatures may "
        "tell the private key; make a new key",
        parts->algorithm->title);
}

/* Any bytes of the right length are a key of ML-DSA (FIPS 204, 7.2). */
static bool check_raw(const struct public_key_parts *parts, struct failure *why)
{
    const struct key_algorithm *algorithm = parts->algorithm;

    if (parts->bits.length != algorithm->public_length)
        return key_strength_refuse(why, KEY_STRENGTH_RAW_LENGTH,
            "the %s key has %zu bytes, not %zu", algorithm->title,
            parts->bits.length, algorithm->public_length);
    return strcmp(algorithm->name, "ed25519") != 0 ||
           key_strength_check_ed25519(parts->bits, why);
}

bool key_strength_check(
    const struct public_key_parts *parts, struct failure *why)
{
    switch (parts->algorithm->kind) {
    case KEY_KIND_EC:
        return check_ec(parts, why);
    case KEY_KIND_RSA:
        return key_strength_check_rsa(parts, why);
    case KEY_KIND_RAW:
        return check_raw(parts, why);
    }
    return fail_because(why, FAILURE_INTERNAL, "a key algorithm without kind");
}
