#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/x509v3.h>

#include "authority/compose.h"
#include "authority/configuration.h"
#include "crypto/digest.h"
#include "crypto/openssl_scoped.h"
#include "x509/lint/lint.h"

#define DAY_S INT64_C(86400)
#define NOW INT64_C(1767225600) /* 2026-01-01 */

/* A key and what a draft says of it. */
struct subject_key {
    EVP_PKEY *key;
    openssl_bytes *encoded;
    struct spki spki;
    const struct key_algorithm *algorithm;
    uint8_t identifier[KEY_IDENTIFIER_BYTES];
};

static void subject_key_free(struct subject_key *key)
{
    EVP_PKEY_free(key->key);
    OPENSSL_free(key->encoded);
}

static struct subject_key made_key(EVP_PKEY *key)
{
    struct subject_key made = {.key = key};
    struct public_key_parts parts = {0};
    struct failure why = {0};
    struct der_reader reader;
    int length = i2d_PUBKEY(key, &made.encoded);

    assert_true(length > 0);
    reader = der_reader_of(
        (struct bytes){.start = made.encoded, .length = (size_t)length});
    assert_true(spki_read(&reader, &made.spki, &why));
    assert_true(spki_parts(&made.spki, &parts, &why));
    assert_true(key_identifier(made.spki.bits, made.identifier, &why));
    made.algorithm = parts.algorithm;
    return made;
}

static struct configuration *configuration;
static struct subject_key root_key;
static struct buffer root_name = {.ceiling = 256, .name = "name"};
static const uint8_t serial[] = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};

static int set_up(void **state)
{
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    struct failure why = {0};

    (void)state;
    root_key = made_key(EVP_EC_gen("P-256"));
    return configuration_write_first(
               "Example", NULL, NULL, false, 1, &text, &why) &&
                   configuration_read(buffer_view(&text), "chancery.yaml",
                       &configuration, &why) &&
                   name_read("CN=Example Root", &root_name, &why)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    configuration_free(configuration);
    subject_key_free(&root_key);
    buffer_free(&root_name);
    return 0;
}

static const struct profile *profile(const char *name)
{
    const struct profile *found = NULL;
    struct failure why = {0};

    assert_true(configuration_profile(configuration, name, &found, &why));
    return found;
}

static struct issuer root_issuer(void)
{
    return (struct issuer){
        .authority = 1,
        .name = "root",
        .subject = buffer_view(&root_name),
        .key_identifier = {root_key.identifier, KEY_IDENTIFIER_BYTES},
        .not_before = NOW - DAY_S,
        .not_after = NOW + 3650 * DAY_S,
        .algorithm = root_key.algorithm->signs_with,
        .url = "",
    };
}

static struct draft_wishes wishes_for(const struct subject_key *key,
    struct bytes subject, struct bytes general_names)
{
    return (struct draft_wishes){
        .serial = {.start = serial, .length = sizeof(serial)},
        .not_before = NOW,
        .not_after = NOW + 90 * DAY_S - 1,
        .subject = subject,
        .key = key->spki,
        .algorithm = key->algorithm,
        .general_names = general_names,
    };
}

static void compose(const struct profile *made, const struct issuer *issuer,
    const struct draft_wishes *wishes, struct buffer *draft)
{
    SCOPED_STRUCT(composer) *composer = NULL;
    struct failure why = {0};

    if (!composer_new(made, issuer, &composer, &why) ||
        !compose_draft(composer, wishes, draft, &why))
        fail_msg("%s", why.reason);
}

static struct tbs_certificate read_draft(const struct buffer *draft)
{
    struct tbs_certificate tbs = {0};
    struct failure why = {0};

    if (!tbs_certificate_read(buffer_view(draft), &tbs, &why))
        fail_msg("%s", why.reason);
    return tbs;
}

static void assert_lints(
    const struct tbs_certificate *draft, const struct tbs_certificate *issuer)
{
    struct lint_report report;

    if (!lint_draft(draft, issuer, NULL, &report))
        fail_msg(
            "%s: %s", report.findings[0].rule, report.findings[0].sentence);
}

static void compose_root(struct buffer *draft)
{
    struct issuer issuer = root_issuer();
    struct draft_wishes wishes =
        wishes_for(&root_key, buffer_view(&root_name), (struct bytes){0});

    wishes.not_before = issuer.not_before;
    wishes.not_after = issuer.not_after;
    compose(profile_root(), &issuer, &wishes, draft);
}

