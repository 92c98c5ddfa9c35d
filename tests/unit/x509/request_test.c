#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/x509v3.h>

#include "crypto/key.h"
#include "crypto/openssl_scoped.h"
#include "x509/algorithm_identifier.h"
#include "x509/request.h"

#define DER_ROOM (128 * 1024)

/* Made once: two primes take longer than all else here. */
static EVP_PKEY *rsa_key;

static int make_rsa_key(void **state)
{
    (void)state;
    rsa_key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    return rsa_key == NULL ? -1 : 0;
}

static int free_rsa_key(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa_key);
    return 0;
}

static EVP_PKEY *new_key(const char *kind)
{
    EVP_PKEY *key = NULL;

    if (strcmp(kind, "RSA") == 0) {
        assert_int_equal(EVP_PKEY_up_ref(rsa_key), 1);
        return rsa_key;
    }
    if (strcmp(kind, "EC") == 0)
        key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    else
        key = EVP_PKEY_Q_keygen(NULL, NULL, kind);
    assert_non_null(key);
    return key;
}

/* A request of OpenSSL's making: CN=a, the extensions, signed with a digest. */
static X509_REQ *new_request(EVP_PKEY *key)
{
    X509_REQ *request = X509_REQ_new();
    X509_NAME *subject = X509_REQ_get_subject_name(request);

    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                         (const unsigned char *)"a", -1, -1, 0),
        1);
    assert_int_equal(X509_REQ_set_pubkey(request, key), 1);
    return request;
}

