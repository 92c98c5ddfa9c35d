#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "authority/profile_lint.h"

/* What the attacks on another authority are called there, ESC1 to ESC16, each
 * as somebody would write it here (incident 59). */
#define USE                               \
    "    key-usage: [digitalSignature]\n" \
    "    keys: [p256]\n"                  \
    "    lifetime: 90d\n"
#define CLIENT "profiles:\n  web:\n    purposes: [clientAuth]\n" USE
#define SERVER                                                   \
    "profiles:\n  web:\n    purposes: [serverAuth]\n    names: " \
    "[dns]\n" USE

/* The file is well-formed; what the lint says of it. */
static struct profile_lint_report *lint(
    const char *text, const struct settings_place *place)
{
    SCOPED_STRUCT(configuration) *read = NULL;
    struct profile_lint_report *report = calloc(1, sizeof(*report));
    struct failure why = {0};
    bool is_used;

    assert_non_null(report);
    if (!configuration_read(bytes_of_text(text), "chancery.yaml", &read, &why))
        fail_msg("%s\n%s", why.reason, text);
    is_used = profile_lint(read, place, report);
    assert_int_equal(is_used, report->forbidding == 0);
    assert_int_equal(profiles_lint_check(read, place, &why), is_used);
    assert_int_equal(
        why.kind, report->forbidding == 0 ? FAILURE_NONE : FAILURE_UNSUITABLE);
    return report;
}

static bool names_rule(
    const struct profile_lint_report *report, const char *rule)
{
    for (size_t i = 0; i < report->count; i++) {
        if (strcmp(report->findings[i].rule, rule) == 0)
            return true;
    }
    return false;
}

static void assert_found(const char *text, const char *rule)
{
    struct profile_lint_report *report = lint(text, NULL);

    if (!names_rule(report, rule))
        fail_msg("%s is not named for\n%s", rule, text);
    free(report);
}

static void assert_used(const char *text)
{
    struct profile_lint_report *report = lint(text, NULL);

    if (report->count != 0)
        fail_msg("%s: %s\n%s", report->findings[0].rule,
            report->findings[0].sentence, text);
    free(report);
}

