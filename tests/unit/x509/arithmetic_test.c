#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "base/hex.h"
#include "crypto/openssl_scoped.h"
#include "support/openssl_failure.h"
#include "x509/chain/arithmetic.h"

#define ROOM 4096
#define MESSAGE ((struct bytes){(const uint8_t *)"to be signed", 12})

struct signer {
    EVP_PKEY *pair;
    uint8_t spki[ROOM];
    struct signature_key key;
    uint8_t signature[ROOM];
    size_t length;
};

static void read_spki(struct signer *signer, size_t length)
{
    struct der_reader reader =
        der_reader_of((struct bytes){signer->spki, length});
    struct failure why = {0};

    assert_true(spki_read(&reader, &signer->key.spki, &why));
}

static void take_pair(struct signer *signer, EVP_PKEY *pair)
{
    unsigned char *end = signer->spki;
    int length = 0;

    assert_non_null(pair);
    signer->pair = pair;
    signer->key = (struct signature_key){0};
    length = i2d_PUBKEY(pair, &end);
    assert_in_range(length, 1, ROOM);
    read_spki(signer, (size_t)length);
}

/* mask: of RSASSA-PSS, else NULL. */
static void sign(
    struct signer *signer, const char *digest, const char *mask, int salt)
{
    SCOPED(EVP_MD_CTX) *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key = NULL;

    assert_int_equal(EVP_DigestSignInit_ex(
                         context, &key, digest, NULL, NULL, signer->pair, NULL),
        1);
    if (mask != NULL) {
        assert_true(
            EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING) > 0);
        assert_true(EVP_PKEY_CTX_set_rsa_mgf1_md_name(key, mask, NULL) > 0);
        assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(key, salt) > 0);
    }
    signer->length = ROOM;
    assert_int_equal(EVP_DigestSign(context, signer->signature, &signer->length,
                         MESSAGE.start, MESSAGE.length),
        1);
}

static struct bytes element(const char *hex)
{
    static uint8_t rooms[2][256];
    static size_t next = 0;
    uint8_t *room = rooms[next++ % 2];
    struct failure why = {0};
    size_t length = 0;

    assert_true(hex_read(hex, room, 256, &length, &why));
    return (struct bytes){room, length};
}

static enum signature_answer ask(const struct signer *signer,
    const char *algorithm, enum algorithm_policy policy,
    struct signature_cache *cache, char evidence[static SIGNATURE_EVIDENCE])
{
    enum signature_answer answer = SIGNATURE_DIFFERS;
    struct failure why = {0};

    assert_true(signature_check(&signer->key, element(algorithm), MESSAGE,
        (struct bytes){signer->signature, signer->length}, policy, cache,
        &answer, evidence, &why));
    return answer;
}

#define RSA_ALGORITHM(last) "300d06092a864886f70d0101" last "0500"
#define ECDSA_ALGORITHM(last) "300a06082a8648ce3d0403" last
#define SHA(last) "300d0609608648016503040" last "0500"
#define PSS_ALGORITHM(hash, mask, salt)                                  \
    "304106092a864886f70d01010a3034a00f" SHA(hash) "a11c301a06092a86"    \
                                                   "4886f70d010108" SHA( \
                                                       mask) "a2030201" salt

