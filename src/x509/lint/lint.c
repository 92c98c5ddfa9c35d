#include "x509/lint/lint.h"

#include <stdarg.h>
#include <stdio.h>

#include "x509/lint/rules.h"

static const struct lint_rule *const tables[] = {lint_rules_of_form,
    lint_rules_of_body, lint_rules_of_lifetime, lint_rules_of_key,
    lint_rules_of_name, lint_rules_of_attribute, lint_rules_of_subject,
    lint_rules_of_alternative, lint_rules_of_dns, lint_rules_of_kinds,
    lint_rules_of_identifier, lint_rules_of_authority, lint_rules_of_usage,
    lint_rules_of_purpose, lint_rules_of_policy, lint_rules_of_constraint,
    lint_rules_of_address, lint_rules_of_validation, lint_rules_of_mail,
    lint_rules_of_code};

#define TABLE_COUNT (sizeof(tables) / sizeof(*tables))

const struct lint_rule *lint_rule_at(size_t place)
{
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        for (const struct lint_rule *rule = tables[i]; rule->name != NULL;
             rule++) {
            if (place-- == 0)
                return rule;
        }
    }
    return NULL;
}

void lint_find(struct lint_pen *pen, const char *format, ...)
{
    struct lint_report *report = pen->report;
    struct lint_finding *finding = NULL;
    va_list arguments;

    if (report->count == LINT_FINDINGS_MAX ||
        pen->written == LINT_FINDINGS_OF_RULE) {
        report->cut = true;
        return;
    }
    finding = &report->findings[report->count];
    finding->rule = pen->rule->name;
    finding->reference = pen->rule->reference;
    va_start(arguments, format);
    (void)vsnprintf(
        finding->sentence, sizeof(finding->sentence), format, arguments);
    va_end(arguments);
    report->count++;
    pen->written++;
}

typedef bool rule_choice(const struct lint_rule *rule, unsigned int scopes);

static bool is_for_drafts(const struct lint_rule *rule, unsigned int scopes)
{
    (void)scopes;
    return rule->on_drafts;
}

static bool is_for_certificates(
    const struct lint_rule *rule, unsigned int scopes)
{
    return (rule->scope & scopes) != 0 && !rule->drafts_only;
}

static bool is_for_requests(const struct lint_rule *rule, unsigned int scopes)
{
    return (rule->scope & scopes) != 0 && rule->on_requests;
}

static bool judge(const struct lint_facts *facts, rule_choice *chosen,
    unsigned int scopes, struct lint_report *report)
{
    report->count = 0;
    report->cut = false;
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        for (const struct lint_rule *rule = tables[i]; rule->name != NULL;
             rule++) {
            struct lint_pen pen = {.rule = rule, .report = report};

            if (chosen(rule, scopes))
                rule->check(facts, &pen);
        }
    }
    return report->count == 0;
}

bool lint_draft(const struct tbs_certificate *draft,
    const struct tbs_certificate *issuer,
    const struct lint_expectations *expected, struct lint_report *report)
{
    struct lint_facts facts = {.body = draft,
        .issuer = issuer,
        .issuer_is = issuer == NULL ? LINT_ISSUER_ITSELF : LINT_ISSUER_GIVEN,
        .expected = expected};

    lint_read_form(draft->whole, &facts.form);
    lint_gather(&facts);
    return judge(&facts, is_for_drafts, LINT_SCOPES, report);
}

static bool judge_certificate(const struct certificate *certificate,
    const struct tbs_certificate *issuer, unsigned int scopes,
    const struct failure *refused, struct lint_report *report)
{
    struct lint_facts facts = {.body = &certificate->tbs,
        .issuer = issuer,
        .issuer_is = issuer == NULL ? LINT_ISSUER_UNKNOWN : LINT_ISSUER_GIVEN,
        .form = {.signature = certificate->signature,
            .signed_with = certificate->signature_algorithm,
            .refused = *refused}};

    lint_read_form(certificate->tbs.whole, &facts.form);
    lint_gather(&facts);
    return judge(&facts, is_for_certificates, scopes, report);
}

bool lint_certificate(const struct certificate *certificate,
    const struct tbs_certificate *issuer, unsigned int scopes,
    struct lint_report *report)
{
    const struct failure unrefused = {0};

    return judge_certificate(certificate, issuer, scopes, &unrefused, report);
}

bool lint_encoded(struct bytes der, const struct tbs_certificate *issuer,
    unsigned int scopes, struct lint_report *report, struct failure *why)
{
    struct certificate certificate = {0};
    struct failure refused = {0}, unread = {0};

    if (!certificate_read(der, &certificate, &refused) &&
        !lint_read_damaged(der, &certificate, &unread)) {
        *why = refused;
        return false;
    }
    (void)judge_certificate(&certificate, issuer, scopes, &refused, report);
    return true;
}

bool lint_request(const struct request *request, unsigned int scopes,
    struct lint_report *report)
{
    const struct tbs_certificate body = {.version = 2,
        .signature_algorithm = request->signature_algorithm,
        .subject = request->subject,
        .key = request->key,
        .extensions = request->extensions};
    struct lint_facts facts = {.body = &body};

    lint_gather(&facts);
    return judge(&facts, is_for_requests, scopes, report);
}

bool fail_in_lint(struct failure *why, const struct lint_report *report)
{
    const struct lint_finding *first = &report->findings[0];

    if (report->count == 1)
        return fail_because(why, FAILURE_UNSUITABLE, "%s (%s, %s)",
            first->sentence, first->rule, first->reference);
    return fail_because(why, FAILURE_UNSUITABLE, "%s (%s, %s; and %zu more)",
        first->sentence, first->rule, first->reference, report->count - 1);
}
