#include "x509/lint/lint.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "x509/lint/rules.h"

/* In the order in which a reader of the report asks them. */
static const struct lint_rule rules[] = {
    {"extensions-readable", "RFC 5280, 4.2", lint_extensions_readable},
    {"extensions-once", "RFC 5280, 4.2", lint_extensions_once},
    {"version-3", "RFC 5280, 4.1.2.1", lint_version},
    {"serial-positive", "RFC 5280, 4.1.2.2", lint_serial_positive},
    {"serial-longest", "RFC 5280, 4.1.2.2", lint_serial_longest},
    {"serial-shortest", "CA/Browser Forum BR, 7.1", lint_serial_shortest},
    {"signature-algorithm", "RFC 5280, 4.1.2.3", lint_signature_algorithm},
    {"issuer-present", "RFC 5280, 4.1.2.4", lint_issuer_present},
    {"issuer-matches", "RFC 5280, 6.1.3 (a)(4)", lint_issuer_matches},
    {"dates-ordered", "RFC 5280, 4.1.2.5", lint_dates_ordered},
    {"dates-encoding", "RFC 5280, 4.1.2.5", lint_dates_encoding},
    {"dates-nested", "RFC 5280, 6.1.3 (a)(2)", lint_dates_nested},
    {"subject-present", "RFC 5280, 4.1.2.6", lint_subject_present},
    {"authority-named", "RFC 5280, 4.1.2.6", lint_authority_named},
    {"subject-differs", "RFC 5280, 3.2", lint_subject_differs},
    {"relative-names", "X.501, 9.3", lint_relative_names},
    {"string-types", "RFC 5280, 4.1.2.4", lint_string_types},
    {"string-alphabet", "X.680, 41.4", lint_string_alphabet},
    {"string-controls", "CVE-2021-3712", lint_string_controls},
    {"attribute-lengths", "RFC 5280, A.1", lint_attribute_lengths},
    {"country", "X.520, 6.3.1", lint_country},
    {"key-algorithm", "RFC 5280, 4.1.2.7", lint_key_algorithm},
    {"extensions-not-critical", "RFC 5280, 4.2", lint_extensions_not_critical},
    {"authority-key-identifier", "RFC 5280, 4.2.1.1",
        lint_authority_identifier_present},
    {"authority-key-identifier-matches", "RFC 5280, 4.2.1.1",
        lint_authority_identifier_matches},
    {"subject-key-identifier", "RFC 5280, 4.2.1.2",
        lint_subject_identifier_present},
    {"subject-key-identifier-derived", "RFC 7093, 2 (1)",
        lint_subject_identifier_derived},
    {"basic-constraints-critical", "RFC 5280, 4.2.1.9",
        lint_authority_critical},
    {"authority-signs", "RFC 5280, 4.2.1.3", lint_authority_signs},
    {"leaf-does-not-sign", "RFC 5280, 4.2.1.9", lint_leaf_does_not_sign},
    {"path-length", "RFC 5280, 4.2.1.9", lint_path_length},
    {"key-usage-present", "RFC 5280, 4.2.1.3", lint_key_usage_present},
    {"key-usage-critical", "RFC 5280, 4.2.1.3", lint_key_usage_critical},
    {"key-usage-fits", "RFC 3279, 2.3; RFC 8410, 5; RFC 9881, 5",
        lint_key_usage_fits},
    {"extended-key-usage-present", "RFC 5280, 4.2.1.12", lint_purposes_present},
    {"extended-key-usage-once", "RFC 5280, 4.2.1.12", lint_purposes_once},
    {"subject-alt-name-critical", "RFC 5280, 4.2.1.6",
        lint_alternative_critical},
    {"subject-alt-name-count", "CVE-2025-14831", lint_alternative_count},
    {"subject-alt-name-dns", "RFC 1034, 3.5", lint_alternative_dns},
    {"subject-alt-name-ip", "RFC 5280, 4.2.1.6", lint_alternative_ip},
    {"subject-alt-name-email", "RFC 5280, 4.2.1.6", lint_alternative_email},
    {"subject-alt-name-uri", "RFC 5280, 4.2.1.6", lint_alternative_uri},
    {NULL, NULL, NULL},
};

