#include <string.h>

#include "crypto/key_strength_parts.h"
#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"

#define LENGTH 32
#define FIELD_BITS 255
#define FIELD_BELOW 19 /* the field is that of 2^255 - 19 */

DEFINE_SCOPED(BN_CTX, BN_CTX_free)

/* y of the eight points whose order divides the cofactor, 8, little-endian:
 * order 4, 1, 8, 8 and 2.  Points with the same y differ in the sign of x. */
static const uint8_t small_orders[][LENGTH] = {
    {0x00},
    {0x01},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89,
        0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39,
        0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76,
        0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6,
        0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
};

/* d of the curve -x^2 + y^2 = 1 + d x^2 y^2, RFC 8032, 5.1; big-endian. */
static const uint8_t curve_d[LENGTH] = {0x52, 0x03, 0x6c, 0xee, 0x2b, 0x6f,
    0xfe, 0x73, 0x8c, 0xc7, 0x40, 0x79, 0x77, 0x79, 0xe8, 0x98, 0x00, 0x70,
    0x0a, 0x4d, 0x41, 0x41, 0xd8, 0xab, 0x75, 0xeb, 0x4d, 0xca, 0x13, 0x59,
    0x78, 0xa3};

static bool is_canonical(const uint8_t y[static LENGTH])
{
    if (y[LENGTH - 1] != 0x7f)
        return true;
    for (size_t i = LENGTH - 2; i > 0; i--) {
        if (y[i] != 0xff)
            return true;
    }
    return y[0] < 0x100 - FIELD_BELOW;
}

static bool has_small_order(const uint8_t y[static LENGTH])
{
    for (size_t i = 0; i < sizeof(small_orders) / sizeof(*small_orders); i++) {
        if (memcmp(y, small_orders[i], LENGTH) == 0)
            return true;
    }
    return false;
}

/* RFC 8032, 5.1.3: x^2 = (y^2 - 1) / (d y^2 + 1) must have a root, and has it
 * where the product of both has one. */
static bool find_whether_on_curve(
    const uint8_t y[static LENGTH], bool *is_on_curve, struct failure *why)
{
    SCOPED(BN_CTX) *arithmetic = BN_CTX_new();
    SCOPED(BIGNUM) *field = BN_new();
    SCOPED(BIGNUM) *square = BN_lebin2bn(y, LENGTH, NULL);
    SCOPED(BIGNUM) *divisor = BN_bin2bn(curve_d, LENGTH, NULL);
    int symbol = -2;

    if (arithmetic == NULL || field == NULL || square == NULL ||
        divisor == NULL || !BN_set_bit(field, FIELD_BITS) ||
        !BN_sub_word(field, FIELD_BELOW) ||
        !BN_mod_sqr(square, square, field, arithmetic) ||
        !BN_mod_mul(divisor, divisor, square, field, arithmetic) ||
        !BN_add_word(divisor, 1) || !BN_sub_word(square, 1) ||
        !BN_mod_mul(square, square, divisor, field, arithmetic))
        return fail_in_openssl(why, FAILURE_INTERNAL, "an Ed25519 key");
    symbol = BN_kronecker(square, field, arithmetic);
    if (symbol < -1)
        return fail_in_openssl(why, FAILURE_INTERNAL, "an Ed25519 key");
    *is_on_curve = symbol >= 0;
    return true;
}

bool key_strength_check_ed25519(struct bytes key, struct failure *why)
{
    uint8_t y[LENGTH];
    bool is_on_curve = false;

    memcpy(y, key.start, LENGTH);
    y[LENGTH - 1] &= 0x7f; /* the sign of x */
    if (!is_canonical(y))
        return key_strength_refuse(why, KEY_STRENGTH_ED25519_CANONICAL,
            "the Ed25519 key is a number beyond its field, a second writing of "
            "another key; make a new key");
    if (has_small_order(y))
        return key_strength_refuse(why, KEY_STRENGTH_ED25519_SMALL_ORDER,
            "the Ed25519 key is a point of small order, for which anybody can "
            "make signatures; make a new key");
    if (!find_whether_on_curve(y, &is_on_curve, why))
        return false;
    if (!is_on_curve)
        return key_strength_refuse(why, KEY_STRENGTH_ED25519_ON_CURVE,
            "the Ed25519 key is no point of its curve; make a new key");
    return true;
}
