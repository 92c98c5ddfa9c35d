#include "x509/lint/lint_crl.h"

#include "x509/lint/rules_crl.h"

static const struct lint_rule readable = {.name = "crl-readable",
    .reference = "RFC 5280, 5.1",
    .scope = LINT_RFC5280,
    .on_drafts = true};

static const struct lint_rule once = {.name = "crl-extensions-once",
    .reference = "RFC 5280, 4.2",
    .scope = LINT_RFC5280,
    .on_drafts = true};

static const struct crl_rule *const tables[] = {
    crl_rules_of_list, crl_rules_of_entries};

#define TABLE_COUNT (sizeof(tables) / sizeof(*tables))

const struct lint_rule *lint_crl_rule_at(size_t place)
{
    if (place-- == 0)
        return &readable;
    if (place-- == 0)
        return &once;
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        for (const struct crl_rule *each = tables[i]; each->check != NULL;
             each++) {
            if (place-- == 0)
                return &each->rule;
        }
    }
    return NULL;
}

static void keep_extension(
    struct crl_lint_facts *facts, const struct extension *extension)
{
    if (extension->type == OID_AUTHORITY_KEY_IDENTIFIER)
        facts->key = *extension;
    if (extension->type == OID_CRL_NUMBER)
        facts->number = *extension;
    if (extension->type == OID_DELTA_CRL_INDICATOR)
        facts->delta = *extension;
    if (extension->type == OID_ISSUING_DISTRIBUTION_POINT)
        facts->point = *extension;
    if (extension->type == OID_FRESHEST_CRL)
        facts->freshest = *extension;
}

/* The list was read: its extensions can be. */
static void gather_extensions(struct crl_lint_facts *facts)
{
    struct der_reader extensions = facts->crl->extensions;
    struct extension extension = {0};
    struct failure why = {0};

    while (!der_at_end(&extensions) &&
           extension_next(&extensions, &extension, &why))
        keep_extension(facts, &extension);
    facts->has_point = facts->point.type != OID_UNKNOWN &&
                       extension_issuing_distribution_point(facts->point.value,
                           &facts->distribution_point, &why);
}

bool lint_crl_in(const struct crl *crl, const struct tbs_certificate *issuer,
    unsigned int scopes, struct lint_report *report)
{
    struct crl_lint_facts facts = {.crl = crl, .issuer = issuer};

    report->count = 0;
    report->cut = false;
    gather_extensions(&facts);
    crl_lint_gather_entries(&facts);
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        for (const struct crl_rule *each = tables[i]; each->check != NULL;
             each++) {
            struct lint_pen pen = {.rule = &each->rule, .report = report};

            if ((each->rule.scope & scopes) != 0)
                each->check(&facts, &pen);
        }
    }
    return report->count == 0;
}

bool lint_crl(const struct crl *crl, const struct tbs_certificate *issuer,
    struct lint_report *report)
{
    return lint_crl_in(crl, issuer, LINT_RFC5280 | LINT_OWN, report);
}

/* The contents of crlExtensions, past fields that may be damaged; false when
 * there are none. */
static bool find_extensions(struct bytes der, struct der_reader *extensions)
{
    struct der_reader reader = der_reader_of(der), list, body, field;
    struct bytes element = {0};
    struct failure why = {0};
    uint8_t tag = 0;

    if (!der_read(&reader, DER_SEQUENCE, &list, &why) ||
        !der_read(&list, DER_SEQUENCE, &body, &why))
        return false;
    while (!der_at_end(&body)) {
        if (!der_read_any(&body, &tag, &field, &element, &why))
            return false;
        if (tag == DER_CONTEXT_HOLDING(0))
            return der_read(&field, DER_SEQUENCE, extensions, &why);
    }
    return false;
}

/* What else can be said of a list that crl_read refused. */
static void judge_damaged(struct bytes der, struct lint_report *report)
{
    struct lint_pen pen = {.rule = &once, .report = report};
    struct der_reader extensions = {0};
    struct failure why = {0};

    if (find_extensions(der, &extensions) &&
        !extensions_check(extensions, &why))
        lint_find(&pen, "%.180s", why.reason);
}

bool lint_crl_encoded(struct bytes der, const struct tbs_certificate *issuer,
    unsigned int scopes, struct lint_report *report)
{
    struct crl crl = {0};
    struct failure why = {0};
    struct lint_pen pen = {.rule = &readable, .report = report};

    if (crl_read(der, &crl, &why))
        return lint_crl_in(&crl, issuer, scopes, report);
    report->count = 0;
    report->cut = false;
    lint_find(&pen, "the list can't be read: %.160s", why.reason);
    judge_damaged(der, report);
    return false;
}
