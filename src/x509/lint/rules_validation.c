#include "x509/lint/rules.h"

/* What the reserved policies say of the subject: BR 7.1.2.7 and 7.1.4.2. */

static bool has(const struct lint_facts *facts, enum oid type)
{
    return lint_attribute(facts, type) != NULL;
}

/* An authority's subject is its own, whatever it issues under. */
static bool asserts(const struct lint_facts *facts, unsigned int policy)
{
    return lint_is_leaf(facts) && (facts->policies & policy) != 0;
}

/* A domain was validated, and nothing else. */
static void domain_alone(const struct lint_facts *facts, struct lint_pen *pen)
{
    enum oid type = (enum oid)pen->rule->about;

    if (asserts(facts, LINT_POLICY_DOMAIN) && has(facts, type))
        lint_find(pen, "the subject of a domain-validated certificate has %s",
            oid_row(type)->name);
}

static void domain_attributes(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    for (size_t i = 0; i < facts->subject_count; i++) {
        const struct name_attribute *attribute = &facts->subject[i];

        if (asserts(facts, LINT_POLICY_DOMAIN) &&
            attribute->type != OID_COMMON_NAME &&
            attribute->type != OID_COUNTRY)
            lint_find(pen,
                "the subject of a domain-validated certificate has %s",
                lint_attribute_name(attribute));
    }
}

static void organization_named(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (asserts(facts, LINT_POLICY_ORGANIZATION) &&
        !has(facts, OID_ORGANIZATION))
        lint_find(pen, "the subject of an organization-validated certificate "
                       "has no organizationName");
}

static void individual_named(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (asserts(facts, LINT_POLICY_INDIVIDUAL) &&
        !has(facts, OID_ORGANIZATION) && !has(facts, OID_GIVEN_NAME) &&
        !has(facts, OID_SURNAME))
        lint_find(pen, "the subject of an individual-validated certificate "
                       "names nobody");
}

static void individual_named_fully(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (asserts(facts, LINT_POLICY_INDIVIDUAL) &&
        (!has(facts, OID_GIVEN_NAME) || !has(facts, OID_SURNAME)))
        lint_find(pen, "the subject of an individual-validated certificate "
                       "lacks givenName or surname");
}

static void validated_country(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (asserts(facts, pen->rule->about) && !has(facts, OID_COUNTRY))
        lint_find(pen, "the subject of a validated person or organization has "
                       "no countryName");
}

static void validated_place(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (asserts(facts, pen->rule->about) && !has(facts, OID_LOCALITY) &&
        !has(facts, OID_STATE))
        lint_find(pen, "the subject of a validated person or organization has "
                       "neither localityName nor stateOrProvinceName");
}

/* BR 7.1.2.7.3: who has a first name was validated as a person. */
static void person_policy(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_server(facts) &&
        (has(facts, OID_GIVEN_NAME) || has(facts, OID_SURNAME)) &&
        (facts->policies & (LINT_POLICY_INDIVIDUAL | LINT_POLICY_EXTENDED)) ==
            0)
        lint_find(pen, "the subject names a person, without the policy for "
                       "individual validation");
}

static bool names_somebody(const struct lint_facts *facts)
{
    return has(facts, OID_ORGANIZATION) || has(facts, OID_GIVEN_NAME) ||
           has(facts, OID_SURNAME);
}

static void place_of_somebody(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    enum oid type = (enum oid)pen->rule->about;

    if (lint_is_server(facts) && !names_somebody(facts) && has(facts, type))
        lint_find(pen, "the subject has %s, and names nobody whose it is",
            oid_row(type)->name);
}

static void somebody_has_country(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_server(facts) && names_somebody(facts) &&
        !has(facts, OID_COUNTRY))
        lint_find(pen, "the subject names somebody of no country");
}

/* One of the two is enough. */
static void somebody_has_place(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_server(facts) && names_somebody(facts) &&
        !has(facts, OID_LOCALITY) && !has(facts, OID_STATE))
        lint_find(pen, "the subject names somebody of neither a locality nor a "
                       "state");
}

#define DOMAIN(title, type)                                                   \
    {                                                                         \
        .name = "domain-validated-" title,                                    \
        .reference = "CA/Browser Forum BR, 7.1.2.7.2", .check = domain_alone, \
        .scope = LINT_BR, .about = (type)                                     \
    }
#define VALIDATED(title, function, policy)                            \
    {                                                                 \
        .name = (title), .reference = "CA/Browser Forum BR, 7.1.2.7", \
        .check = (function), .scope = LINT_BR, .about = (policy)      \
    }
#define PLACE(title, type)                                                     \
    {                                                                          \
        .name = "nobodys-" title, .reference = "CA/Browser Forum BR, 7.1.4.2", \
        .check = place_of_somebody, .scope = LINT_BR, .about = (type)          \
    }

const struct lint_rule lint_rules_of_validation[] = {
    DOMAIN("organization", OID_ORGANIZATION),
    DOMAIN("locality", OID_LOCALITY),
    DOMAIN("state", OID_STATE),
    DOMAIN("street", OID_STREET),
    DOMAIN("postal-code", OID_POSTAL_CODE),
    VALIDATED("domain-validated-attributes", domain_attributes, 0),
    VALIDATED("organization-validated-name", organization_named, 0),
    VALIDATED("organization-validated-country", validated_country,
        LINT_POLICY_ORGANIZATION),
    VALIDATED("organization-validated-place", validated_place,
        LINT_POLICY_ORGANIZATION),
    VALIDATED("individual-validated-name", individual_named, 0),
    VALIDATED("individual-validated-names", individual_named_fully, 0),
    VALIDATED("individual-validated-country", validated_country,
        LINT_POLICY_INDIVIDUAL),
    VALIDATED(
        "individual-validated-place", validated_place, LINT_POLICY_INDIVIDUAL),
    VALIDATED("person-policy", person_policy, 0),
    PLACE("locality", OID_LOCALITY),
    PLACE("state", OID_STATE),
    PLACE("street", OID_STREET),
    PLACE("postal-code", OID_POSTAL_CODE),
    VALIDATED("somebodys-country", somebody_has_country, 0),
    VALIDATED("somebodys-place", somebody_has_place, 0),
    {0},
};