/* A switch that the reader does not have, at its place. */
static void assert_no_switch(const char *text, const char *beginning)
{
    struct configuration *read = NULL;
    struct failure why = {0};

    assert_false(
        configuration_read(bytes_of_text(text), "chancery.yaml", &read, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    if (strncmp(why.reason, beginning, strlen(beginning)) != 0)
        fail_msg("%s", why.reason);
}

/* --- ESC1 to ESC16 ------------------------------------------------------- */

static void properties55_esc1_names_chosen_by_who_asks(void **state)
{
    (void)state;
    assert_found(CLIENT "    who: [account]\n", "ESC1");
    assert_found(CLIENT "    who: [operator, token]\n", "ESC1");
    assert_found(CLIENT "    who: [anyone]\n", "ESC1");
    assert_used(CLIENT "    who: [operator]\n");
    assert_used(CLIENT "    who: [account]\n    approvals: 1\n");
    assert_used(CLIENT "    who: [account]\n    allowed-names: []\n");
    assert_used(
        CLIENT "    who: [account]\n    allowed-names: [\"@example.org\"]\n");
    assert_found(CLIENT "    who: [account]\n    allowed-names: []\n"
                        "    subject: [CN, O]\n",
        "ESC1");
    assert_used(CLIENT "    who: [account]\n    allowed-names: []\n"
                       "    subject: [CN, C, ST, L, emailAddress]\n");
    assert_no_switch("profiles:\n  web:\n    purposes: [smartcardLogon]\n",
        "chancery.yaml, line 3, column 16: \"smartcardLogon\": no such switch "
        "exists: ESC1 (a purpose that signs people in)");
    assert_no_switch(
        "profiles:\n  web:\n    purposes: [clientAuth, 1.3.6.1.5.2.3.4]\n",
        "chancery.yaml, line 3, column 28: \"1.3.6.1.5.2.3.4\": no such switch "
        "exists: ESC1 ");
}

static void properties55_esc2_any_purpose_or_none(void **state)
{
    struct configuration *any = calloc(1, sizeof(*any));
    struct profile_lint_report *report = calloc(1, sizeof(*report));

    (void)state;
    assert_no_switch("profiles:\n  web:\n    purposes: [anyExtendedKeyUsage]\n",
        "chancery.yaml, line 3, column 16: \"anyExtendedKeyUsage\": no such "
        "switch exists: ESC2 (any purpose)");
    assert_no_switch("profiles:\n  web:\n    purposes: [2.5.29.37.0]\n",
        "chancery.yaml, line 3, column 16: \"2.5.29.37.0\": no such switch "
        "exists: ESC2 ");
    assert_no_switch("profiles:\n  web:\n    purposes: []\n" USE,
        "chancery.yaml, line 3, column 5: profile web says no purposes");

    assert_non_null(any);
    assert_non_null(report);
    any->profile_count = 1;
    any->profiles[0] = (struct profile){.name = "any"};
    assert_false(profile_lint(any, NULL, report));
    assert_true(names_rule(report, "ESC2"));
    any->profiles[0].purposes[0] = OID_ANY_EXTENDED_KEY_USAGE;
    any->profiles[0].purpose_count = 1;
    assert_false(profile_lint(any, NULL, report));
    assert_true(names_rule(report, "ESC2"));
    free(report);
    configuration_free(any);
}

static void properties55_esc3_enrolment_agents(void **state)
{
    (void)state;
    assert_no_switch(
        "profiles:\n  agent:\n    purposes: [1.3.6.1.4.1.311.20.2.1]\n",
        "chancery.yaml, line 3, column 16: \"1.3.6.1.4.1.311.20.2.1\": no such "
        "switch exists: ESC3 (enrolment agents)");
    assert_no_switch("profiles:\n  agent:\n    enrollment-agent: yes\n",
        "chancery.yaml, line 3, column 5: \"enrollment-agent\": no such switch "
        "exists: ESC3 ");
}

static struct settings_place well_kept(void)
{
    struct settings_place place = {0};

    place.file.st_mode = S_IFREG | 0640;
    place.folder.st_mode = S_IFDIR | 0755;
    place.file.st_uid = place.folder.st_uid = 1000;
    return place;
}

static void assert_place(const struct settings_place *place, const char *rule)
{
    struct profile_lint_report *report = lint(SERVER, place);

    assert_int_equal(report->count, rule == NULL ? 0 : 1);
    if (rule != NULL)
        assert_string_equal(report->findings[0].rule, rule);
    free(report);
}

static void properties55_esc4_profiles_that_others_may_change(void **state)
{
    struct settings_place place = well_kept();

    (void)state;
    assert_place(&place, NULL);
    place.file.st_mode = S_IFREG | 0660;
    assert_place(&place, "ESC4");
    place.file.st_mode = S_IFREG | 0602;
    assert_place(&place, "ESC4");
    place = well_kept();
    place.file.st_uid = 1001;
    assert_place(&place, "ESC4");
    place.file.st_uid = 0;
    assert_place(&place, NULL);
    assert_no_switch(SERVER "    editors: [alice]\n",
        "chancery.yaml, line 8, column 5: \"editors\": no such switch exists: "
        "ESC4 (editors of profiles)");
}

static void properties55_esc5_an_authority_that_others_may_change(void **state)
{
    struct settings_place place = well_kept();

    (void)state;
    place.folder.st_mode = S_IFDIR | 0775;
    assert_place(&place, "ESC5");
    place.folder.st_mode = S_IFDIR | S_ISVTX | 0777;
    assert_place(&place, "ESC5");
    assert_no_switch("owners: [alice]\n",
        "chancery.yaml, line 1, column 1: \"owners\": no such switch exists: "
        "ESC5 (rights on the authority's files)");
}

static void properties55_esc6_names_from_the_request_s_attributes(void **state)
{
    (void)state;
    assert_no_switch(SERVER "    san-from-attributes: yes\n",
        "chancery.yaml, line 8, column 5: \"san-from-attributes\": no such "
        "switch exists: ESC6 (names from the request's attributes)");
    assert_no_switch("EDITF_ATTRIBUTESUBJECTALTNAME2: 1\n",
        "chancery.yaml, line 1, column 1: \"EDITF_ATTRIBUTESUBJECTALTNAME2\": "
        "no such switch exists: ESC6 ");
}

static void properties55_esc7_managers_of_the_authority(void **state)
{
    (void)state;
    assert_no_switch("managers: [alice]\n",
        "chancery.yaml, line 1, column 1: \"managers\": no such switch exists: "
        "ESC7 (managers of the authority)");
}

static void properties55_esc8_enrolment_over_plain_http(void **state)
{
    (void)state;
    assert_no_switch("plain-http-enrolment: yes\n",
        "chancery.yaml, line 1, column 1: \"plain-http-enrolment\": no such "
        "switch exists: ESC8 (enrolment over plain http)");
}

static void properties55_esc9_certificates_without_the_account(void **state)
{
    (void)state;
    assert_no_switch(CLIENT "    no-security-extension: yes\n",
        "chancery.yaml, line 7, column 5: \"no-security-extension\": no such "
        "switch exists: ESC9 (certificates that leave the account out)");
}

static void properties55_esc10_weak_account_mapping(void **state)
{
    (void)state;
    assert_no_switch("StrongCertificateBindingEnforcement: 0\n",
        "chancery.yaml, line 1, column 1: "
        "\"StrongCertificateBindingEnforcem\": no such switch exists: ESC10 ");
    assert_no_switch("weak-mapping: yes\n",
        "chancery.yaml, line 1, column 1: \"weak-mapping\": no such switch "
        "exists: ESC10 (weak account mapping)");
}

static void properties55_esc11_enrolment_without_channel_binding(void **state)
{
    (void)state;
    assert_no_switch("channel-binding: no\n",
        "chancery.yaml, line 1, column 1: \"channel-binding\": no such switch "
        "exists: ESC11 (enrolment without channel binding)");
}

static void properties55_esc12_access_to_the_key_store(void **state)
{
    (void)state;
    assert_no_switch("hsm-password: secret\n",
        "chancery.yaml, line 1, column 1: \"hsm-password\": no such switch "
        "exists: ESC12 (access to the key store)");
}

static void properties55_esc13_policies_linked_to_groups(void **state)
{
    (void)state;
    assert_no_switch(CLIENT "    issuance-policy-group: admins\n",
        "chancery.yaml, line 7, column 5: \"issuance-policy-group\": no such "
        "switch exists: ESC13 (policies linked to groups)");
}

static void properties55_esc14_mapping_by_name(void **state)
{
    (void)state;
    assert_no_switch("altSecurityIdentities: [\"X509:<S>CN=a\"]\n",
        "chancery.yaml, line 1, column 1: \"altSecurityIdentities\": no such "
        "switch exists: ESC14 (mapping by name)");
}

static void properties55_esc15_application_policies_of_requests(void **state)
{
    (void)state;
    assert_no_switch(SERVER "    application-policies: [clientAuth]\n",
        "chancery.yaml, line 8, column 5: \"application-policies\": no such "
        "switch exists: ESC15 (application policies from the request)");
    assert_no_switch(SERVER "    copy_extensions: copyall\n",
        "chancery.yaml, line 8, column 5: \"copy_extensions\": no such switch "
        "exists: ESC15 ");
}

static void properties55_esc16_leaving_out_security_extensions(void **state)
{
    (void)state;
    assert_no_switch("DisableExtensionList: [1.3.6.1.4.1.311.25.2]\n",
        "chancery.yaml, line 1, column 1: \"DisableExtensionList\": no such "
        "switch exists: ESC16 (leaving out security extensions)");
}

/* --- our own rules ------------------------------------------------------- */

static void an_authority_is_asked_for_by_administrators(void **state)
{
    static const char below[] =
        "profiles:\n  below:\n    authority: yes\n    key-usage: "
        "[keyCertSign]\n    keys: [p256]\n    lifetime: 10y\n";
    char text[512];

    (void)state;
    assert_found(below, "open-authority");
    (void)snprintf(text, sizeof(text), "%s    who: [administrator]\n", below);
    assert_used(text);
    (void)snprintf(text, sizeof(text),
        "%s    who: [administrator]\n    purposes: [serverAuth]\n", below);
    assert_found(text, "authority-purposes");
}

static void a_refusal_names_rule_profile_and_cure(void **state)
{
    SCOPED_STRUCT(configuration) *read = NULL;
    struct failure why = {0};

    (void)state;
    assert_true(configuration_read(
        bytes_of_text(CLIENT "    who: [token]\n    longest-lifetime: 31y\n"),
        "chancery.yaml", &read, &why));
    assert_false(profiles_lint_check(read, NULL, &why));
    assert_string_equal(why.reason,
        "these profiles are not used, for 2 reasons that `chancery profiles "
        "lint` lists: ESC1 (names chosen by who asks), profile web: token may "
        "ask for a certificate that signs in (clientAuth) under any name, and "
        "nobody looks at it; give the profile approvals, or allowed-names and "
        "no more in subject than CN and places, or leave who at "
        "[administrator, operator]");
}

static void incident18_no_keys_are_told_and_used(void **state)
{
    struct profile_lint_report *report =
        lint("profiles:\n  web:\n    purposes: [serverAuth]\n"
             "    key-usage: [digitalSignature]\n    keys: []\n"
             "    lifetime: 90d\n",
            NULL);

    (void)state;
    assert_int_equal(report->count, 1);
    assert_int_equal(report->forbidding, 0);
    assert_string_equal(report->findings[0].rule, "no-keys");
    free(report);
}

static void the_first_file_has_no_finding(void **state)
{
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    struct failure why = {0};
    const char *as_text = NULL;

    (void)state;
    assert_true(configuration_write_first(
        "Example", "http://pki.test", NULL, false, 1, &text, &why));
    assert_true(buffer_as_text(&text, &as_text, &why));
    assert_used(as_text);
}

/* --- 200 generated ------------------------------------------------------- */

static uint64_t seed = 55;

static unsigned int below(unsigned int end)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned int)(seed >> 33) % end;
}

