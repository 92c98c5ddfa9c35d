#include "x509/lint/rules_crl.h"
#include "x509/name_match.h"
#include "x509/time.h"

#define DAY_S INT64_C(86400)
/* BR, 4.9.7: ten days for leaves, twelve months for authorities. */
#define LEAVES_DAYS_MAX 10
#define AUTHORITIES_DAYS_MAX 366

static bool is_there(const struct extension *extension)
{
    return extension->type != OID_UNKNOWN;
}

/* --- fields --------------------------------------------------------------- */

static void check_version(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    if (facts->crl->version != 1)
        lint_find(pen, "the version is 1, not 2: extensions need it");
}

/* A draft has no second one yet. */
static void check_algorithms(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    if (facts->crl->signature.length > 0 &&
        !bytes_equal(
            facts->crl->body_algorithm, facts->crl->signature_algorithm))
        lint_find(pen,
            "the signature algorithm inside the list is not the one beside its "
            "signature");
}

static void check_issuer_present(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    if (facts->crl->issuer.length <= 2)
        lint_find(pen, "the issuer is empty: nobody can find its certificate");
}

static void check_issuer_matches(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    if (facts->issuer != NULL &&
        !name_matches(facts->crl->issuer, facts->issuer->subject))
        lint_find(pen, "the issuer is not the subject of the certificate that "
                       "is to verify the list");
}

static void check_issuer_signs(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    struct extension extension = {0};
    struct failure why = {0};
    uint32_t usage = 0;
    bool found = false;

    if (facts->issuer == NULL ||
        !extensions_find(facts->issuer->extensions, OID_KEY_USAGE, &extension,
            &found, &why) ||
        !found)
        return;
    if (!extension_key_usage(extension.value, &usage, &why) ||
        (usage & KEY_USAGE_CRL_SIGN) == 0)
        lint_find(pen, "the certificate that is to verify the list has a "
                       "keyUsage without cRLSign");
}

/* Stands at thisUpdate. */
static bool find_times(
    struct bytes body, struct der_reader *times, struct failure *why)
{
    struct der_reader reader = der_reader_of(body), inside, passed;
    bool present = false;

    if (!der_read(&reader, DER_SEQUENCE, &inside, why) ||
        !der_read_optional(&inside, DER_INTEGER, &passed, &present, why) ||
        !der_read(&inside, DER_SEQUENCE, &passed, why) ||
        !der_read(&inside, DER_SEQUENCE, &passed, why))
        return false;
    *times = inside;
    return true;
}

static bool is_time_in_form(int tag, int64_t time)
{
    return (tag == DER_UTC_TIME) == time_is_utc(time);
}

/* From the bytes: the two forms read as the same time. */
static void check_time_forms(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader times = {0};
    struct failure why = {0};
    int64_t time = 0;

    if (!find_times(facts->crl->body, &times, &why))
        return;
    for (int i = 0; i < 2; i++) {
        int tag = der_peek(&times);

        if ((tag != DER_UTC_TIME && tag != DER_GENERALIZED_TIME) ||
            !der_read_time(&times, &time, &why))
            return;
        if (!is_time_in_form(tag, time))
            lint_find(pen,
                "%s is not written as UTCTime through 2049 and GeneralizedTime "
                "from 2050",
                i == 0 ? "thisUpdate" : "nextUpdate");
    }
}

static void check_next_update_present(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    if (facts->crl->next_update == 0)
        lint_find(pen, "nextUpdate is missing: nobody knows how long the list "
                       "may be believed");
}

static void check_next_update_later(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    if (facts->crl->next_update != 0 &&
        facts->crl->next_update <= facts->crl->this_update)
        lint_find(pen, "nextUpdate is not after thisUpdate");
}

static void check_next_update_soon(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    const struct crl *crl = facts->crl;
    int64_t days = facts->has_point && facts->distribution_point.only_users
                       ? LEAVES_DAYS_MAX
                       : AUTHORITIES_DAYS_MAX;

    if (crl->next_update != 0 &&
        crl->next_update - crl->this_update > days * DAY_S)
        lint_find(
            pen, "nextUpdate is more than %d days after thisUpdate", (int)days);
}

