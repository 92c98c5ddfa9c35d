#include <stdlib.h>
#include <string.h>

#include "x509/certificate.h"
#include "x509/crl_parts.h"
#include "x509/lint/rules_crl.h"
#include "x509/time.h"

/* --- one walk over the entries -------------------------------------------- */

static void note(struct crl_lint_facts *facts, enum crl_fault fault,
    const struct crl_entry *entry)
{
    struct crl_offenders *offenders = &facts->offenders[fault];

    if (offenders->count++ == 0)
        offenders->first = entry->serial;
}

/* BR, 7.2.2: those of leaves, and an authority's compromise. */
static bool is_reason_for_servers(int reason)
{
    return reason == CRL_KEY_COMPROMISE || reason == CRL_CA_COMPROMISE ||
           reason == CRL_AFFILIATION_CHANGED || reason == CRL_SUPERSEDED ||
           reason == CRL_CESSATION_OF_OPERATION ||
           reason == CRL_PRIVILEGE_WITHDRAWN;
}

/* 5.3.1: unspecified is said by leaving it out. */
static void note_reason(
    struct crl_lint_facts *facts, const struct crl_entry *entry)
{
    if (entry->reason == CRL_REASON_ABSENT)
        return;
    if (entry->reason == CRL_UNSPECIFIED ||
        crl_reason_name(entry->reason) == NULL)
        note(facts, CRL_FAULT_REASON, entry);
    if (entry->reason == CRL_REMOVE_FROM_CRL &&
        facts->delta.type == OID_UNKNOWN)
        note(facts, CRL_FAULT_REMOVAL, entry);
    if (!is_reason_for_servers(entry->reason))
        note(facts, CRL_FAULT_BR_REASON, entry);
}

/* 5.3: reasonCode and invalidityDate never are, certificateIssuer always is.
 */
static void note_critical(
    struct crl_lint_facts *facts, const struct crl_entry *entry)
{
    struct der_reader extensions = entry->extensions;
    struct extension extension = {0};
    struct failure why = {0};

    while (!der_at_end(&extensions) &&
           extension_next(&extensions, &extension, &why)) {
        if (extension.type == OID_CERTIFICATE_ISSUER) {
            facts->has_certificate_issuers = true;
            if (!extension.critical || !facts->distribution_point.indirect)
                note(facts, CRL_FAULT_ISSUER, entry);
        } else if (extension.critical &&
                   (extension.type == OID_REASON_CODE ||
                       extension.type == OID_INVALIDITY_DATE)) {
            note(facts, CRL_FAULT_CRITICAL, entry);
        }
    }
}

static void note_entry(
    struct crl_lint_facts *facts, const struct crl_entry *entry)
{
    /* It was read: behind the serial stands the tag of the time. */
    bool is_utc_time =
        entry->serial.start[entry->serial.length] == DER_UTC_TIME;

    if (!crl_is_serial(entry->serial))
        note(facts, CRL_FAULT_SERIAL, entry);
    if (is_utc_time != time_is_utc(entry->revoked_at))
        note(facts, CRL_FAULT_TIME_FORM, entry);
    if (entry->revoked_at > facts->crl->this_update)
        note(facts, CRL_FAULT_LATER, entry);
    if (entry->has_extensions && der_at_end(&entry->extensions))
        note(facts, CRL_FAULT_EMPTY, entry);
    if (entry->has_unknown_critical)
        note(facts, CRL_FAULT_UNKNOWN, entry);
    note_reason(facts, entry);
    note_critical(facts, entry);
}

void crl_lint_gather_entries(struct crl_lint_facts *facts)
{
    struct der_reader entries = facts->crl->entries;
    struct crl_entry entry = {0};
    struct failure why = {0};

    while (!der_at_end(&entries) && crl_next_entry(&entries, &entry, &why)) {
        facts->entry_count++;
        note_entry(facts, &entry);
    }
}

/* --- the rules ------------------------------------------------------------ */

static void find_offenders(const struct crl_lint_facts *facts,
    enum crl_fault fault, const char *what, struct lint_pen *pen)
{
    const struct crl_offenders *offenders = &facts->offenders[fault];
    char serial[SERIAL_TEXT] = "";

    if (offenders->count == 0)
        return;
    serial_print(offenders->first, serial);
    if (offenders->count == 1)
        lint_find(pen, "the entry %s %s", serial, what);
    else
        lint_find(pen, "the entry %s, and %zu more, %s", serial,
            offenders->count - 1, what);
}

static void check_serials(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    find_offenders(facts, CRL_FAULT_SERIAL,
        "has a serial that is no positive number of at most 20 octets", pen);
}

