#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/rsa.h>

#include "base/hex.h"
#include "crypto/openssl_scoped.h"
#include "x509/chain/signature_cache.h"
#include "x509/chain/signature_key.h"

/* What a stranger's key and algorithm may say, and with which words each is
 * refused. */

#define ROOM 2048

static struct bytes hex(const char *digits)
{
    static uint8_t rooms[4][ROOM];
    static size_t next = 0;
    uint8_t *room = rooms[next++ % 4];
    struct failure why = {0};
    size_t length = 0;

    if (!hex_read(digits, room, ROOM, &length, &why))
        fail_msg("%s", why.reason);
    return (struct bytes){room, length};
}

/* --- the parameters of RSASSA-PSS ------------------------------------------
 */

#define SHA(last) "300d06096086480165030402" last "0500"
#define MGF1(hash) "301a06092a864886f70d010108" hash

static void parameters_that_are_left_out_have_their_defaults(void **state)
{
    static const struct {
        const char *encoding, *digest, *mask;
        uint32_t salt;
    } rows[] = {
        {"", "SHA1", "SHA1", 20},
        {"3000", "SHA1", "SHA1", 20},
        {"3011a00f" SHA("01"), "SHA256", "SHA1", 20},
        {"301ea11c" MGF1(SHA("03")), "SHA1", "SHA512", 20},
        {"3005a203020107", "SHA1", "SHA1", 7},
        {"3005a303020101", "SHA1", "SHA1", 20},
        {"300fa00d300b0609608648016503040204", "SHA224", "SHA1", 20},
        {"300da00b300906052b0e03021a0500", "SHA1", "SHA1", 20},
    };
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct pss_parameters found = {0};

        if (!pss_parameters_read(hex(rows[i].encoding), &found, &why))
            fail_msg("row %zu: %s", i, why.reason);
        assert_string_equal(found.digest, rows[i].digest);
        assert_string_equal(found.mask_digest, rows[i].mask);
        assert_int_equal(found.salt_length, rows[i].salt);
    }
}