static void check_entries_present(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    if (facts->crl->has_entries && facts->entry_count == 0)
        lint_find(pen, "revokedCertificates is there and empty; without "
                       "entries it is left out");
}

static void check_extensions_present(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    if (facts->crl->has_extensions && der_at_end(&facts->crl->extensions))
        lint_find(pen, "crlExtensions is there and empty");
}

/* --- extensions ----------------------------------------------------------- */

static void check_key_identifier(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    struct authority_key_identifier key = {0};
    struct failure why = {0};

    if (!is_there(&facts->key))
        lint_find(pen, "authorityKeyIdentifier is missing");
    else if (!extension_authority_key_identifier(facts->key.value, &key, &why))
        lint_find(
            pen, "authorityKeyIdentifier can't be read: %.120s", why.reason);
    else if (key.identifier.length == 0)
        lint_find(pen, "authorityKeyIdentifier names no key");
}

/* From the bytes: what stands beside the key may be damaged. */
static bool has_key_alone(struct bytes value)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader contents = {0};
    struct der_reader key = {0};
    struct failure why = {0};
    bool present = false;

    return der_read(&reader, DER_SEQUENCE, &contents, &why) &&
           der_read_optional(&contents, DER_CONTEXT(0), &key, &present, &why) &&
           der_at_end(&contents);
}

static void check_key_identifier_alone(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    if (is_there(&facts->key) && !has_key_alone(facts->key.value))
        lint_find(pen, "authorityKeyIdentifier has a certificate's issuer or "
                       "serial beside the key");
}

static void check_key_identifier_matches(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    struct authority_key_identifier key = {0};
    struct bytes subject = {0};
    struct extension extension = {0};
    struct failure why = {0};
    bool found = false;

    if (facts->issuer == NULL || !is_there(&facts->key) ||
        !extension_authority_key_identifier(facts->key.value, &key, &why) ||
        !extensions_find(facts->issuer->extensions, OID_SUBJECT_KEY_IDENTIFIER,
            &extension, &found, &why) ||
        !found || !extension_key_identifier(extension.value, &subject, &why))
        return;
    if (key.identifier.length > 0 && !bytes_equal(key.identifier, subject))
        lint_find(pen, "authorityKeyIdentifier is not the subjectKeyIdentifier "
                       "of the certificate that is to verify the list");
}

static void check_number(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    struct bytes number = {0};
    struct failure why = {0};

    if (!is_there(&facts->number))
        lint_find(pen, "crlNumber is missing");
    else if (!extension_crl_number(facts->number.value, &number, &why))
        lint_find(pen, "crlNumber: %.150s", why.reason);
}

static void check_delta(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    struct bytes number = {0};
    struct failure why = {0};

    if (!is_there(&facts->delta))
        return;
    if (!facts->delta.critical)
        lint_find(pen, "deltaCRLIndicator is not critical: who does not know "
                       "it takes the delta for the whole");
    if (!extension_crl_number(facts->delta.value, &number, &why))
        lint_find(pen, "deltaCRLIndicator: %.150s", why.reason);
}

static void check_point_critical(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    if (is_there(&facts->point) && !facts->point.critical)
        lint_find(pen, "issuingDistributionPoint is not critical: who does not "
                       "know it takes the part for the whole");
}

/* RFC 5280, 5.2.5: no empty one, at most one of the three, none for attribute
 * certificates. */
static void check_point(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    const struct issuing_distribution_point *point = &facts->distribution_point;
    int kinds =
        point->only_users + point->only_authorities + point->only_attributes;

    if (!is_there(&facts->point))
        return;
    if (!facts->has_point)
        lint_find(pen, "issuingDistributionPoint can't be read");
    if (facts->point.value.length == 2)
        lint_find(pen, "issuingDistributionPoint is empty");
    if (kinds > 1)
        lint_find(pen,
            "issuingDistributionPoint says that the list has "
            "certificates of %d kinds only",
            kinds);
    if (point->only_attributes)
        lint_find(pen, "issuingDistributionPoint is for attribute "
                       "certificates");
}