static const struct {
    const char *kind, *size_or_curve, *digest, *mask;
    int salt;
    const char *algorithm;
    enum signature_answer rfc5280, webpki;
    const char *evidence; /* begins with */
} rows[] = {
    {"RSA", "2048", "SHA256", NULL, 0, RSA_ALGORITHM("0b"), SIGNATURE_MATCHES,
        SIGNATURE_MATCHES, "sha256WithRSAEncryption by the key RSA 2048 with "},
    {"RSA", "2056", "SHA384", NULL, 0, RSA_ALGORITHM("0c"), SIGNATURE_MATCHES,
        SIGNATURE_MATCHES, "sha384WithRSAEncryption by the key RSA 2056 with "},
    {"RSA", "2050", "SHA512", NULL, 0, RSA_ALGORITHM("0d"), SIGNATURE_MATCHES,
        SIGNATURE_KEY_REFUSED, "sha512WithRSAEncryption by the key RSA 2050"},
    {"RSA", "1024", "SHA224", NULL, 0, RSA_ALGORITHM("0e"), SIGNATURE_MATCHES,
        SIGNATURE_ALGORITHM_REFUSED, "sha224WithRSAEncryption by the key RSA"},
    {"RSA", "1024", "SHA256", NULL, 0, "300b06092a864886f70d01010b",
        SIGNATURE_MATCHES, SIGNATURE_ALGORITHM_REFUSED, "sha256"},
    {"RSA", "768", "SHA256", NULL, 0, RSA_ALGORITHM("0b"),
        SIGNATURE_KEY_REFUSED, SIGNATURE_KEY_REFUSED, "sha256"},
    {"RSA", "1024", "SHA1", NULL, 0, RSA_ALGORITHM("05"),
        SIGNATURE_ALGORITHM_REFUSED, SIGNATURE_ALGORITHM_REFUSED,
        "sha1WithRSAEncryption by the key RSA 1024"},
    {"RSA", "1024", "MD5", NULL, 0, RSA_ALGORITHM("04"),
        SIGNATURE_ALGORITHM_REFUSED, SIGNATURE_ALGORITHM_REFUSED,
        "md5WithRSAEncryption by the key RSA 1024"},
    {"RSA", "2048", "SHA256", "SHA256", 32, PSS_ALGORITHM("201", "201", "20"),
        SIGNATURE_MATCHES, SIGNATURE_MATCHES,
        "RSASSA-PSS with SHA256, MGF1 with SHA256, a salt of 32 bytes by"},
    {"RSA", "2048", "SHA512", "SHA256", 7, PSS_ALGORITHM("203", "201", "07"),
        SIGNATURE_MATCHES, SIGNATURE_ALGORITHM_REFUSED, "RSASSA-PSS with SHA5"},
    {"RSA", "2048", "SHA1", "SHA1", 20, "300d06092a864886f70d01010a3000",
        SIGNATURE_ALGORITHM_REFUSED, SIGNATURE_ALGORITHM_REFUSED, "RSASSA-PSS"},
    {"EC", "P-256", "SHA256", NULL, 0, ECDSA_ALGORITHM("02"), SIGNATURE_MATCHES,
        SIGNATURE_MATCHES, "ecdsa-with-SHA256 by the key ECDSA P-256 with "},
    {"EC", "P-256", "SHA512", NULL, 0, ECDSA_ALGORITHM("04"), SIGNATURE_MATCHES,
        SIGNATURE_ALGORITHM_REFUSED, "ecdsa-with-SHA512 by the key ECDSA P-2"},
    {"EC", "P-384", "SHA384", NULL, 0, ECDSA_ALGORITHM("03"), SIGNATURE_MATCHES,
        SIGNATURE_MATCHES, "ecdsa-with-SHA384 by the key ECDSA P-384"},
    {"EC", "P-521", "SHA512", NULL, 0, ECDSA_ALGORITHM("04"), SIGNATURE_MATCHES,
        SIGNATURE_MATCHES, "ecdsa-with-SHA512 by the key ECDSA P-521"},
    {"EC", "P-224", "SHA224", NULL, 0, ECDSA_ALGORITHM("01"), SIGNATURE_MATCHES,
        SIGNATURE_ALGORITHM_REFUSED, "ecdsa-with-SHA224 by the key ECDSA P-22"},
    {"EC", "P-192", "SHA256", NULL, 0, ECDSA_ALGORITHM("02"),
        SIGNATURE_KEY_REFUSED, SIGNATURE_KEY_REFUSED, "ecdsa-with-SHA256"},
    {"EC", "secp256k1", "SHA256", NULL, 0, ECDSA_ALGORITHM("02"),
        SIGNATURE_KEY_REFUSED, SIGNATURE_KEY_REFUSED, "ecdsa-with-SHA256"},
    {"EC", "P-256", "SHA1", NULL, 0, "300906072a8648ce3d0401",
        SIGNATURE_ALGORITHM_REFUSED, SIGNATURE_ALGORITHM_REFUSED,
        "ecdsa-with-SHA1 by the key ECDSA P-256"},
    {"ED25519", NULL, NULL, NULL, 0, "300506032b6570", SIGNATURE_MATCHES,
        SIGNATURE_ALGORITHM_REFUSED, "id-Ed25519 by the key Ed25519 with"},
    {"ED448", NULL, NULL, NULL, 0, "300506032b6571", SIGNATURE_MATCHES,
        SIGNATURE_ALGORITHM_REFUSED, "id-Ed448 by the key Ed448 with"},
};