/* Signed by OpenSSL, which then reads it as a certificate of its own. */
static X509 *signed_by_root(const struct buffer *draft)
{
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    SCOPED(EVP_MD_CTX) *signing = EVP_MD_CTX_new();
    uint8_t signature[128];
    size_t length = sizeof(signature);
    struct failure why = {0};
    const unsigned char *next;
    X509 *certificate;

    assert_true(
        EVP_DigestSignInit(signing, NULL, EVP_sha256(), NULL, root_key.key));
    assert_true(EVP_DigestSign(
        signing, signature, &length, draft->start, draft->length));
    assert_true(certificate_seal(buffer_view(draft),
        root_key.algorithm->signs_with->identifier,
        (struct bytes){.start = signature, .length = length}, &der, &why));
    next = der.start;
    certificate = d2i_X509(NULL, &next, (long)der.length);
    assert_non_null(certificate);
    return certificate;
}

static void names_of(const char *const *words, struct buffer *names)
{
    struct failure why = {0};

    for (; *words != NULL; words++)
        assert_true(general_name_read(*words, names, &why));
}

static void openssl_accepts_a_server_below_a_root(void **state)
{
    static const char *const words[] = {"www.example.org", "192.0.2.1", NULL};
    RELEASED(buffer) root_draft = BUFFER("draft", DRAFT_MAX * 2);
    RELEASED(buffer) draft = BUFFER("draft", DRAFT_MAX * 2);
    RELEASED(buffer) names = BUFFER("names", 512);
    RELEASED(buffer) subject = BUFFER("subject", 512);
    RELEASED(subject_key) key = made_key(EVP_EC_gen("P-256"));
    SCOPED(X509_STORE) *roots = X509_STORE_new();
    SCOPED(X509_STORE_CTX) *verifying = X509_STORE_CTX_new();
    struct issuer issuer = root_issuer();
    struct draft_wishes wishes;
    struct failure why = {0};

    (void)state;
    names_of(words, &names);
    assert_true(name_read("CN=www.example.org,O=A & B", &subject, &why));
    wishes = wishes_for(&key, buffer_view(&subject), buffer_view(&names));
    compose_root(&root_draft);
    compose(profile("server"), &issuer, &wishes, &draft);

    SCOPED(X509) *root = signed_by_root(&root_draft);
    SCOPED(X509) *leaf = signed_by_root(&draft);
    assert_true(X509_STORE_add_cert(roots, root));
    assert_true(X509_STORE_CTX_init(verifying, roots, leaf, NULL));
    X509_STORE_CTX_set_time(verifying, 0, NOW + DAY_S);
    X509_STORE_CTX_set_flags(verifying, X509_V_FLAG_X509_STRICT);
    assert_true(X509_STORE_CTX_set_purpose(verifying, X509_PURPOSE_SSL_SERVER));
    assert_int_equal(X509_verify_cert(verifying), 1);
    assert_int_equal(X509_check_host(leaf, "www.example.org", 0, 0, NULL), 1);
    assert_int_equal(X509_check_ip_asc(leaf, "192.0.2.1", 0), 1);
    assert_int_equal(X509_check_ca(leaf), 0);
    assert_int_equal(X509_check_ca(root), 1);
}

static void drafts_of_every_kind_pass_the_lint(void **state)
{
    static const char *const words[] = {"a@example.org", NULL};
    RELEASED(buffer) root_draft = BUFFER("draft", DRAFT_MAX * 2);
    RELEASED(buffer) below = BUFFER("draft", DRAFT_MAX * 2);
    RELEASED(buffer) client = BUFFER("draft", DRAFT_MAX * 2);
    RELEASED(buffer) names = BUFFER("names", 512);
    RELEASED(buffer) subject = BUFFER("subject", 512);
    RELEASED(subject_key) key = made_key(EVP_EC_gen("P-384"));
    struct issuer issuer = root_issuer();
    struct tbs_certificate root, draft;
    struct draft_wishes wishes;
    struct failure why = {0};

    (void)state;
    compose_root(&root_draft);
    root = read_draft(&root_draft);
    assert_lints(&root, NULL);

    assert_true(name_read("CN=Example Issuing", &subject, &why));
    wishes = wishes_for(&key, buffer_view(&subject), (struct bytes){0});
    compose(profile_subordinate(), &issuer, &wishes, &below);
    draft = read_draft(&below);
    assert_lints(&draft, &root);

    names_of(words, &names);
    wishes.general_names = buffer_view(&names);
    issuer.url = "http://pki.example.org";
    compose(profile("client"), &issuer, &wishes, &client);
    draft = read_draft(&client);
    assert_lints(&draft, &root);
}