static void check_not_critical(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    const struct extension *extensions[] = {
        &facts->key, &facts->number, &facts->freshest};

    for (size_t i = 0; i < sizeof(extensions) / sizeof(*extensions); i++) {
        if (is_there(extensions[i]) && extensions[i]->critical)
            lint_find(
                pen, "%s is critical", oid_row(extensions[i]->type)->name);
    }
}

static void check_freshest(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader points = {0};
    struct failure why = {0};

    if (!is_there(&facts->freshest))
        return;
    if (is_there(&facts->delta))
        lint_find(pen, "a delta has freshestCRL, which names one");
    if (!extension_distribution_points(facts->freshest.value, &points, &why))
        lint_find(pen, "freshestCRL can't be read: %.150s", why.reason);
}

static void check_unknown(
    const struct crl_lint_facts *facts, struct lint_pen *pen)
{
    if (facts->crl->has_unknown_critical &&
        facts->offenders[CRL_FAULT_UNKNOWN].count == 0)
        lint_find(pen, "an extension is critical and unknown: nobody may use "
                       "the list");
}

const struct crl_rule crl_rules_of_list[] = {
    CRL_RULE("crl-version-2", "RFC 5280, 5.1.2.1", LINT_RFC5280, check_version),
    CRL_RULE("crl-signature-algorithms", "RFC 5280, 5.1.1.2", LINT_RFC5280,
        check_algorithms),
    CRL_RULE("crl-issuer-present", "RFC 5280, 5.1.2.3", LINT_RFC5280,
        check_issuer_present),
    CRL_RULE("crl-issuer-matches", "RFC 5280, 6.3.3 (b)", LINT_RFC5280,
        check_issuer_matches),
    CRL_RULE("crl-issuer-signs", "RFC 5280, 4.2.1.3", LINT_RFC5280,
        check_issuer_signs),
    CRL_RULE("crl-dates-encoding", "RFC 5280, 5.1.2.4", LINT_RFC5280,
        check_time_forms),
    CRL_RULE("crl-next-update-present", "RFC 5280, 5.1.2.5", LINT_RFC5280,
        check_next_update_present),
    CRL_RULE("crl-next-update-later", "RFC 5280, 5.1.2.5", LINT_RFC5280,
        check_next_update_later),
    CRL_RULE("crl-next-update-soon", "CA/Browser Forum BR, 4.9.7", LINT_BR,
        check_next_update_soon),
    CRL_RULE("crl-entries-present", "RFC 5280, 5.1.2.6", LINT_RFC5280,
        check_entries_present),
    CRL_RULE("crl-extensions-present", "RFC 5280, 5.1.2.7", LINT_RFC5280,
        check_extensions_present),
    CRL_RULE("crl-authority-key-identifier", "RFC 5280, 5.2.1", LINT_RFC5280,
        check_key_identifier),
    CRL_RULE("crl-authority-key-identifier-alone", "CA/Browser Forum BR, 7.2.2",
        LINT_BR, check_key_identifier_alone),
    CRL_RULE("crl-authority-key-identifier-matches", "RFC 5280, 5.2.1",
        LINT_RFC5280, check_key_identifier_matches),
    CRL_RULE("crl-number", "RFC 5280, 5.2.3", LINT_RFC5280, check_number),
    CRL_RULE("crl-delta", "RFC 5280, 5.2.4", LINT_RFC5280, check_delta),
    CRL_RULE("crl-distribution-point-critical", "RFC 5280, 5.2.5", LINT_RFC5280,
        check_point_critical),
    CRL_RULE(
        "crl-distribution-point", "RFC 5280, 5.2.5", LINT_RFC5280, check_point),
    CRL_RULE("crl-extensions-not-critical", "RFC 5280, 5.2", LINT_RFC5280,
        check_not_critical),
    CRL_RULE("crl-freshest", "RFC 5280, 5.2.6", LINT_RFC5280, check_freshest),
    CRL_RULE(
        "crl-extensions-known", "RFC 5280, 5.2", LINT_RFC5280, check_unknown),
    {.check = NULL},
};
