#include "base/text.h"
#include "x509/lint/printable.h"
#include "x509/lint/rules.h"
#include "x509/name_match.h"

typedef void attribute_check(
    const struct name_attribute *attribute, struct lint_pen *pen);

static void each_attribute(const struct lint_facts *facts,
    attribute_check *check, struct lint_pen *pen)
{
    for (size_t i = 0; i < facts->subject_count; i++)
        check(&facts->subject[i], pen);
}

static void each_issuer_attribute(const struct lint_facts *facts,
    attribute_check *check, struct lint_pen *pen)
{
    struct name_walk walk = {0};
    struct name_attribute attribute = {0};
    struct failure unread = {0};

    if (!name_walk_start(facts->body->issuer, &walk, &unread))
        return;
    while (
        !name_walk_at_end(&walk) && name_walk_next(&walk, &attribute, &unread))
        check(&attribute, pen);
}

/* The readers of certificates pass over a relative name without an attribute;
 * one that we sign has none. */
static void relative_names(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct failure unread = {0};

    if (!name_check(facts->body->subject, &unread))
        lint_find(pen, "the subject is not well-formed: %s", unread.reason);
}

static void subject_readable(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->subject_unread.reason[0] != '\0')
        lint_find(
            pen, "the subject can't be read: %s", facts->subject_unread.reason);
}

static void subject_present(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (name_is_empty(facts->body->subject) && facts->alternative_names == NULL)
        lint_find(pen, "it has neither a subject nor a subjectAltName");
}

static void authority_named(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->basic.is_authority && name_is_empty(facts->body->subject))
        lint_find(pen, "an authority's subject is empty");
}

/* kb 90: such a leaf is taken for self-signed and not sent on.  An authority
 * certifies its next key under its own name (RFC 5280, 3.2: self-issued). */
static void subject_differs(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    bool is_meant =
        facts->issuer_is == LINT_ISSUER_ITSELF || facts->basic.is_authority;

    if (!is_meant && !name_is_empty(facts->body->subject) &&
        name_matches(facts->body->subject, facts->body->issuer))
        lint_find(pen, "the subject is its issuer's name: it would be taken "
                       "for self-signed");
}

static bool is_taken_type(const struct name_attribute *attribute)
{
    return attribute->tag == DER_UTF8_STRING ||
           attribute->tag == DER_PRINTABLE_STRING ||
           attribute->tag == DER_IA5_STRING;
}

/* RFC 5280, A.1: emailAddress and domainComponent are IA5String. */
static bool is_ia5_attribute(const struct name_attribute *attribute)
{
    return attribute->type == OID_EMAIL_ADDRESS ||
           attribute->type == OID_DOMAIN_COMPONENT;
}

static const char *type_name(uint8_t tag)
{
    switch (tag) {
    case DER_BMP_STRING:
        return "BMPString";
    case DER_TELETEX_STRING:
        return "TeletexString";
    case DER_UNIVERSAL_STRING:
        return "UniversalString";
    case DER_IA5_STRING:
        return "IA5String";
    case DER_UTF8_STRING:
        return "UTF8String";
    case DER_PRINTABLE_STRING:
        return "PrintableString";
    default:
        return "another type";
    }
}

/* kb 38: an "&" made a BMPString, which others could not read. */
static void check_type(
    const struct name_attribute *attribute, struct lint_pen *pen)
{
    if (!is_taken_type(attribute) ||
        (attribute->tag == DER_IA5_STRING && !is_ia5_attribute(attribute)))
        lint_find(pen, "%s is a %s, neither PrintableString nor UTF8String",
            lint_attribute_name(attribute), type_name(attribute->tag));
}

static void string_types(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_attribute(facts, check_type, pen);
}

/* The table of BR 7.1.4.2, which is RFC 5280, A.1 without its older choices. */
static void check_encoding(
    const struct name_attribute *attribute, struct lint_pen *pen)
{
    uint8_t belongs = 0;

    switch ((int)attribute->type) {
    case OID_COUNTRY:
    case OID_JURISDICTION_COUNTRY:
    case OID_SERIAL_NUMBER:
    case OID_DN_QUALIFIER:
        belongs = DER_PRINTABLE_STRING;
        break;
    case OID_DOMAIN_COMPONENT:
    case OID_EMAIL_ADDRESS:
        belongs = DER_IA5_STRING;
        break;
    case OID_UNKNOWN:
        return;
    default:
        if (attribute->tag == DER_PRINTABLE_STRING)
            return;
        belongs = DER_UTF8_STRING;
    }
    if (attribute->tag != belongs)
        lint_find(pen, "%s is a %s, not a %s", lint_attribute_name(attribute),
            type_name(attribute->tag), type_name(belongs));
}

static void attribute_encodings(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_attribute(facts, check_encoding, pen);
}

/* RFC 5280, A.1: these are PrintableString and have no other form. */
static void check_printable(
    const struct name_attribute *attribute, struct lint_pen *pen)
{
    if (attribute->type == pen->rule->about &&
        attribute->tag != DER_PRINTABLE_STRING)
        lint_find(pen, "%s is a %s, not a PrintableString",
            lint_attribute_name(attribute), type_name(attribute->tag));
}

