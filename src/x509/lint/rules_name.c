#include "base/text.h"
#include "x509/lint/name_match.h"
#include "x509/lint/printable.h"
#include "x509/lint/rules.h"

typedef void attribute_check(
    const struct name_attribute *attribute, struct lint_pen *pen);

static void each_attribute(
    struct bytes name, attribute_check *check, struct lint_pen *pen)
{
    struct name_walk walk = {0};
    struct name_attribute attribute = {0};
    struct failure unread = {0};

    if (!name_walk_start(name, &walk, &unread)) {
        lint_find(pen, "the subject can't be read: %s", unread.reason);
        return;
    }
    while (!name_walk_at_end(&walk)) {
        if (!name_walk_next(&walk, &attribute, &unread)) {
            lint_find(pen, "the subject can't be read: %s", unread.reason);
            return;
        }
        check(&attribute, pen);
    }
}

/* The readers of certificates pass over a relative name without an attribute;
 * one that we sign has none. */
void lint_relative_names(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct failure unread = {0};

    if (!name_check(facts->draft->subject, &unread))
        lint_find(pen, "the subject is not well-formed: %s", unread.reason);
}

static const char *name_of(const struct name_attribute *attribute)
{
    return attribute->type == OID_UNKNOWN ? "an attribute without a name"
                                          : oid_row(attribute->type)->name;
}

void lint_subject_present(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (name_is_empty(facts->draft->subject) &&
        facts->alternative_names == NULL)
        lint_find(pen, "it has neither a subject nor a subjectAltName");
}

void lint_authority_named(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->basic.is_authority && name_is_empty(facts->draft->subject))
        lint_find(pen, "an authority's subject is empty");
}

/* kb 90: such a leaf is taken for self-signed and not sent on. */
void lint_subject_differs(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->issuer != NULL && !name_is_empty(facts->draft->subject) &&
        name_matches(facts->draft->subject, facts->draft->issuer))
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
            name_of(attribute), type_name(attribute->tag));
}

void lint_string_types(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_attribute(facts->draft->subject, check_type, pen);
}

static bool is_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] >= 0x80)
            return false;
    }
    return true;
}

static bool keeps_alphabet(const struct name_attribute *attribute)
{
    switch (attribute->tag) {
    case DER_PRINTABLE_STRING:
        return is_printable_string(attribute->value);
    case DER_IA5_STRING:
        return is_ascii(attribute->value);
    case DER_UTF8_STRING:
        return text_is_utf8(attribute->value);
    default:
        return true; /* a finding of lint_string_types */
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
        name_of(attribute), shown);
}

void lint_string_alphabet(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_attribute(facts->draft->subject, check_alphabet, pen);
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
            name_of(attribute), shown);
        return;
    }
}

void lint_string_controls(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_attribute(facts->draft->subject, check_controls, pen);
}

/* RFC 5280, A.1 (the ub- constants), X.520; RFC 4519 and RFC 1034 for DC, RFC
 * 4524 for UID.  In characters. */
static size_t limit_of(enum oid type)
{
    static const struct {
        enum oid type;
        size_t most;
    } limits[] = {
        {OID_COMMON_NAME, 64},
        {OID_ORGANIZATION, 64},
        {OID_ORGANIZATIONAL_UNIT, 64},
        {OID_LOCALITY, 128},
        {OID_STATE, 128},
        {OID_STREET, 128},
        {OID_SERIAL_NUMBER, 64},
        {OID_TITLE, 64},
        {OID_PSEUDONYM, 128},
        {OID_POSTAL_CODE, 40},
        {OID_BUSINESS_CATEGORY, 128},
        {OID_EMAIL_ADDRESS, 255},
        {OID_DOMAIN_COMPONENT, 63},
        {OID_USER_ID, 256},
    };

    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        if (limits[i].type == type)
            return limits[i].most;
    }
    return 32768; /* ub-name */
}

static size_t characters_of(const struct name_attribute *attribute)
{
    size_t count = 0;

    if (attribute->tag != DER_UTF8_STRING)
        return attribute->value.length;
    for (size_t i = 0; i < attribute->value.length; i++)
        count += (attribute->value.start[i] & 0xc0) != 0x80;
    return count;
}

/* The country has a rule of its own. */
static void check_length(
    const struct name_attribute *attribute, struct lint_pen *pen)
{
    size_t length = characters_of(attribute);
    size_t limit = limit_of(attribute->type);

    if (attribute->type == OID_COUNTRY || !is_taken_type(attribute))
        return;
    if (length == 0)
        lint_find(pen, "%s is empty", name_of(attribute));
    if (length > limit)
        lint_find(pen, "%s has %zu characters, at most %zu may be",
            name_of(attribute), length, limit);
}

void lint_attribute_lengths(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_attribute(facts->draft->subject, check_length, pen);
}

static bool is_letter(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static void check_country(
    const struct name_attribute *attribute, struct lint_pen *pen)
{
    struct bytes value = attribute->value;
    char shown[LINT_SHOWN];

    if (attribute->type != OID_COUNTRY || !is_taken_type(attribute) ||
        (value.length == 2 && is_letter(value.start[0]) &&
            is_letter(value.start[1])))
        return;
    lint_show(value, shown);
    lint_find(
        pen, "the country \"%s\" is not the two letters of ISO 3166", shown);
}

void lint_country(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_attribute(facts->draft->subject, check_country, pen);
}
