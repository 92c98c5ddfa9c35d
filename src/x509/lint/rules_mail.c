#include "x509/lint/rules.h"

/* Certificates for email: the Forum's S/MIME requirements. */

#define CURVE_448 0x71
#define CURVE_25519 0x70

static bool is_strict(const struct lint_facts *facts)
{
    return (facts->policies & LINT_POLICY_MAIL_STRICT) != 0;
}

static void mail_policy_one(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_CERTIFICATE_POLICIES);
    struct lint_policy_information policy = {0};
    static const uint8_t mail[] = {0x67, 0x81, 0x0c, 0x01, 0x05};
    size_t count = 0;

    if (!lint_is_email(facts))
        return;
    while (lint_next_policy(&list, &policy)) {
        struct bytes arcs = policy.identifier;

        count += arcs.length == sizeof(mail) + 2 &&
                 bytes_equal((struct bytes){arcs.start, sizeof(mail)},
                     (struct bytes){mail, sizeof(mail)});
    }
    if (count != 1)
        lint_find(pen,
            "certificatePolicies holds %zu of the reserved policies "
            "for email, not one",
            count);
}

/* The validated mailbox, where that is all that was validated. */
static void mail_common_name(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct name_attribute *name = lint_attribute(facts, OID_COMMON_NAME);
    struct general_name mailbox = {.kind = GENERAL_NAME_EMAIL};
    struct failure why = {0};

    if ((facts->policies & LINT_POLICY_MAILBOX) == 0 || name == NULL)
        return;
    mailbox.value = name->value;
    if (!general_name_check(&mailbox, &why))
        lint_find(pen, "the common name is no mailbox, though nothing else was "
                       "validated");
}

static void mail_names_present(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_email(facts) && facts->alternative_names == NULL)
        lint_find(pen, "a certificate for email has no subjectAltName");
}

/* "test+1@example.com test+2@example.com" is not two names. */
static void mailbox_single(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader names = lint_list(facts, OID_SUBJECT_ALT_NAME);
    struct general_name name = {0};
    char shown[LINT_SHOWN];

    while (lint_next_name(&names, &name)) {
        size_t count = 0;

        for (size_t i = 0; i < name.value.length; i++)
            count += name.value.start[i] == '@';
        if (name.kind != GENERAL_NAME_EMAIL || count <= 1)
            continue;
        lint_show(name.value, shown);
        lint_find(pen, "\"%s\" is more than one mailbox", shown);
    }
}

/* "NTRGB-1234", "NTRUS+CA-1234": a scheme and a country of ISO 3166. */
static bool is_registration(struct bytes value)
{
    for (size_t i = 0; i < 5 && i < value.length; i++) {
        if (value.start[i] < 'A' || value.start[i] > 'Z')
            return false;
    }
    return value.length > 6 && (value.start[5] == '-' || value.start[5] == '+');
}

static void registration_country(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct name_attribute *country = lint_attribute(facts, OID_COUNTRY);

    if (country == NULL || country->value.length != 2)
        return;
    for (size_t i = 0; i < facts->subject_count; i++) {
        struct bytes value = facts->subject[i].value;

        if (facts->subject[i].type != OID_ORGANIZATION_IDENTIFIER ||
            !is_registration(value) || lint_begins(value, "LEI") ||
            lint_begins(value, "INT"))
            continue;
        if (!bytes_equal((struct bytes){value.start + 3, 2}, country->value))
            lint_find(pen, "organizationIdentifier is of another country than "
                           "the subject");
    }
}

static void mail_purpose(const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct lint_purposes *purposes = &facts->purposes;

    if ((facts->policies & LINT_POLICIES_MAIL) == 0)
        return;
    if (!purposes->email)
        lint_find(pen, "extendedKeyUsage lacks emailProtection");
    if (purposes->any || purposes->server || purposes->code || purposes->time)
        lint_find(pen, "emailProtection stands beside serverAuth, codeSigning, "
                       "timeStamping or any purpose");
}

static void mail_purpose_alone(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (is_strict(facts) && facts->purposes.count > 0 &&
        (facts->purposes.count > 1 || !facts->purposes.email))
        lint_find(pen, "the purpose is not emailProtection alone");
}

static const struct extension *find_extension(
    const struct lint_facts *facts, const uint8_t *type, size_t length)
{
    for (size_t i = 0; i < facts->extension_count; i++) {
        if (bytes_equal(facts->extensions[i].type_contents,
                (struct bytes){type, length}))
            return &facts->extensions[i];
    }
    return NULL;
}

/* id-pe-qcStatements, RFC 3739, 3.2.6. */
static void statements_not_critical(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    static const uint8_t type[] = {
        0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x03};
    const struct extension *statements =
        find_extension(facts, type, sizeof(type));

    if (statements != NULL && statements->critical)
        lint_find(pen, "qcStatements is critical");
}