static void subject_printable(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_attribute(facts, check_printable, pen);
}

static void issuer_printable(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_issuer_attribute(facts, check_printable, pen);
}

static bool keeps_alphabet(const struct name_attribute *attribute)
{
    switch (attribute->tag) {
    case DER_PRINTABLE_STRING:
        return is_printable_string(attribute->value);
    case DER_IA5_STRING:
        return lint_is_ascii(attribute->value);
    case DER_UTF8_STRING:
        return text_is_utf8(attribute->value);
    default:
        return true; /* a finding of string_types */
    }
}

static void check_alphabet(
    const struct name_attribute *attribute, struct lint_pen *pen)
{
    char shown[LINT_SHOWN];

    if (keeps_alphabet(attribute))
        return;
    lint_show(attribute->value, shown);
    lint_find(pen, "%s \"%s\" holds what its string type does not",
        lint_attribute_name(attribute), shown);
}

static void string_alphabet(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_attribute(facts, check_alphabet, pen);
}

/* Incident 30: what a reader of zero-ended texts sees would be another name. */
static void check_controls(
    const struct name_attribute *attribute, struct lint_pen *pen)
{
    struct bytes value = attribute->value;
    char shown[LINT_SHOWN];

    if (!is_taken_type(attribute))
        return;
    for (size_t i = 0; i < value.length; i++) {
        bool second_page = attribute->tag == DER_UTF8_STRING && i > 0 &&
                           value.start[i - 1] == 0xc2 && value.start[i] < 0xa0;

        if (value.start[i] >= 0x20 && value.start[i] != 0x7f && !second_page)
            continue;
        lint_show(value, shown);
        lint_find(pen, "%s \"%s\" holds a control character",
            lint_attribute_name(attribute), shown);
        return;
    }
}

static void string_controls(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_attribute(facts, check_controls, pen);
}

/* --- blanks at the ends: lost by one reader and kept by the next ---------- */

static void check_leading(
    const struct name_attribute *attribute, struct lint_pen *pen)
{
    struct bytes value = attribute->value;

    if (value.length > 0 && value.start[0] == ' ')
        lint_find(
            pen, "%s begins with a blank", lint_attribute_name(attribute));
}

static void check_trailing(
    const struct name_attribute *attribute, struct lint_pen *pen)
{
    struct bytes value = attribute->value;

    if (value.length > 0 && value.start[value.length - 1] == ' ')
        lint_find(pen, "%s ends with a blank", lint_attribute_name(attribute));
}

static void subject_leading(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_attribute(facts, check_leading, pen);
}

static void subject_trailing(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_attribute(facts, check_trailing, pen);
}

static void issuer_leading(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_issuer_attribute(facts, check_leading, pen);
}

static void issuer_trailing(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_issuer_attribute(facts, check_trailing, pen);
}

#define NAME(title, where, function)                                  \
    {                                                                 \
        .name = (title), .reference = (where), .check = (function),   \
        .scope = LINT_RFC5280, .on_drafts = true, .on_requests = true \
    }
#define PRINTABLE(title, function, type)                                    \
    {                                                                       \
        .name = (title), .reference = "RFC 5280, A.1", .check = (function), \
        .scope = LINT_RFC5280, .about = (type)                              \
    }
#define BLANK(title, function)                                                \
    {                                                                         \
        .name = (title), .reference = "RFC 4518, 2.6.1", .check = (function), \
        .scope = LINT_OWN                                                     \
    }

const struct lint_rule lint_rules_of_name[] = {
    NAME("subject-present", "RFC 5280, 4.1.2.6", subject_present),
    NAME("subject-readable", "RFC 5280, 4.1.2.4", subject_readable),
    {.name = "authority-named",
        .reference = "RFC 5280, 4.1.2.6",
        .check = authority_named,
        .scope = LINT_RFC5280,
        .on_drafts = true},
    {.name = "subject-differs",
        .reference = "RFC 5280, 3.2",
        .check = subject_differs,
        .scope = LINT_OWN,
        .on_drafts = true},
    NAME("relative-names", "X.501, 9.3", relative_names),
    NAME("string-types", "RFC 5280, 4.1.2.4", string_types),
    NAME("string-alphabet", "X.680, 41.4", string_alphabet),
    {.name = "string-controls",
        .reference = "CVE-2021-3712",
        .check = string_controls,
        .scope = LINT_OWN,
        .on_drafts = true,
        .on_requests = true},
    {.name = "attribute-encodings",
        .reference = "CA/Browser Forum BR, 7.1.4.2",
        .check = attribute_encodings,
        .scope = LINT_BR},
    PRINTABLE("country-printable", subject_printable, OID_COUNTRY),
    PRINTABLE("serial-number-printable", subject_printable, OID_SERIAL_NUMBER),
    PRINTABLE("issuer-country-printable", issuer_printable, OID_COUNTRY),
    BLANK("subject-leading-blank", subject_leading),
    BLANK("subject-trailing-blank", subject_trailing),
    BLANK("issuer-leading-blank", issuer_leading),
    BLANK("issuer-trailing-blank", issuer_trailing),
    {0},
};
