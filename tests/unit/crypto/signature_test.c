#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>
#include <openssl/rsa.h>

#include "crypto/openssl_scoped.h"
#include "crypto/public_key.h"
#include "crypto/signature.h"

struct made {
    EVP_PKEY *key;
    const struct signature_algorithm *algorithm;
    uint8_t bytes[SIGNATURE_MAX];
    struct bytes signature;
};

static const struct signature_algorithm *algorithm_named(const char *name)
{
    const struct signature_algorithm *row = signature_algorithms();

    while (row->name != NULL && strcmp(row->name, name) != 0)
        row++;
    assert_non_null(row->name);
    return row;
}

static void made_free(struct made *made)
{
    EVP_PKEY_free(made->key);
}

static void sign(struct made *made, EVP_PKEY *key, const char *algorithm)
{
    SCOPED_STRUCT(signature_operation) *operation = NULL;
    size_t length = 0;
    struct failure why = {0};

    made->key = key;
    made->algorithm = algorithm_named(algorithm);
    assert_true(signature_operation_new(
        key, made->algorithm, SIGNATURE_SIGN, &operation, &why));
    assert_true(signature_operation_sign(
        operation, bytes_of_text("message"), made->bytes, &length, &why));
    made->signature = (struct bytes){made->bytes, length};
}

static void assert_refused(const struct made *made, const char *message,
    enum failure_kind kind, const char *reason)
{
    struct failure why = {0};

    assert_false(signature_verify(made->key, made->algorithm,
        bytes_of_text(message), made->signature, &why));
    assert_int_equal(why.kind, kind);
    assert_non_null(strstr(why.reason, reason));
}

static void assert_only_this_message_matches(const struct made *made)
{
    struct failure why = {0};

    assert_true(signature_verify(made->key, made->algorithm,
        bytes_of_text("message"), made->signature, &why));
    assert_refused(
        made, "massage", FAILURE_UNSUITABLE, "the signature does not match");
}

