#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "authority/configuration.h"

#define DAY_S INT64_C(86400)

static bool read_text(
    const char *text, struct configuration **configuration, struct failure *why)
{
    return configuration_read(
        bytes_of_text(text), "chancery.yaml", configuration, why);
}

/* A profile that is right, with one line changed or added. */
#define PROFILE_HEAD "profiles:\n  web:\n    purposes: [serverAuth]\n"
#define PROFILE_KEY_USAGE "    key-usage: [digitalSignature]\n"
#define PROFILE_KEYS "    keys: [p256]\n"
#define PROFILE_LIFETIME "    lifetime: 90d\n"
#define PROFILE PROFILE_HEAD PROFILE_KEY_USAGE PROFILE_KEYS PROFILE_LIFETIME

static void a_file_is_read_whole(void **state)
{
    static const char text[] =
        "name: \"Example & Söhne\"\n"
        "url: https://pki.example.org:8443/pki/\n"
        "key: p384\n"
        "one-tier: yes\n"
        "crl-shards: 16\n" PROFILE "    names: [dns, uri]\n"
        "    names-required: yes\n"
        "    subject: [CN, O]\n"
        "    longest-lifetime: 397d\n";
    SCOPED_STRUCT(configuration) *configuration = NULL;
    const struct profile *web = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(read_text(text, &configuration, &why));
    assert_string_equal(configuration->name, "Example & Söhne");
    assert_string_equal(configuration->url, "https://pki.example.org:8443/pki");
    assert_ptr_equal(configuration->key, key_algorithm_named("p384"));
    assert_true(configuration->one_tier);
    assert_int_equal(configuration->crl_shards, 16);

    assert_true(configuration_profile(configuration, "web", &web, &why));
    assert_int_equal(web->purpose_count, 1);
    assert_int_equal(web->purposes[0], OID_SERVER_AUTH);
    assert_int_equal(web->key_usage, KEY_USAGE_DIGITAL_SIGNATURE);
    assert_int_equal(web->key_usage_rsa_only, 0);
    assert_int_equal(
        web->name_kinds, 1u << GENERAL_NAME_DNS | 1u << GENERAL_NAME_URI);
    assert_true(web->names_required);
    assert_int_equal(web->subject_count, 2);
    assert_int_equal(web->subject[1], OID_ORGANIZATION);
    assert_int_equal(web->key_count, 1);
    assert_int_equal(web->lifetime_s, 90 * DAY_S);
    assert_int_equal(web->longest_lifetime_s, 397 * DAY_S);
    assert_false(web->is_authority);
}

static void what_is_left_out_is_as_little_as_can_be(void **state)
{
    SCOPED_STRUCT(configuration) *configuration = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(read_text(PROFILE, &configuration, &why));
    assert_string_equal(configuration->name, "");
    assert_string_equal(configuration->url, "");
    assert_null(configuration->key);
    assert_false(configuration->one_tier);
    assert_int_equal(configuration->crl_shards, 1);
    assert_int_equal(configuration->profiles[0].name_kinds, 0);
    assert_int_equal(configuration->profiles[0].subject_count, 0);
    assert_false(configuration->profiles[0].names_required);
    assert_int_equal(configuration->profiles[0].longest_lifetime_s, 90 * DAY_S);
}

static void incident18_an_empty_list_of_keys_allows_none(void **state)
{
    SCOPED_STRUCT(configuration) *configuration = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(read_text(PROFILE_HEAD PROFILE_KEY_USAGE
        "    keys: []\n" PROFILE_LIFETIME,
        &configuration, &why));
    assert_int_equal(configuration->profiles[0].key_count, 0);
    assert_false(profile_allows_key(
        &configuration->profiles[0], key_algorithm_named("p256")));
}

struct refusal {
    const char *text;
    const char *reason;
};

static void assert_refused(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct configuration *configuration = NULL;
        struct failure why = {0};

        assert_false(read_text(refusals[i].text, &configuration, &why));
        assert_null(configuration);
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_string_equal(why.reason, refusals[i].reason);
    }
}

#define ASSERT_REFUSED(refusals) \
    assert_refused(refusals, sizeof(refusals) / sizeof(*(refusals)))

