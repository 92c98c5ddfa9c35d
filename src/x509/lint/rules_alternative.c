#include <string.h>

#include "x509/lint/rules.h"

/* subjectAltName and issuerAltName: pen->rule->about says which. */

/* Incident 32: verifiers take time per name; more are refused here. */
#define ALTERNATIVE_NAMES_MOST 1000

static struct der_reader names_of(
    const struct lint_facts *facts, const struct lint_pen *pen)
{
    return lint_list(facts, (enum oid)pen->rule->about);
}

/* RFC 5280, 4.1.2.6 and 4.2.1.6: critical when it is all there is. */
static void alternative_critical(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->alternative_names != NULL &&
        !facts->alternative_names->critical &&
        name_is_empty(facts->body->subject))
        lint_find(pen, "subjectAltName is not critical though the subject is "
                       "empty");
}

static void alternative_not_critical(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->alternative_names != NULL &&
        facts->alternative_names->critical &&
        !name_is_empty(facts->body->subject))
        lint_find(pen, "subjectAltName is critical though there is a subject");
}

static void alternative_count(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader names = {0};
    struct failure unread = {0};
    size_t count = 0;

    if (facts->alternative_names == NULL)
        return;
    if (!extension_general_names(
            facts->alternative_names->value, &names, &unread)) {
        lint_find(pen, "subjectAltName can't be read: %s", unread.reason);
        return;
    }
    if (!general_names_check(names, &count, &unread))
        lint_find(pen, "subjectAltName can't be read: %s", unread.reason);
    if (count > ALTERNATIVE_NAMES_MOST)
        lint_find(pen, "subjectAltName holds %zu names, at most %d may be",
            count, ALTERNATIVE_NAMES_MOST);
}

/* general_name_check's rules; which one it was is in the sentence. */
static void check_kind(const struct lint_facts *facts, enum oid type,
    enum general_name_kind kind, struct lint_pen *pen)
{
    struct der_reader names = lint_list(facts, type);
    struct general_name name = {0};

    while (lint_next_name(&names, &name)) {
        struct failure why = {0};

        if (name.kind == kind && !general_name_check(&name, &why))
            lint_find(pen, "%s", why.reason);
    }
}

static void alternative_dns(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    check_kind(facts, (enum oid)pen->rule->about, GENERAL_NAME_DNS, pen);
}

static void alternative_ip(const struct lint_facts *facts, struct lint_pen *pen)
{
    check_kind(facts, (enum oid)pen->rule->about, GENERAL_NAME_IP, pen);
}

static void alternative_email(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    check_kind(facts, (enum oid)pen->rule->about, GENERAL_NAME_EMAIL, pen);
}

static void alternative_uri(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    check_kind(facts, (enum oid)pen->rule->about, GENERAL_NAME_URI, pen);
}

static void alternative_some(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    enum oid type = (enum oid)pen->rule->about;

    for (size_t i = 0; i < facts->extension_count; i++) {
        struct der_reader reader = der_reader_of(facts->extensions[i].value);
        struct der_reader names = {0};
        struct failure unread = {0};

        if (facts->extensions[i].type == type &&
            der_read(&reader, DER_SEQUENCE, &names, &unread) &&
            der_at_end(&names))
            lint_find(pen, "%s holds no name", oid_row(type)->name);
    }
}

static void alternative_not_empty(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader names = names_of(facts, pen);
    struct general_name name = {0};

    while (lint_next_name(&names, &name)) {
        if (name.value.length == 0)
            lint_find(pen, "%s holds an empty name",
                oid_row((enum oid)pen->rule->about)->name);
    }
}

/* --- URIs ------------------------------------------------------------------
 */

static size_t scheme_length(struct bytes uri)
{
    size_t length = 0;

    while (length < uri.length) {
        uint8_t byte = uri.start[length];
        bool is_letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';

        if (byte == ':')
            return length;
        if (!is_letter &&
            (length == 0 || !((byte >= '0' && byte <= '9') || byte == '+' ||
                                byte == '-' || byte == '.')))
            return 0;
        length++;
    }
    return 0;
}

static bool has_slashes(struct bytes uri, size_t scheme)
{
    return uri.length >= scheme + 3 &&
           memcmp(uri.start + scheme, "://", 3) == 0;
}

typedef const char *uri_fault(struct bytes uri);

static const char *fault_of_scheme(struct bytes uri)
{
    return scheme_length(uri) == 0 ? "is relative: it has no scheme" : NULL;
}

