#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "support/lint_draft.h"
#include "unit/x509/lint_cases.h"
#include "x509/lint/lint_crl.h"
#include "x509/lint/rules.h"
#include "x509/name_match.h"

static void good_drafts_break_no_rule(void **state)
{
    struct draft leaf = good_leaf(), root = good_root();
    struct draft subordinate = good_subordinate();
    struct tbs_certificate tbs = read_draft(&root);

    (void)state;
    assert_breaks(&leaf, NULL, NULL);
    assert_breaks(&subordinate, NULL, NULL);
    assert_findings(&tbs, NULL, NULL, NULL);
}

static void a_report_is_bounded_and_says_that_it_was_cut(void **state)
{
    static uint8_t many[40 * 5];
    struct bytes one = element(DER_CONTEXT(2), text("a_b"));
    struct draft draft = good_leaf(), root = good_root();
    struct tbs_certificate issuer = read_draft(&root), tbs;
    struct lint_report report;
    struct failure why = {0};

    (void)state;
    for (size_t i = 0; i < 40; i++)
        memcpy(many + i * one.length, one.start, one.length);
    part(&draft, OID_SUBJECT_ALT_NAME)->value = element(
        DER_SEQUENCE, (struct bytes){.start = many, .length = sizeof(many)});
    tbs = read_draft(&draft);
    assert_false(lint_draft(&tbs, &issuer, NULL, &report));
    assert_int_equal(report.count, LINT_FINDINGS_OF_RULE + 8);
    assert_true(report.cut);
    assert_false(fail_in_lint(&why, &report));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_non_null(strstr(
        why.reason, "(subject-alt-name-dns, RFC 1034, 3.5; and 15 more)"));
}

static void a_finding_becomes_a_failure_with_rule_and_reference(void **state)
{
    struct draft draft = good_leaf(), root = good_root();
    struct tbs_certificate issuer = read_draft(&root), tbs;
    struct lint_report report;
    struct failure why = {0};

    (void)state;
    draft.version = 0;
    tbs = read_draft(&draft);
    assert_false(lint_draft(&tbs, &issuer, NULL, &report));
    assert_false(fail_in_lint(&why, &report));
    assert_string_equal(why.reason,
        "the version is 1, not 3: extensions need it (version-3, "
        "CA/Browser Forum BR, 7.1.1)");
}

static void names_match_whatever_their_case_blanks_and_string_type(void **state)
{
    struct bytes utf8 =
        name_of(OID_COMMON_NAME, DER_UTF8_STRING, text("Example  Authority"));
    struct bytes printable = name_of(
        OID_COMMON_NAME, DER_PRINTABLE_STRING, text(" example authority "));
    struct bytes wide =
        name_of(OID_COMMON_NAME, DER_BMP_STRING, BYTES(0, 'A', 0, 'b'));

    (void)state;
    assert_true(name_matches(utf8, printable));
    assert_true(name_matches(
        wide, name_of(OID_COMMON_NAME, DER_UTF8_STRING, text("aB"))));
    assert_true(name_matches(name(""), name("")));
    assert_false(name_matches(utf8, name_of(OID_ORGANIZATION, DER_UTF8_STRING,
                                        text("Example  Authority"))));
    assert_false(name_matches(utf8, name("")));
    assert_false(name_matches(name("CN=a,O=b"), name("CN=a+O=b")));
    assert_false(name_matches(name("CN=a"), name("CN=a,O=b")));
    assert_false(name_matches(name("CN=ab"), name("CN=a b")));
    assert_false(name_matches(BYTES(0x31, 0), BYTES(0x31, 1)));
}

static void every_rule_has_a_name_a_reference_and_a_test_that_breaks_it(
    void **state)
{
    const struct lint_rule *rule = NULL;

    (void)state;
    for (size_t i = 0; (rule = lint_rule_at(i)) != NULL; i++) {
        assert_non_null(rule->reference);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(rule->name, lint_rule_at(j)->name);
        if (!rule_has_fired(i))
            fail_msg("no test breaks %s", rule->name);
    }
}

/* --- docs/lint.md ------------------------------------------------------- */

#define PAGE PROJECT_FOLDER "/docs/lint.md"

static const char *scope_name(enum lint_scope scope)
{
    if (scope == LINT_OWN)
        return "own";
    return scope == LINT_BR ? "br" : "rfc5280";
}

static void assert_page_has(
    const char *page, const struct lint_rule *rule, const char *judged)
{
    char row[400];

    (void)snprintf(row, sizeof(row), "\n| %s | %s | %s | %s |\n", rule->name,
        rule->reference, scope_name(rule->scope), judged);
    if (strstr(page, row) == NULL)
        fail_msg("docs/lint.md lacks the row%s", row);
}

static void the_page_of_rules_has_every_rule(void **state)
{
    RELEASED(buffer) file = BUFFER("docs/lint.md", 256 * 1024);
    const struct lint_rule *rule = NULL;
    const char *page = NULL, *row = NULL;
    struct failure why = {0};
    size_t count = 0;

    (void)state;
    assert_true(file_read(PAGE, &file, &why));
    assert_true(buffer_as_text(&file, &page, &why));
    for (size_t i = 0; (rule = lint_rule_at(i)) != NULL; i++, count++) {
        char judged[64];

        (void)snprintf(judged, sizeof(judged), "%s%s%s%s",
            rule->on_drafts ? "drafts" : "",
            rule->on_drafts && !rule->drafts_only ? ", " : "",
            rule->drafts_only ? "" : "certificates",
            rule->on_requests ? ", requests" : "");
        assert_page_has(page, rule, judged);
    }
    for (size_t i = 0; (rule = lint_crl_rule_at(i)) != NULL; i++, count++)
        assert_page_has(
            page, rule, rule->on_drafts ? "drafts, lists" : "lists");
    for (row = page; (row = strstr(row, "\n| ")) != NULL; row++)
        count--;
    assert_int_equal(count, (size_t)-2); /* two heads of tables */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(good_drafts_break_no_rule, clear_desk),
        cmocka_unit_test_setup(
            a_report_is_bounded_and_says_that_it_was_cut, clear_desk),
        cmocka_unit_test_setup(
            a_finding_becomes_a_failure_with_rule_and_reference, clear_desk),
        cmocka_unit_test_setup(
            names_match_whatever_their_case_blanks_and_string_type, clear_desk),
        cmocka_unit_test(the_page_of_rules_has_every_rule),
        cmocka_unit_test_setup(
            every_rule_has_a_name_a_reference_and_a_test_that_breaks_it,
            clear_desk),
    };

    /* The last test of this group asks what the others have broken. */
    int failed = lint_body_cases() + lint_name_cases() +
                 lint_extension_cases() + lint_mutation_cases();

    return failed + cmocka_run_group_tests_name("lint", tests, NULL, NULL);
}