static struct extension extension_of(
    const struct tbs_certificate *draft, enum oid type)
{
    struct extension extension = {0};
    struct failure why = {0};
    bool found = false;

    assert_true(
        extensions_find(draft->extensions, type, &extension, &found, &why));
    assert_int_equal(extension.type, found ? type : OID_UNKNOWN);
    return extension;
}

static void alternative_names_are_critical_when_the_subject_is_empty(
    void **state)
{
    static const char *const words[] = {"www.example.org", NULL};
    static const uint8_t empty[] = {DER_SEQUENCE, 0};
    RELEASED(buffer) with = BUFFER("draft", DRAFT_MAX * 2);
    RELEASED(buffer) without = BUFFER("draft", DRAFT_MAX * 2);
    RELEASED(buffer) names = BUFFER("names", 512);
    RELEASED(subject_key) key = made_key(EVP_EC_gen("P-256"));
    struct issuer issuer = root_issuer();
    struct tbs_certificate draft;
    struct draft_wishes wishes;

    (void)state;
    names_of(words, &names);
    wishes = wishes_for(
        &key, (struct bytes){.start = empty, .length = 2}, buffer_view(&names));
    compose(profile("server"), &issuer, &wishes, &with);
    draft = read_draft(&with);
    assert_true(extension_of(&draft, OID_SUBJECT_ALT_NAME).critical);

    wishes.subject = buffer_view(&root_name);
    compose(profile("server"), &issuer, &wishes, &without);
    draft = read_draft(&without);
    assert_false(extension_of(&draft, OID_SUBJECT_ALT_NAME).critical);
}

static void a_draft_has_no_extension_that_says_nothing(void **state)
{
    RELEASED(buffer) composed = BUFFER("draft", DRAFT_MAX * 2);
    RELEASED(subject_key) key = made_key(EVP_EC_gen("P-256"));
    struct issuer issuer = root_issuer();
    struct draft_wishes wishes =
        wishes_for(&key, buffer_view(&root_name), (struct bytes){0});
    struct tbs_certificate draft;

    (void)state;
    compose(profile("client"), &issuer, &wishes, &composed);
    draft = read_draft(&composed);
    assert_int_equal(
        extension_of(&draft, OID_SUBJECT_ALT_NAME).type, OID_UNKNOWN);
    assert_int_equal(
        extension_of(&draft, OID_BASIC_CONSTRAINTS).type, OID_UNKNOWN);
    assert_int_equal(
        extension_of(&draft, OID_AUTHORITY_INFO_ACCESS).type, OID_UNKNOWN);
}

static void the_issuers_certificate_is_found_at_its_address(void **state)
{
    static const char address[] = "http://pki.example.org/x/ca/root.cer";
    RELEASED(buffer) composed = BUFFER("draft", DRAFT_MAX * 2);
    RELEASED(subject_key) key = made_key(EVP_EC_gen("P-256"));
    struct issuer issuer = root_issuer();
    struct draft_wishes wishes =
        wishes_for(&key, buffer_view(&root_name), (struct bytes){0});
    struct tbs_certificate draft;
    struct extension access;

    (void)state;
    issuer.url = "http://pki.example.org/x";
    compose(profile("client"), &issuer, &wishes, &composed);
    draft = read_draft(&composed);
    access = extension_of(&draft, OID_AUTHORITY_INFO_ACCESS);
    assert_false(access.critical);
    assert_non_null(memmem(
        access.value.start, access.value.length, address, sizeof(address) - 1));
}

static uint32_t usage_in_draft(
    const struct profile *made, const struct subject_key *key)
{
    RELEASED(buffer) composed = BUFFER("draft", DRAFT_MAX * 2);
    struct issuer issuer = root_issuer();
    struct draft_wishes wishes =
        wishes_for(key, buffer_view(&root_name), (struct bytes){0});
    struct tbs_certificate draft;
    struct extension usage;
    struct failure why = {0};
    uint32_t bits = 0;

    compose(made, &issuer, &wishes, &composed);
    draft = read_draft(&composed);
    usage = extension_of(&draft, OID_KEY_USAGE);
    assert_true(usage.critical);
    assert_true(extension_key_usage(usage.value, &bits, &why));
    return bits;
}

