#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "x509/lint/rules.h"

/* How the attributes of a subject stand together: BR 7.1.4.2 and 7.1.4.3. */

/* 0: no place of its own. */
static unsigned int place_of(enum oid type)
{
    static const enum oid order[] = {OID_UNKNOWN, OID_DOMAIN_COMPONENT,
        OID_COUNTRY, OID_STATE, OID_LOCALITY, OID_POSTAL_CODE, OID_STREET,
        OID_ORGANIZATION, OID_SURNAME, OID_GIVEN_NAME, OID_ORGANIZATIONAL_UNIT,
        OID_COMMON_NAME};

    for (unsigned int i = 1; i < sizeof(order) / sizeof(*order); i++) {
        if (order[i] == type)
            return i;
    }
    return 0;
}

static void attributes_ordered(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    unsigned int last = 0;

    if (!lint_is_server(facts))
        return;
    for (size_t i = 0; i < facts->subject_count; i++) {
        const struct name_attribute *attribute = &facts->subject[i];
        unsigned int place = place_of(attribute->type);

        if (place != 0 && place < last) {
            lint_find(pen, "%s stands behind what it belongs before",
                lint_attribute_name(attribute));
            return;
        }
        if (place != 0)
            last = place;
    }
}

static bool may_repeat(enum oid type)
{
    return type == OID_DOMAIN_COMPONENT || type == OID_STREET ||
           type == OID_ORGANIZATIONAL_UNIT || type == OID_COMMON_NAME ||
           type == OID_UNKNOWN;
}

/* The common name has a rule of its own. */
static void attributes_once(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    for (size_t i = 1; i < facts->subject_count; i++) {
        const struct name_attribute *attribute = &facts->subject[i];

        if (!lint_is_server(facts) || may_repeat(attribute->type) ||
            lint_attribute(facts, attribute->type) == attribute)
            continue;
        lint_find(pen, "%s stands twice", lint_attribute_name(attribute));
    }
}

static void common_name_once(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    size_t count = 0;

    for (size_t i = 0; i < facts->subject_count; i++)
        count += facts->subject[i].type == OID_COMMON_NAME;
    if (count > 1)
        lint_find(pen, "there are %zu common names", count);
}

static void relative_names_single(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    for (size_t i = 1; i < facts->subject_count; i++) {
        if (facts->subject[i].relative == facts->subject[i - 1].relative)
            lint_find(pen, "%s shares a relative name with another attribute",
                lint_attribute_name(&facts->subject[i]));
    }
}

static void issuer_relative_names_single(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct name_walk walk = {0};
    struct name_attribute attribute = {0};
    struct failure unread = {0};
    size_t count = 0;

    if (!name_walk_start(facts->body->issuer, &walk, &unread))
        return;
    while (
        !name_walk_at_end(&walk) && name_walk_next(&walk, &attribute, &unread))
        count++;
    if (count > 0 && attribute.relative + 1 != count)
        lint_find(
            pen, "two attributes of the issuer's name share a relative name");
}

/* --- the common name is one of the alternative names -----------------------
 */

/* RFC 5952: the one text of an address. */
static bool is_address_as_text(struct bytes address, struct bytes text)
{
    char printed[INET6_ADDRSTRLEN] = "";
    int family = address.length == 4 ? AF_INET : AF_INET6;

    return (address.length == 4 || address.length == 16) &&
           inet_ntop(family, address.start, printed, sizeof(printed)) != NULL &&
           text.length == strlen(printed) &&
           memcmp(text.start, printed, text.length) == 0;
}

static bool is_alternative(
    const struct lint_facts *facts, struct bytes text, bool exactly)
{
    struct der_reader names = lint_list(facts, OID_SUBJECT_ALT_NAME);
    struct general_name name = {0};
    uint8_t address[16] = {0};
    size_t length = 0;

    while (lint_next_name(&names, &name)) {
        if (name.kind == GENERAL_NAME_IP &&
            (is_address_as_text(name.value, text) ||
                (!exactly && lint_read_address(text, address, &length) &&
                    bytes_equal(name.value, (struct bytes){address, length}))))
            return true;
        if (name.kind != GENERAL_NAME_DNS)
            continue;
        if (bytes_equal(name.value, text) ||
            (!exactly && name.value.length == text.length && text.length > 0 &&
                !lint_has_byte(text, 0) &&
                strncasecmp((const char *)name.value.start,
                    (const char *)text.start, text.length) == 0))
            return true;
    }
    return false;
}

