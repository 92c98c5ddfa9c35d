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
#include "authority/shard.h"
#include "crypto/openssl_scoped.h"
#include "x509/certificate.h"

/* Where a certificate says that it may have been revoked; OpenSSL reads it. */

#define NOW INT64_C(1767225600) /* 2026-01-01 */
#define SERIAL_LENGTH 17

DEFINE_SCOPED(CRL_DIST_POINTS, CRL_DIST_POINTS_free)

static struct configuration *configuration;
static struct buffer issuer_name = {.ceiling = 256, .name = "name"};
static openssl_bytes *key_bytes;
static struct spki key;
static uint8_t identifier[KEY_IDENTIFIER_BYTES] = {1};

static int set_up(void **state)
{
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    SCOPED(EVP_PKEY) *made = EVP_EC_gen("P-256");
    struct der_reader reader;
    struct failure why = {0};
    int length = i2d_PUBKEY(made, &key_bytes);

    (void)state;
    if (length <= 0)
        return -1;
    reader = der_reader_of((struct bytes){key_bytes, (size_t)length});
    return spki_read(&reader, &key, &why) &&
                   name_read("CN=Example Issuing", &issuer_name, &why) &&
                   configuration_write_first(
                       "Example", NULL, NULL, false, 1, &text, &why) &&
                   configuration_read(buffer_view(&text), "chancery.yaml",
                       &configuration, &why)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    configuration_free(configuration);
    buffer_free(&issuer_name);
    OPENSSL_free(key_bytes);
    return 0;
}

static struct issuer issuer_with(const char *url, int shards)
{
    return (struct issuer){.authority = 1,
        .name = "issuing",
        .subject = buffer_view(&issuer_name),
        .key_identifier = {identifier, sizeof(identifier)},
        .not_before = NOW,
        .not_after = NOW + 1000000,
        .algorithm = key_algorithm_named("p256")->signs_with,
        .url = url,
        .crl_shards = shards};
}

static const struct profile *profile(const char *name)
{
    const struct profile *found = NULL;
    struct failure why = {0};

    if (strcmp(name, "root") == 0)
        return profile_root();
    assert_true(configuration_profile(configuration, name, &found, &why));
    return found;
}

static void compose_with(const struct composer *composer,
    const uint8_t serial[static SERIAL_LENGTH], struct buffer *draft)
{
    const struct draft_wishes wishes = {.serial = {serial, SERIAL_LENGTH},
        .not_before = NOW,
        .not_after = NOW + 86400,
        .subject = buffer_view(&issuer_name),
        .key = key,
        .algorithm = key_algorithm_named("p256")};
    struct failure why = {0};

    if (!compose_draft(composer, &wishes, draft, &why))
        fail_msg("%s", why.reason);
}

static bool find(
    const struct buffer *draft, enum oid type, struct extension *extension)
{
    struct tbs_certificate tbs = {0};
    struct failure why = {0};
    bool found = false;

    if (!tbs_certificate_read(buffer_view(draft), &tbs, &why))
        fail_msg("%s", why.reason);
    assert_true(extensions_check(tbs.extensions, &why));
    assert_true(extensions_find(tbs.extensions, type, extension, &found, &why));
    return found;
}

static const uint8_t any_serial[SERIAL_LENGTH] = {[16] = 1};

static bool has_extension(const char *name, const struct issuer *issuer,
    enum oid type, struct extension *extension, struct buffer *draft)
{
    SCOPED_STRUCT(composer) *composer = NULL;
    struct failure why = {0};

    if (!composer_new(profile(name), issuer, &composer, &why))
        fail_msg("%s", why.reason);
    compose_with(composer, any_serial, draft);
    return find(draft, type, extension);
}

/* The only address in cRLDistributionPoints, as OpenSSL reads it. */
static void assert_address(const struct buffer *draft, const char *expected)
{
    struct extension extension = {0};
    SCOPED(CRL_DIST_POINTS) *points = NULL;
    const GENERAL_NAMES *names;
    const GENERAL_NAME *name;
    const unsigned char *next;

    assert_true(find(draft, OID_CRL_DISTRIBUTION_POINTS, &extension));
    assert_false(extension.critical);
    next = extension.value.start;
    points = d2i_CRL_DIST_POINTS(NULL, &next, (long)extension.value.length);
    assert_non_null(points);
    assert_ptr_equal(next, extension.value.start + extension.value.length);
    assert_int_equal(sk_DIST_POINT_num(points), 1);
    assert_int_equal(sk_DIST_POINT_value(points, 0)->distpoint->type, 0);
    names = sk_DIST_POINT_value(points, 0)->distpoint->name.fullname;
    assert_int_equal(sk_GENERAL_NAME_num(names), 1);
    name = sk_GENERAL_NAME_value(names, 0);
    assert_int_equal(name->type, GEN_URI);
    assert_int_equal(ASN1_STRING_length(name->d.uniformResourceIdentifier),
        (int)strlen(expected));
    assert_memory_equal(
        ASN1_STRING_get0_data(name->d.uniformResourceIdentifier), expected,
        strlen(expected));
}