/* What was chosen, as the words it is written in. */
struct choice {
    const char *purposes, *who, *names, *allowed, *wildcards, *lifetime;
    const char *stranger; /* a switch that does not exist, or "" */
    int approvals;
    bool no_check;
};

#define ONE_OF(list) list[below(sizeof(list) / sizeof(*(list)))]

static struct choice choose(void)
{
    static const char *const purposes[] = {"serverAuth", "clientAuth",
        "serverAuth, clientAuth", "emailProtection", "codeSigning",
        "timeStamping", "OCSPSigning", "serverAuth, codeSigning",
        "clientAuth, OCSPSigning", "emailProtection, timeStamping"};
    static const char *const who[] = {"", "administrator", "operator",
        "administrator, operator", "account", "token", "anyone",
        "operator, account", "account, token", "administrator, anyone"};
    static const char *const names[] = {"", "dns", "email", "dns, ip"};
    static const char *const allowed[] = {"absent", "", "\"*.example.org\""};
    static const char *const wildcards[] = {"absent", "yes", "no"};
    static const char *const lifetimes[] = {
        "90d", "1y", "30y", "31y", "1m", "2m"};
    static const char *const strangers[] = {"", "", "", "", "", "",
        "san-from-attributes", "editors", "application-policies"};

    return (struct choice){.purposes = ONE_OF(purposes),
        .who = ONE_OF(who),
        .names = ONE_OF(names),
        .allowed = ONE_OF(allowed),
        .wildcards = ONE_OF(wildcards),
        .lifetime = ONE_OF(lifetimes),
        .stranger = ONE_OF(strangers),
        .approvals = (int)below(3),
        .no_check = below(2) == 0};
}