static EVP_PKEY *make_pair(const char *kind, const char *size_or_curve)
{
    if (strcmp(kind, "RSA") == 0)
        return EVP_PKEY_Q_keygen(
            NULL, NULL, "RSA", (size_t)strtoul(size_or_curve, NULL, 10));
    return strcmp(kind, "EC") == 0
               ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", size_or_curve)
               : EVP_PKEY_Q_keygen(NULL, NULL, kind);
}

/* A bit anywhere in the signature. */
static void assert_differs_when_flipped(
    struct signer *signer, const char *algorithm)
{
    char evidence[SIGNATURE_EVIDENCE];

    for (size_t i = 0; i < signer->length; i += 1 + signer->length / 8) {
        signer->signature[i] ^= 0x10;
        assert_int_equal(
            ask(signer, algorithm, ALGORITHMS_RFC5280, NULL, evidence),
            SIGNATURE_DIFFERS);
        assert_non_null(strstr(evidence, ": the signature is invalid"));
        signer->signature[i] ^= 0x10;
    }
}

static void every_row_is_taken_or_refused_as_its_policy_says(void **state)
{
    static struct signer signer;
    char evidence[SIGNATURE_EVIDENCE];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        SCOPED(EVP_PKEY) *pair = make_pair(rows[i].kind, rows[i].size_or_curve);

        take_pair(&signer, pair);
        sign(&signer, rows[i].digest, rows[i].mask, rows[i].salt);
        if (ask(&signer, rows[i].algorithm, ALGORITHMS_RFC5280, NULL,
                evidence) != rows[i].rfc5280)
            fail_msg("row %zu, rfc5280: %s", i, evidence);
        if (strncmp(evidence, rows[i].evidence, strlen(rows[i].evidence)) != 0)
            fail_msg("row %zu: %s", i, evidence);
        assert_true((strstr(evidence, "invalid") != NULL) == false);
        if (ask(&signer, rows[i].algorithm, ALGORITHMS_WEBPKI, NULL,
                evidence) != rows[i].webpki)
            fail_msg("row %zu, webpki: %s", i, evidence);
        if (rows[i].rfc5280 == SIGNATURE_MATCHES)
            assert_differs_when_flipped(&signer, rows[i].algorithm);
    }
}

static void an_algorithm_of_another_key_is_refused(void **state)
{
    static struct signer signer;
    SCOPED(EVP_PKEY) *pair = make_pair("EC", "P-256");
    char evidence[SIGNATURE_EVIDENCE];

    (void)state;
    take_pair(&signer, pair);
    sign(&signer, "SHA256", NULL, 0);
    assert_int_equal(
        ask(&signer, RSA_ALGORITHM("0b"), ALGORITHMS_RFC5280, NULL, evidence),
        SIGNATURE_ALGORITHM_REFUSED);
    assert_non_null(strstr(evidence, "the algorithm is not one of this key"));
    assert_int_equal(
        ask(&signer, "300506032b6570", ALGORITHMS_RFC5280, NULL, evidence),
        SIGNATURE_ALGORITHM_REFUSED);
    assert_int_equal(
        ask(&signer, "300406022a03", ALGORITHMS_RFC5280, NULL, evidence),
        SIGNATURE_ALGORITHM_REFUSED);
    assert_non_null(strstr(evidence, "1.2.3 by the key ECDSA P-256"));
}

