#include <string.h>

#include "x509/lint/rules.h"

/* Where to find what: crlDistributionPoints, authorityInfoAccess. */

#define DAY_S INT64_C(86400)
#define FROM_2026_03_15 INT64_C(1773532800)

/* The next URI in a list of distribution points. */
struct point_walk {
    struct der_reader points, names;
};

static bool next_point_uri(struct point_walk *walk, struct bytes *uri)
{
    struct general_name name = {0};
    struct lint_point point = {0};

    for (;;) {
        while (lint_next_name(&walk->names, &name)) {
            if (name.kind != GENERAL_NAME_URI)
                continue;
            *uri = name.value;
            return true;
        }
        if (!lint_next_point(&walk->points, &point))
            return false;
        walk->names = point.full_names;
    }
}

static struct point_walk crl_points(const struct lint_facts *facts)
{
    return (struct point_walk){
        .points = lint_list(facts, OID_CRL_DISTRIBUTION_POINTS)};
}

static bool has_points(const struct lint_facts *facts)
{
    return lint_extension(facts, OID_CRL_DISTRIBUTION_POINTS) != NULL;
}

static bool has_http_point(const struct lint_facts *facts)
{
    struct point_walk walk = crl_points(facts);
    struct bytes uri = {0};

    while (next_point_uri(&walk, &uri)) {
        if (lint_begins(uri, "http://"))
            return true;
    }
    return false;
}

static bool has_access(const struct lint_facts *facts, enum oid method)
{
    struct der_reader list = lint_list(facts, OID_AUTHORITY_INFO_ACCESS);
    struct lint_access access = {0};

    while (lint_next_access(&list, &access)) {
        if (access.method == method &&
            access.location.kind == GENERAL_NAME_URI &&
            lint_begins(access.location.value, "http://"))
            return true;
    }
    return false;
}

/* --- what the caller expects: kb 63 ----------------------------------------
 */

static void expected_crl(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct point_walk walk = crl_points(facts);
    struct bytes uri = {0};

    if (facts->expected == NULL || facts->expected->crl_address == NULL)
        return;
    while (next_point_uri(&walk, &uri)) {
        if (bytes_equal(uri, bytes_of_text(facts->expected->crl_address)))
            return;
    }
    lint_find(pen, "crlDistributionPoints lacks the configured address %.100s",
        facts->expected->crl_address);
}

static void expect_access(const struct lint_facts *facts, enum oid method,
    const char *address, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_AUTHORITY_INFO_ACCESS);
    struct lint_access access = {0};

    if (address == NULL)
        return;
    while (lint_next_access(&list, &access)) {
        if (access.method == method &&
            access.location.kind == GENERAL_NAME_URI &&
            bytes_equal(access.location.value, bytes_of_text(address)))
            return;
    }
    lint_find(pen, "authorityInfoAccess lacks the configured %s %.100s",
        oid_row(method)->name, address);
}

static void expected_issuer(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->expected != NULL)
        expect_access(
            facts, OID_AD_CA_ISSUERS, facts->expected->issuer_address, pen);
}

static void expected_ocsp(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->expected != NULL)
        expect_access(facts, OID_AD_OCSP, facts->expected->ocsp_address, pen);
}

/* --- crlDistributionPoints --------------------------------------------------
 */

/* A point of reasons alone leads nowhere. */
static void point_complete(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader points = lint_list(facts, OID_CRL_DISTRIBUTION_POINTS);
    struct lint_point point = {0};

    while (lint_next_point(&points, &point)) {
        if (!point.has_name && !point.has_issuer)
            lint_find(pen, "a distribution point has neither a name nor a CRL "
                           "issuer");
    }
}

static void point_fetchable(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct point_walk walk = crl_points(facts);
    struct bytes uri = {0};

    if (!has_points(facts))
        return;
    while (next_point_uri(&walk, &uri)) {
        if (lint_begins(uri, "http://") || lint_begins(uri, "ldap://"))
            return;
    }
    lint_find(pen, "no distribution point has an http: or ldap: address");
}