static void kb063_one_list_is_named_in_every_certificate(void **state)
{
    static const char *const names[] = {"server", "client", "email",
        "code-signing", "time-stamping", "subordinate"};

    (void)state;
    for (int shards = 0; shards < 2; shards++) {
        const struct issuer issuer =
            issuer_with("http://pki.example.org/x", shards);

        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
            RELEASED(buffer) draft = BUFFER("draft", DRAFT_MAX * 2);
            struct extension extension = {0};

            assert_true(has_extension(names[i], &issuer,
                OID_CRL_DISTRIBUTION_POINTS, &extension, &draft));
            assert_address(&draft, "http://pki.example.org/x/crl/issuing.crl");
        }
    }
}

DEFINE_SCOPED(AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free)

/* What authorityInfoAccess names, in order, as OpenSSL reads it. */
static void assert_access(const char *name, const struct issuer *issuer,
    const int *methods, const char *const *addresses, int count)
{
    RELEASED(buffer) draft = BUFFER("draft", DRAFT_MAX * 2);
    SCOPED(AUTHORITY_INFO_ACCESS) *access = NULL;
    struct extension extension = {0};
    const unsigned char *next;

    assert_true(has_extension(
        name, issuer, OID_AUTHORITY_INFO_ACCESS, &extension, &draft));
    assert_false(extension.critical);
    next = extension.value.start;
    access =
        d2i_AUTHORITY_INFO_ACCESS(NULL, &next, (long)extension.value.length);
    assert_non_null(access);
    assert_int_equal(sk_ACCESS_DESCRIPTION_num(access), count);
    for (int i = 0; i < count; i++) {
        const ACCESS_DESCRIPTION *one = sk_ACCESS_DESCRIPTION_value(access, i);
        const ASN1_STRING *uri = one->location->d.uniformResourceIdentifier;

        assert_int_equal(OBJ_obj2nid(one->method), methods[i]);
        assert_int_equal(one->location->type, GEN_URI);
        assert_int_equal(ASN1_STRING_length(uri), (int)strlen(addresses[i]));
        assert_memory_equal(
            ASN1_STRING_get0_data(uri), addresses[i], strlen(addresses[i]));
    }
}

static void certificates_name_the_responder_and_their_issuer(void **state)
{
    static const char *const names[] = {
        "server", "client", "email", "code-signing", "time-stamping"};
    static const int methods[] = {NID_ad_OCSP, NID_ad_ca_issuers};
    static const char *const addresses[] = {"http://pki.example.org/x/ocsp",
        "http://pki.example.org/x/ca/issuing.cer"};
    const struct issuer issuer = issuer_with("http://pki.example.org/x", 1);

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        assert_access(names[i], &issuer, methods, addresses, 2);
}

/* A responder is never asked about; of an authority its lists tell, as for a
 * root that is kept apart nobody answers. */
static void responders_and_authorities_name_no_responder(void **state)
{
    static const char *const names[] = {"ocsp", "subordinate"};
    static const int methods[] = {NID_ad_ca_issuers};
    static const char *const addresses[] = {
        "http://pki.example.org/x/ca/issuing.cer"};
    const struct issuer issuer = issuer_with("http://pki.example.org/x", 1);

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        assert_access(names[i], &issuer, methods, addresses, 1);
}

static void each_certificate_names_the_list_of_its_serial(void **state)
{
    static const int counts[] = {2, 7, 10, 16, 999, 1000, 1024};
    uint64_t seed = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        const struct issuer issuer =
            issuer_with("http://pki.example.org", counts[i]);
        SCOPED_STRUCT(composer) *composer = NULL;
        struct failure why = {0};

        assert_true(composer_new(profile("server"), &issuer, &composer, &why));
        for (int round = 0; round < 100; round++) {
            RELEASED(buffer) draft = BUFFER("draft", DRAFT_MAX * 2);
            uint8_t serial[SERIAL_LENGTH] = {1};
            char expected[128];
            uint32_t last;

            seed = seed * 6364136223846793005u + 1442695040888963407u;
            last = (uint32_t)(seed >> 32);
            for (size_t k = 0; k < 4; k++)
                serial[13 + k] = (uint8_t)(last >> (24 - 8 * k));
            (void)snprintf(expected, sizeof(expected),
                "http://pki.example.org/crl/issuing/%u.crl",
                last % (uint32_t)counts[i]);
            compose_with(composer, serial, &draft);
            assert_address(&draft, expected);
        }
    }
}