/* RFC 3279, 2.3.2; PKITS 4.1.5 */
static void a_dsa_key_without_parameters_has_its_issuers(void **state)
{
    static const uint8_t bare[] = {
        0x30, 0x09, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01};
    static struct signer signer;
    SCOPED(EVP_PKEY_CTX) *context =
        EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
    SCOPED(EVP_PKEY) *parameters = NULL;
    SCOPED(EVP_PKEY) *pair = NULL;
    char evidence[SIGNATURE_EVIDENCE];
    struct bytes whole = {0};

    (void)state;
    assert_true(EVP_PKEY_paramgen_init(context) > 0);
    assert_true(EVP_PKEY_paramgen(context, &parameters) > 0);
    EVP_PKEY_CTX_free(context);
    context = EVP_PKEY_CTX_new_from_pkey(NULL, parameters, NULL);
    assert_true(EVP_PKEY_keygen_init(context) > 0);
    assert_true(EVP_PKEY_keygen(context, &pair) > 0);
    take_pair(&signer, pair);
    sign(&signer, "SHA256", NULL, 0);
    assert_int_equal(ask(&signer, "300b0609608648016503040302",
                         ALGORITHMS_RFC5280, NULL, evidence),
        SIGNATURE_MATCHES);
    assert_int_equal(ask(&signer, "300b0609608648016503040302",
                         ALGORITHMS_WEBPKI, NULL, evidence),
        SIGNATURE_ALGORITHM_REFUSED);
    assert_differs_when_flipped(&signer, "300b0609608648016503040302");

    whole = signer.key.spki.algorithm;
    signer.key.spki.algorithm = (struct bytes){bare, sizeof(bare)};
    assert_int_equal(ask(&signer, "300b0609608648016503040302",
                         ALGORITHMS_RFC5280, NULL, evidence),
        SIGNATURE_KEY_REFUSED);
    assert_non_null(
        strstr(evidence, "has no parameters, nor has its issuer's"));
    signer.key.inherited =
        (struct bytes){whole.start + 4 + 9, whole.length - 4 - 9};
    assert_int_equal(ask(&signer, "300b0609608648016503040302",
                         ALGORITHMS_RFC5280, NULL, evidence),
        SIGNATURE_MATCHES);
}