static void point_http(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (has_points(facts) && !has_http_point(facts))
        lint_find(pen, "no distribution point has an http: address");
}

static void points_all_http(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct point_walk walk = crl_points(facts);
    struct bytes uri = {0};
    char shown[LINT_SHOWN];

    while (next_point_uri(&walk, &uri)) {
        if (lint_begins(uri, "http://"))
            continue;
        lint_show(uri, shown);
        lint_find(pen, "the distribution point %s is not of http:", shown);
    }
}

static void point_issuer_absent(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader points = lint_list(facts, OID_CRL_DISTRIBUTION_POINTS);
    struct lint_point point = {0};

    while (lint_next_point(&points, &point)) {
        if (point.has_issuer)
            lint_find(pen, "a distribution point names a CRL issuer");
    }
}

static void point_reasons_absent(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader points = lint_list(facts, OID_CRL_DISTRIBUTION_POINTS);
    struct lint_point point = {0};

    while (lint_next_point(&points, &point)) {
        if (point.has_reasons)
            lint_find(pen, "a distribution point is for some reasons alone");
    }
}

static void subordinate_points(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_subordinate(facts) && !has_points(facts))
        lint_find(pen, "a subordinate authority has no crlDistributionPoints");
}

/* BR 1.6.1: short-lived, whose status nobody asks for. */
static bool is_short_lived(const struct lint_facts *facts)
{
    int64_t days = facts->body->not_before < FROM_2026_03_15 ? 10 : 7;

    return facts->body->not_after - facts->body->not_before + 1 <= days * DAY_S;
}

static void server_status(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_server(facts) && !has_points(facts) &&
        !has_access(facts, OID_AD_OCSP) && !is_short_lived(facts))
        lint_find(pen, "a server has neither crlDistributionPoints nor an OCSP "
                       "address");
}

/* --- authorityInfoAccess ----------------------------------------------------
 */

static void access_methods(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_AUTHORITY_INFO_ACCESS);
    struct lint_access access = {0};

    while (lint_next_access(&list, &access)) {
        if ((access.method != OID_AD_OCSP &&
                access.method != OID_AD_CA_ISSUERS) ||
            access.location.kind != GENERAL_NAME_URI)
            lint_find(pen, "authorityInfoAccess holds what is neither an OCSP "
                           "nor a caIssuers URI");
    }
}

static void access_http(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_AUTHORITY_INFO_ACCESS);
    struct lint_access access = {0};
    char shown[LINT_SHOWN];

    while (lint_next_access(&list, &access)) {
        if (access.method != (enum oid)pen->rule->about ||
            lint_begins(access.location.value, "http://"))
            continue;
        lint_show(access.location.value, shown);
        lint_find(pen,
            "the %s address %s is not of http:", oid_row(access.method)->name,
            shown);
    }
}

static void access_once(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_AUTHORITY_INFO_ACCESS);
    struct lint_access access = {0}, other = {0};
    char shown[LINT_SHOWN];

    while (lint_next_access(&list, &access)) {
        struct der_reader rest = list;

        while (lint_next_access(&rest, &other)) {
            if (access.method != other.method ||
                !bytes_equal(access.location.value, other.location.value))
                continue;
            lint_show(access.location.value, shown);
            lint_find(pen, "the address %s stands twice", shown);
        }
    }
}

/* RFC 5280, 4.2.2.1: at least one that can be fetched. */
static void access_fetchable(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_AUTHORITY_INFO_ACCESS);
    struct lint_access access = {0};
    bool has_issuers = false;

    while (lint_next_access(&list, &access)) {
        if (access.method != OID_AD_CA_ISSUERS)
            continue;
        if (lint_begins(access.location.value, "http://") ||
            lint_begins(access.location.value, "ldap://"))
            return;
        has_issuers = true;
    }
    if (has_issuers)
        lint_find(pen, "no caIssuers address is of http: or ldap:");
}

