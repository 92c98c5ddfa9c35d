#include <string.h>

#include "x509/lint/rules.h"

#define UTC_TIME_SHORTEST 10         /* YYMMDDHHMM */
#define GENERALIZED_TIME_SHORTEST 12 /* YYYYMMDDHHMM */

/* What certificate_read refuses; most of it has a rule of its own below. */
static void certificate_readable(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->form.refused.reason[0] != '\0')
        lint_find(pen, "%.180s", facts->form.refused.reason);
}

static void algorithms_agree(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->form.signed_with.length > 0 &&
        !bytes_equal(facts->form.signed_with, facts->body->signature_algorithm))
        lint_find(pen, "the signature algorithm inside is not the one beside "
                       "the signature");
}

static void version_3(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->body->version != 2)
        lint_find(pen, "the version is %u, not 3: extensions need it",
            facts->body->version + 1);
}

static void extensions_need_version_3(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->body->version != 2 && facts->extension_count > 0)
        lint_find(pen, "it has extensions, though its version is %u",
            facts->body->version + 1);
}

static void unique_identifiers_version(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->form.has_unique_identifiers && facts->body->version == 0)
        lint_find(pen, "it has a unique identifier, though its version is 1");
}

static void unique_identifiers_absent(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->form.has_unique_identifiers)
        lint_find(pen, "it has a unique identifier, which no authority may "
                       "make");
}

static void extensions_readable(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (!facts->is_readable)
        lint_find(
            pen, "an extension can't be read: %s", facts->unreadable.reason);
}

static const char *name_of(const struct extension *extension, char *room)
{
    struct failure unread = {0};

    if (extension->type != OID_UNKNOWN)
        return oid_row(extension->type)->name;
    return oid_print(extension->type_contents, room, &unread)
               ? room
               : "of an endless type";
}

/* Of n extensions n * n / 2 are compared; there are at most 64. */
static void extensions_once(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    char type[OID_TEXT];

    for (size_t i = 1; i < facts->extension_count; i++) {
        const struct extension *second = &facts->extensions[i];

        for (size_t j = 0; j < i; j++) {
            if (!bytes_equal(
                    facts->extensions[j].type_contents, second->type_contents))
                continue;
            lint_find(
                pen, "the extension %s stands twice", name_of(second, type));
            break;
        }
    }
}

/* X.690, 11.5: "critical FALSE" is left out. */
static void extension_defaults(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    char type[OID_TEXT];

    for (size_t i = 0; i < facts->extension_count; i++) {
        const struct extension *extension = &facts->extensions[i];
        const uint8_t *behind =
            extension->type_contents.start + extension->type_contents.length;

        if (!extension->critical && *behind == DER_BOOLEAN)
            lint_find(pen,
                "the extension %s says that it is not critical, "
                "which DER leaves out",
                name_of(extension, type));
    }
}

static void basic_constraints_default(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader list = lint_list(facts, OID_BASIC_CONSTRAINTS);

    if (!facts->basic.is_authority && der_peek(&list) == DER_BOOLEAN)
        lint_find(pen, "basicConstraints says that this is no authority, "
                       "which DER leaves out");
}

/* SIZE (1..MAX) in RFC 5280, A.2. */
static void lists_not_empty(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    static const enum oid types[] = {OID_SUBJECT_ALT_NAME, OID_ISSUER_ALT_NAME,
        OID_CERTIFICATE_POLICIES, OID_POLICY_MAPPINGS, OID_EXTENDED_KEY_USAGE,
        OID_CRL_DISTRIBUTION_POINTS, OID_FRESHEST_CRL,
        OID_AUTHORITY_INFO_ACCESS, OID_SUBJECT_INFO_ACCESS};
    static const uint8_t empty[] = {DER_SEQUENCE, 0};
    static const uint8_t directory_attributes[] = {0x55, 0x1d, 0x09};

    for (size_t i = 0; i < facts->extension_count; i++) {
        const struct extension *extension = &facts->extensions[i];
        bool is_list = bytes_equal(extension->type_contents,
            (struct bytes){directory_attributes, sizeof(directory_attributes)});
        char type[OID_TEXT];

        for (size_t j = 0; j < sizeof(types) / sizeof(*types); j++)
            is_list |= extension->type == types[j];
        if (is_list &&
            bytes_equal(extension->value, (struct bytes){empty, sizeof(empty)}))
            lint_find(
                pen, "the extension %s is empty", name_of(extension, type));
    }
}

/* RFC 6962, 3.3: an OCTET STRING of a TLS list of at least one. */
static void timestamps_some(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct extension *list = lint_extension(facts, OID_SCT_LIST);

    if (list != NULL && list->value.length <= 4)
        lint_find(pen, "the list of certificate timestamps is empty");
}

/* --- times: from the bytes, as the two forms read as the same time -------- */

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static size_t digits_of(const struct lint_time *time)
{
    size_t count = 0;

    while (count < time->text.length && is_digit(time->text.start[count]))
        count++;
    return count;
}

typedef void time_check(
    const struct lint_time *time, const char *which, struct lint_pen *pen);

static void each_time(
    const struct lint_facts *facts, time_check *check, struct lint_pen *pen)
{
    if (facts->form.not_before.tag != 0)
        check(&facts->form.not_before, "notBefore", pen);
    if (facts->form.not_after.tag != 0)
        check(&facts->form.not_after, "notAfter", pen);
}