static void what_is_wrong_in_the_file_is_told_with_line_and_column(void **state)
{
    static const struct refusal refusals[] = {
        {"nmae: Example\n",
            "chancery.yaml, line 1, column 1: \"nmae\" is not known here; "
            "allowed: name, url, profiles, blocked-keys, serve, "
            "notices-webhook, key, one-tier, crl-shards"},
        {"notices-webhook: https://a.example/\n",
            "chancery.yaml, line 1, column 18: notices-webhook begins with "
            "http://; a relay takes it on to https"},
        {"notices-webhook: http://\n",
            "chancery.yaml, line 1, column 18: the url has no host"},
        {"[a, b]\n", "chancery.yaml, line 1, column 1: the file is written as "
                     "keys with values"},
        {"name: [Example]\n", "chancery.yaml, line 1, column 7: name is one "
                              "text, no list or keys"},
        {"name: \"\"\n", "chancery.yaml, line 1, column 7: the name is empty"},
        {"name: \"a\\nb\"\n", "chancery.yaml, line 1, column 7: the name holds "
                              "a control character"},
        {"name: \"a\\x85\"\n", "chancery.yaml, line 1, column 7: the name "
                               "holds a control character"},
        {"key: hmac\n",
            "chancery.yaml, line 1, column 6: \"hmac\" is not known here; "
            "allowed: p256, p384, p521, rsa2048, rsa3072, rsa4096, ed25519, "
            "mldsa44, mldsa65, mldsa87"},
        {"key: [p256]\n", "chancery.yaml, line 1, column 6: a kind of key is "
                          "one word, such as p256"},
        {"one-tier: perhaps\n", "chancery.yaml, line 1, column 11: one-tier "
                                "is yes or no, without quotes"},
        {"one-tier: \"yes\"\n", "chancery.yaml, line 1, column 11: one-tier "
                                "is yes or no, without quotes"},
        {"crl-shards: 0\n", "chancery.yaml, line 1, column 13: crl-shards is "
                            "a number from 1 to 1024"},
        {"crl-shards: 1025\n", "chancery.yaml, line 1, column 13: crl-shards "
                               "is a number from 1 to 1024"},
        {"crl-shards: 4x\n", "chancery.yaml, line 1, column 13: crl-shards is "
                             "a number from 1 to 1024"},
        {"profiles: [web]\n",
            "chancery.yaml, line 1, column 11: profiles is written as names "
            "with what each profile says"},
    };

    (void)state;
    ASSERT_REFUSED(refusals);
}

