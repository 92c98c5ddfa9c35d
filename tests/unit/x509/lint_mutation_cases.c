#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/lint_mutation.h"
#include "unit/x509/lint_cases.h"
#include "unit/x509/lint_mutations.h"

static const struct lint_mutation *const tables[] = {lint_mutations_of_fields,
    lint_mutations_of_names, lint_mutations_of_extensions};

static const struct lint_rule *rule_named(const char *name)
{
    const struct lint_rule *rule = NULL;

    for (size_t i = 0; (rule = lint_rule_at(i)) != NULL; i++) {
        if (strcmp(rule->name, name) == 0)
            return rule;
    }
    fail_msg("there is no rule %s", name);
    return NULL;
}

static bool draft_is_named(const struct draft *draft, const char *rule,
    const struct tbs_certificate *issuer)
{
    struct tbs_certificate body = {0};
    struct lint_report report;
    struct failure unread = {0};

    if (!tbs_certificate_read(encoded_draft(draft), &body, &unread))
        return true; /* it never comes to be a draft */
    (void)lint_draft(&body, issuer, NULL, &report);
    remember(&report);
    return names_rule(&report, rule);
}

static bool certificate_is_named(const struct draft *draft, const char *rule)
{
    struct lint_report report;
    struct failure why = {0};

    if (!lint_encoded(
            encoded_certificate(draft), NULL, LINT_SCOPES, &report, &why))
        fail_msg("%s: %s", rule, why.reason);
    remember(&report);
    return names_rule(&report, rule);
}

static bool check(const struct lint_mutation *mutation)
{
    const struct lint_rule *rule = rule_named(mutation->rule);
    struct draft root = good_root(), draft = mutated(mutation->words);
    struct tbs_certificate issuer = read_draft(&root);
    bool is_root = strncmp(mutation->words, "root", 4) == 0;

    bool is_named = true;

    if (rule->on_drafts)
        is_named = draft_is_named(&draft, rule->name, is_root ? NULL : &issuer);
    if (!rule->drafts_only && !certificate_is_named(&draft, rule->name))
        is_named &= rule->on_drafts;
    if (!is_named)
        print_error("%s does not name \"%s\"\n", rule->name, mutation->words);
    return is_named;
}

/* Row 1 of the properties: each of 300 changed fields is refused by name. */
static void properties01_each_changed_field_is_named_by_its_rule(void **state)
{
    size_t count = 0, failed = 0;

    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
        for (const struct lint_mutation *mutation = tables[i];
             mutation->rule != NULL; mutation++) {
            failed += !check(mutation);
            (void)clear_desk(state);
            count++;
        }
    }
    assert_int_equal(failed, 0);
    assert_true(count >= 300);
}

static void what_only_comes_near_to_a_rule_keeps_it(void **state)
{
    size_t failed = 0;

    for (const struct lint_mutation *near = lint_neighbours; near->rule != NULL;
         near++) {
        struct draft draft = mutated(near->words);

        (void)rule_named(near->rule);
        if (certificate_is_named(&draft, near->rule)) {
            print_error("%s names \"%s\"\n", near->rule, near->words);
            failed++;
        }
        (void)clear_desk(state);
    }
    assert_int_equal(failed, 0);
}

static void what_keeps_all_rules_breaks_none(void **state)
{
    static const char short_lived[] =
        "server; days 5; drop crlDistributionPoints";
    static const char *const good[] = {
        "server", short_lived, "mail", "code", "responder", "authority"};

    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        struct draft draft = mutated(good[i]);
        struct lint_report report;
        struct failure why = {0};

        assert_true(lint_encoded(
            encoded_certificate(&draft), NULL, LINT_SCOPES, &report, &why));
        if (report.count > 0)
            fail_msg("%s: %s: %s", good[i], report.findings[0].rule,
                report.findings[0].sentence);
        (void)clear_desk(state);
    }
}

static void a_scope_leaves_the_rules_of_others_out(void **state)
{
    struct draft draft = mutated("server; eku serverAuth|clientAuth");
    struct certificate certificate = {0};
    struct lint_report report;
    struct failure why = {0};

    (void)state;
    assert_true(
        certificate_read(encoded_certificate(&draft), &certificate, &why));
    assert_false(lint_certificate(&certificate, NULL, LINT_BR, &report));
    assert_string_equal(report.findings[0].rule, "server-not-client");
    assert_true(
        lint_certificate(&certificate, NULL, LINT_RFC5280 | LINT_OWN, &report));
}

