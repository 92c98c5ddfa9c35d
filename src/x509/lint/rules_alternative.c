#include "x509/lint/rules.h"

/* Incident 32: verifiers take time per name; more are refused here. */
#define ALTERNATIVE_NAMES_MOST 1000

/* RFC 5280, 4.1.2.6 and 4.2.1.6: critical when it is all there is. */
void lint_alternative_critical(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    bool empty = name_is_empty(facts->draft->subject);

    if (facts->alternative_names == NULL ||
        facts->alternative_names->critical == empty)
        return;
    lint_find(pen,
        empty ? "subjectAltName is not critical though the subject is empty"
              : "subjectAltName is critical though there is a subject");
}

void lint_alternative_count(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader names = {0};
    struct failure unread = {0};
    size_t count = 0;

    if (facts->alternative_names == NULL)
        return;
    if (!extension_general_names(
            facts->alternative_names->value, &names, &unread)) {
        lint_find(pen, "subjectAltName can't be read: %s", unread.reason);
        return;
    }
    if (!general_names_check(names, &count, &unread))
        lint_find(pen, "subjectAltName can't be read: %s", unread.reason);
    if (count > ALTERNATIVE_NAMES_MOST)
        lint_find(pen, "subjectAltName holds %zu names, at most %d may be",
            count, ALTERNATIVE_NAMES_MOST);
}

/* The rule is general_name_check's; which one it was is in the sentence. */
static void check_name(const struct general_name *name, struct lint_pen *pen)
{
    struct failure why = {0};

    if (!general_name_check(name, &why))
        lint_find(pen, "%s", why.reason);
}

/* An extension that can't be read is a finding of lint_alternative_count. */
static void each_name(const struct lint_facts *facts,
    enum general_name_kind kind, struct lint_pen *pen)
{
    struct der_reader names = {0};
    struct general_name name = {0};
    struct failure unread = {0};

    if (facts->alternative_names == NULL ||
        !extension_general_names(
            facts->alternative_names->value, &names, &unread))
        return;
    while (!der_at_end(&names) && general_name_next(&names, &name, &unread)) {
        if (name.kind == kind)
            check_name(&name, pen);
    }
}

void lint_alternative_dns(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_name(facts, GENERAL_NAME_DNS, pen);
}

void lint_alternative_ip(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_name(facts, GENERAL_NAME_IP, pen);
}

void lint_alternative_email(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_name(facts, GENERAL_NAME_EMAIL, pen);
}

void lint_alternative_uri(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_name(facts, GENERAL_NAME_URI, pen);
}
