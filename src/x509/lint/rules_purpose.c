#include "x509/lint/rules.h"

/* extendedKeyUsage, and what a purpose asks of the rest. */

static void purposes_present(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader purposes = {0};
    struct failure unread = {0};
    const struct extension *extension =
        lint_extension(facts, OID_EXTENDED_KEY_USAGE);

    if (extension != NULL &&
        !extension_purposes(extension->value, &purposes, &unread))
        lint_find(pen, "extendedKeyUsage can't be read: %s", unread.reason);
}

static bool stands_again(struct bytes purpose, struct der_reader rest)
{
    struct bytes other = {0};
    struct failure unread = {0};

    while (!der_at_end(&rest) && der_read_oid(&rest, &other, &unread)) {
        if (bytes_equal(purpose, other))
            return true;
    }
    return false;
}

static void purposes_once(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader purposes = lint_list(facts, OID_EXTENDED_KEY_USAGE);
    struct bytes purpose = {0};
    struct failure unread = {0};
    char text[OID_TEXT];

    while (
        !der_at_end(&purposes) && der_read_oid(&purposes, &purpose, &unread)) {
        if (stands_again(purpose, purposes) &&
            oid_print(purpose, text, &unread))
            lint_find(pen, "the purpose %s stands twice", text);
    }
}

static void any_purpose_not_critical(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct extension *extension =
        lint_extension(facts, OID_EXTENDED_KEY_USAGE);

    if (extension != NULL && extension->critical && facts->purposes.any)
        lint_find(pen, "extendedKeyUsage is critical though it allows any "
                       "purpose");
}

/* RFC 5280, 4.2.1.12: the bits that may be consistent with a purpose. */
#define SIGNS (KEY_USAGE_DIGITAL_SIGNATURE)
#define PROVES (KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION)
#define EXCHANGES (KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_KEY_AGREEMENT)

struct consistent {
    bool is_there;
    uint32_t bits;
};

#define PURPOSES 6
static void consistent_bits(
    const struct lint_purposes *purposes, struct consistent bits[PURPOSES])
{
    const struct consistent found[PURPOSES] = {
        {purposes->server, SIGNS | EXCHANGES},
        {purposes->client, SIGNS | KEY_USAGE_KEY_AGREEMENT},
        {purposes->code, SIGNS},
        {purposes->email, PROVES | EXCHANGES},
        {purposes->time, PROVES},
        {purposes->ocsp, PROVES},
    };

    for (size_t i = 0; i < PURPOSES; i++)
        bits[i] = found[i];
}

static bool is_unbound(const struct lint_facts *facts)
{
    return facts->basic.is_authority || facts->key_usage_extension == NULL ||
           facts->purposes.count == 0 || facts->purposes.any ||
           facts->purposes.others;
}

/* No bit too many: of the purposes' bits together. */
static void purposes_consistent(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct consistent bits[PURPOSES];
    uint32_t allowed = 0;

    if (is_unbound(facts))
        return;
    consistent_bits(&facts->purposes, bits);
    for (size_t i = 0; i < PURPOSES; i++)
        allowed |= bits[i].is_there ? bits[i].bits : 0;
    if ((facts->key_usage & ~allowed) != 0)
        lint_find(pen, "keyUsage has a bit that is consistent with none of the "
                       "purposes");
}

/* No purpose in vain. */
static void purposes_usable(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct consistent bits[PURPOSES];

    if (facts->basic.is_authority || facts->key_usage == 0)
        return;
    consistent_bits(&facts->purposes, bits);
    for (size_t i = 0; i < PURPOSES; i++) {
        if (!bits[i].is_there || (facts->key_usage & bits[i].bits) != 0)
            continue;
        lint_find(pen, "a purpose has no bit of keyUsage that it can be used "
                       "with");
        return;
    }
}

/* --- servers and clients ---------------------------------------------------
 */

static void leaf_purposes(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_leaf(facts) && facts->purposes.count == 0)
        lint_find(pen, "extendedKeyUsage is missing");
}

/* Is it meant for TLS, whatever its purposes say? */
static bool names_hosts(const struct lint_facts *facts)
{
    struct der_reader names = lint_list(facts, OID_SUBJECT_ALT_NAME);
    struct general_name name = {0};

    while (lint_next_name(&names, &name)) {
        if (name.kind == GENERAL_NAME_DNS)
            return true;
    }
    return (facts->policies & LINT_POLICIES_TLS) != 0;
}

