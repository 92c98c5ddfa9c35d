#include <string.h>

#include "x509/lint/rules.h"

/* What single attributes of the subject may say. */

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

    if (attribute->tag == DER_BMP_STRING)
        return attribute->value.length / 2;
    if (attribute->tag == DER_UNIVERSAL_STRING)
        return attribute->value.length / 4;
    if (attribute->tag != DER_UTF8_STRING)
        return attribute->value.length;
    for (size_t i = 0; i < attribute->value.length; i++)
        count += (attribute->value.start[i] & 0xc0) != 0x80;
    return count;
}

/* The country has a rule of its own. */
static void attribute_lengths(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    for (size_t i = 0; i < facts->subject_count; i++) {
        const struct name_attribute *attribute = &facts->subject[i];
        size_t length = characters_of(attribute);
        size_t limit = limit_of(attribute->type);

        if (attribute->type != OID_COUNTRY && length > limit)
            lint_find(pen, "%s has %zu characters, at most %zu may be",
                lint_attribute_name(attribute), length, limit);
    }
}

/* SIZE (1..MAX) in RFC 5280, A.1. */
static void attribute_empty(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    for (size_t i = 0; i < facts->subject_count; i++) {
        const struct name_attribute *attribute = &facts->subject[i];

        if (attribute->type != OID_COUNTRY && attribute->value.length == 0)
            lint_find(pen, "%s is empty", lint_attribute_name(attribute));
    }
}

static void personal_name_lengths(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    for (size_t i = 0; i < facts->subject_count; i++) {
        const struct name_attribute *attribute = &facts->subject[i];

        if ((attribute->type == OID_GIVEN_NAME ||
                attribute->type == OID_SURNAME) &&
            characters_of(attribute) > 64)
            lint_find(pen,
                "%s has %zu characters, of which some readers take "
                "64",
                lint_attribute_name(attribute), characters_of(attribute));
    }
}

