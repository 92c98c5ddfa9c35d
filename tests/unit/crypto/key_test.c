#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "crypto/key.h"
#include "crypto/openssl_scoped.h"

static void a_made_key_signs_what_its_public_key_verifies(void **state)
{
    static const char *const names[] = {"p256", "p521", "ed25519"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const struct key_algorithm *row = key_algorithm_named(names[i]);
        SCOPED_STRUCT(private_key) *key = NULL;
        uint8_t signature[SIGNATURE_MAX];
        size_t length = 0;
        struct failure why = {0};

        assert_true(key_generate(row, &key, &why));
        assert_ptr_equal(key->algorithm, row);
        assert_string_equal(key->home->name, "file");
        for (size_t round = 0; round < 2; round++) {
            assert_true(private_key_sign(key, row->signs_with,
                bytes_of_text("message"), signature, &length, &why));
            assert_true(signature_verify(key->public_key, row->signs_with,
                bytes_of_text("message"), (struct bytes){signature, length},
                &why));
        }
        assert_true(private_key_prove(key, &why));
    }
}

static void a_key_signs_with_another_algorithm_of_its_kind_too(void **state)
{
    const struct key_algorithm *row = key_algorithm_named("p256");
    const struct signature_algorithm *other =
        key_algorithm_named("p384")->signs_with;
    SCOPED_STRUCT(private_key) *key = NULL;
    uint8_t signature[SIGNATURE_MAX];
    size_t length = 0;
    struct failure why = {0};

    (void)state;
    assert_true(key_generate(row, &key, &why));
    assert_true(private_key_sign(
        key, other, bytes_of_text("message"), signature, &length, &why));
    assert_true(signature_verify(key->public_key, other,
        bytes_of_text("message"), (struct bytes){signature, length}, &why));
    assert_false(signature_verify(key->public_key, row->signs_with,
        bytes_of_text("message"), (struct bytes){signature, length}, &why));
}