static void a_shard_is_the_last_four_bytes_modulo_their_number(void **state)
{
    static const uint8_t serial[] = {0x7f, 0xff, 0, 0, 1, 2};
    const struct bytes whole = {serial, sizeof(serial)};

    (void)state;
    assert_int_equal(crl_shard_of(whole, 0), 0);
    assert_int_equal(crl_shard_of(whole, 1), 0);
    assert_int_equal(crl_shard_of(whole, 16), 2);
    assert_int_equal(crl_shard_of(whole, 1000), 0x102);
    assert_int_equal(
        crl_shard_of((struct bytes){serial, 2}, 1000), 0x7fff % 1000);
    assert_int_equal(crl_shard_of((struct bytes){serial + 5, 1}, 2), 0);
    assert_int_equal(crl_shard_of((struct bytes){serial, 4}, 1024), 0);
    assert_int_equal(crl_shard_of((struct bytes){0}, 1024), 0);
}

static void without_a_url_no_address_is_promised(void **state)
{
    static const char *const urls[] = {"", NULL};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (int shards = 1; shards < 3; shards++) {
            const struct issuer issuer = issuer_with(urls[i], shards);
            RELEASED(buffer) draft = BUFFER("draft", DRAFT_MAX * 2);
            struct extension extension = {0};

            assert_false(has_extension("server", &issuer,
                OID_CRL_DISTRIBUTION_POINTS, &extension, &draft));
            assert_false(find(&draft, OID_AUTHORITY_INFO_ACCESS, &extension));
        }
    }
}

/* RFC 6960, 4.2.2.2.1 */
static void a_responder_has_no_check_and_no_list(void **state)
{
    (void)state;
    for (int shards = 1; shards < 3; shards++) {
        const struct issuer issuer =
            issuer_with("http://pki.example.org", shards);
        RELEASED(buffer) draft = BUFFER("draft", DRAFT_MAX * 2);
        RELEASED(buffer) other = BUFFER("draft", DRAFT_MAX * 2);
        struct extension extension = {0};

        assert_true(has_extension(
            "ocsp", &issuer, OID_OCSP_NO_CHECK, &extension, &draft));
        assert_false(extension.critical);
        assert_int_equal(extension.value.length, 2);
        assert_memory_equal(extension.value.start, "\x05\x00", 2);
        assert_false(find(&draft, OID_CRL_DISTRIBUTION_POINTS, &extension));
        assert_false(has_extension(
            "server", &issuer, OID_OCSP_NO_CHECK, &extension, &other));
    }
}

/* RFC 3161, 2.3 */
static void the_purpose_of_time_stamps_is_critical_and_no_other(void **state)
{
    static const char *const names[] = {
        "server", "client", "email", "code-signing", "ocsp", "time-stamping"};
    const struct issuer issuer = issuer_with("", 1);

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        RELEASED(buffer) draft = BUFFER("draft", DRAFT_MAX * 2);
        struct extension extension = {0};

        assert_true(has_extension(
            names[i], &issuer, OID_EXTENDED_KEY_USAGE, &extension, &draft));
        assert_int_equal(extension.critical, i == 5);
    }
}

static void a_name_or_url_that_fits_no_address_is_refused(void **state)
{
    char url[1024] = "http://pki.example.org/";
    SCOPED_STRUCT(composer) *composer = NULL;
    struct issuer issuer = issuer_with("http://pki.example.org", 4);
    struct failure why = {0};

    (void)state;
    issuer.name = "a/b";
    assert_false(composer_new(profile("server"), &issuer, &composer, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    memset(url + 23, 'a', 800);
    issuer = issuer_with(url, 4);
    assert_false(composer_new(profile("server"), &issuer, &composer, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kb063_one_list_is_named_in_every_certificate),
        cmocka_unit_test(certificates_name_the_responder_and_their_issuer),
        cmocka_unit_test(responders_and_authorities_name_no_responder),
        cmocka_unit_test(each_certificate_names_the_list_of_its_serial),
        cmocka_unit_test(a_shard_is_the_last_four_bytes_modulo_their_number),
        cmocka_unit_test(without_a_url_no_address_is_promised),
        cmocka_unit_test(a_responder_has_no_check_and_no_list),
        cmocka_unit_test(the_purpose_of_time_stamps_is_critical_and_no_other),
        cmocka_unit_test(a_name_or_url_that_fits_no_address_is_refused),
    };

    return cmocka_run_group_tests_name(
        "compose_address", tests, set_up, tear_down);
}