static void check_utc_seconds(
    const struct lint_time *time, const char *which, struct lint_pen *pen)
{
    if (time->tag == DER_UTC_TIME && digits_of(time) == UTC_TIME_SHORTEST)
        lint_find(pen, "%s has no seconds", which);
}

static void utc_time_seconds(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_time(facts, check_utc_seconds, pen);
}

static void check_generalized_seconds(
    const struct lint_time *time, const char *which, struct lint_pen *pen)
{
    if (time->tag == DER_GENERALIZED_TIME &&
        digits_of(time) <= GENERALIZED_TIME_SHORTEST)
        lint_find(pen, "%s has no seconds", which);
}

static void generalized_time_seconds(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_time(facts, check_generalized_seconds, pen);
}

static void check_fraction(
    const struct lint_time *time, const char *which, struct lint_pen *pen)
{
    if (lint_has_byte(time->text, '.') || lint_has_byte(time->text, ','))
        lint_find(pen, "%s has a fraction of a second", which);
}

static void time_fraction(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_time(facts, check_fraction, pen);
}

static bool is_zulu(const struct lint_time *time)
{
    return time->text.length > 0 &&
           time->text.start[time->text.length - 1] == 'Z';
}

static void check_utc_zulu(
    const struct lint_time *time, const char *which, struct lint_pen *pen)
{
    if (time->tag == DER_UTC_TIME && !is_zulu(time))
        lint_find(pen, "%s does not end in Z, as Greenwich's time does", which);
}

static void utc_time_zulu(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_time(facts, check_utc_zulu, pen);
}

static void check_generalized_zulu(
    const struct lint_time *time, const char *which, struct lint_pen *pen)
{
    if (time->tag == DER_GENERALIZED_TIME && !is_zulu(time))
        lint_find(pen, "%s does not end in Z, as Greenwich's time does", which);
}

static void generalized_time_zulu(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    each_time(facts, check_generalized_zulu, pen);
}

static void check_time_form(
    const struct lint_time *time, const char *which, struct lint_pen *pen)
{
    /* The year decides: its four digits, or the two of a UTCTime. */
    bool is_late = time->tag == DER_GENERALIZED_TIME &&
                   time->text.length >= 4 &&
                   memcmp(time->text.start, "2050", 4) >= 0;
    uint8_t belongs = is_late ? DER_GENERALIZED_TIME : DER_UTC_TIME;

    if (time->tag != belongs)
        lint_find(pen, "%s is not written as UTCTime, as through 2049", which);
}

static void dates_encoding(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_time(facts, check_time_form, pen);
}

#define FORM(title, where, function)                                \
    {                                                               \
        .name = (title), .reference = (where), .check = (function), \
        .scope = LINT_RFC5280, .on_drafts = true                    \
    }

const struct lint_rule lint_rules_of_form[] = {
    {.name = "certificate-readable",
        .reference = "RFC 5280, 4.1",
        .check = certificate_readable,
        .scope = LINT_RFC5280},
    {.name = "algorithms-agree",
        .reference = "RFC 5280, 4.1.1.2",
        .check = algorithms_agree,
        .scope = LINT_RFC5280},
    {.name = "extensions-readable",
        .reference = "RFC 5280, 4.2",
        .check = extensions_readable,
        .scope = LINT_RFC5280,
        .on_drafts = true,
        .on_requests = true},
    FORM("extensions-once", "RFC 5280, 4.2", extensions_once),
    FORM("extension-defaults", "X.690, 11.5", extension_defaults),
    FORM("basic-constraints-default", "X.690, 11.5", basic_constraints_default),
    {.name = "lists-not-empty",
        .reference = "RFC 5280, A.2",
        .check = lists_not_empty,
        .scope = LINT_RFC5280},
    {.name = "timestamps-some",
        .reference = "RFC 6962, 3.3",
        .check = timestamps_some,
        .scope = LINT_RFC5280},
    {.name = "version-3",
        .reference = "CA/Browser Forum BR, 7.1.1",
        .check = version_3,
        .scope = LINT_BR,
        .on_drafts = true},
    {.name = "extensions-need-version-3",
        .reference = "RFC 5280, 4.1.2.1",
        .check = extensions_need_version_3,
        .scope = LINT_RFC5280},
    {.name = "unique-identifiers-version",
        .reference = "RFC 5280, 4.1.2.8",
        .check = unique_identifiers_version,
        .scope = LINT_RFC5280},
    FORM("unique-identifiers-absent", "RFC 5280, 4.1.2.8",
        unique_identifiers_absent),
    {.name = "utc-time-seconds",
        .reference = "RFC 5280, 4.1.2.5.1",
        .check = utc_time_seconds,
        .scope = LINT_RFC5280},
    {.name = "utc-time-zulu",
        .reference = "RFC 5280, 4.1.2.5.1",
        .check = utc_time_zulu,
        .scope = LINT_RFC5280},
    {.name = "generalized-time-seconds",
        .reference = "RFC 5280, 4.1.2.5.2",
        .check = generalized_time_seconds,
        .scope = LINT_RFC5280},
    {.name = "generalized-time-zulu",
        .reference = "RFC 5280, 4.1.2.5.2",
        .check = generalized_time_zulu,
        .scope = LINT_RFC5280},
    {.name = "time-fraction",
        .reference = "RFC 5280, 4.1.2.5.2",
        .check = time_fraction,
        .scope = LINT_RFC5280},
    FORM("dates-encoding", "RFC 5280, 4.1.2.5", dates_encoding),
    {0},
};