static bool says(const char *words, const char *word)
{
    return strstr(words, word) != NULL;
}

static void write_choice(const struct choice *choice, char text[static 1024])
{
    size_t used = (size_t)snprintf(text, 1024,
        "profiles:\n  any:\n    purposes: [%s]\n"
        "    key-usage: [digitalSignature]\n    keys: [p256]\n"
        "    subject: [CN]\n    who: [%s]\n    names: [%s]\n"
        "    lifetime: %s\n    approvals: %d\n",
        choice->purposes, choice->who, choice->names, choice->lifetime,
        choice->approvals);

    if (!says(choice->allowed, "absent"))
        used += (size_t)snprintf(text + used, 1024 - used,
            "    allowed-names: [%s]\n", choice->allowed);
    if (!says(choice->wildcards, "absent"))
        used += (size_t)snprintf(
            text + used, 1024 - used, "    wildcards: %s\n", choice->wildcards);
    if (choice->no_check && says(choice->purposes, "OCSPSigning"))
        used += (size_t)snprintf(
            text + used, 1024 - used, "    ocsp-no-check: yes\n");
    if (*choice->stranger != 0)
        (void)snprintf(
            text + used, 1024 - used, "    %s: yes\n", choice->stranger);
}

/* The model: which rule must be named, from the words alone. */
static bool must_name(const struct choice *choice, const char *rule)
{
    bool account = says(choice->who, "account");
    bool stranger = says(choice->who, "token") || says(choice->who, "anyone");
    bool unseen = says(choice->allowed, "absent") && choice->approvals == 0;
    bool signs_in = says(choice->purposes, "clientAuth");
    bool answers = says(choice->purposes, "OCSPSigning");
    bool years = says(choice->lifetime, "y");

    if (strcmp(rule, "ESC1") == 0)
        return signs_in && unseen && (account || stranger);
    if (strcmp(rule, "open-names") == 0)
        return !signs_in && unseen && stranger;
    if (strcmp(rule, "open-wildcards") == 0)
        return says(choice->who, "anyone") && says(choice->wildcards, "yes") &&
               says(choice->names, "dns");
    if (strcmp(rule, "open-responder") == 0)
        return answers && (account || stranger);
    if (strcmp(rule, "mixed-purposes") == 0)
        return says(choice->purposes, ", ") &&
               strcmp(choice->purposes, "serverAuth, clientAuth") != 0;
    if (strcmp(rule, "lifetime") == 0)
        return says(choice->lifetime, "31y") ||
               strcmp(choice->lifetime, "1m") == 0;
    return strcmp(rule, "no-check-lifetime") == 0 && choice->no_check &&
           answers && years;
}