static void check_common_names(
    const struct lint_facts *facts, bool exactly, struct lint_pen *pen)
{
    char shown[LINT_SHOWN];

    if (!lint_is_server(facts))
        return;
    for (size_t i = 0; i < facts->subject_count; i++) {
        const struct name_attribute *attribute = &facts->subject[i];

        if (attribute->type != OID_COMMON_NAME ||
            is_alternative(facts, attribute->value, exactly))
            continue;
        lint_show(attribute->value, shown);
        lint_find(pen,
            "the common name \"%s\" is none of the alternative "
            "names%s",
            shown, exactly ? ", letter by letter" : "");
    }
}

static void common_name_among(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    check_common_names(facts, false, pen);
}

static void common_name_exactly(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    check_common_names(facts, true, pen);
}

/* Clients that still read common names would take it for a host's address. */
static void common_name_reserved(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    for (size_t i = 0; i < facts->subject_count; i++) {
        uint8_t address[16] = {0};
        size_t length = 0;

        if (facts->subject[i].type == OID_COMMON_NAME &&
            lint_is_server(facts) &&
            lint_read_address(facts->subject[i].value, address, &length) &&
            lint_is_reserved_address((struct bytes){address, length}))
            lint_find(pen, "the common name is an address of a private or "
                           "reserved network");
    }
}

/* --- organization and unit ------------------------------------------------ */

static void unit_of_organization(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_attribute(facts, OID_ORGANIZATIONAL_UNIT) != NULL &&
        lint_attribute(facts, OID_ORGANIZATION) == NULL)
        lint_find(pen, "there is an organizational unit of no organization");
}

static void unit_absent(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_server(facts) &&
        lint_attribute(facts, OID_ORGANIZATIONAL_UNIT) != NULL)
        lint_find(pen, "a server's subject has an organizational unit");
}

static void email_among(const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct name_attribute *email =
        lint_attribute(facts, OID_EMAIL_ADDRESS);
    struct der_reader names = lint_list(facts, OID_SUBJECT_ALT_NAME);
    struct general_name name = {0};

    if (email == NULL)
        return;
    while (lint_next_name(&names, &name)) {
        if (name.kind == GENERAL_NAME_EMAIL &&
            bytes_equal(name.value, email->value))
            return;
    }
    lint_find(pen, "emailAddress of the subject is none of the alternative "
                   "names");
}

static void authority_attribute(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    enum oid type = (enum oid)pen->rule->about;

    if (facts->basic.is_authority && lint_attribute(facts, type) == NULL)
        lint_find(pen, "an authority's subject has no %s", oid_row(type)->name);
}

#define SUBJECT(title, where, function)                             \
    {                                                               \
        .name = (title), .reference = (where), .check = (function), \
        .scope = LINT_BR                                            \
    }
#define AUTHORITY(title, type)                                           \
    {                                                                    \
        .name = (title), .reference = "CA/Browser Forum BR, 7.1.2.10.2", \
        .check = authority_attribute, .scope = LINT_BR, .about = (type)  \
    }

const struct lint_rule lint_rules_of_subject[] = {
    SUBJECT("attributes-ordered", "CA/Browser Forum BR, 7.1.4.2",
        attributes_ordered),
    SUBJECT("attributes-once", "CA/Browser Forum BR, 7.1.4.1", attributes_once),
    SUBJECT(
        "common-name-once", "CA/Browser Forum BR, 7.1.4.1", common_name_once),
    SUBJECT("relative-names-single", "CA/Browser Forum BR, 7.1.4.1",
        relative_names_single),
    SUBJECT("issuer-relative-names-single", "CA/Browser Forum BR, 7.1.4.1",
        issuer_relative_names_single),
    SUBJECT(
        "common-name-among", "CA/Browser Forum BR, 7.1.4.3", common_name_among),
    SUBJECT("common-name-exactly", "CA/Browser Forum BR, 7.1.4.3",
        common_name_exactly),
    SUBJECT("common-name-reserved", "CA/Browser Forum BR, 4.2.2",
        common_name_reserved),
    SUBJECT("unit-of-organization", "CA/Browser Forum BR, 7.1.4.2",
        unit_of_organization),
    SUBJECT("unit-absent", "CA/Browser Forum BR, 7.1.2.7", unit_absent),
    {.name = "email-among",
        .reference = "RFC 5280, 4.2.1.6",
        .check = email_among,
        .scope = LINT_RFC5280},
    AUTHORITY("authority-country", OID_COUNTRY),
    AUTHORITY("authority-organization", OID_ORGANIZATION),
    AUTHORITY("authority-common-name", OID_COMMON_NAME),
    {0},
};