static bool is_letter(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static void country(const struct lint_facts *facts, struct lint_pen *pen)
{
    char shown[LINT_SHOWN];

    for (size_t i = 0; i < facts->subject_count; i++) {
        struct bytes value = facts->subject[i].value;

        if (facts->subject[i].type != OID_COUNTRY ||
            (value.length == 2 && is_letter(value.start[0]) &&
                is_letter(value.start[1])))
            continue;
        lint_show(value, shown);
        lint_find(pen, "the country \"%s\" is not the two letters of ISO 3166",
            shown);
    }
}

/* ISO 3166-1, and XX for what has no code (BR 7.1.4.2). */
static const char countries[] =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI "
    "BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN "
    "CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK "
    "FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM "
    "HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN "
    "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK "
    "ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP "
    "NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW "
    "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF "
    "TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
    "VN VU WF WS YE YT ZA ZM ZW XX ";

static bool is_country_code(struct bytes value)
{
    if (value.length != 2)
        return false;
    for (const char *code = countries; *code != '\0'; code += 3) {
        if (lint_begins(value, (const char[]){code[0], code[1], '\0'}))
            return true;
    }
    return false;
}

static void country_code(const struct lint_facts *facts, struct lint_pen *pen)
{
    char shown[LINT_SHOWN];

    for (size_t i = 0; i < facts->subject_count; i++) {
        if (facts->subject[i].type != OID_COUNTRY ||
            is_country_code(facts->subject[i].value))
            continue;
        lint_show(facts->subject[i].value, shown);
        lint_find(pen, "the country \"%s\" is no code of ISO 3166-1", shown);
    }
}

static void country_upper_case(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    char shown[LINT_SHOWN];

    for (size_t i = 0; i < facts->subject_count; i++) {
        const struct name_attribute *attribute = &facts->subject[i];
        bool is_small = false;

        if (attribute->type != OID_COUNTRY)
            continue;
        for (size_t j = 0; j < attribute->value.length; j++)
            is_small |= attribute->value.start[j] >= 'a' &&
                        attribute->value.start[j] <= 'z';
        lint_show(attribute->value, shown);
        if (is_small)
            lint_find(pen, "the country \"%s\" has a lower-case letter", shown);
    }
}

/* BR 7.1.4.2: "-", "." and blanks stand for nothing. */
static void attribute_says_something(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    for (size_t i = 0; i < facts->subject_count; i++) {
        const struct name_attribute *attribute = &facts->subject[i];
        bool says = attribute->value.length == 0;

        for (size_t j = 0; j < attribute->value.length; j++)
            says |= attribute->value.start[j] == 0 ||
                    strchr(" .-*_'\"/\\", attribute->value.start[j]) == NULL;
        if (!says)
            lint_find(pen,
                "%s says nothing: it is of \"-\", \".\" and blanks "
                "alone",
                lint_attribute_name(attribute));
    }
}

/* "&amp;", "&#39;", "&#x27;": what a web form left behind. */
static bool holds_entity(struct bytes value)
{
    for (size_t i = 0; i < value.length; i++) {
        size_t j = i + 1;

        if (value.start[i] != '&')
            continue;
        while (j < value.length &&
               (is_letter(value.start[j]) || value.start[j] == '#' ||
                   (value.start[j] >= '0' && value.start[j] <= '9')))
            j++;
        if (j > i + 1 && j < value.length && value.start[j] == ';')
            return true;
    }
    return false;
}

static void attribute_entities(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    char shown[LINT_SHOWN];

    for (size_t i = 0; i < facts->subject_count; i++) {
        const struct name_attribute *attribute = &facts->subject[i];

        if (!holds_entity(attribute->value))
            continue;
        lint_show(attribute->value, shown);
        lint_find(pen, "%s \"%s\" holds a character as HTML writes it",
            lint_attribute_name(attribute), shown);
    }
}

static bool holds(struct bytes value, const char *text, size_t length)
{
    for (size_t i = 0; i + length <= value.length; i++) {
        if (memcmp(value.start + i, text, length) == 0)
            return true;
    }
    return false;
}

/* U+FFFD: somebody's reader gave up here. */
static void attribute_replacement(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    for (size_t i = 0; i < facts->subject_count; i++) {
        if (facts->subject[i].tag == DER_UTF8_STRING &&
            holds(facts->subject[i].value, "\xef\xbf\xbd", 3))
            lint_find(pen,
                "%s holds U+FFFD, which stands for a character that "
                "was lost",
                lint_attribute_name(&facts->subject[i]));
    }
}

/* UTF-8 that was taken for Latin-1 and encoded again: U+00C2 or U+00C3, then
 * U+0080 to U+00BF. */
static void attribute_encoded_twice(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    for (size_t i = 0; i < facts->subject_count; i++) {
        struct bytes value = facts->subject[i].value;

        for (size_t j = 0; j + 4 <= value.length; j++) {
            if (facts->subject[i].tag != DER_UTF8_STRING ||
                value.start[j] != 0xc3 || value.start[j + 2] != 0xc2 ||
                (value.start[j + 1] & 0xfe) != 0x82)
                continue;
            lint_find(pen, "%s is in UTF-8 twice over",
                lint_attribute_name(&facts->subject[i]));
            break;
        }
    }
}

/* One address each: two are two attributes, or better two alternative names. */
static void email_single(const struct lint_facts *facts, struct lint_pen *pen)
{
    for (size_t i = 0; i < facts->subject_count; i++) {
        const struct name_attribute *attribute = &facts->subject[i];
        size_t count = 0;

        if (attribute->type != OID_EMAIL_ADDRESS)
            continue;
        for (size_t j = 0; j < attribute->value.length; j++)
            count += attribute->value.start[j] == '@';
        if (count > 1 || lint_has_byte(attribute->value, ' '))
            lint_find(pen, "emailAddress holds more than one address");
    }
}

#define LENGTH(title, where, function)                                \
    {                                                                 \
        .name = (title), .reference = (where), .check = (function),   \
        .scope = LINT_RFC5280, .on_drafts = true, .on_requests = true \
    }
#define FORUM(title, where, function)                               \
    {                                                               \
        .name = (title), .reference = (where), .check = (function), \
        .scope = LINT_BR, .on_requests = true                       \
    }

const struct lint_rule lint_rules_of_attribute[] = {
    LENGTH("attribute-lengths", "RFC 5280, A.1", attribute_lengths),
    LENGTH("attribute-empty", "RFC 5280, A.1", attribute_empty),
    LENGTH("country", "X.520, 6.3.1", country),
    {.name = "personal-name-lengths",
        .reference = "X.520, 2001",
        .check = personal_name_lengths,
        .scope = LINT_BR},
    FORUM("country-code", "CA/Browser Forum BR, 7.1.4.2", country_code),
    FORUM("country-upper-case", "CA/Browser Forum BR, 7.1.4.2",
        country_upper_case),
    FORUM("attribute-says-something", "CA/Browser Forum BR, 7.1.4.2",
        attribute_says_something),
    {.name = "attribute-entities",
        .reference = "HTML, 13.5",
        .check = attribute_entities,
        .scope = LINT_OWN,
        .on_requests = true},
    FORUM(
        "email-single", "CA/Browser Forum S/MIME BR, 7.1.4.2.2", email_single),
    {.name = "attribute-replacement",
        .reference = "Unicode, 23.8",
        .check = attribute_replacement,
        .scope = LINT_OWN,
        .on_requests = true},
    {.name = "attribute-encoded-twice",
        .reference = "RFC 3629, 3",
        .check = attribute_encoded_twice,
        .scope = LINT_OWN,
        .on_requests = true},
    {0},
};
