#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "crypto/key.h"
#include "crypto/openssl_scoped.h"

static void a_row_is_found_by_its_name(void **state)
{
    (void)state;
    assert_string_equal(key_algorithm_named("p256")->title, "ECDSA P-256");
    assert_string_equal(key_algorithm_named("mldsa87")->title, "ML-DSA-87");
    assert_null(key_algorithm_named("P256"));
    assert_null(key_algorithm_named("hmac"));
    assert_null(key_algorithm_named(""));
}

static void a_row_is_found_by_its_identifier_and_the_bits_of_rsa(void **state)
{
    const struct key_algorithm *row = key_algorithms();

    (void)state;
    for (; row->name != NULL; row++)
        assert_ptr_equal(key_algorithm_of(row->identifier, row->bits), row);
    assert_null(
        key_algorithm_of(key_algorithm_named("rsa2048")->identifier, 2056));
    assert_null(
        key_algorithm_of(key_algorithm_named("rsa2048")->identifier, 0));
    assert_null(key_algorithm_of((struct bytes){0}, 2048));
}

static void a_signature_row_is_found_by_its_whole_identifier(void **state)
{
    const struct signature_algorithm *row = signature_algorithms();

    (void)state;
    for (; row->name != NULL; row++) {
        struct bytes cut = row->identifier;

        assert_ptr_equal(signature_algorithm_of(row->identifier), row);
        cut.length--;
        assert_null(signature_algorithm_of(cut));
    }
}

static void identifiers_are_those_that_openssl_writes(void **state)
{
    const struct key_algorithm *row = key_algorithms();

    (void)state;
    for (; row->name != NULL; row++) {
        SCOPED_STRUCT(private_key) *key = NULL;
        RELEASED(buffer) spki = BUFFER("key", 8192);
        struct failure why = {0};

        /* Larger RSA keys have the same identifier and take long to make. */
        if (row->kind == KEY_KIND_RSA && row->bits > 2048)
            continue;
        if (!key_generate(row, &key, &why)) {
            assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
            continue;
        }
        assert_true(private_key_append_spki(key, &spki, &why));
        assert_non_null(memmem(
            spki.start, 64, row->identifier.start, row->identifier.length));
        if (row->public_length != 0)
            assert_true(spki.length >= row->public_length + 12);
    }
}

/* Rows of ECDSA, RSA with PKCS #1 and Ed25519, as X509_sign writes them. */
static void signature_identifiers_are_those_that_openssl_writes(void **state)
{
    static const char *const names[] = {
        "p256", "p384", "p521", "rsa2048", "ed25519"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const struct key_algorithm *row = key_algorithm_named(names[i]);
        SCOPED(X509_REQ) *request = X509_REQ_new();
        SCOPED(openssl_bytes) *encoded = NULL;
        SCOPED(EVP_PKEY) *key = NULL;
        const X509_ALGOR *algorithm = NULL;
        const char *digest = row->signs_with->digest;
        int length;

        key = row->kind == KEY_KIND_EC ? EVP_EC_gen(row->group)
              : row->kind == KEY_KIND_RSA
                  ? EVP_RSA_gen(row->bits)
                  : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        assert_true(X509_REQ_set_pubkey(request, key));
        assert_true(X509_REQ_sign(request, key,
            digest == NULL ? NULL : EVP_get_digestbyname(digest)));
        X509_REQ_get0_signature(request, NULL, &algorithm);
        length = i2d_X509_ALGOR(algorithm, &encoded);
        assert_int_equal(length, row->signs_with->identifier.length);
        assert_memory_equal(
            encoded, row->signs_with->identifier.start, (size_t)length);
    }
}

static void a_pss_identifier_has_the_salt_of_its_hash(void **state)
{
    const struct signature_algorithm *row = signature_algorithms();
    size_t seen = 0;

    (void)state;
    for (; row->name != NULL; row++) {
        SCOPED(EVP_MD) *digest = NULL;

        if (!row->pss)
            continue;
        digest = EVP_MD_fetch(NULL, row->digest, NULL);
        assert_int_equal(row->identifier.start[row->identifier.length - 1],
            EVP_MD_get_size(digest));
        assert_int_equal(row->identifier.start[1] + 2, row->identifier.length);
        seen++;
    }
    assert_int_equal(seen, 3);
}

/* Newer libraries have ML-DSA too. */
static void kb001_every_algorithm_offered_has_signed_and_verified(void **state)
{
    static const char *const always =
        "p256, p384, p521, rsa2048, rsa3072, rsa4096, ed25519";
    const struct key_algorithm *ml_dsa = key_algorithm_named("mldsa44");
    RELEASED(buffer) names = BUFFER("names", 512);
    const char *text = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(key_algorithms_offered(&names, &why));
    assert_true(buffer_as_text(&names, &text, &why));
    assert_memory_equal(text, always, strlen(always));
    assert_int_equal(
        key_algorithm_probe(ml_dsa, &why), strstr(text, ", mldsa44") != NULL);
}

static void kb002_an_algorithm_the_library_lacks_is_refused_by_name(
    void **state)
{
    struct key_algorithm lacking = *key_algorithm_named("p256");
    struct failure why = {0};
    char reason[120];

    (void)state;
    lacking.openssl_name = "NO-SUCH-KEY";
    lacking.title = "ML-DSA-99";
    assert_false(key_algorithm_probe(&lacking, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    (void)snprintf(reason, sizeof(reason), "this OpenSSL (%s) has no ML-DSA-99",
        OpenSSL_version(OPENSSL_VERSION_STRING));
    assert_string_equal(why.reason, reason);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_found_by_its_name),
        cmocka_unit_test(a_row_is_found_by_its_identifier_and_the_bits_of_rsa),
        cmocka_unit_test(a_signature_row_is_found_by_its_whole_identifier),
        cmocka_unit_test(identifiers_are_those_that_openssl_writes),
        cmocka_unit_test(signature_identifiers_are_those_that_openssl_writes),
        cmocka_unit_test(a_pss_identifier_has_the_salt_of_its_hash),
        cmocka_unit_test(kb001_every_algorithm_offered_has_signed_and_verified),
        cmocka_unit_test(
            kb002_an_algorithm_the_library_lacks_is_refused_by_name),
    };

    return cmocka_run_group_tests_name("algorithms", tests, NULL, NULL);
}