static void a_second_name_of_one_key_is_refused_with_its_line(void **state)
{
    struct configuration *configuration = NULL;
    struct failure why = {0};

    (void)state;
    assert_false(read_text("name: a\nname: b\n", &configuration, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_non_null(strstr(why.reason, "chancery.yaml, line 2, column"));
}

#define AT_7 "chancery.yaml, line 7, column "

static void what_is_wrong_in_a_profile_is_told_with_line_and_column(
    void **state)
{
    static const struct refusal refusals[] = {
        {PROFILE "    purpose: [clientAuth]\n",
            AT_7 "5: \"purpose\" is not known here; allowed: purposes, "
                 "key-usage, authority, path-length, ocsp-no-check, names, "
                 "names-required, allowed-names, wildcards, subject, keys, "
                 "lifetime, longest-lifetime, beyond-issuer, who, "
                 "approvals, browser-key"},
        {PROFILE "    names: [dns, dsn]\n",
            AT_7 "18: \"dsn\" is not known here; allowed: dns, ip, email, "
                 "uri"},
        {PROFILE "    names: dns\n",
            AT_7 "12: names is a list: write [one, another], or [] for none"},
        {PROFILE "    names: [dns, [ip]]\n",
            AT_7 "18: names is a list of words"},
        {PROFILE "    names: [dns, ip, dns]\n",
            AT_7 "22: dns stands twice in names"},
        {PROFILE "    subject: [cn]\n",
            AT_7 "15: \"cn\" is not known here; allowed: CN, O, OU, C, ST, L, "
                 "street, postalCode, DC, UID, SN, GN, title, emailAddress, "
                 "serialNumber, organizationIdentifier"},
        {PROFILE "    names-required: yes\n",
            "chancery.yaml, line 3, column 5: profile web requires names and "
            "allows no kind of them"},
        {PROFILE "    longest-lifetime: 89d\n",
            "chancery.yaml, line 3, column 5: the lifetime of profile web is "
            "above its longest-lifetime"},
        {PROFILE "    longest-lifetime: \"1 year\"\n",
            AT_7 "23: \"1 year\" is no longest-lifetime; write a number and s, "
                 "m, h, d, w or y: 90d"},
        {PROFILE "    longest-lifetime: 101y\n",
            AT_7 "23: longest-lifetime \"101y\" is not between 1s and 100y"},
        {PROFILE "    longest-lifetime: 0d\n",
            AT_7 "23: longest-lifetime \"0d\" is not between 1s and 100y"},
        {PROFILE "  Web:\n    names: []\n",
            "chancery.yaml, line 8, column 5: the profile name \"Web\" is not "
            "1 to 63 of a-z, 0-9, - and _"},
        {PROFILE "  root:\n    names: []\n",
            "chancery.yaml, line 8, column 5: the profile name \"root\" "
            "belongs to a built-in profile"},
        {"profiles:\n  web: yes\n", "chancery.yaml, line 2, column 8: a "
                                    "profile is written as keys with values"},
    };

    (void)state;
    ASSERT_REFUSED(refusals);
}

static void keys_of_a_profile_are_checked_one_by_one(void **state)
{
    static const struct refusal refusals[] = {
        {PROFILE_HEAD PROFILE_KEY_USAGE PROFILE_LIFETIME "    keys: p256\n",
            "chancery.yaml, line 6, column 11: keys is a list: write [p256, "
            "rsa3072], or [] for none"},
        {PROFILE_HEAD PROFILE_KEY_USAGE PROFILE_LIFETIME
            "    keys: [p256, p256]\n",
            "chancery.yaml, line 6, column 18: p256 stands twice in keys"},
        {PROFILE_HEAD PROFILE_KEY_USAGE PROFILE_LIFETIME
            "    keys: [rsa1024]\n",
            "chancery.yaml, line 6, column 12: \"rsa1024\" is not known here; "
            "allowed: p256, p384, p521, rsa2048, rsa3072, rsa4096, ed25519, "
            "mldsa44, mldsa65, mldsa87"},
    };

    (void)state;
    ASSERT_REFUSED(refusals);
}

static void a_profile_that_would_be_good_for_anything_is_refused(void **state)
{
    static const struct refusal refusals[] = {
        {"profiles:\n  web:\n    purposes: []\n" PROFILE_KEY_USAGE PROFILE_KEYS
                PROFILE_LIFETIME,
            "chancery.yaml, line 3, column 5: profile web says no purposes; "
            "without one its certificates would be good for all (ESC2)"},
        {PROFILE_HEAD PROFILE_KEYS PROFILE_LIFETIME,
            "chancery.yaml, line 3, column 5: profile web says no key-usage; "
            "without one its certificates would be good for all (ESC2)"},
        {PROFILE_HEAD PROFILE_KEY_USAGE PROFILE_LIFETIME,
            "chancery.yaml, line 3, column 5: profile web says no keys; keys: "
            "[] means none"},
        {PROFILE_HEAD PROFILE_KEY_USAGE PROFILE_KEYS,
            "chancery.yaml, line 3, column 5: profile web says no lifetime"},
        {"profiles:\n  web:\n    purposes: [emailProtect]\n",
            "chancery.yaml, line 3, column 16: \"emailProtect\" is not known "
            "here; allowed: serverAuth, clientAuth, codeSigning, "
            "emailProtection, timeStamping, OCSPSigning"},
        {"profiles:\n  web:\n    key-usage: [encipherOnly]\n",
            "chancery.yaml, line 3, column 17: \"encipherOnly\" is not known "
            "here; allowed: digitalSignature, nonRepudiation, "
            "keyEncipherment, dataEncipherment, keyAgreement, keyCertSign, "
            "cRLSign"},
    };

    (void)state;
    ASSERT_REFUSED(refusals);
}

static void a_url_is_http_with_a_host_and_nothing_behind_its_path(void **state)
{
    static const struct {
        const char *url;
        const char *kept; /* NULL: refused */
    } urls[] = {
        {"http://pki.example.org", "http://pki.example.org"},
        {"http://pki.example.org/", "http://pki.example.org"},
        {"http://pki.example.org//", "http://pki.example.org"},
        {"https://[2001:db8::1]:8443/a%20b/",
            "https://[2001:db8::1]:8443/a%20b"},
        {"https://10.0.0.1", "https://10.0.0.1"},
        {"ftp://pki.example.org", NULL},
        {"pki.example.org", NULL},
        {"HTTP://pki.example.org", NULL},
        {"http://", NULL},
        {"http:///ca", NULL},
        {"http://.", NULL},
        {"http://[]/", NULL},
        {"http://pki.example.org:/", NULL},
        {"http://pki.example.org:65536", NULL},
        {"http://pki.example.org:x", NULL},
        {"http://pki.example.org?ca=1", NULL},
        {"http://pki.example.org/#x", NULL},
        {"http://user@pki.example.org/", NULL},
        {"http://pki.example.org/a b", NULL},
        {"http://pki.example.org/%2", NULL},
        {"http://pki.example.org/\\\"", NULL},
        {"http://pki.bücher.example", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
        SCOPED_STRUCT(configuration) *configuration = NULL;
        struct failure why = {0};
        char text[128];

        (void)snprintf(text, sizeof(text), "url: \"%s\"\n", urls[i].url);
        assert_int_equal(
            read_text(text, &configuration, &why), urls[i].kept != NULL);
        if (urls[i].kept != NULL)
            assert_string_equal(configuration->url, urls[i].kept);
        else
            assert_non_null(strstr(why.reason, "line 1, column 6: the url"));
    }
}

static void an_unknown_profile_is_not_found_and_the_known_are_named(
    void **state)
{
    SCOPED_STRUCT(configuration) *configuration = NULL;
    const struct profile *profile = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(read_text(PROFILE, &configuration, &why));
    assert_false(
        configuration_profile(configuration, "w\x1b[1meb", &profile, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_string_equal(
        why.reason, "there is no profile \"w\\u{1b}[1meb\"; there are: web");

    assert_false(configuration_profile(configuration, "root", &profile, &why));
    assert_null(profile);
}

/* What init writes, read again. */
static struct configuration *written_and_read(
    const char *name, const char *url, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    struct configuration *configuration = NULL;

    if (!configuration_write_first(
            name, url, key_algorithm_named("p256"), true, 4, &text, why) ||
        !configuration_read(
            buffer_view(&text), "chancery.yaml", &configuration, why))
        return NULL;
    return configuration;
}

static void the_first_file_is_read_as_it_was_meant(void **state)
{
    struct failure why = {0};
    SCOPED_STRUCT(configuration) *configuration =
        written_and_read("Example", "http://pki.example.org", &why);
    const struct profile *server = NULL, *client = NULL;

    (void)state;
    assert_non_null(configuration);
    assert_string_equal(configuration->name, "Example");
    assert_string_equal(configuration->url, "http://pki.example.org");
    assert_ptr_equal(configuration->key, key_algorithm_named("p256"));
    assert_true(configuration->one_tier);
    assert_int_equal(configuration->crl_shards, 4);
    assert_int_equal(configuration->profile_count, 7);

    assert_true(configuration_profile(configuration, "server", &server, &why));
    assert_int_equal(server->purposes[0], OID_SERVER_AUTH);
    assert_int_equal(server->key_usage,
        KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT);
    assert_int_equal(server->key_usage_rsa_only, KEY_USAGE_KEY_ENCIPHERMENT);
    assert_true(server->names_required);
    assert_int_equal(server->lifetime_s, 90 * DAY_S);
    assert_int_equal(server->longest_lifetime_s, 397 * DAY_S);

    assert_true(configuration_profile(configuration, "client", &client, &why));
    assert_int_equal(client->purposes[0], OID_CLIENT_AUTH);
    assert_int_equal(client->name_kinds, 1u << GENERAL_NAME_EMAIL |
                                             1u << GENERAL_NAME_DNS |
                                             1u << GENERAL_NAME_URI);
    assert_false(client->names_required);
    assert_int_equal(client->longest_lifetime_s, 730 * DAY_S);
    for (const struct key_algorithm *row = key_algorithms(); row->name != NULL;
         row++)
        assert_true(profile_allows_key(client, row));
}

static void kb039_any_unicode_name_round_trips_through_the_file(void **state)
{
    static const char *const names[] = {"O'Reilly & \"Sons\": #1", "- a", "yes",
        " leading and trailing ", "a: b", "#", "\\", "\\n", "\"", "'", "{}",
        "*x", "&x", "!x", "%x", "@x", "`x", "|", ">", "~", "null", "1e3",
        "Zürich, AG; <a>+b=c", "\u2028line\u2029", "\ufeffmark", "\u202eabc",
        "\u65e5\u672c\u8a9e", "\U0001f600\U0001f600", "\U0010ffff", "\ufffe",
        "a\u00a0b", "e\u0301"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct failure why = {0};
        SCOPED_STRUCT(configuration) *configuration =
            written_and_read(names[i], NULL, &why);

        assert_string_equal(why.reason, "");
        assert_non_null(configuration);
        assert_string_equal(configuration->name, names[i]);
        assert_string_equal(configuration->url, "");
    }
}

static void kb039_every_plane_of_unicode_round_trips_through_the_file(
    void **state)
{
    (void)state;
    for (uint32_t code = 0xa0; code < 0x110000;
         code += code < 0x3100 ? 23 : 2557) {
        struct failure why = {0};
        char name[8] = {0};
        struct configuration *configuration;

        if (code >= 0xd800 && code < 0xe000)
            continue;
        if (code < 0x800)
            (void)snprintf(name, sizeof(name), "%c%c", (int)(0xc0 | code >> 6),
                (int)(0x80 | (code & 0x3f)));
        else if (code < 0x10000)
            (void)snprintf(name, sizeof(name), "%c%c%c",
                (int)(0xe0 | code >> 12), (int)(0x80 | (code >> 6 & 0x3f)),
                (int)(0x80 | (code & 0x3f)));
        else
            (void)snprintf(name, sizeof(name), "%c%c%c%c",
                (int)(0xf0 | code >> 18), (int)(0x80 | (code >> 12 & 0x3f)),
                (int)(0x80 | (code >> 6 & 0x3f)), (int)(0x80 | (code & 0x3f)));
        configuration = written_and_read(name, NULL, &why);
        assert_non_null(configuration);
        assert_string_equal(configuration->name, name);
        configuration_free(configuration);
    }
}

static void a_name_or_url_that_breaks_its_rule_is_not_written(void **state)
{
    static const char too_long[] = "12345678901234567890123456789012"
                                   "123456789012345678901234567890123";
    static const char *const refusals[][3] = {
        {"two\nlines", NULL, "the name holds a control character"},
        {"\xc2\x85", NULL, "the name holds a control character"},
        {"\x7f", NULL, "the name holds a control character"},
        {"\xff", NULL, "the name is not UTF-8"},
        {too_long, NULL, "the name is longer than 64 characters"},
        {"a", "gopher://x", "the url begins with neither http:// nor https://"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
        struct failure why = {0};

        assert_false(configuration_write_first(
            refusals[i][0], refusals[i][1], NULL, false, 1, &text, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_string_equal(why.reason, refusals[i][2]);
        assert_int_equal(text.length, 0);
    }
}

static void a_name_of_64_characters_of_any_width_fits(void **state)
{
    char name[64 * 4 + 1] = {0};
    struct failure why = {0};
    struct configuration *configuration;

    (void)state;
    for (size_t i = 0; i < 64; i++)
        memcpy(name + 4 * i, "\U0001f600", 4);
    configuration = written_and_read(name, NULL, &why);
    assert_non_null(configuration);
    assert_string_equal(configuration->name, name);
    configuration_free(configuration);
}

static void more_profiles_than_the_limit_are_refused(void **state)
{
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    struct configuration *configuration = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(buffer_append_text(&text, "profiles:\n", &why));
    for (int i = 0; i <= CONFIGURATION_PROFILES_MAX; i++)
        assert_true(buffer_print(&text, &why,
            "  p%d:\n    purposes: [serverAuth]\n"
            "" PROFILE_KEY_USAGE PROFILE_KEYS PROFILE_LIFETIME,
            i));
    assert_false(configuration_read(
        buffer_view(&text), "chancery.yaml", &configuration, &why));
    assert_string_equal(why.reason,
        "chancery.yaml, line 323, column 5: there are more than 64 profiles");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whole),
        cmocka_unit_test(what_is_left_out_is_as_little_as_can_be),
        cmocka_unit_test(incident18_an_empty_list_of_keys_allows_none),
        cmocka_unit_test(
            what_is_wrong_in_the_file_is_told_with_line_and_column),
        cmocka_unit_test(a_second_name_of_one_key_is_refused_with_its_line),
        cmocka_unit_test(
            what_is_wrong_in_a_profile_is_told_with_line_and_column),
        cmocka_unit_test(keys_of_a_profile_are_checked_one_by_one),
        cmocka_unit_test(a_profile_that_would_be_good_for_anything_is_refused),
        cmocka_unit_test(a_url_is_http_with_a_host_and_nothing_behind_its_path),
        cmocka_unit_test(
            an_unknown_profile_is_not_found_and_the_known_are_named),
        cmocka_unit_test(the_first_file_is_read_as_it_was_meant),
        cmocka_unit_test(kb039_any_unicode_name_round_trips_through_the_file),
        cmocka_unit_test(
            kb039_every_plane_of_unicode_round_trips_through_the_file),
        cmocka_unit_test(a_name_or_url_that_breaks_its_rule_is_not_written),
        cmocka_unit_test(a_name_of_64_characters_of_any_width_fits),
        cmocka_unit_test(more_profiles_than_the_limit_are_refused),
    };

    return cmocka_run_group_tests_name("configuration", tests, NULL, NULL);
}