static void parameters_of_another_standard_are_refused(void **state)
{
    static const struct {
        const char *encoding, *reason;
        enum failure_kind kind;
    } rows[] = {
        {"0500", "tag 0x05 where 0x30 belongs, at offset 0", FAILURE_MALFORMED},
        {"3002a003", "an element reaches beyond its end at offset 4",
            FAILURE_MALFORMED},
        {"3002a000", "an element is cut off at offset 4", FAILURE_MALFORMED},
        {"300ca00a300806042a0304050500",
            "RSASSA-PSS has the hash 1.2.3.4.5, which is none of RFC 4055's",
            FAILURE_UNSUITABLE},
        {"3012a010300e0609608648016503040201020100",
            "the hash of RSASSA-PSS has parameters", FAILURE_UNSUITABLE},
        {"3011a00f300d06096086480165030402010400",
            "the hash of RSASSA-PSS has parameters", FAILURE_UNSUITABLE},
        {"3002a100", "an element is cut off at offset 4", FAILURE_MALFORMED},
        {"301ea11c301a06092a864886f70d010109" SHA("01"),
            "the mask of RSASSA-PSS is not made by MGF1 (RFC 4055, 2.2)",
            FAILURE_UNSUITABLE},
        {"300fa10d300b06092a864886f70d010108",
            "an element is cut off at offset 0", FAILURE_MALFORMED},
        {"3005a2030201ff", "an INTEGER is negative at offset 4",
            FAILURE_MALFORMED},
        {"3005a303020102", "the trailer of RSASSA-PSS is not 1 (RFC 4055, 3.1)",
            FAILURE_UNSUITABLE},
        {"3005a3030101ff", "tag 0x01 where 0x02 belongs, at offset 4",
            FAILURE_MALFORMED},
        {"3008a2060201070201"
         "07",
            "bytes are left over after the parameters at offset 7",
            FAILURE_MALFORMED},
        {"30020500",
            "bytes are left over after the parameters of RSASSA-PSS at offset "
            "2",
            FAILURE_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct pss_parameters found = {0};
        struct failure why = {0};

        if (pss_parameters_read(hex(rows[i].encoding), &found, &why))
            fail_msg("row %zu is taken", i);
        assert_string_equal(why.reason, rows[i].reason);
        assert_int_equal(why.kind, rows[i].kind);
        assert_null(found.digest);
    }
}

/* --- keys ------------------------------------------------------------------
 */

#define EC_KEY "06072a8648ce3d0201"
#define DSA_KEY "06072a8648ce380401"

static bool read_key(const char *algorithm, const char *bits,
    enum algorithm_policy policy, struct verifying_key *found,
    struct failure *why)
{
    struct signature_key key = {0};

    key.spki.algorithm = hex(algorithm);
    key.spki.bits = hex(bits);
    return verifying_key_read(&key, policy, found, why);
}

static void keys_that_are_none_are_refused_with_their_reason(void **state)
{
    static const struct {
        const char *algorithm, *bits, *reason;
    } rows[] = {
        {"0500", "", "tag 0x05 where 0x30 belongs, at offset 0"},
        {"300d06092a864886f70d0101010500", "0500",
            "tag 0x05 where 0x30 belongs, at offset 0"},
        {"300b" EC_KEY "0500", "",
            "the elliptic-curve key names no curve (RFC 5480, 2.1.1)"},
        {"3009" EC_KEY, "",
            "the elliptic-curve key names no curve (RFC 5480, 2.1.1)"},
        {"300b" EC_KEY "0600", "", "an OBJECT IDENTIFIER is empty at offset 2"},
        {"300d" EC_KEY "06022a03", "", "the curve 1.2.3 is not taken"},
        {"3009" DSA_KEY, "020101",
            "the DSA key has no parameters, nor has its issuer's (RFC 3279, "
            "2.3.2)"},
        {"300b" DSA_KEY "0500", "020101",
            "tag 0x05 where 0x30 belongs, at offset 0"},
        {"3010" DSA_KEY "30053003020101", "020101",
            "tag 0x30 where 0x02 belongs, at offset 2"},
        {"3014" DSA_KEY "3009020105020180020107", "020101",
            "a number of the DSA key is negative"},
        {"3014" DSA_KEY "3009020105020103020100", "020101",
            "a number of the DSA key is zero"},
        {"3011" DSA_KEY "3006020105020103", "020101",
            "an element is cut off at offset 8"},
        {"3016" DSA_KEY "300b0201050201030201070500", "020101",
            "bytes are left over after the DSA parameters at offset 11"},
        {"3014" DSA_KEY "3009020105020103020107", "0500",
            "tag 0x05 where 0x02 belongs, at offset 0"},
        {"3014" DSA_KEY "3009020105020103020107", "0201010500",
            "bytes are left over after the DSA key at offset 3"},
        {"3014" DSA_KEY "3009020105020103020107", "020101",
            "the DSA key has 3 and 2 bits, which are none of FIPS 186-4's "
            "sizes"},
        {"300706032b65700500", "",
            "the Ed25519 key has parameters; it must have none (RFC 8410, 3)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct verifying_key found = {0};
        struct failure why = {0};

        if (read_key(rows[i].algorithm, rows[i].bits, ALGORITHMS_RFC5280,
                &found, &why))
            fail_msg("row %zu is taken", i);
        if (strcmp(why.reason, rows[i].reason) != 0)
            fail_msg("row %zu: %s", i, why.reason);
    }
}

/* An INTEGER of this many bytes, each of them that one; how long it is. */
static size_t put_number(uint8_t *room, size_t length, uint8_t each)
{
    const size_t contents = length + (each >= 0x80 ? 1 : 0);
    size_t place = 0;

    room[place++] = 0x02;
    if (contents >= 0x100) {
        room[place++] = 0x82;
        room[place++] = (uint8_t)(contents >> 8);
    } else if (contents >= 0x80)
        room[place++] = 0x81;
    room[place++] = (uint8_t)contents;
    if (each >= 0x80)
        room[place++] = 0;
    memset(room + place, each, length);
    return place + length;
}

/* FIPS 186-4, 4.2 */
static void a_dsa_key_has_numbers_of_the_standards_sizes(void **state)
{
    static const struct {
        size_t prime, subprime, generator, value;
        uint8_t each; /* of the prime's bytes: how many bits it has */
        bool is_taken;
    } rows[] = {
        {128, 20, 128, 128, 0x80, true},
        {128, 20, 100, 1, 0xff, true},
        {128, 20, 128, 128, 0x7f, false},
        {384, 32, 384, 384, 0xff, true},
        {385, 32, 384, 384, 0x01, false},
        {256, 19, 256, 256, 0x80, false},
        {256, 33, 256, 256, 0x80, false},
        {256, 32, 257, 256, 0x80, false},
        {256, 32, 256, 257, 0x80, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct signature_key key = {.spki.algorithm = hex("3009" DSA_KEY)};
        struct verifying_key found = {0};
        struct failure why = {0};
        uint8_t parameters[ROOM] = {0x30, 0x82}, value[ROOM];
        size_t length = 4;

        length += put_number(parameters + length, rows[i].prime, rows[i].each);
        length += put_number(parameters + length, rows[i].subprime, 0x80);
        length += put_number(parameters + length, rows[i].generator, 0x7f);
        parameters[2] = (uint8_t)((length - 4) >> 8);
        parameters[3] = (uint8_t)(length - 4);
        key.inherited = (struct bytes){parameters, length};
        key.spki.bits =
            (struct bytes){value, put_number(value, rows[i].value, 0x7f)};
        if (verifying_key_read(&key, ALGORITHMS_RFC5280, &found, &why) !=
            rows[i].is_taken)
            fail_msg("row %zu: %s", i, why.reason);
        if (!rows[i].is_taken)
            assert_non_null(
                strstr(why.reason, "bits, which are none of FIPS 186-4's"));
    }
}

static void the_forum_takes_keys_of_two_kinds_alone(void **state)
{
    static const struct {
        const char *algorithm, *reason;
    } rows[] = {
        {"300d06092a864886f70d01010a3000",
            "the key is one of id-RSASSA-PSS, not rsaEncryption (Baseline "
            "Requirements, 7.1.3.1.1)"},
        {"3009" DSA_KEY,
            "the key is one of DSA (Baseline Requirements, 6.1.5)"},
        {"300506032b6570",
            "the key is one of Ed25519 (Baseline Requirements, 6.1.5)"},
        {"301006072a8648ce3d020106052b81040021",
            "the curve secp224r1 is not taken"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct verifying_key found = {0};
        struct failure why = {0};

        assert_false(
            read_key(rows[i].algorithm, "", ALGORITHMS_WEBPKI, &found, &why));
        if (strcmp(why.reason, rows[i].reason) != 0)
            fail_msg("row %zu: %s", i, why.reason);
    }
}

static void a_key_of_an_unknown_kind_is_no_failure_but_the_forums(void **state)
{
    struct signature_key key = {0};
    char evidence[SIGNATURE_EVIDENCE] = "";

    (void)state;
    key.spki.algorithm = hex("300406022a03");
    assert_true(signature_key_is_taken(&key, ALGORITHMS_RFC5280, evidence));
    assert_string_equal(evidence, "1.2.3");
    assert_false(signature_key_is_taken(&key, ALGORITHMS_WEBPKI, evidence));
    assert_string_equal(
        evidence, "the Baseline Requirements, 6.1.5, have no key of 1.2.3");
}

/* --- signatures ------------------------------------------------------------
 */

#define MESSAGE ((struct bytes){(const uint8_t *)"to be signed", 12})
#define PSS(hash, mask, salt)                                   \
    "304106092a864886f70d01010a3034a00f" SHA(hash) "a11c" MGF1( \
        SHA(mask)) "a2030201" salt

struct signer {
    uint8_t spki[ROOM];
    struct signature_key key;
    uint8_t signature[ROOM];
    size_t length;
};

static void take_pair(struct signer *signer, EVP_PKEY *pair)
{
    unsigned char *end = signer->spki;
    int length = i2d_PUBKEY(pair, &end);
    struct der_reader reader = {0};
    struct failure why = {0};

    assert_in_range(length, 1, ROOM);
    reader = der_reader_of((struct bytes){signer->spki, (size_t)length});
    signer->key = (struct signature_key){0};
    assert_true(spki_read(&reader, &signer->key.spki, &why));
}

static void sign_pss(struct signer *signer, EVP_PKEY *pair, const char *digest,
    const char *mask, int salt)
{
    SCOPED(EVP_MD_CTX) *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key = NULL;

    assert_int_equal(
        EVP_DigestSignInit_ex(context, &key, digest, NULL, NULL, pair, NULL),
        1);
    assert_true(EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_mgf1_md_name(key, mask, NULL) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(key, salt) > 0);
    signer->length = ROOM;
    assert_int_equal(EVP_DigestSign(context, signer->signature, &signer->length,
                         MESSAGE.start, MESSAGE.length),
        1);
}

static void assert_answer(const struct signer *signer, const char *algorithm,
    enum algorithm_policy policy, struct signature_cache *cache,
    enum signature_answer expected, const char *words)
{
    enum signature_answer answer = SIGNATURE_DIFFERS;
    char evidence[SIGNATURE_EVIDENCE] = "";
    struct failure why = {0};

    assert_true(signature_check(&signer->key, hex(algorithm), MESSAGE,
        (struct bytes){signer->signature, signer->length}, policy, cache,
        &answer, evidence, &why));
    if (answer != expected || strstr(evidence, words) == NULL)
        fail_msg("%d: %s", (int)answer, evidence);
    assert_true(signature_check(&signer->key, hex(algorithm), MESSAGE,
        (struct bytes){signer->signature, signer->length}, policy, cache,
        &answer, NULL, &why));
    assert_int_equal(answer, expected);
}

/* Baseline Requirements, 7.1.3.2.1: three sets of parameters, no other. */
static void the_forum_has_three_sets_of_pss_parameters(void **state)
{
    static struct signer signer;
    SCOPED(EVP_PKEY) *pair = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    static const struct {
        const char *digest, *mask;
        int salt;
        const char *algorithm;
        bool is_taken;
    } rows[] = {
        {"SHA256", "SHA256", 32, PSS("01", "01", "20"), true},
        {"SHA384", "SHA384", 48, PSS("02", "02", "30"), true},
        {"SHA512", "SHA512", 64, PSS("03", "03", "40"), true},
        {"SHA256", "SHA256", 31, PSS("01", "01", "1f"), false},
        {"SHA384", "SHA384", 32, PSS("02", "02", "20"), false},
        {"SHA512", "SHA512", 32, PSS("03", "03", "20"), false},
        {"SHA224", "SHA224", 28, PSS("04", "04", "1c"), false},
        {"SHA256", "SHA384", 32, PSS("01", "02", "20"), false},
    };

    (void)state;
    take_pair(&signer, pair);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        sign_pss(&signer, pair, rows[i].digest, rows[i].mask, rows[i].salt);
        assert_answer(&signer, rows[i].algorithm, ALGORITHMS_RFC5280, NULL,
            SIGNATURE_MATCHES, "RSASSA-PSS with ");
        if (rows[i].is_taken)
            assert_answer(&signer, rows[i].algorithm, ALGORITHMS_WEBPKI, NULL,
                SIGNATURE_MATCHES, "RSASSA-PSS with ");
        else
            assert_answer(&signer, rows[i].algorithm, ALGORITHMS_WEBPKI, NULL,
                SIGNATURE_ALGORITHM_REFUSED,
                "the Baseline Requirements, 7.1.3.2.1, have no such "
                "parameters");
    }
}

static EVP_PKEY *make_pss_pair(bool is_restricted)
{
    SCOPED(EVP_PKEY_CTX) *context =
        EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    EVP_PKEY *pair = NULL;

    assert_true(EVP_PKEY_keygen_init(context) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) > 0);
    if (is_restricted) {
        assert_true(EVP_PKEY_CTX_set_rsa_pss_keygen_md_name(
                        context, "SHA384", NULL) > 0);
        assert_true(EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md_name(
                        context, "SHA384") > 0);
        assert_true(EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(context, 40) > 0);
    }
    assert_true(EVP_PKEY_keygen(context, &pair) > 0);
    return pair;
}

/* RFC 4055, 3.3 */
static void a_restricted_key_signs_as_it_says_or_not_at_all(void **state)
{
    static struct signer signer;
    SCOPED(EVP_PKEY) *pair = make_pss_pair(true);
    const char *const others[] = {
        PSS("01", "02", "30"), PSS("02", "01", "30"), PSS("02", "02", "27")};

    (void)state;
    take_pair(&signer, pair);
    sign_pss(&signer, pair, "SHA384", "SHA384", 48);
    assert_answer(&signer, PSS("02", "02", "30"), ALGORITHMS_RFC5280, NULL,
        SIGNATURE_MATCHES, "a salt of 48 bytes by the key RSA 2048");
    for (size_t i = 0; i < 3; i++)
        assert_answer(&signer, others[i], ALGORITHMS_RFC5280, NULL,
            SIGNATURE_ALGORITHM_REFUSED,
            "the key's own parameters allow no such signature (RFC 4055, 3.3)");
    assert_answer(&signer, "300d06092a864886f70d01010b0500", ALGORITHMS_RFC5280,
        NULL, SIGNATURE_ALGORITHM_REFUSED,
        "the algorithm is not one of this key");
    assert_answer(&signer, PSS("02", "02", "30"), ALGORITHMS_WEBPKI, NULL,
        SIGNATURE_KEY_REFUSED, "the key is one of id-RSASSA-PSS");
}

static void an_unrestricted_pss_key_signs_with_any_parameters(void **state)
{
    static struct signer signer;
    SCOPED(EVP_PKEY) *pair = make_pss_pair(false);

    (void)state;
    take_pair(&signer, pair);
    sign_pss(&signer, pair, "SHA256", "SHA512", 11);
    assert_answer(&signer, PSS("01", "03", "0b"), ALGORITHMS_RFC5280, NULL,
        SIGNATURE_MATCHES, "RSASSA-PSS with SHA256, MGF1 with SHA512");
}

static void an_algorithm_that_is_none_is_refused_and_not_computed(void **state)
{
    static struct signer signer;
    SCOPED(EVP_PKEY) *pair = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    char text[SIGNATURE_EVIDENCE];

    (void)state;
    take_pair(&signer, pair);
    sign_pss(&signer, pair, "SHA256", "SHA256", 32);
    assert_answer(&signer, "0500", ALGORITHMS_RFC5280, NULL,
        SIGNATURE_ALGORITHM_REFUSED,
        "an unreadable algorithm by the key RSA 2048");
    assert_answer(&signer, "300f06092a864886f70d01010a3002a000",
        ALGORITHMS_RFC5280, NULL, SIGNATURE_ALGORITHM_REFUSED,
        "an element is cut off at offset 4");
    assert_answer(&signer, "300d06092a864886f70d01010b0400", ALGORITHMS_RFC5280,
        NULL, SIGNATURE_ALGORITHM_REFUSED,
        "its parameters are not those of its standard");
    assert_answer(&signer, "300e06092a864886f70d01010b020101",
        ALGORITHMS_RFC5280, NULL, SIGNATURE_ALGORITHM_REFUSED,
        "its parameters are not those of its standard");
    assert_answer(&signer, "300b06092a864886f70d01010b", ALGORITHMS_WEBPKI,
        NULL, SIGNATURE_ALGORITHM_REFUSED,
        "its parameters are not those of its standard");
    signature_algorithm_print(hex("300d06092a864886f70d01010a0500"), text);
    assert_string_equal(text, "id-RSASSA-PSS");
}

/* A point that is not on the curve is found where the key is made. */
static void a_key_off_its_curve_is_refused_and_not_invalid(void **state)
{
    static struct signer signer;
    SCOPED_STRUCT(signature_cache) *cache = NULL;
    SCOPED(EVP_PKEY) *pair = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    struct failure why = {0};

    (void)state;
    assert_true(signature_cache_new(&cache, &why));
    take_pair(&signer, pair);
    signer.spki[signer.key.spki.whole.length - 1] ^= 1;
    signer.length = 8;
    for (size_t i = 0; i < 2; i++)
        assert_answer(&signer, "300a06082a8648ce3d040302", ALGORITHMS_RFC5280,
            i == 0 ? NULL : cache, SIGNATURE_KEY_REFUSED, "ECDSA P-256");
}

/* Until OLD_OCSP_END, for OCSP answers alone. */
static void old_answers_may_have_sha_1_under_pkcs_1(void **state)
{
    static const struct {
        struct bytes oid;
        bool is_taken;
    } rows[] = {
        {{(const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05", 9}, true},
        {{(const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", 9}, true},
        {{(const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04", 9}, false},
        {{(const uint8_t *)"\x2a\x86\x48\xce\x3d\x04\x01", 7}, false},
        {{(const uint8_t *)"\x2b\x65\x70", 3}, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_int_equal(signature_row_is_taken(signature_row_of(rows[i].oid),
                             ALGORITHMS_OLD_OCSP),
            rows[i].is_taken);
    assert_false(signature_row_is_taken(
        signature_row_of(rows[0].oid), ALGORITHMS_RFC5280));
}

/* --- the cache -------------------------------------------------------------
 */

static void nine_of_one_row_push_the_oldest_out(void **state)
{
    SCOPED_STRUCT(signature_cache) *cache = NULL;
    SCOPED(EVP_PKEY) *pair = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    uint8_t digest[SHA256_BYTES] = {7, 0};
    struct failure why = {0};

    (void)state;
    assert_true(signature_cache_new(&cache, &why));
    for (uint8_t i = 0; i < 9; i++) {
        digest[31] = i;
        assert_false(signature_cache_has(cache, digest));
        assert_null(signature_cache_key(cache, digest));
        for (size_t twice = 0; twice < 2; twice++) {
            signature_cache_add(cache, digest);
            signature_cache_add_key(cache, digest, pair);
        }
        assert_true(signature_cache_has(cache, digest));
    }
    for (uint8_t i = 0; i < 9; i++) {
        SCOPED(EVP_PKEY) *key = NULL;

        digest[31] = i;
        key = signature_cache_key(cache, digest);
        assert_int_equal(signature_cache_has(cache, digest), i > 0);
        assert_int_equal(key != NULL, i > 0);
    }
}

static void no_cache_holds_nothing(void **state)
{
    const uint8_t digest[SHA256_BYTES] = {0};
    SCOPED(EVP_PKEY) *pair = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");

    (void)state;
    signature_cache_add(NULL, digest);
    signature_cache_add_key(NULL, digest, pair);
    assert_false(signature_cache_has(NULL, digest));
    assert_null(signature_cache_key(NULL, digest));
    signature_cache_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_that_are_left_out_have_their_defaults),
        cmocka_unit_test(parameters_of_another_standard_are_refused),
        cmocka_unit_test(keys_that_are_none_are_refused_with_their_reason),
        cmocka_unit_test(a_dsa_key_has_numbers_of_the_standards_sizes),
        cmocka_unit_test(the_forum_takes_keys_of_two_kinds_alone),
        cmocka_unit_test(a_key_of_an_unknown_kind_is_no_failure_but_the_forums),
        cmocka_unit_test(the_forum_has_three_sets_of_pss_parameters),
        cmocka_unit_test(a_restricted_key_signs_as_it_says_or_not_at_all),
        cmocka_unit_test(an_unrestricted_pss_key_signs_with_any_parameters),
        cmocka_unit_test(an_algorithm_that_is_none_is_refused_and_not_computed),
        cmocka_unit_test(a_key_off_its_curve_is_refused_and_not_invalid),
        cmocka_unit_test(old_answers_may_have_sha_1_under_pkcs_1),
        cmocka_unit_test(nine_of_one_row_push_the_oldest_out),
        cmocka_unit_test(no_cache_holds_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
