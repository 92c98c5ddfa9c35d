#include "x509/chain/policy_extension.h"
#include "x509/chain/profile_rule.h"

/* RFC 5280, 4.2: which extensions are critical, and what they hold. */

static bool check_not_critical(struct profile_trial *trial,
    enum chain_extension extension, const char *name)
{
    return !profile_is_critical(trial, extension) ||
           profile_breaks(trial, "has %s marked critical", name);
}

static bool check_authority_key_mark(struct profile_trial *trial)
{
    return check_not_critical(
        trial, CHAIN_AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier");
}

static bool check_subject_key_mark(struct profile_trial *trial)
{
    return check_not_critical(
        trial, CHAIN_SUBJECT_KEY_IDENTIFIER, "subjectKeyIdentifier");
}

static bool check_authority_access_mark(struct profile_trial *trial)
{
    return check_not_critical(
        trial, CHAIN_AUTHORITY_INFO_ACCESS, "authorityInfoAccess");
}

static bool check_subject_access_mark(struct profile_trial *trial)
{
    return check_not_critical(
        trial, CHAIN_SUBJECT_INFO_ACCESS, "subjectInfoAccess");
}

static bool check_freshest_mark(struct profile_trial *trial)
{
    return check_not_critical(trial, CHAIN_FRESHEST_CRL, "freshestCRL");
}

static bool check_critical(struct profile_trial *trial,
    enum chain_extension extension, const char *name)
{
    return !chain_has(trial->certificate, extension) ||
           profile_is_critical(trial, extension) ||
           profile_breaks(trial, "has %s that is not critical", name);
}

static bool check_constraints_mark(struct profile_trial *trial)
{
    return check_critical(trial, CHAIN_NAME_CONSTRAINTS, "nameConstraints");
}

static bool check_policy_constraints_mark(struct profile_trial *trial)
{
    return check_critical(trial, CHAIN_POLICY_CONSTRAINTS, "policyConstraints");
}

static bool check_inhibit_mark(struct profile_trial *trial)
{
    return check_critical(trial, CHAIN_INHIBIT_ANY_POLICY, "inhibitAnyPolicy");
}

/* --- what they hold ------------------------------------------------------- */

/* 4.2.1.3 */
static bool check_key_usage(struct profile_trial *trial)
{
    return !chain_has(trial->certificate, CHAIN_KEY_USAGE) ||
           trial->certificate->key_usage != 0 ||
           profile_breaks(trial, "has a keyUsage without a bit");
}

/* Each is compared with each behind it. */
#define POLICIES_OF_ONE_MAX 1000

static bool is_repeated(struct der_reader rest, struct bytes policy)
{
    struct bytes other = {0};
    struct failure unread = {0};

    while (!der_at_end(&rest) && policies_next(&rest, &other, &unread)) {
        if (bytes_equal(other, policy))
            return true;
    }
    return false;
}

/* 4.2.1.4 */
static bool check_policies_once(struct profile_trial *trial)
{
    struct der_reader policies = {0};
    struct bytes policy = {0};
    struct failure unread = {0};
    size_t count = 0;

    if (!chain_has(trial->certificate, CHAIN_CERTIFICATE_POLICIES) ||
        !policies_read(trial->certificate->values[CHAIN_CERTIFICATE_POLICIES],
            &policies, &unread))
        return true;
    while (
        !der_at_end(&policies) && policies_next(&policies, &policy, &unread)) {
        if (++count > POLICIES_OF_ONE_MAX)
            return profile_breaks(
                trial, "has more than %d policies", POLICIES_OF_ONE_MAX);
        if (is_repeated(policies, policy))
            return profile_breaks(trial, "has the same policy twice");
    }
    return true;
}

static bool has_reasons_alone(struct der_reader point)
{
    struct der_reader passed = {0};
    struct failure unread = {0};
    bool has_reasons = false;

    return der_read_optional(
               &point, DER_CONTEXT(1), &passed, &has_reasons, &unread) &&
           der_at_end(&point);
}

/* 4.2.1.13: a point says where or by whom, not reasons alone. */
static bool check_points(struct profile_trial *trial)
{
    struct der_reader reader = {0}, points = {0}, point = {0};
    struct failure unread = {0};

    if (!chain_has(trial->certificate, CHAIN_CRL_DISTRIBUTION_POINTS))
        return true;
    reader = der_reader_of(
        trial->certificate->values[CHAIN_CRL_DISTRIBUTION_POINTS]);
    if (!der_read(&reader, DER_SEQUENCE, &points, &unread))
        return true;
    while (!der_at_end(&points) &&
           der_read(&points, DER_SEQUENCE, &point, &unread)) {
        if (has_reasons_alone(point))
            return profile_breaks(trial, "has a distribution point without "
                                         "a name and without an issuer");
    }
    return true;
}

#define RULE(title, section, function, where)                            \
    {                                                                    \
        .name = (title), .reference = "RFC 5280, " section,              \
        .check = (function), .profiles = PROFILE_BOTH, .places = (where) \
    }

const struct profile_rule profile_rules_of_extensions[] = {
    RULE("authority-key-identifier-not-critical", "4.2.1.1",
        check_authority_key_mark, PROFILE_EVERY),
    RULE("subject-key-identifier-not-critical", "4.2.1.2",
        check_subject_key_mark, PROFILE_EVERY),
    RULE("key-usage-some", "4.2.1.3", check_key_usage, PROFILE_ISSUED),
    RULE("policies-once", "4.2.1.4", check_policies_once, PROFILE_ISSUED),
    RULE("distribution-point-names", "4.2.1.13", check_points, PROFILE_ISSUED),
    /* BR 7.1.2.5.2 takes nameConstraints that are not critical. */
    {.name = "name-constraints-critical",
        .reference = "RFC 5280, 4.2.1.10",
        .check = check_constraints_mark,
        .profiles = PROFILE_RFC5280,
        .places = PROFILE_EVERY},
    /* A rule for who issues: NIST's PKITS, the test of RFC 5280's paths, has
     * valid ones with policyConstraints that are not critical. */
    {.name = "policy-constraints-critical",
        .reference = "RFC 5280, 4.2.1.11",
        .check = check_policy_constraints_mark,
        .profiles = PROFILE_WEBPKI,
        .places = PROFILE_EVERY},
    RULE("inhibit-any-policy-critical", "4.2.1.14", check_inhibit_mark,
        PROFILE_EVERY),
    RULE("freshest-crl-not-critical", "4.2.1.15", check_freshest_mark,
        PROFILE_EVERY),
    RULE("authority-info-access-not-critical", "4.2.2.1",
        check_authority_access_mark, PROFILE_EVERY),
    RULE("subject-info-access-not-critical", "4.2.2.2",
        check_subject_access_mark, PROFILE_EVERY),
    {0},
};