static size_t hold_to_model(const struct choice *choice, const char *text)
{
    static const char *const rules[] = {"ESC1", "ESC2", "open-names",
        "open-wildcards", "open-authority", "authority-purposes",
        "open-responder", "mixed-purposes", "no-keys", "lifetime",
        "no-check-lifetime"};
    struct profile_lint_report *report = lint(text, NULL);
    size_t expected = 0;

    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        bool must = must_name(choice, rules[i]);

        if (must != names_rule(report, rules[i]))
            fail_msg("%s must%s be named for\n%s", rules[i], must ? "" : " not",
                text);
        expected += must;
    }
    assert_int_equal(report->count, expected);
    free(report);
    return expected;
}

static void properties55_200_generated_profiles_are_judged_as_the_model_says(
    void **state)
{
    size_t refused = 0, used = 0, strange = 0;

    (void)state;
    for (int i = 0; i < 200; i++) {
        struct choice choice = choose();
        char text[1024];

        write_choice(&choice, text);
        if (*choice.stranger != 0) {
            struct configuration *read = NULL;
            struct failure why = {0};

            assert_false(configuration_read(
                bytes_of_text(text), "chancery.yaml", &read, &why));
            assert_non_null(strstr(why.reason, "no such switch exists: ESC"));
            strange++;
        } else if (hold_to_model(&choice, text) > 0) {
            refused++;
        } else {
            used++;
        }
    }
    /* The generator is worth something: all three come up often. */
    assert_true(refused > 50);
    assert_true(used > 20);
    assert_true(strange > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties55_esc1_names_chosen_by_who_asks),
        cmocka_unit_test(properties55_esc2_any_purpose_or_none),
        cmocka_unit_test(properties55_esc3_enrolment_agents),
        cmocka_unit_test(properties55_esc4_profiles_that_others_may_change),
        cmocka_unit_test(properties55_esc5_an_authority_that_others_may_change),
        cmocka_unit_test(properties55_esc6_names_from_the_request_s_attributes),
        cmocka_unit_test(properties55_esc7_managers_of_the_authority),
        cmocka_unit_test(properties55_esc8_enrolment_over_plain_http),
        cmocka_unit_test(properties55_esc9_certificates_without_the_account),
        cmocka_unit_test(properties55_esc10_weak_account_mapping),
        cmocka_unit_test(properties55_esc11_enrolment_without_channel_binding),
        cmocka_unit_test(properties55_esc12_access_to_the_key_store),
        cmocka_unit_test(properties55_esc13_policies_linked_to_groups),
        cmocka_unit_test(properties55_esc14_mapping_by_name),
        cmocka_unit_test(properties55_esc15_application_policies_of_requests),
        cmocka_unit_test(properties55_esc16_leaving_out_security_extensions),
        cmocka_unit_test(an_authority_is_asked_for_by_administrators),
        cmocka_unit_test(a_refusal_names_rule_profile_and_cure),
        cmocka_unit_test(incident18_no_keys_are_told_and_used),
        cmocka_unit_test(the_first_file_has_no_finding),
        cmocka_unit_test(
            properties55_200_generated_profiles_are_judged_as_the_model_says),
    };

    return cmocka_run_group_tests_name("profile_lint", tests, NULL, NULL);
}