static void mail_directory_attributes(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    static const uint8_t type[] = {0x55, 0x1d, 0x09};

    if ((facts->policies &
            (LINT_POLICY_MAIL_STRICT | LINT_POLICY_MAIL_MULTIPURPOSE)) != 0 &&
        find_extension(facts, type, sizeof(type)) != NULL)
        lint_find(pen, "a certificate for email has "
                       "subjectDirectoryAttributes");
}

/* --- where its CRLs are -----------------------------------------------------
 */

static void mail_points(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_email(facts) &&
        lint_extension(facts, OID_CRL_DISTRIBUTION_POINTS) == NULL)
        lint_find(pen, "a certificate for email has no crlDistributionPoints");
}

static void mail_points_http(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader points = lint_list(facts, OID_CRL_DISTRIBUTION_POINTS);
    struct lint_point point = {0};
    struct general_name name = {0};
    size_t of_http = 0, others = 0;

    while (lint_next_point(&points, &point)) {
        while (lint_next_name(&point.full_names, &name)) {
            bool is_http = lint_begins(name.value, "http://");

            of_http += is_http;
            others += !is_http;
        }
    }
    if (!lint_is_email(facts) || of_http + others == 0)
        return;
    if (of_http == 0)
        lint_find(pen, "no distribution point is of http:");
    else if (others > 0 && (facts->policies & LINT_POLICY_MAIL_LEGACY) == 0)
        lint_find(pen, "a distribution point is not of http:");
}

/* Legacy takes one of http: for each method, the others http: alone. */
static void check_mail_access(
    const struct lint_facts *facts, enum oid method, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_AUTHORITY_INFO_ACCESS);
    struct lint_access access = {0};
    size_t of_http = 0, others = 0;

    while (lint_next_access(&list, &access)) {
        bool is_http = lint_begins(access.location.value, "http://");

        of_http += access.method == method && is_http;
        others += access.method == method && !is_http;
    }
    if (others > 0 &&
        (of_http == 0 || (facts->policies & LINT_POLICY_MAIL_LEGACY) == 0))
        lint_find(pen, "an %s address is not of http:", oid_row(method)->name);
}

static void mail_access(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (!lint_is_email(facts))
        return;
    check_mail_access(facts, OID_AD_OCSP, pen);
    check_mail_access(facts, OID_AD_CA_ISSUERS, pen);
}

static bool is_mailbox_named(const struct lint_facts *facts, struct bytes text)
{
    struct der_reader names = lint_list(facts, OID_SUBJECT_ALT_NAME);
    struct general_name name = {0};

    while (lint_next_name(&names, &name)) {
        if (name.kind == GENERAL_NAME_EMAIL && bytes_equal(name.value, text))
            return true;
    }
    return false;
}

/* Every mailbox of the subject is one of the alternative names. */
static void mail_address_among(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (!lint_is_email(facts))
        return;
    for (size_t i = 0; i < facts->subject_count; i++) {
        const struct name_attribute *attribute = &facts->subject[i];
        bool is_mailbox = attribute->type == OID_EMAIL_ADDRESS ||
                          (attribute->type == OID_COMMON_NAME &&
                              lint_has_byte(attribute->value, '@'));

        if (is_mailbox && !is_mailbox_named(facts, attribute->value))
            lint_find(pen,
                "%s holds a mailbox that is none of the alternative "
                "names",
                lint_attribute_name(attribute));
    }
}

static void mailbox_attributes(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if ((facts->policies & LINT_POLICY_MAILBOX) == 0)
        return;
    for (size_t i = 0; i < facts->subject_count; i++) {
        const struct name_attribute *attribute = &facts->subject[i];

        if (attribute->type != OID_COMMON_NAME &&
            attribute->type != OID_EMAIL_ADDRESS &&
            attribute->type != OID_SERIAL_NUMBER)
            lint_find(pen,
                "the subject has %s, though only a mailbox was "
                "validated",
                lint_attribute_name(attribute));
    }
}

/* 2025-07-15: the end of the legacy generation. */
static void mail_legacy(const struct lint_facts *facts, struct lint_pen *pen)
{
    if ((facts->policies & LINT_POLICY_MAIL_LEGACY) != 0 &&
        lint_is_leaf(facts) && facts->body->not_before >= INT64_C(1752537600))
        lint_find(pen, "it is of the legacy generation, which ended on "
                       "2025-07-15");
}

/* --- its key
 * ------------------------------------------------------------------ */

static bool is_rsa(const struct lint_facts *facts)
{
    static const uint8_t rsa[] = {
        0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};

    return bytes_equal(facts->key_oid, (struct bytes){rsa, sizeof(rsa)});
}

static bool is_ec(const struct lint_facts *facts)
{
    static const uint8_t ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};

    return bytes_equal(facts->key_oid, (struct bytes){ec, sizeof(ec)});
}

static bool is_edwards(const struct lint_facts *facts)
{
    const uint8_t *oid = facts->key_oid.start;

    return facts->key_oid.length == 3 && oid[0] == 0x2b && oid[1] == 0x65 &&
           (oid[2] == CURVE_25519 || oid[2] == CURVE_448);
}