static void add_names(X509_REQ *request, int request_nid)
{
    X509_EXTENSION *names =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:a.example");
    STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();

    assert_non_null(names);
    assert_true(sk_X509_EXTENSION_push(extensions, names) > 0);
    assert_int_equal(
        X509_REQ_add_extensions_nid(request, extensions, request_nid), 1);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

static void sign(
    X509_REQ *request, EVP_PKEY *key, const EVP_MD *digest, struct buffer *der)
{
    SCOPED(openssl_bytes) *encoding = NULL;
    struct failure why = {0};

    assert_true(X509_REQ_sign(request, key, digest) > 0);
    int length = i2d_X509_REQ(request, &encoding);
    assert_true(length > 0);
    assert_true(buffer_append(der,
        (struct bytes){.start = encoding, .length = (size_t)length}, &why));
}

static void a_request_is_views_of_its_parts(void **state)
{
    RELEASED(buffer) der = BUFFER("request", DER_ROOM);
    SCOPED(EVP_PKEY) *key = new_key("EC");
    SCOPED(X509_REQ) *made = new_request(key);
    struct request request = {0};
    struct extension extension = {0};
    struct failure why = {0};
    bool found = false;

    (void)state;
    add_names(made, NID_ext_req);
    sign(made, key, EVP_sha256(), &der);
    assert_true(request_read(buffer_view(&der), &request, &why));
    assert_true(name_check(request.subject, &why));
    assert_true(extensions_find(
        request.extensions, OID_SUBJECT_ALT_NAME, &extension, &found, &why));
    assert_true(found);
    assert_int_equal(request.whole.length, der.length);
}

static void a_request_without_attributes_is_read(void **state)
{
    RELEASED(buffer) der = BUFFER("request", DER_ROOM);
    SCOPED(EVP_PKEY) *key = new_key("ED25519");
    SCOPED(X509_REQ) *made = new_request(key);
    struct request request = {0};
    struct failure why = {0};

    (void)state;
    sign(made, key, NULL, &der);
    assert_true(request_read(buffer_view(&der), &request, &why));
    assert_true(der_at_end(&request.extensions));
}

static void microsofts_extension_request_is_read(void **state)
{
    RELEASED(buffer) der = BUFFER("request", DER_ROOM);
    SCOPED(EVP_PKEY) *key = new_key("EC");
    SCOPED(X509_REQ) *made = new_request(key);
    struct request request = {0};
    struct failure why = {0};

    (void)state;
    add_names(made, NID_ms_ext_req);
    sign(made, key, EVP_sha256(), &der);
    assert_true(request_read(buffer_view(&der), &request, &why));
    assert_false(der_at_end(&request.extensions));
}

static void a_second_extension_request_is_refused(void **state)
{
    RELEASED(buffer) der = BUFFER("request", DER_ROOM);
    SCOPED(EVP_PKEY) *key = new_key("EC");
    SCOPED(X509_REQ) *made = new_request(key);
    struct request request = {0};
    struct failure why = {0};

    (void)state;
    add_names(made, NID_ext_req);
    add_names(made, NID_ms_ext_req);
    sign(made, key, EVP_sha256(), &der);
    assert_false(request_read(buffer_view(&der), &request, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason,
        "the request has a second extensionRequest (RFC 2985, 5.4.2)");
}

static void every_prefix_of_a_request_is_refused(void **state)
{
    RELEASED(buffer) der = BUFFER("request", DER_ROOM);
    SCOPED(EVP_PKEY) *key = new_key("EC");
    SCOPED(X509_REQ) *made = new_request(key);
    struct request request = {0};
    struct failure why = {0};

    (void)state;
    add_names(made, NID_ext_req);
    sign(made, key, EVP_sha256(), &der);
    for (size_t length = 0; length < der.length; length++) {
        assert_false(
            request_read((struct bytes){.start = der.start, .length = length},
                &request, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
    }
    assert_true(buffer_append_byte(&der, 0, &why));
    assert_false(request_read(buffer_view(&der), &request, &why));
}

static void a_request_beyond_64_kib_is_refused(void **state)
{
    static const uint8_t zeros[REQUEST_MAX + 1];
    struct request request = {0};
    struct failure why = {0};

    (void)state;
    assert_false(
        request_read((struct bytes){.start = zeros, .length = sizeof(zeros)},
            &request, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(
        why.reason, "the request has 65537 bytes; at most 65536 are read");
}

static void property8_a_request_proves_possession_of_its_key(void **state)
{
    static const char *const kinds[] = {"EC", "RSA", "ED25519"};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        RELEASED(buffer) der = BUFFER("request", DER_ROOM);
        SCOPED(EVP_PKEY) *key = new_key(kinds[i]);
        SCOPED(X509_REQ) *made = new_request(key);
        struct public_key_parts parts = {0};
        struct request request = {0};
        struct failure why = {0};

        sign(made, key, i == 2 ? NULL : EVP_sha256(), &der);
        assert_true(request_read(buffer_view(&der), &request, &why));
        assert_true(request_verify(&request, &parts, &why));
        assert_non_null(parts.algorithm);

        der.start[der.length - 1] ^= 1;
        parts.algorithm = NULL;
        assert_false(request_verify(&request, &parts, &why));
        assert_int_equal(why.kind, FAILURE_UNSUITABLE);
        assert_non_null(strstr(why.reason, "the signature does not match"));
        assert_null(parts.algorithm);
    }
}

static void property8_another_keys_signature_is_refused(void **state)
{
    RELEASED(buffer) der = BUFFER("request", DER_ROOM);
    SCOPED(EVP_PKEY) *asked_for = new_key("EC");
    SCOPED(EVP_PKEY) *signer = new_key("EC");
    SCOPED(EVP_PKEY) *rsa_signer = new_key("RSA");
    SCOPED(X509_REQ) *made = new_request(asked_for);
    struct public_key_parts parts = {0};
    struct request request = {0};
    struct failure why = {0};

    (void)state;
    sign(made, signer, EVP_sha256(), &der);
    assert_true(request_read(buffer_view(&der), &request, &why));
    assert_false(request_verify(&request, &parts, &why));
    assert_non_null(strstr(why.reason, "the signature does not match"));

    buffer_clear(&der);
    sign(made, rsa_signer, EVP_sha256(), &der);
    assert_true(request_read(buffer_view(&der), &request, &why));
    assert_false(request_verify(&request, &parts, &why));
    assert_string_equal(why.reason,
        "the request is signed with sha256WithRSAEncryption, which its key, "
        "ECDSA P-256, can't make");
}

static void weak_signatures_are_refused_by_name(void **state)
{
    const struct {
        const char *kind;
        const EVP_MD *digest;
        const char *name;
    } weak[] = {
        {"RSA", EVP_sha1(), "sha1WithRSAEncryption"},
        {"RSA", EVP_md5(), "md5WithRSAEncryption"},
        {"EC", EVP_sha1(), "ecdsa-with-SHA1"},
        {"EC", EVP_sha3_256(), "2.16.840.1.101.3.4.3.10"},
        {"ED448", NULL, "id-Ed448"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(weak) / sizeof(*weak); i++) {
        RELEASED(buffer) der = BUFFER("request", DER_ROOM);
        RELEASED(buffer) expected = BUFFER("expected", DER_ROOM);
        SCOPED(EVP_PKEY) *key = new_key(weak[i].kind);
        SCOPED(X509_REQ) *made = new_request(key);
        struct public_key_parts parts = {0};
        struct request request = {0};
        struct failure why = {0};
        const char *reason = NULL;

        sign(made, key, weak[i].digest, &der);
        assert_true(request_read(buffer_view(&der), &request, &why));
        assert_false(request_verify(&request, &parts, &why));
        assert_int_equal(why.kind, FAILURE_UNSUITABLE);
        assert_true(buffer_print(&expected, &why,
            "the request is signed with %s; signatures are taken with "
            "SHA-256, SHA-384, SHA-512, Ed25519 or ML-DSA",
            weak[i].name));
        assert_false(request_verify(&request, &parts, &why));
        assert_true(buffer_as_text(&expected, &reason, &why));
        assert_string_equal(why.reason, reason);
    }
}

static void openssl_takes(struct bytes der, int extension_count)
{
    const unsigned char *start = der.start;
    SCOPED(X509_REQ) *theirs = d2i_X509_REQ(NULL, &start, (long)der.length);
    STACK_OF(X509_EXTENSION) *extensions = NULL;

    assert_non_null(theirs);
    assert_int_equal(X509_REQ_verify(theirs, X509_REQ_get0_pubkey(theirs)), 1);
    extensions = X509_REQ_get_extensions(theirs);
    assert_int_equal(extensions == NULL ? 0 : sk_X509_EXTENSION_num(extensions),
        extension_count);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

static void a_request_of_ours_is_taken_by_openssl_and_by_us(void **state)
{
    static const char *const kinds[] = {"p256", "rsa2048", "ed25519"};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        RELEASED(buffer) subject = BUFFER("subject", DER_ROOM);
        RELEASED(buffer) names = BUFFER("names", DER_ROOM);
        RELEASED(buffer) der = BUFFER("request", DER_ROOM);
        SCOPED_STRUCT(private_key) *key = NULL;
        struct public_key_parts parts = {0};
        struct request request = {0};
        struct failure why = {0};

        assert_true(key_generate(key_algorithm_named(kinds[i]), &key, &why));
        assert_true(name_of_common_name("a, b", &subject, &why));
        assert_true(general_name_read("a.example", &names, &why));
        assert_true(general_name_read("2001:db8::1", &names, &why));
        assert_true(request_make(
            key, buffer_view(&subject), buffer_view(&names), &der, &why));
        openssl_takes(buffer_view(&der), 1);
        assert_true(request_read(buffer_view(&der), &request, &why));
        assert_true(request_verify(&request, &parts, &why));
        assert_ptr_equal(parts.algorithm, key->algorithm);
        assert_true(bytes_equal(request.subject, buffer_view(&subject)));
    }
}

static void a_request_of_ours_may_have_names_only_or_a_subject_only(
    void **state)
{
    static const uint8_t empty_name[] = {0x30, 0x00};
    const struct bytes nobody = {empty_name, sizeof(empty_name)};
    RELEASED(buffer) names = BUFFER("names", DER_ROOM);
    RELEASED(buffer) der = BUFFER("request", DER_ROOM);
    SCOPED_STRUCT(private_key) *key = NULL;
    struct request request = {0};
    struct extension extension = {0};
    struct failure why = {0};

    (void)state;
    assert_true(key_generate(key_algorithm_named("p256"), &key, &why));
    assert_true(general_name_read("a.example", &names, &why));
    assert_true(request_make(key, nobody, buffer_view(&names), &der, &why));
    openssl_takes(buffer_view(&der), 1);
    assert_true(request_read(buffer_view(&der), &request, &why));
    assert_true(extension_next(&request.extensions, &extension, &why));
    assert_true(extension.critical); /* RFC 5280, 4.2.1.6 */
    buffer_clear(&der);
    assert_true(request_make(key, nobody, (struct bytes){0}, &der, &why));
    openssl_takes(buffer_view(&der), 0);
}

static void of_pss_the_refusal_names_the_parameters_that_are_taken(void **state)
{
    static const uint8_t with_sha1[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86,
        0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x00};
    struct failure why = {0};

    (void)state;
    assert_false(signature_algorithm_refuse(
        (struct bytes){with_sha1, sizeof(with_sha1)}, "request", &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason,
        "the request is signed with RSASSA-PSS and parameters that are not "
        "taken: those with SHA-256, SHA-384 or SHA-512, MGF1 with the same "
        "hash, and a salt of its length (32, 48 or 64 bytes) are (RFC 4055, "
        "3.1)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_views_of_its_parts),
        cmocka_unit_test(a_request_without_attributes_is_read),
        cmocka_unit_test(microsofts_extension_request_is_read),
        cmocka_unit_test(a_second_extension_request_is_refused),
        cmocka_unit_test(every_prefix_of_a_request_is_refused),
        cmocka_unit_test(a_request_beyond_64_kib_is_refused),
        cmocka_unit_test(property8_a_request_proves_possession_of_its_key),
        cmocka_unit_test(property8_another_keys_signature_is_refused),
        cmocka_unit_test(weak_signatures_are_refused_by_name),
        cmocka_unit_test(a_request_of_ours_is_taken_by_openssl_and_by_us),
        cmocka_unit_test(
            a_request_of_ours_may_have_names_only_or_a_subject_only),
        cmocka_unit_test(
            of_pss_the_refusal_names_the_parameters_that_are_taken),
    };

    return cmocka_run_group_tests_name(
        "request", tests, make_rsa_key, free_rsa_key);
}
