#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/x509v3.h>

#include "crypto/openssl_scoped.h"
#include "support/chain_desk.h"

/* RFC 3279, 2.3.2: a DSA key without parameters has its issuer's, as PKITS
 * 4.1.5 has them: root and leaf's authority above and below a bare key. */

#define MADE_MAX 2048

struct made {
    uint8_t room[MADE_MAX];
    struct bytes der;
};

static EVP_PKEY *pairs[4]; /* the last one is of an elliptic curve */

static int make_pairs(void **state)
{
    SCOPED(EVP_PKEY_CTX) *context =
        EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
    SCOPED(EVP_PKEY) *parameters = NULL;

    (void)state;
    assert_true(EVP_PKEY_paramgen_init(context) > 0);
    assert_true(EVP_PKEY_paramgen(context, &parameters) > 0);
    EVP_PKEY_CTX_free(context);
    context = EVP_PKEY_CTX_new_from_pkey(NULL, parameters, NULL);
    assert_true(EVP_PKEY_keygen_init(context) > 0);
    for (size_t i = 0; i < 3; i++)
        assert_true(EVP_PKEY_keygen(context, &pairs[i]) > 0);
    pairs[3] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    assert_non_null(pairs[3]);
    return 0;
}

static int free_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++)
        EVP_PKEY_free(pairs[i]);
    desk_clear();
    return 0;
}

static void set_name(X509_NAME *name, const char *text)
{
    assert_true(X509_NAME_add_entry_by_txt(
        name, "CN", MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0));
}

/* The key stays; its parameters go. */
static void strip_parameters(X509 *certificate)
{
    X509_PUBKEY *key = X509_get_X509_PUBKEY(certificate);
    const unsigned char *bits = NULL;
    unsigned char *copy = NULL;
    int length = 0;

    assert_true(X509_PUBKEY_get0_param(NULL, &bits, &length, NULL, key));
    copy = OPENSSL_memdup(bits, (size_t)length);
    assert_true(X509_PUBKEY_set0_param(
        key, OBJ_nid2obj(NID_dsa), V_ASN1_UNDEF, NULL, copy, length));
}

static void make(struct made *made, const char *subject, const char *issuer,
    size_t key, size_t signer, bool is_bare)
{
    SCOPED(X509) *certificate = X509_new();
    unsigned char *end = made->room;
    X509_EXTENSION *basic = NULL;
    int length = 0;

    assert_true(X509_set_version(certificate, 2));
    assert_true(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1));
    assert_non_null(
        ASN1_TIME_set(X509_getm_notBefore(certificate), DESK_NOW - DESK_DAY));
    assert_non_null(
        ASN1_TIME_set(X509_getm_notAfter(certificate), DESK_NOW + DESK_DAY));
    set_name(X509_get_subject_name(certificate), subject);
    set_name(X509_get_issuer_name(certificate), issuer);
    assert_true(X509_set_pubkey(certificate, pairs[key]));
    if (is_bare)
        strip_parameters(certificate);
    basic = X509V3_EXT_conf_nid(
        NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");
    assert_true(X509_add_ext(certificate, basic, -1));
    X509_EXTENSION_free(basic);
    assert_true(X509_sign(certificate, pairs[signer], EVP_sha256()) > 0);
    length = i2d_X509(certificate, NULL);
    assert_in_range(length, 1, MADE_MAX);
    length = i2d_X509(certificate, &end);
    made->der = (struct bytes){made->room, (size_t)length};
}

static struct made root, middle, leaf;

static void assert_asked(enum verdict_code code, const char *words)
{
    for (int explains = 0; explains < 2; explains++) {
        RELEASED(verdict) verdict = {0};
        struct chain_question question = {.leaf = leaf.der,
            .roots = desk_pool(&root.der, 1),
            .untrusted = desk_pool(&middle.der, 1),
            .time = DESK_NOW,
            .explains = explains != 0};

        if (desk_ask(&question, &verdict) != code ||
            strstr(verdict.sentence, words) == NULL)
            fail_msg(
                "%s: %s", verdict_code_name(verdict.code), verdict.sentence);
    }
}

static void parameters_are_inherited_along_the_path(void **state)
{
    (void)state;
    make(&root, "root", "root", 0, 0, false);
    make(&middle, "middle", "root", 1, 0, true);
    make(&leaf, "leaf", "middle", 2, 1, false);
    assert_asked(VERDICT_OK, "is valid");
    make(&leaf, "leaf", "middle", 2, 1, true);
    assert_asked(VERDICT_OK, "is valid");
}

static void a_signature_under_inherited_parameters_may_differ(void **state)
{
    (void)state;
    make(&root, "root", "root", 0, 0, false);
    make(&middle, "middle", "root", 1, 0, true);
    make(&leaf, "leaf", "middle", 2, 2, false);
    assert_asked(VERDICT_SIGNATURE_INVALID, "the signature is invalid");
}

static void without_parameters_above_the_key_is_none(void **state)
{
    (void)state;
    make(&root, "root", "root", 0, 0, true);
    make(&middle, "middle", "root", 1, 0, true);
    make(&leaf, "leaf", "middle", 2, 1, true);
    assert_asked(VERDICT_KEY_TOO_WEAK, "has no parameters, nor has its");
}

/* A curve is a parameter, too, and not one of DSA. */
static void the_parameters_of_another_algorithm_are_not_inherited(void **state)
{
    (void)state;
    make(&root, "root", "root", 3, 3, false);
    make(&middle, "middle", "root", 1, 3, true);
    make(&leaf, "leaf", "middle", 2, 1, false);
    assert_asked(VERDICT_KEY_TOO_WEAK, "has no parameters, nor has its");
}

static void a_bare_leaf_alone_waits_for_its_issuer(void **state)
{
    struct bytes other = desk_root("other", 4);
    RELEASED(verdict) verdict = {0};

    (void)state;
    make(&leaf, "leaf", "gone", 2, 1, true);
    struct chain_question question = {.leaf = leaf.der,
        .roots = desk_pool(&other, 1),
        .time = DESK_NOW,
        .explains = true};
    assert_int_equal(desk_ask(&question, &verdict), VERDICT_ISSUER_MISSING);
    for (size_t i = 0; i < verdict.paths->check_count; i++) {
        const struct verdict_check *check = &verdict.paths->checks[i];

        if (check->rule != RULE_KEY_STRENGTH)
            continue;
        assert_int_equal(check->place, 0);
        assert_string_equal(check->evidence,
            "its parameters are those of an issuer that is not here");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_inherited_along_the_path),
        cmocka_unit_test(a_signature_under_inherited_parameters_may_differ),
        cmocka_unit_test(the_parameters_of_another_algorithm_are_not_inherited),
        cmocka_unit_test(without_parameters_above_the_key_is_none),
        cmocka_unit_test(a_bare_leaf_alone_waits_for_its_issuer),
    };

    return cmocka_run_group_tests(tests, make_pairs, free_pairs);
}