/* RFC 5280, 4.2.1.6: a scheme and a scheme-specific part. */
static const char *fault_of_form(struct bytes uri)
{
    size_t scheme = scheme_length(uri);

    if (scheme == 0)
        return "has no scheme";
    return uri.length == scheme + 1 ||
                   (has_slashes(uri, scheme) && uri.length == scheme + 3)
               ? "has nothing behind its scheme"
               : NULL;
}

static const char *fault_of_host(struct bytes uri)
{
    size_t scheme = scheme_length(uri);
    struct bytes host = lint_host_of(uri);

    if (scheme > 0 && !has_slashes(uri, scheme))
        return NULL; /* "sip:alice@example.org" has no authority */
    return lint_is_qualified(host) || lint_is_address_text(host)
               ? NULL
               : "has no fully qualified host and no address";
}

static const char *fault_of_letters(struct bytes uri)
{
    return lint_is_ascii(uri) ? NULL : "has bytes beyond ASCII";
}

static void each_uri(
    const struct lint_facts *facts, uri_fault *fault_of, struct lint_pen *pen)
{
    struct der_reader names = names_of(facts, pen);
    struct general_name name = {0};
    char shown[LINT_SHOWN];

    while (lint_next_name(&names, &name)) {
        const char *fault = NULL;

        if (name.kind != GENERAL_NAME_URI)
            continue;
        fault = fault_of(name.value);
        if (fault == NULL)
            continue;
        lint_show(name.value, shown);
        lint_find(pen, "the URI \"%s\" %s", shown, fault);
    }
}

static void uri_scheme(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_uri(facts, fault_of_scheme, pen);
}

static void uri_form(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_uri(facts, fault_of_form, pen);
}

static void uri_host(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_uri(facts, fault_of_host, pen);
}

static void uri_ascii(const struct lint_facts *facts, struct lint_pen *pen)
{
    each_uri(facts, fault_of_letters, pen);
}

#define CRITICAL(title, function)                                     \
    {                                                                 \
        .name = (title), .reference = "RFC 5280, 4.2.1.6",            \
        .check = (function), .scope = LINT_RFC5280, .on_drafts = true \
    }
#define WIDE(title, where, function)                               \
    {                                                              \
        .name = "subject-alt-name-" title, .reference = (where),   \
        .check = (function), .scope = LINT_OWN, .on_drafts = true, \
        .drafts_only = true, .about = OID_SUBJECT_ALT_NAME         \
    }
#define BOTH(title, where, function)                            \
    {.name = "subject-alt-name-" title,                         \
        .reference = (where),                                   \
        .check = (function),                                    \
        .scope = LINT_RFC5280,                                  \
        .on_requests = true,                                    \
        .about = OID_SUBJECT_ALT_NAME},                         \
    {                                                           \
        .name = "issuer-alt-name-" title, .reference = (where), \
        .check = (function), .scope = LINT_RFC5280,             \
        .about = OID_ISSUER_ALT_NAME                            \
    }

const struct lint_rule lint_rules_of_alternative[] = {
    CRITICAL("subject-alt-name-critical", alternative_critical),
    CRITICAL("subject-alt-name-not-critical", alternative_not_critical),
    {.name = "subject-alt-name-count",
        .reference = "CVE-2025-14831",
        .check = alternative_count,
        .scope = LINT_OWN,
        .on_drafts = true,
        .on_requests = true},
    WIDE("dns", "RFC 1034, 3.5", alternative_dns),
    WIDE("ip", "RFC 5280, 4.2.1.6", alternative_ip),
    WIDE("email", "RFC 5280, 4.2.1.6", alternative_email),
    WIDE("uri", "RFC 5280, 4.2.1.6", alternative_uri),
    BOTH("some", "RFC 5280, 4.2.1.6", alternative_some),
    BOTH("not-empty", "RFC 5280, 4.2.1.6", alternative_not_empty),
    BOTH("address-octets", "RFC 5280, 4.2.1.6", alternative_ip),
    BOTH("mailbox", "RFC 5280, 4.2.1.6", alternative_email),
    BOTH("uri-scheme", "RFC 5280, 4.2.1.6", uri_scheme),
    BOTH("uri-form", "RFC 5280, 4.2.1.6", uri_form),
    BOTH("uri-host", "RFC 5280, 4.2.1.6", uri_host),
    BOTH("uri-ascii", "RFC 5280, 4.2.1.6", uri_ascii),
    {0},
};