static void a_cache_answers_only_for_the_very_same_signature(void **state)
{
    static struct signer signer;
    SCOPED_STRUCT(signature_cache) *cache = NULL;
    SCOPED(EVP_PKEY) *pair = make_pair("EC", "P-256");
    char evidence[SIGNATURE_EVIDENCE];
    struct failure why = {0};

    (void)state;
    assert_true(signature_cache_new(&cache, &why));
    take_pair(&signer, pair);
    sign(&signer, "SHA256", NULL, 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(ask(&signer, ECDSA_ALGORITHM("02"), ALGORITHMS_RFC5280,
                             cache, evidence),
            SIGNATURE_MATCHES);
    signer.signature[9] ^= 1;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(ask(&signer, ECDSA_ALGORITHM("02"), ALGORITHMS_RFC5280,
                             cache, evidence),
            SIGNATURE_DIFFERS);
    signer.signature[9] ^= 1;
    assert_int_equal(
        ask(&signer, ECDSA_ALGORITHM("04"), ALGORITHMS_WEBPKI, cache, evidence),
        SIGNATURE_ALGORITHM_REFUSED);
}

/* What is signed need not be DER: its last byte in front of the signature is
 * another message. */
static void a_byte_cannot_wander_from_the_message_to_the_signature(void **state)
{
    static struct signer signer;
    static uint8_t moved[ROOM + 1];
    SCOPED_STRUCT(signature_cache) *cache = NULL;
    SCOPED(EVP_PKEY) *pair = make_pair("EC", "P-256");
    const struct bytes shorter = {MESSAGE.start, MESSAGE.length - 1};
    enum signature_answer answer = SIGNATURE_MATCHES;
    char evidence[SIGNATURE_EVIDENCE];
    struct failure why = {0};

    (void)state;
    assert_true(signature_cache_new(&cache, &why));
    take_pair(&signer, pair);
    sign(&signer, "SHA256", NULL, 0);
    assert_int_equal(ask(&signer, ECDSA_ALGORITHM("02"), ALGORITHMS_RFC5280,
                         cache, evidence),
        SIGNATURE_MATCHES);
    moved[0] = MESSAGE.start[shorter.length];
    memcpy(moved + 1, signer.signature, signer.length);
    assert_true(signature_check(&signer.key, element(ECDSA_ALGORITHM("02")),
        shorter, (struct bytes){moved, signer.length + 1}, ALGORITHMS_RFC5280,
        cache, &answer, evidence, &why));
    assert_int_equal(answer, SIGNATURE_DIFFERS);
}

/* RSA of 16,384 bits costs seconds where it is computed with. */
static void a_modulus_beyond_the_limit_is_refused_unread(void **state)
{
    static uint8_t encoded[2100];
    struct signature_key key = {0};
    char evidence[SIGNATURE_EVIDENCE];

    (void)state;
    memcpy(encoded, "\x30\x82\x08\x0a\x02\x82\x08\x01\x00\xff", 10);
    encoded[2056] = 1;
    memcpy(encoded + 8 + 2049 - 0, "\x02\x03\x01\x00\x01", 5);
    memcpy(encoded + 2, "\x08\x0a", 2);
    key.spki.algorithm = element("300d06092a864886f70d0101010500");
    key.spki.bits = (struct bytes){encoded, 4 + 0x80a};
    assert_false(signature_key_is_taken(&key, ALGORITHMS_RFC5280, evidence));
    assert_string_equal(
        evidence, "the RSA key has 16384 bits; at most 8192 are computed with");
}

/* Each call into OpenSSL fails once.  True: none was left to fail. */
static bool answers_without_failure(const struct signer *signer,
    struct bytes algorithm, bool is_cached, size_t nth)
{
    SCOPED_STRUCT(signature_cache) *cache = NULL;
    enum signature_answer answer = SIGNATURE_DIFFERS;
    char evidence[SIGNATURE_EVIDENCE];
    struct failure why = {0};
    bool is_done = false, has_failed = false;

    assert_true(signature_cache_new(&cache, &why));
    openssl_fails_at(nth);
    is_done = signature_check(&signer->key, algorithm, MESSAGE,
        (struct bytes){signer->signature, signer->length}, ALGORITHMS_RFC5280,
        is_cached ? cache : NULL, &answer, is_cached ? evidence : NULL, &why);
    has_failed = openssl_has_failed();
    openssl_fails_at(0);
    if (is_done)
        assert_int_equal(answer, SIGNATURE_MATCHES);
    else
        assert_true(has_failed && why.kind == FAILURE_INTERNAL);
    return !has_failed;
}

/* Q305929: what could not be computed is not invalid. */
static void a_library_that_fails_is_no_answer(void **state)
{
    static struct signer signer;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        SCOPED(EVP_PKEY) *pair = NULL;

        if (rows[i].rfc5280 != SIGNATURE_MATCHES)
            continue;
        pair = make_pair(rows[i].kind, rows[i].size_or_curve);
        take_pair(&signer, pair);
        sign(&signer, rows[i].digest, rows[i].mask, rows[i].salt);
        for (int cached = 0; cached < 2; cached++) {
            size_t nth = 1;

            while (!answers_without_failure(
                &signer, element(rows[i].algorithm), cached != 0, nth))
                nth++;
            assert_true(nth > 2);
        }
    }
}

/* RFC 5280, 4.2.1.2: any bytes, and twenty of them are shown. */
static void a_long_key_identifier_is_told_in_part(void **state)
{
    static struct signer signer;
    SCOPED(EVP_PKEY) *pair = make_pair("EC", "P-256");
    char text[SIGNATURE_EVIDENCE];

    (void)state;
    take_pair(&signer, pair);
    signer.key.identifier =
        element("00112233445566778899aabbccddeeff0011223344556677");
    signature_print(&signer.key, element(ECDSA_ALGORITHM("02")), text);
    assert_string_equal(strstr(text, "with identifier "),
        "with identifier 00112233445566778899aabbccddeeff00112233");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_taken_or_refused_as_its_policy_says),
        cmocka_unit_test(an_algorithm_of_another_key_is_refused),
        cmocka_unit_test(a_dsa_key_without_parameters_has_its_issuers),
        cmocka_unit_test(a_cache_answers_only_for_the_very_same_signature),
        cmocka_unit_test(
            a_byte_cannot_wander_from_the_message_to_the_signature),
        cmocka_unit_test(a_modulus_beyond_the_limit_is_refused_unread),
        cmocka_unit_test(a_library_that_fails_is_no_answer),
        cmocka_unit_test(a_long_key_identifier_is_told_in_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