static void what_is_no_certificate_is_malformed(void **state)
{
    struct lint_report report;
    struct failure why = {0};

    (void)state;
    assert_false(
        lint_encoded(BYTES(0x30, 0x00), NULL, LINT_SCOPES, &report, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
}

/* --- kb 63, 64, 90 -----------------------------------------------------------
 */

static void expect(const char *words, const struct lint_expectations *expected,
    const char *rule)
{
    struct draft root = good_root(), draft = mutated(words);
    struct tbs_certificate issuer = read_draft(&root);
    struct tbs_certificate body = read_draft(&draft);
    struct lint_report report;

    assert_int_equal(
        lint_draft(&body, &issuer, expected, &report), rule == NULL);
    remember(&report);
    if (rule != NULL)
        assert_string_equal(report.findings[0].rule, rule);
}

static void kb063_what_lacks_a_configured_address_is_not_signed(void **state)
{
    const struct lint_expectations list = {.crl_address = "http://a.b/c.crl"};
    const struct lint_expectations issuer = {
        .issuer_address = "http://a.b/c.cer"};
    const struct lint_expectations status = {.ocsp_address = "http://a.b/"};

    (void)state;
    expect("leaf", &list, "crl-address");
    expect("leaf; cdp http://a.b/other.crl", &list, "crl-address");
    expect("leaf; cdp http://a.b/x|http://a.b/c.crl", &list, NULL);
    expect("leaf", &issuer, "issuer-address");
    expect("leaf; aia ocsp http://a.b/c.cer", &issuer, "issuer-address");
    expect("leaf; aia caIssuers http://a.b/c.cer", &issuer, NULL);
    expect("leaf", &status, "ocsp-address");
    expect("leaf; aia ocsp http://a.b/", &status, NULL);
    expect("leaf", NULL, NULL);
}

static void kb064_a_lifetime_lies_inside_the_issuers(void **state)
{
    (void)state;
    expect("leaf; days 3651", NULL, "dates-nested");
    expect("leaf; from 20251230", NULL, "dates-nested");
    expect("leaf; days 3650", NULL, NULL);
}

static void kb090_a_leafs_subject_is_not_its_issuers(void **state)
{
    struct draft leaf =
        mutated("leaf; subject CN=issuing  authority,O=Example");
    struct draft root = good_root();

    (void)state;
    expect("leaf; subject CN=issuing  authority,O=Example", NULL,
        "subject-differs");
    assert_true(certificate_is_named(&leaf, "subject-differs"));
    assert_false(certificate_is_named(&root, "subject-differs"));
}

/* Foreign authorities derive their identifiers otherwise. */
static void an_authoritys_key_identifier_may_come_from_elsewhere(void **state)
{
    (void)state;
    expect("subordinate; ext subjectKeyIdentifier 040401020304", NULL, NULL);
    expect("leaf; ext subjectKeyIdentifier 040401020304", NULL,
        "subject-key-identifier-derived");
}

int lint_mutation_cases(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(
            properties01_each_changed_field_is_named_by_its_rule, clear_desk),
        cmocka_unit_test_setup(
            what_only_comes_near_to_a_rule_keeps_it, clear_desk),
        cmocka_unit_test_setup(what_keeps_all_rules_breaks_none, clear_desk),
        cmocka_unit_test_setup(
            a_scope_leaves_the_rules_of_others_out, clear_desk),
        cmocka_unit_test_setup(what_is_no_certificate_is_malformed, clear_desk),
        cmocka_unit_test_setup(
            kb063_what_lacks_a_configured_address_is_not_signed, clear_desk),
        cmocka_unit_test_setup(
            kb064_a_lifetime_lies_inside_the_issuers, clear_desk),
        cmocka_unit_test_setup(
            kb090_a_leafs_subject_is_not_its_issuers, clear_desk),
        cmocka_unit_test_setup(
            an_authoritys_key_identifier_may_come_from_elsewhere, clear_desk),
    };

    return cmocka_run_group_tests_name(
        "lint of what is changed", tests, NULL, NULL);
}