static void access_hosts(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_AUTHORITY_INFO_ACCESS);
    struct lint_access access = {0};
    char shown[LINT_SHOWN];

    while (lint_next_access(&list, &access)) {
        struct bytes host = lint_host_of(access.location.value);

        if (access.location.kind != GENERAL_NAME_URI ||
            lint_is_qualified(host) || lint_is_address_text(host))
            continue;
        lint_show(access.location.value, shown);
        lint_find(pen, "the address %s has no fully qualified host", shown);
    }
}

static void server_access(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_server(facts) &&
        lint_extension(facts, OID_AUTHORITY_INFO_ACCESS) == NULL)
        lint_find(pen, "a server has no authorityInfoAccess");
}

static void server_ocsp(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_server(facts) && !has_access(facts, OID_AD_OCSP))
        lint_find(pen, "authorityInfoAccess has no OCSP address of http:");
}

static void leaf_issuers(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_leaf(facts) && !has_access(facts, OID_AD_CA_ISSUERS))
        lint_find(pen, "authorityInfoAccess has no caIssuers address of http:");
}

static void subordinate_access(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_subordinate(facts) &&
        lint_extension(facts, OID_AUTHORITY_INFO_ACCESS) == NULL)
        lint_find(pen, "a subordinate authority has no authorityInfoAccess");
}

static void subordinate_issuers(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_subordinate(facts) && !has_access(facts, OID_AD_CA_ISSUERS))
        lint_find(pen, "authorityInfoAccess has no caIssuers address of http:");
}

#define EXPECTED(title, function)                                          \
    {                                                                      \
        .name = (title), .reference = "docs/lint.md", .check = (function), \
        .scope = LINT_OWN, .on_drafts = true, .drafts_only = true          \
    }
#define FORUM(title, where, function)                                \
    {                                                                \
        .name = (title), .reference = "CA/Browser Forum BR, " where, \
        .check = (function), .scope = LINT_BR                        \
    }

const struct lint_rule lint_rules_of_address[] = {
    EXPECTED("crl-address", expected_crl),
    EXPECTED("issuer-address", expected_issuer),
    EXPECTED("ocsp-address", expected_ocsp),
    {.name = "distribution-point-complete",
        .reference = "RFC 5280, 4.2.1.13",
        .check = point_complete,
        .scope = LINT_RFC5280,
        .on_drafts = true},
    {.name = "distribution-point-fetchable",
        .reference = "RFC 5280, 4.2.1.13",
        .check = point_fetchable,
        .scope = LINT_RFC5280,
        .on_drafts = true},
    FORUM("distribution-point-http", "7.1.2.11.2", point_http),
    FORUM("distribution-points-all-http", "7.1.2.11.2", points_all_http),
    FORUM("distribution-point-issuer", "7.1.2.11.2", point_issuer_absent),
    FORUM("distribution-point-reasons", "7.1.2.11.2", point_reasons_absent),
    FORUM("subordinate-distribution-points", "7.1.2.10.5", subordinate_points),
    FORUM("server-status", "7.1.2.11.2", server_status),
    FORUM("access-methods", "7.1.2.7.7", access_methods),
    {.name = "access-ocsp-http",
        .reference = "CA/Browser Forum BR, 7.1.2.7.7",
        .check = access_http,
        .scope = LINT_BR,
        .about = OID_AD_OCSP},
    {.name = "access-issuers-http",
        .reference = "CA/Browser Forum BR, 7.1.2.7.7",
        .check = access_http,
        .scope = LINT_BR,
        .about = OID_AD_CA_ISSUERS},
    FORUM("access-once", "7.1.2.7.7", access_once),
    {.name = "access-fetchable",
        .reference = "RFC 5280, 4.2.2.1",
        .check = access_fetchable,
        .scope = LINT_RFC5280,
        .on_drafts = true},
    FORUM("access-hosts", "7.1.2.7.7", access_hosts),
    FORUM("server-access", "7.1.2.7.6", server_access),
    FORUM("server-ocsp", "7.1.2.7.7", server_ocsp),
    FORUM("leaf-issuers", "7.1.2.7.7", leaf_issuers),
    FORUM("subordinate-access", "7.1.2.10.3", subordinate_access),
    FORUM("subordinate-issuers", "7.1.2.10.3", subordinate_issuers),
    {0},
};