static void a_key_does_not_sign_with_an_algorithm_of_another_kind(void **state)
{
    SCOPED_STRUCT(private_key) *key = NULL;
    uint8_t signature[SIGNATURE_MAX];
    size_t length = 0;
    struct failure why = {0};

    (void)state;
    assert_true(key_generate(key_algorithm_named("p256"), &key, &why));
    assert_false(
        private_key_sign(key, key_algorithm_named("rsa2048")->signs_with,
            bytes_of_text("message"), signature, &length, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_int_equal(length, 0);
}

/* A home that answers a fault of its hardware: right length, wrong bytes. */
static bool sign_wrongly(const struct private_key *key,
    const struct signature_algorithm *algorithm, struct bytes message,
    uint8_t signature[static SIGNATURE_MAX], size_t *length,
    struct failure *why)
{
    (void)key;
    (void)algorithm;
    (void)message;
    (void)why;
    memset(signature, 0x5a, 64);
    *length = 64;
    return true;
}

static void a_faulty_signature_is_not_let_out(void **state)
{
    const struct key_algorithm *row = key_algorithm_named("ed25519");
    SCOPED_STRUCT(private_key) *key = NULL;
    uint8_t signature[SIGNATURE_MAX] = {0};
    size_t length = 0;
    struct failure why = {0};
    const struct key_home_verbs *home;
    struct key_home_verbs faulty = {.name = "token", .sign = sign_wrongly};

    (void)state;
    assert_true(key_generate(row, &key, &why));
    home = key->home;
    key->home = &faulty;
    assert_false(private_key_sign(key, row->signs_with,
        bytes_of_text("message"), signature, &length, &why));
    assert_false(private_key_prove(key, &(struct failure){0}));
    key->home = home;
    assert_int_equal(why.kind, FAILURE_INTERNAL);
    assert_string_equal(why.reason,
        "a signature of the Ed25519 key in the token home does not match its "
        "public key; it was not let out");
    assert_int_equal(signature[0], 0);
    assert_int_equal(length, 0);
}

static void sign_in_three(const struct private_key *key,
    uint8_t signature[static SIGNATURE_MAX], size_t *length)
{
    SCOPED_STRUCT(signing_in_pieces) *signing = NULL;
    struct failure why = {0};

    assert_true(private_key_sign_begin(key, &signing, &why));
    assert_true(private_key_sign_add(signing, bytes_of_text("me"), &why));
    assert_true(private_key_sign_add(signing, (struct bytes){0}, &why));
    assert_true(private_key_sign_add(signing, bytes_of_text("ssage"), &why));
    assert_true(private_key_sign_end(signing, signature, length, &why));
}

static void a_message_in_pieces_is_signed_as_the_whole(void **state)
{
    static const char *const names[] = {"p256", "p521", "rsa2048"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const struct key_algorithm *row = key_algorithm_named(names[i]);
        SCOPED_STRUCT(private_key) *key = NULL;
        uint8_t signature[SIGNATURE_MAX];
        size_t length = 0;
        struct failure why = {0};

        assert_true(key_generate(row, &key, &why));
        assert_true(private_key_signs_in_pieces(key));
        sign_in_three(key, signature, &length);
        assert_true(signature_verify(key->public_key, row->signs_with,
            bytes_of_text("message"), (struct bytes){signature, length}, &why));
    }
}

static void a_key_that_hashes_itself_takes_no_pieces(void **state)
{
    SCOPED_STRUCT(private_key) *key = NULL;
    SCOPED_STRUCT(signing_in_pieces) *signing = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(key_generate(key_algorithm_named("ed25519"), &key, &why));
    assert_false(private_key_signs_in_pieces(key));
    assert_false(private_key_sign_begin(key, &signing, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
}

/* A home that signs another digest than it was given. */
static const struct key_home_verbs *true_home;
static bool sign_another(const struct private_key *key, struct bytes digest,
    uint8_t signature[static SIGNATURE_MAX], size_t *length,
    struct failure *why)
{
    uint8_t other[64] = {0};

    return true_home->sign_digest(
        key, (struct bytes){other, digest.length}, signature, length, why);
}

static void a_faulty_signature_in_pieces_is_not_let_out(void **state)
{
    const struct key_home_verbs faulty = {
        .name = "token", .sign_digest = sign_another};
    SCOPED_STRUCT(private_key) *key = NULL;
    SCOPED_STRUCT(signing_in_pieces) *signing = NULL;
    uint8_t signature[SIGNATURE_MAX] = {0};
    size_t length = 0;
    struct failure why = {0};

    (void)state;
    assert_true(key_generate(key_algorithm_named("p256"), &key, &why));
    true_home = key->home;
    key->home = &faulty;
    assert_true(private_key_sign_begin(key, &signing, &why));
    assert_true(private_key_sign_add(signing, bytes_of_text("message"), &why));
    assert_false(private_key_sign_end(signing, signature, &length, &why));
    key->home = true_home;
    assert_string_equal(why.reason,
        "a signature of the ECDSA P-256 key in the token home does not match "
        "its public key; it was not let out");
    assert_int_equal(signature[0], 0);
    assert_int_equal(length, 0);
}

static void the_spki_is_that_of_the_key(void **state)
{
    SCOPED_STRUCT(private_key) *key = NULL;
    SCOPED(EVP_PKEY) *read = NULL;
    RELEASED(buffer) spki = BUFFER("key", 1024);
    const unsigned char *position;
    struct failure why = {0};

    (void)state;
    assert_true(key_generate(key_algorithm_named("p384"), &key, &why));
    assert_true(private_key_append_spki(key, &spki, &why));
    position = spki.start;
    read = d2i_PUBKEY(NULL, &position, (long)spki.length);
    assert_non_null(read);
    assert_int_equal(EVP_PKEY_eq(read, key->public_key), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_made_key_signs_what_its_public_key_verifies),
        cmocka_unit_test(a_key_signs_with_another_algorithm_of_its_kind_too),
        cmocka_unit_test(a_key_does_not_sign_with_an_algorithm_of_another_kind),
        cmocka_unit_test(a_faulty_signature_is_not_let_out),
        cmocka_unit_test(a_message_in_pieces_is_signed_as_the_whole),
        cmocka_unit_test(a_key_that_hashes_itself_takes_no_pieces),
        cmocka_unit_test(a_faulty_signature_in_pieces_is_not_let_out),
        cmocka_unit_test(the_spki_is_that_of_the_key),
    };

    return cmocka_run_group_tests_name("private keys", tests, NULL, NULL);
}