static void a_signature_matches_its_message_only(void **state)
{
    static const struct {
        const char *group;
        const char *algorithm;
    } rows[] = {
        {"P-256", "ecdsa-with-SHA256"},
        {"P-256", "ecdsa-with-SHA512"},
        {"P-384", "ecdsa-with-SHA384"},
        {"P-521", "ecdsa-with-SHA512"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        RELEASED(made) made = {0};

        sign(&made, EVP_EC_gen(rows[i].group), rows[i].algorithm);
        assert_only_this_message_matches(&made);
    }
}

static void every_rsa_algorithm_matches_its_message_only(void **state)
{
    SCOPED(EVP_PKEY) *key = EVP_RSA_gen(2048);
    const struct signature_algorithm *row = signature_algorithms();

    (void)state;
    for (; row->name != NULL; row++) {
        RELEASED(made) made = {0};

        if (row->kind != KEY_KIND_RSA)
            continue;
        assert_true(EVP_PKEY_up_ref(key));
        sign(&made, key, row->name);
        assert_only_this_message_matches(&made);
    }
}

static void a_key_that_hashes_itself_matches_its_message_only(void **state)
{
    RELEASED(made) made = {0};

    (void)state;
    sign(&made, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "Ed25519");
    assert_only_this_message_matches(&made);
    made.signature.length--;
    assert_refused(&made, "message", FAILURE_MALFORMED,
        "the Ed25519 signature has 63 bytes, not 64");
}

/* FIPS 204 in libraries from OpenSSL 3.5 on. */
static void ml_dsa_matches_its_message_only_where_there_is_one(void **state)
{
    SCOPED(EVP_PKEY_CTX) *context =
        EVP_PKEY_CTX_new_from_name(NULL, "ML-DSA-87", NULL);
    RELEASED(made) made = {0};
    EVP_PKEY *key = NULL;

    (void)state;
    if (context == NULL)
        skip();
    assert_true(EVP_PKEY_keygen_init(context) > 0);
    assert_true(EVP_PKEY_generate(context, &key) > 0);
    sign(&made, key, "id-ml-dsa-87");
    assert_int_equal(made.signature.length, 4627);
    assert_only_this_message_matches(&made);
}

static void what_is_no_signature_has_another_reason(void **state)
{
    static const uint8_t trailing[] = {0x30, 0x06, 2, 1, 1, 2, 1, 1, 0};
    static const uint8_t octets[] = {0x04, 0x01, 0x00};
    RELEASED(made) ec = {0};
    RELEASED(made) rsa = {0};

    (void)state;
    sign(&ec, EVP_EC_gen("P-256"), "ecdsa-with-SHA256");
    ec.signature = (struct bytes){octets, sizeof(octets)};
    assert_refused(&ec, "message", FAILURE_MALFORMED, "reading a signature");
    ec.signature = (struct bytes){trailing, sizeof(trailing)};
    assert_refused(&ec, "message", FAILURE_MALFORMED, "reading a signature");
    ec.signature.length = 0;
    assert_refused(&ec, "message", FAILURE_MALFORMED, "reading a signature");
    ec.signature.length = sizeof(trailing) - 1;
    assert_refused(
        &ec, "message", FAILURE_UNSUITABLE, "the signature does not match");

    sign(&rsa, EVP_RSA_gen(2048), "sha256WithRSAEncryption");
    rsa.signature.length = 255;
    assert_refused(&rsa, "message", FAILURE_MALFORMED,
        "the sha256WithRSAEncryption signature has 255 bytes, not 256");
}

static void a_key_of_another_kind_is_refused(void **state)
{
    RELEASED(made) made = {0};

    (void)state;
    sign(&made, EVP_EC_gen("P-256"), "ecdsa-with-SHA256");
    made.algorithm = algorithm_named("sha256WithRSAEncryption");
    assert_refused(&made, "message", FAILURE_UNSUITABLE,
        "sha256WithRSAEncryption does not go with a key of type EC");
    made.algorithm = algorithm_named("id-ml-dsa-44");
    assert_refused(&made, "message", FAILURE_UNSUITABLE,
        "id-ml-dsa-44 does not go with a key of type EC");
}

static void pss_with_another_salt_is_refused(void **state)
{
    static const uint8_t message[] = "message";
    SCOPED(EVP_MD_CTX) *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL;
    RELEASED(made)
    made = {.key = EVP_RSA_gen(2048),
        .algorithm = algorithm_named("RSASSA-PSS with SHA-256")};
    size_t length = sizeof(made.bytes);

    (void)state;
    assert_true(EVP_DigestSignInit_ex(
        context, &parameters, "SHA256", NULL, NULL, made.key, NULL));
    assert_true(
        EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 20) > 0);
    assert_true(EVP_DigestSign(
        context, made.bytes, &length, message, strlen("message")));
    made.signature = (struct bytes){made.bytes, length};
    assert_refused(
        &made, "message", FAILURE_UNSUITABLE, "the signature does not match");
}

static void an_operation_serves_many_messages(void **state)
{
    static const char *const names[] = {"ecdsa-with-SHA256", "Ed25519"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        SCOPED_STRUCT(signature_operation) *operation = NULL;
        RELEASED(made) made = {0};
        struct failure why = {0};

        sign(&made,
            i == 0 ? EVP_EC_gen("P-256")
                   : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
            names[i]);
        assert_true(signature_operation_new(
            made.key, made.algorithm, SIGNATURE_VERIFY, &operation, &why));
        for (size_t round = 0; round < 3; round++) {
            assert_true(signature_operation_verify(
                operation, bytes_of_text("message"), made.signature, &why));
            assert_false(signature_operation_verify(
                operation, bytes_of_text("other"), made.signature, &why));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_matches_its_message_only),
        cmocka_unit_test(every_rsa_algorithm_matches_its_message_only),
        cmocka_unit_test(a_key_that_hashes_itself_matches_its_message_only),
        cmocka_unit_test(ml_dsa_matches_its_message_only_where_there_is_one),
        cmocka_unit_test(what_is_no_signature_has_another_reason),
        cmocka_unit_test(a_key_of_another_kind_is_refused),
        cmocka_unit_test(pss_with_another_salt_is_refused),
        cmocka_unit_test(an_operation_serves_many_messages),
    };

    return cmocka_run_group_tests_name("signatures", tests, NULL, NULL);
}