const struct lint_rule *lint_rules(void)
{
    return rules;
}

void lint_find(struct lint_pen *pen, const char *format, ...)
{
    struct lint_report *report = pen->report;
    struct lint_finding *finding = &report->findings[report->count];
    va_list arguments;

    if (report->count == LINT_FINDINGS_MAX) {
        report->cut = true;
        return;
    }
    finding->rule = pen->rule->name;
    finding->reference = pen->rule->reference;
    va_start(arguments, format);
    (void)vsnprintf(
        finding->sentence, sizeof(finding->sentence), format, arguments);
    va_end(arguments);
    report->count++;
}

void lint_show(struct bytes text, char shown[static LINT_SHOWN])
{
    RELEASED(buffer) visible = BUFFER("a shown name", 4096);
    struct failure unshown = {0};
    const char *as_text = "?";

    if (text.length > LINT_SHOWN / 2)
        text.length = LINT_SHOWN / 2;
    if (text_append_visible(&visible, text, &unshown))
        (void)!buffer_as_text(&visible, &as_text, &unshown);
    (void)snprintf(shown, LINT_SHOWN, "%s", as_text);
}

const struct extension *lint_extension(
    const struct lint_facts *facts, enum oid type)
{
    for (size_t i = 0; i < facts->extension_count; i++) {
        if (facts->extensions[i].type == type)
            return &facts->extensions[i];
    }
    return NULL;
}

static bool gather_extensions(struct lint_facts *facts, struct failure *why)
{
    struct der_reader extensions = facts->draft->extensions;

    while (!der_at_end(&extensions)) {
        if (facts->extension_count == EXTENSIONS_MAX)
            return fail_because(why, FAILURE_UNSUITABLE,
                "there are more than %d extensions", EXTENSIONS_MAX);
        if (!extension_next(
                &extensions, &facts->extensions[facts->extension_count], why))
            return false;
        facts->extension_count++;
    }
    return true;
}

static bool gather_constraints(struct lint_facts *facts, struct failure *why)
{
    const struct extension *basic =
        lint_extension(facts, OID_BASIC_CONSTRAINTS);

    return basic == NULL ||
           extension_basic_constraints(basic->value, &facts->basic, why);
}

static bool gather_key_usage(struct lint_facts *facts, struct failure *why)
{
    facts->key_usage_extension = lint_extension(facts, OID_KEY_USAGE);
    return facts->key_usage_extension == NULL ||
           extension_key_usage(
               facts->key_usage_extension->value, &facts->key_usage, why);
}

static bool gather_issuer(struct lint_facts *facts, struct failure *why)
{
    const struct tbs_certificate *issuer =
        facts->issuer == NULL ? facts->draft : facts->issuer;
    struct extension extension = {0};
    bool found = false;

    if (!extensions_find(issuer->extensions, OID_SUBJECT_KEY_IDENTIFIER,
            &extension, &found, why))
        return false;
    return !found || extension_key_identifier(
                         extension.value, &facts->issuer_key_identifier, why);
}

static void gather_key(struct lint_facts *facts)
{
    struct public_key_parts parts = {0};

    if (spki_parts(&facts->draft->key, &parts, &facts->key_refused))
        facts->key_algorithm = parts.algorithm;
}

/* One that can't be read does not hide what the others say. */
static void gather(struct lint_facts *facts)
{
    bool readable = gather_extensions(facts, &facts->unreadable);

    readable &= gather_constraints(facts, &facts->unreadable);
    readable &= gather_key_usage(facts, &facts->unreadable);
    readable &= gather_issuer(facts, &facts->unreadable);
    facts->alternative_names = lint_extension(facts, OID_SUBJECT_ALT_NAME);
    facts->is_readable = readable;
    gather_key(facts);
}

bool lint_draft(const struct tbs_certificate *draft,
    const struct tbs_certificate *issuer, struct lint_report *report)
{
    struct lint_facts facts = {.draft = draft, .issuer = issuer};

    report->count = 0;
    report->cut = false;
    gather(&facts);
    for (const struct lint_rule *rule = rules; rule->name != NULL; rule++) {
        struct lint_pen pen = {.rule = rule, .report = report};

        rule->check(&facts, &pen);
    }
    return report->count == 0;
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