static void server_purpose(const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct lint_purposes *purposes = &facts->purposes;

    if (lint_is_leaf(facts) && purposes->count > 0 && !purposes->server &&
        !purposes->client && names_hosts(facts))
        lint_find(
            pen, "extendedKeyUsage names neither serverAuth nor clientAuth");
}

static void server_purposes_mixed(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct lint_purposes *purposes = &facts->purposes;

    if (lint_is_leaf(facts) && purposes->server &&
        (purposes->any || purposes->code || purposes->time || purposes->ocsp ||
            purposes->others))
        lint_find(pen, "serverAuth stands beside other purposes than "
                       "clientAuth");
}

static void server_not_email(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_leaf(facts) && facts->purposes.server && facts->purposes.email)
        lint_find(pen, "emailProtection stands beside serverAuth");
}

/* 2026-06-15: Chrome's root programme wants servers alone. */
static void server_not_client(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_leaf(facts) && facts->purposes.server && facts->purposes.client)
        lint_find(pen, "clientAuth stands beside serverAuth");
}

/* --- OCSP responders: RFC 6960, 4.2.2.2 -------------------------------------
 */

static bool is_responder(const struct lint_facts *facts)
{
    return facts->purposes.ocsp && !facts->basic.is_authority;
}

static void responder_no_check(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (is_responder(facts) && lint_extension(facts, OID_OCSP_NO_CHECK) == NULL)
        lint_find(pen, "an OCSP responder has no ocspNoCheck: clients would "
                       "ask it about itself");
}

static void responder_crl_points(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (is_responder(facts) &&
        lint_extension(facts, OID_CRL_DISTRIBUTION_POINTS) != NULL &&
        lint_extension(facts, OID_OCSP_NO_CHECK) != NULL)
        lint_find(pen, "an OCSP responder whose status nobody checks has "
                       "crlDistributionPoints");
}

static void responder_key_usage(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (is_responder(facts) && facts->key_usage_extension != NULL &&
        facts->key_usage != KEY_USAGE_DIGITAL_SIGNATURE)
        lint_find(pen, "an OCSP responder's key does other things than "
                       "digitalSignature");
}

/* RFC 3161, 2.3: one purpose, critical. */
static void time_stamping_purpose(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct extension *extension =
        lint_extension(facts, OID_EXTENDED_KEY_USAGE);

    if (facts->purposes.time && !facts->basic.is_authority &&
        (facts->purposes.count > 1 || !extension->critical))
        lint_find(pen, "timeStamping is not the one purpose, critical");
}

#define PURPOSE(title, where, function)                             \
    {                                                               \
        .name = (title), .reference = (where), .check = (function), \
        .scope = LINT_RFC5280, .on_drafts = true                    \
    }
#define FORUM(title, where, function)                                \
    {                                                                \
        .name = (title), .reference = "CA/Browser Forum BR, " where, \
        .check = (function), .scope = LINT_BR                        \
    }

const struct lint_rule lint_rules_of_purpose[] = {
    {.name = "extended-key-usage-present",
        .reference = "RFC 5280, 4.2.1.12",
        .check = purposes_present,
        .scope = LINT_RFC5280,
        .on_drafts = true,
        .on_requests = true},
    PURPOSE("extended-key-usage-once", "RFC 5280, 4.2.1.12", purposes_once),
    PURPOSE("any-purpose-not-critical", "RFC 5280, 4.2.1.12",
        any_purpose_not_critical),
    {.name = "purposes-consistent",
        .reference = "RFC 5280, 4.2.1.12",
        .check = purposes_consistent,
        .scope = LINT_RFC5280},
    PURPOSE("purposes-usable", "RFC 5280, 4.2.1.12", purposes_usable),
    FORUM("leaf-purposes", "7.1.2.7.6", leaf_purposes),
    FORUM("server-purpose", "7.1.2.7.10", server_purpose),
    FORUM("server-purposes-mixed", "7.1.2.7.10", server_purposes_mixed),
    FORUM("server-not-email", "7.1.2.7.10", server_not_email),
    FORUM("server-not-client", "7.1.2.7.10", server_not_client),
    {.name = "responder-no-check",
        .reference = "CA/Browser Forum BR, 4.9.9",
        .check = responder_no_check,
        .scope = LINT_BR},
    FORUM("responder-crl-points", "7.1.2.8.2", responder_crl_points),
    FORUM("responder-key-usage", "7.1.2.8.7", responder_key_usage),
    {.name = "time-stamping-purpose",
        .reference = "RFC 3161, 2.3",
        .check = time_stamping_purpose,
        .scope = LINT_RFC5280,
        .on_drafts = true},
    {0},
};