static void key_usage_is_what_the_kind_of_key_can_do(void **state)
{
    RELEASED(subject_key) rsa = made_key(EVP_RSA_gen(2048));
    RELEASED(subject_key) ec = made_key(EVP_EC_gen("P-521"));
    RELEASED(subject_key)
    raw = made_key(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
    struct profile agreeing = *profile("server");

    (void)state;
    assert_int_equal(usage_in_draft(profile("server"), &rsa),
        KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT);
    assert_int_equal(
        usage_in_draft(profile("server"), &ec), KEY_USAGE_DIGITAL_SIGNATURE);
    assert_int_equal(
        usage_in_draft(profile("server"), &raw), KEY_USAGE_DIGITAL_SIGNATURE);

    agreeing.key_usage |= KEY_USAGE_KEY_AGREEMENT;
    assert_int_equal(usage_in_draft(&agreeing, &ec),
        KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_AGREEMENT);
    assert_int_equal(
        usage_in_draft(&agreeing, &raw), KEY_USAGE_DIGITAL_SIGNATURE);
    assert_int_equal(usage_in_draft(&agreeing, &rsa),
        KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT);
}

static void a_key_that_the_profile_can_not_use_is_refused(void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", DRAFT_MAX);
    SCOPED_STRUCT(composer) *none = NULL;
    SCOPED_STRUCT(composer) *encrypting = NULL;
    struct profile changed = *profile("server");
    struct issuer issuer = root_issuer();
    struct draft_wishes wishes =
        wishes_for(&root_key, buffer_view(&root_name), (struct bytes){0});
    struct failure why = {0};

    (void)state;
    changed.key_usage = KEY_USAGE_KEY_ENCIPHERMENT;
    assert_true(composer_new(&changed, &issuer, &encrypting, &why));
    assert_false(compose_draft(encrypting, &wishes, &draft, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_string_equal(why.reason,
        "nothing in the key-usage of profile server can be done with a key of "
        "ECDSA P-256");

    changed.key_count = 0;
    assert_true(composer_new(&changed, &issuer, &none, &why));
    assert_false(compose_draft(none, &wishes, &draft, &why));
    assert_string_equal(
        why.reason, "profile server takes no p256 keys; it takes none");
    assert_int_equal(draft.length, 0);
}

static void an_issuer_that_can_not_be_named_is_refused(void **state)
{
    struct composer *composer = NULL;
    struct issuer issuer = root_issuer();
    struct failure why = {0};

    (void)state;
    issuer.url = "http://pki.example.org";
    issuer.name = "../roots";
    assert_false(composer_new(profile("server"), &issuer, &composer, &why));
    issuer.name = "";
    assert_false(composer_new(profile("server"), &issuer, &composer, &why));
    issuer = root_issuer();
    issuer.key_identifier.length = 0;
    assert_false(composer_new(profile("server"), &issuer, &composer, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_null(composer);
}

static void a_thousand_names_fit_into_a_draft(void **state)
{
    RELEASED(buffer) composed = BUFFER("draft", DRAFT_MAX * 2);
    RELEASED(buffer) names = BUFFER("names", 128 * 1024);
    struct issuer issuer = root_issuer();
    struct draft_wishes wishes;
    struct tbs_certificate draft;
    struct failure why = {0};

    (void)state;
    for (int i = 0; i < 1000; i++) {
        char word[32];

        (void)snprintf(word, sizeof(word), "dns:host%d.example.org", i);
        assert_true(general_name_read(word, &names, &why));
    }
    wishes =
        wishes_for(&root_key, buffer_view(&root_name), buffer_view(&names));
    compose(profile("server"), &issuer, &wishes, &composed);
    draft = read_draft(&composed);
    assert_true(
        extension_of(&draft, OID_SUBJECT_ALT_NAME).value.length > names.length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_accepts_a_server_below_a_root),
        cmocka_unit_test(drafts_of_every_kind_pass_the_lint),
        cmocka_unit_test(
            alternative_names_are_critical_when_the_subject_is_empty),
        cmocka_unit_test(a_draft_has_no_extension_that_says_nothing),
        cmocka_unit_test(the_issuers_certificate_is_found_at_its_address),
        cmocka_unit_test(key_usage_is_what_the_kind_of_key_can_do),
        cmocka_unit_test(a_key_that_the_profile_can_not_use_is_refused),
        cmocka_unit_test(an_issuer_that_can_not_be_named_is_refused),
        cmocka_unit_test(a_thousand_names_fit_into_a_draft),
    };

    return cmocka_run_group_tests_name("compose", tests, set_up, tear_down);
}
