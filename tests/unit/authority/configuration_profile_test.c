#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "authority/configuration.h"

#define DAY_S INT64_C(86400)
#define STAFF (ASKER_ADMINISTRATOR | ASKER_OPERATOR)

/* A profile that is right; a line is added behind it. */
#define LEAF                              \
    "profiles:\n  web:\n"                 \
    "    purposes: [serverAuth]\n"        \
    "    key-usage: [digitalSignature]\n" \
    "    keys: [p256]\n"                  \
    "    lifetime: 90d\n"
#define AUTHORITY                             \
    "profiles:\n  below:\n"                   \
    "    purposes: []\n"                      \
    "    key-usage: [keyCertSign, cRLSign]\n" \
    "    keys: [p256]\n"                      \
    "    lifetime: 10y\n"                     \
    "    authority: yes\n"

static struct configuration *read_text(const char *text)
{
    struct configuration *read = NULL;
    struct failure why = {0};

    assert_true(
        configuration_read(bytes_of_text(text), "chancery.yaml", &read, &why));
    return read;
}

static void assert_refused(const char *text, const char *reason)
{
    struct configuration *read = NULL;
    struct failure why = {0};

    assert_false(
        configuration_read(bytes_of_text(text), "chancery.yaml", &read, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason, reason);
}

/* --- who may ask, approvals ---------------------------------------------- */

static void who_is_left_out_is_the_staff_and_needs_no_approval(void **state)
{
    SCOPED_STRUCT(configuration) *read = read_text(LEAF);
    const struct profile *web = &read->profiles[0];

    (void)state;
    assert_int_equal(web->who, STAFF);
    assert_int_equal(web->approvals, 0);
    assert_int_equal(web->beyond_issuer, BEYOND_ISSUER_CAP);
    assert_false(web->restricts_names);
    assert_true(web->wildcards);
    assert_true(profile_allows_asker(web, ASKER_OPERATOR));
    assert_false(profile_allows_asker(web, ASKER_ACCOUNT));
    assert_false(profile_allows_asker(web, ASKER_ANYONE));
}

static void incident18_an_empty_who_is_nobody(void **state)
{
    SCOPED_STRUCT(configuration) *read = read_text(LEAF "    who: []\n");

    (void)state;
    assert_int_equal(read->profiles[0].who, 0);
    assert_false(profile_allows_asker(&read->profiles[0], ASKER_ADMINISTRATOR));
}

static void anyone_is_everyone(void **state)
{
    SCOPED_STRUCT(configuration) *read = read_text(LEAF "    who: [anyone]\n");

    (void)state;
    assert_true(profile_allows_asker(&read->profiles[0], ASKER_TOKEN));
    assert_true(profile_allows_asker(&read->profiles[0], ASKER_ADMINISTRATOR));
}

static void outsiders_get_no_wildcards_unless_the_profile_says_so(void **state)
{
    SCOPED_STRUCT(configuration) *silent =
        read_text(LEAF "    who: [operator, account]\n");
    SCOPED_STRUCT(configuration) *says =
        read_text(LEAF "    who: [operator, account]\n    wildcards: yes\n");
    SCOPED_STRUCT(configuration) *forbids =
        read_text(LEAF "    wildcards: no\n");

    (void)state;
    assert_false(silent->profiles[0].wildcards);
    assert_true(says->profiles[0].wildcards);
    assert_false(forbids->profiles[0].wildcards);
}

static void what_is_wrong_with_who_and_approvals_is_told(void **state)
{
    (void)state;
    assert_refused(LEAF "    approvals: 3\n",
        "chancery.yaml, line 7, column 16: approvals is a number from 0 to 2");
    assert_refused(LEAF "    approvals: -1\n",
        "chancery.yaml, line 7, column 16: approvals is a number from 0 to 2");
    assert_refused(LEAF "    who: [everyone]\n",
        "chancery.yaml, line 7, column 11: \"everyone\" is not known here; "
        "allowed: administrator, operator, account, token, anyone");
    assert_refused(LEAF "    beyond-issuer: perhaps\n",
        "chancery.yaml, line 7, column 20: beyond-issuer is cap (the "
        "certificate ends with its issuer, and that is told) or refuse");
}

/* --- authorities, responders --------------------------------------------- */

static void a_profile_of_authorities_needs_no_purposes(void **state)
{
    SCOPED_STRUCT(configuration) *read =
        read_text(AUTHORITY "    path-length: 3\n");
    SCOPED_STRUCT(configuration) *without = read_text(AUTHORITY);

    (void)state;
    assert_true(read->profiles[0].is_authority);
    assert_int_equal(read->profiles[0].path_length, 3);
    assert_int_equal(without->profiles[0].path_length, -1);
}

static void authorities_and_leaves_are_not_mixed(void **state)
{
    (void)state;
    assert_refused(LEAF "    path-length: 0\n",
        "chancery.yaml, line 3, column 5: profile web has a path-length, which "
        "is for authorities alone (authority: yes)");
    assert_refused(LEAF "    authority: yes\n",
        "chancery.yaml, line 3, column 5: profile web makes authorities, and "
        "its key-usage lacks keyCertSign");
    assert_refused("profiles:\n  web:\n    purposes: [serverAuth]\n"
                   "    key-usage: [digitalSignature, keyCertSign]\n"
                   "    keys: [p256]\n    lifetime: 90d\n",
        "chancery.yaml, line 3, column 5: profile web has keyCertSign or "
        "cRLSign, which are for authorities alone (authority: yes)");
    assert_refused(AUTHORITY "    path-length: 17\n",
        "chancery.yaml, line 8, column 18: path-length is a number from 0 to "
        "16");
    assert_refused(LEAF "    ocsp-no-check: yes\n",
        "chancery.yaml, line 3, column 5: profile web has ocsp-no-check, which "
        "is for the purpose OCSPSigning alone (RFC 6960, 4.2.2.2.1)");
}

static void a_profile_may_be_called_subordinate(void **state)
{
    SCOPED_STRUCT(configuration) *read =
        read_text("profiles:\n  subordinate:\n    purposes: []\n"
                  "    key-usage: [keyCertSign]\n    keys: []\n"
                  "    lifetime: 1y\n    authority: yes\n");

    (void)state;
    assert_string_equal(read->profiles[0].name, "subordinate");
}

/* --- allowed names ------------------------------------------------------- */

static void allowed_names_are_kept_in_their_order(void **state)
{
    SCOPED_STRUCT(configuration) *read =
        read_text(LEAF "    allowed-names: [\"*.example.org\", 10.0.0.0/8]\n");
    const struct profile *web = &read->profiles[0];
    const char *first = profile_next_allowed_name(web, NULL), *second;

    (void)state;
    assert_true(web->restricts_names);
    assert_int_equal(web->allowed_name_count, 2);
    assert_string_equal(first, "*.example.org");
    second = profile_next_allowed_name(web, first);
    assert_string_equal(second, "10.0.0.0/8");
    assert_null(profile_next_allowed_name(web, second));
}

static void incident18_empty_allowed_names_allow_none(void **state)
{
    SCOPED_STRUCT(configuration) *read = read_text(LEAF "    allowed-names: "
                                                        "[]\n");

    (void)state;
    assert_true(read->profiles[0].restricts_names);
    assert_null(profile_next_allowed_name(&read->profiles[0], NULL));
}

static void a_wrong_pattern_is_told_with_its_place(void **state)
{
    (void)state;
    assert_refused(LEAF "    allowed-names: [\"*\"]\n",
        "chancery.yaml, line 7, column 21: the pattern \"*\" is neither a DNS "
        "name (example.org, *.example.org), nor a mailbox (@example.org), a "
        "network (10.0.0.0/8) or a URI's beginning (https://example.org)");
    assert_refused(LEAF "    allowed-names: [10.0.0.1/8]\n",
        "chancery.yaml, line 7, column 21: the pattern \"10.0.0.1/8\" has bits "
        "behind its network: 10.0.0.0/8 is one");
    assert_refused(LEAF "    allowed-names: [a.test, a.test]\n",
        "chancery.yaml, line 7, column 29: a.test stands twice in "
        "allowed-names");
    assert_refused(LEAF "    allowed-names: a.test\n",
        "chancery.yaml, line 7, column 20: allowed-names is a list: write "
        "[\"*.example.org\"], or [] for none");
    assert_refused(LEAF "    allowed-names: [[a.test]]\n",
        "chancery.yaml, line 7, column 21: allowed-names is a list of "
        "patterns");
}

static void allowed_names_have_a_ceiling_in_number_and_bytes(void **state)
{
    RELEASED(buffer) text = BUFFER("the file", CONFIGURATION_MAX);
    struct failure why = {0};
    const char *as_text = NULL;

    (void)state;
    assert_true(buffer_append_text(&text, LEAF "    allowed-names: [", &why));
    for (int i = 0; i < PROFILE_ALLOWED_NAMES_MAX + 1; i++)
        assert_true(
            buffer_print(&text, &why, "%sh%d.test", i == 0 ? "" : ", ", i));
    assert_true(buffer_append_text(&text, "]\n", &why));
    assert_true(buffer_as_text(&text, &as_text, &why));
    assert_refused(as_text,
        "chancery.yaml, line 7, column 651: a profile has at most 64 "
        "allowed-names, of 4096 bytes together");
}

/* --- the first file ------------------------------------------------------ */

static const struct profile *named(
    const struct configuration *configuration, const char *name)
{
    const struct profile *profile = NULL;
    struct failure why = {0};

    assert_true(configuration_profile(configuration, name, &profile, &why));
    return profile;
}

static void kb044_the_first_profiles_fit_their_consumers(void **state)
{
    static const struct {
        const char *name;
        enum oid purpose;
        uint32_t key_usage;
        unsigned int names;
        bool names_required;
        int64_t lifetime_s, longest_s;
    } rows[] = {
        {"server", OID_SERVER_AUTH,
            KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT,
            1u << GENERAL_NAME_DNS | 1u << GENERAL_NAME_IP, true, 90 * DAY_S,
            397 * DAY_S},
        {"client", OID_CLIENT_AUTH, KEY_USAGE_DIGITAL_SIGNATURE,
            1u << GENERAL_NAME_EMAIL | 1u << GENERAL_NAME_DNS |
                1u << GENERAL_NAME_URI,
            false, 365 * DAY_S, 730 * DAY_S},
        {"email", OID_EMAIL_PROTECTION,
            KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT |
                KEY_USAGE_KEY_AGREEMENT,
            1u << GENERAL_NAME_EMAIL, true, 365 * DAY_S, 825 * DAY_S},
        {"code-signing", OID_CODE_SIGNING, KEY_USAGE_DIGITAL_SIGNATURE, 0,
            false, 365 * DAY_S, 460 * DAY_S},
        {"time-stamping", OID_TIME_STAMPING, KEY_USAGE_DIGITAL_SIGNATURE, 0,
            false, 5 * 365 * DAY_S, 9 * 365 * DAY_S},
        {"ocsp", OID_OCSP_SIGNING, KEY_USAGE_DIGITAL_SIGNATURE, 0, false,
            14 * DAY_S, 30 * DAY_S},
    };
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    SCOPED_STRUCT(configuration) *first = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(configuration_write_first(
        "Example", NULL, NULL, false, 1, &text, &why));
    assert_true(
        configuration_read(buffer_view(&text), "chancery.yaml", &first, &why));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct profile *profile = named(first, rows[i].name);

        assert_int_equal(profile->purpose_count, 1);
        assert_int_equal(profile->purposes[0], rows[i].purpose);
        assert_int_equal(profile->key_usage, rows[i].key_usage);
        assert_int_equal(profile->name_kinds, rows[i].names);
        assert_int_equal(profile->names_required, rows[i].names_required);
        assert_int_equal(profile->lifetime_s, rows[i].lifetime_s);
        assert_int_equal(profile->longest_lifetime_s, rows[i].longest_s);
        assert_int_equal(profile->who, STAFF);
        assert_int_equal(profile->ocsp_no_check, i == 5);
    }
    assert_true(named(first, "subordinate")->is_authority);
    assert_int_equal(named(first, "subordinate")->path_length, 0);
    assert_int_equal(named(first, "subordinate")->who, ASKER_ADMINISTRATOR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_left_out_is_the_staff_and_needs_no_approval),
        cmocka_unit_test(incident18_an_empty_who_is_nobody),
        cmocka_unit_test(anyone_is_everyone),
        cmocka_unit_test(outsiders_get_no_wildcards_unless_the_profile_says_so),
        cmocka_unit_test(what_is_wrong_with_who_and_approvals_is_told),
        cmocka_unit_test(a_profile_of_authorities_needs_no_purposes),
        cmocka_unit_test(authorities_and_leaves_are_not_mixed),
        cmocka_unit_test(a_profile_may_be_called_subordinate),
        cmocka_unit_test(allowed_names_are_kept_in_their_order),
        cmocka_unit_test(incident18_empty_allowed_names_allow_none),
        cmocka_unit_test(a_wrong_pattern_is_told_with_its_place),
        cmocka_unit_test(allowed_names_have_a_ceiling_in_number_and_bytes),
        cmocka_unit_test(kb044_the_first_profiles_fit_their_consumers),
    };

    return cmocka_run_group_tests_name(
        "configuration_profile", tests, NULL, NULL);
}