/* ML-DSA and ML-KEM: 2.16.840.1.101.3.4.3.17 to 19 and .4.4.1 to 3. */
static bool is_lattice(const struct lint_facts *facts)
{
    static const uint8_t nist[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04};
    struct bytes oid = facts->key_oid;

    if (oid.length != sizeof(nist) + 2 ||
        !bytes_equal((struct bytes){oid.start, sizeof(nist)},
            (struct bytes){nist, sizeof(nist)}))
        return false;
    uint8_t family = oid.start[7], member = oid.start[8];
    return (family == 3 && member >= 17 && member <= 19) ||
           (family == 4 && member >= 1 && member <= 3);
}

static void mail_key_algorithm(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (!lint_is_email(facts) || is_rsa(facts) || is_edwards(facts) ||
        is_lattice(facts) || (is_ec(facts) && facts->key_algorithm != NULL))
        return;
    lint_find(pen, "the key's algorithm is none that email is signed or "
                   "encrypted with");
}

static void mail_key_usage(const struct lint_facts *facts, struct lint_pen *pen)
{
    const uint32_t signs =
        KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION;
    uint32_t allowed = signs;

    if (!lint_is_email(facts))
        return;
    if (is_rsa(facts))
        allowed |= KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_DATA_ENCIPHERMENT;
    else if (is_ec(facts))
        allowed |= KEY_USAGE_KEY_AGREEMENT | KEY_USAGE_ENCIPHER_ONLY |
                   KEY_USAGE_DECIPHER_ONLY;
    else if (!is_edwards(facts))
        return;
    if ((facts->key_usage & ~allowed) != 0)
        lint_find(pen, "keyUsage has a bit that no key for email has");
}

/* Signing, key management or both: what belongs to none is of no use. */
static void mail_key_role(const struct lint_facts *facts, struct lint_pen *pen)
{
    uint32_t usage = facts->key_usage, exchanges = 0, extras = 0;

    if (!lint_is_email(facts) || facts->key_usage_extension == NULL ||
        (!is_rsa(facts) && !is_ec(facts) && !is_edwards(facts)))
        return;
    if (is_rsa(facts)) {
        exchanges = KEY_USAGE_KEY_ENCIPHERMENT;
        extras = KEY_USAGE_DATA_ENCIPHERMENT;
    } else if (is_ec(facts)) {
        exchanges = KEY_USAGE_KEY_AGREEMENT;
        extras = KEY_USAGE_ENCIPHER_ONLY | KEY_USAGE_DECIPHER_ONLY;
    }
    if ((usage & (KEY_USAGE_DIGITAL_SIGNATURE | exchanges)) == 0 ||
        ((usage & KEY_USAGE_NON_REPUDIATION) != 0 &&
            (usage & KEY_USAGE_DIGITAL_SIGNATURE) == 0) ||
        ((usage & extras) != 0 && (usage & exchanges) == 0) ||
        ((usage & KEY_USAGE_DATA_ENCIPHERMENT) != 0 && is_strict(facts)))
        lint_find(pen, "keyUsage is that of neither signing nor key "
                       "management");
}

#define MAIL(title, where, function)                                        \
    {                                                                       \
        .name = (title), .reference = "CA/Browser Forum S/MIME BR, " where, \
        .check = (function), .scope = LINT_BR                               \
    }

const struct lint_rule lint_rules_of_mail[] = {
    MAIL("mail-policy-one", "7.1.6.4", mail_policy_one),
    MAIL("mail-common-name", "7.1.4.2.2", mail_common_name),
    MAIL("mail-names-present", "7.1.4.2.1", mail_names_present),
    MAIL("mailbox-single", "7.1.4.2.1", mailbox_single),
    MAIL("registration-country", "7.1.4.2.2", registration_country),
    MAIL("mail-purpose", "7.1.2.3", mail_purpose),
    MAIL("mail-purpose-alone", "7.1.2.3", mail_purpose_alone),
    MAIL("statements-not-critical", "7.1.2.3", statements_not_critical),
    MAIL("mail-directory-attributes", "7.1.2.3", mail_directory_attributes),
    MAIL("mail-distribution-points", "7.1.2.3", mail_points),
    MAIL("mail-distribution-points-http", "7.1.2.3", mail_points_http),
    MAIL("mail-access-http", "7.1.2.3", mail_access),
    MAIL("mail-address-among", "7.1.4.2.1", mail_address_among),
    MAIL("mailbox-validated-attributes", "7.1.4.2.3", mailbox_attributes),
    MAIL("mail-legacy", "7.1.6.1", mail_legacy),
    MAIL("mail-key-algorithm", "7.1.3.1", mail_key_algorithm),
    MAIL("mail-key-usage", "7.1.2.3", mail_key_usage),
    MAIL("mail-key-role", "7.1.2.3", mail_key_role),
    {0},
};