static void check_time_forms(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    find_offenders(facts, CRL_FAULT_TIME_FORM,
        "has a time that is not UTCTime through 2049 and GeneralizedTime from "
        "2050",
        pen);
}

static void check_not_later(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    find_offenders(
        facts, CRL_FAULT_LATER, "was revoked after the list's thisUpdate", pen);
}

static void check_reasons(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    find_offenders(facts, CRL_FAULT_REASON,
        "has a reason that says nothing: unspecified is left out, and others "
        "than 1 to 6 and 8 to 10 have no meaning",
        pen);
}

static void check_removals(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    find_offenders(facts, CRL_FAULT_REMOVAL,
        "has the reason removeFromCRL outside a delta", pen);
}

static void check_br_reasons(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    find_offenders(facts, CRL_FAULT_BR_REASON,
        "has a reason other than keyCompromise, cACompromise, "
        "affiliationChanged, superseded, cessationOfOperation and "
        "privilegeWithdrawn",
        pen);
}

static void check_not_critical(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    find_offenders(facts, CRL_FAULT_CRITICAL,
        "has a critical reasonCode or invalidityDate", pen);
}

static void check_issuers(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    find_offenders(facts, CRL_FAULT_ISSUER,
        "has a certificateIssuer that is not critical, or in a list that is "
        "not indirect",
        pen);
}

static void check_extensions_present(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    find_offenders(
        facts, CRL_FAULT_EMPTY, "has extensions, but none in them", pen);
}

static void check_known(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    find_offenders(facts, CRL_FAULT_UNKNOWN,
        "has an extension that is critical and unknown: nobody may use the "
        "list",
        pen);
}

static int compare_serials(const void *a, const void *b)
{
    const struct bytes *left = a;
    const struct bytes *right = b;

    if (left->length != right->length)
        return left->length < right->length ? -1 : 1;
    return memcmp(left->start, right->start, left->length);
}

/* Serials of a list whose entries were counted. */
static void collect_serials(struct der_reader entries, struct bytes *serials)
{
    struct crl_entry entry = {0};
    struct failure why = {0};

    for (size_t i = 0;
         !der_at_end(&entries) && crl_next_entry(&entries, &entry, &why); i++)
        serials[i] = entry.serial;
}

/* In an indirect list the same serial is another issuer's. */
static void check_once(const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    size_t count = facts->entry_count;
    char serial[SERIAL_TEXT] = "";

    if (count < 2 || count > LINT_CRL_SORTED_MAX ||
        facts->has_certificate_issuers)
        return;
    struct bytes *serials = calloc(count, sizeof(*serials));
    if (serials == NULL) {
        lint_find(pen, "no memory to look for entries that are there twice");
        return;
    }
    collect_serials(facts->crl->entries, serials);
    qsort(serials, count, sizeof(*serials), compare_serials);
    for (size_t i = 1; i < count; i++) {
        if (compare_serials(&serials[i - 1], &serials[i]) != 0)
            continue;
        serial_print(serials[i], serial);
        lint_find(pen, "the entry %s is there twice", serial);
    }
    free(serials);
}

const struct crl_rule crl_rules_of_entries[] = {
    CRL_RULE(
        "crl-entry-serial", "RFC 5280, 4.1.2.2", LINT_RFC5280, check_serials),
    CRL_RULE("crl-entry-date-encoding", "RFC 5280, 5.1.2.6", LINT_RFC5280,
        check_time_forms),
    CRL_RULE(
        "crl-entry-not-later", "RFC 5280, 5.1.2.4", LINT_OWN, check_not_later),
    CRL_RULE(
        "crl-entry-reason", "RFC 5280, 5.3.1", LINT_RFC5280, check_reasons),
    CRL_RULE(
        "crl-entry-removal", "RFC 5280, 5.3.1", LINT_RFC5280, check_removals),
    CRL_RULE("crl-entry-reason-for-servers", "CA/Browser Forum BR, 7.2.2",
        LINT_BR, check_br_reasons),
    CRL_RULE("crl-entry-not-critical", "RFC 5280, 5.3.1", LINT_RFC5280,
        check_not_critical),
    CRL_RULE(
        "crl-entry-issuer", "RFC 5280, 5.3.3", LINT_RFC5280, check_issuers),
    CRL_RULE("crl-entry-extensions-present", "RFC 5280, 5.1", LINT_RFC5280,
        check_extensions_present),
    CRL_RULE("crl-entry-extensions-known", "RFC 5280, 5.3", LINT_RFC5280,
        check_known),
    CRL_RULE("crl-entries-once", "RFC 5280, 5.1.2.6", LINT_OWN, check_once),
    {.check = NULL},
};
