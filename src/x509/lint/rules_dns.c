#include <string.h>

#include "x509/lint/rules.h"

/*
 * One rule for each thing that may be wrong with a DNS name in subjectAltName
 * or issuerAltName (pen->rule->about).  Drafts are held to all of them at once
 * by subject-alt-name-dns.
 */

#define LABEL_MAX 63
#define DNS_NAME_MAX 253

/* What is wrong with a name, or NULL. */
typedef const char *dns_fault(struct bytes name);

static void each_dns_name(
    const struct lint_facts *facts, dns_fault *fault_of, struct lint_pen *pen)
{
    struct der_reader names = lint_list(facts, (enum oid)pen->rule->about);
    struct general_name name = {0};
    char shown[LINT_SHOWN];

    while (lint_next_name(&names, &name)) {
        const char *fault = NULL;

        if (name.kind != GENERAL_NAME_DNS)
            continue;
        fault = fault_of(name.value);
        if (fault == NULL)
            continue;
        lint_show(name.value, shown);
        lint_find(pen, "the DNS name \"%s\" %s", shown, fault);
    }
}

#define EACH(check, fault_of)                                               \
    static void check(const struct lint_facts *facts, struct lint_pen *pen) \
    {                                                                       \
        each_dns_name(facts, fault_of, pen);                                \
    }

/* RFC 1034, 3.1: the empty label is the root's, which a name ends with. */
static const char *fault_of_empty_label(struct bytes name)
{
    struct bytes rest = name, label = {0};

    while (lint_next_label(&rest, &label)) {
        if (label.length == 0 && (rest.start != NULL || name.length > 0))
            return "has an empty label";
    }
    return NULL;
}
EACH(dns_empty_label, fault_of_empty_label)

static const char *fault_of_label_length(struct bytes name)
{
    struct bytes rest = name, label = {0};

    while (lint_next_label(&rest, &label)) {
        if (label.length > LABEL_MAX)
            return "has a label of more than 63 bytes";
    }
    return NULL;
}
EACH(dns_label_length, fault_of_label_length)

static const char *fault_of_length(struct bytes name)
{
    return name.length > DNS_NAME_MAX ? "has more than 253 bytes" : NULL;
}
EACH(dns_length, fault_of_length)

static bool is_dns_byte(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' ||
           byte == '_' || byte == '*';
}

/* Underscores and asterisks have rules of their own. */
static const char *fault_of_characters(struct bytes name)
{
    for (size_t i = 0; i < name.length; i++) {
        if (!is_dns_byte(name.start[i]))
            return "has a character that no host name has";
    }
    return NULL;
}
EACH(dns_characters, fault_of_characters)

static const char *fault_of_ascii(struct bytes name)
{
    return lint_is_ascii(name) ? NULL : "has bytes beyond IA5String";
}
EACH(dns_ascii, fault_of_ascii)

/* Incident 30. */
static const char *fault_of_zero(struct bytes name)
{
    return lint_has_byte(name, 0) ? "holds a zero byte" : NULL;
}
EACH(dns_zero, fault_of_zero)

static const char *fault_of_blank(struct bytes name)
{
    return name.length == 1 && name.start[0] == ' ' ? "is a blank" : NULL;
}
EACH(dns_blank, fault_of_blank)

static const char *fault_of_first_dot(struct bytes name)
{
    return name.length > 0 && name.start[0] == '.' ? "begins with a dot" : NULL;
}
EACH(dns_first_dot, fault_of_first_dot)

/* --- wildcards: RFC 6125, 6.4.3; BR 1.6.1 ----------------------------------
 */

static const char *fault_of_bare_wildcard(struct bytes name)
{
    return lint_equals(name, "*") || lint_equals(name, "*.")
               ? "is a wildcard for everything"
               : NULL;
}
EACH(dns_wildcard_bare, fault_of_bare_wildcard)

static const char *fault_of_wildcard_place(struct bytes name)
{
    for (size_t i = 1; i < name.length; i++) {
        if (name.start[i] == '*')
            return "has a * that is not its first character";
    }
    return NULL;
}
EACH(dns_wildcard_first, fault_of_wildcard_place)

static const char *fault_of_wildcard_label(struct bytes name)
{
    struct bytes rest = name, label = {0};

    if (!lint_next_label(&rest, &label))
        return NULL;
    while (lint_next_label(&rest, &label)) {
        if (lint_has_byte(label, '*'))
            return "has a * beyond its left-most label";
    }
    return NULL;
}
EACH(dns_wildcard_left, fault_of_wildcard_label)

static const char *fault_of_part_wildcard(struct bytes name)
{
    struct bytes rest = name, label = {0};

    return lint_next_label(&rest, &label) && lint_has_byte(label, '*') &&
                   label.length > 1
               ? "has a * that is not a whole label"
               : NULL;
}
EACH(dns_wildcard_whole, fault_of_part_wildcard)

/* --- hyphens, underscores, reserved labels ---------------------------------
 */

static const char *fault_of_hyphen(struct bytes name)
{
    struct bytes rest = name, label = {0};

    while (lint_next_label(&rest, &label)) {
        if (label.length > 0 &&
            (label.start[0] == '-' || label.start[label.length - 1] == '-'))
            return "has a label that begins or ends with a hyphen";
    }
    return NULL;
}
EACH(dns_hyphen, fault_of_hyphen)

static const char *fault_of_underscore(struct bytes name)
{
    return lint_has_byte(name, '_') ? "has an underscore" : NULL;
}
EACH(dns_underscore, fault_of_underscore)

/* BR 1.6.2: an underscore was where a hyphen could be. */
static const char *fault_of_underscore_place(struct bytes name)
{
    struct bytes rest = name, label = {0};

    while (lint_next_label(&rest, &label)) {
        const uint8_t *last = label.start + label.length - 1;

        if (label.length > 0 && lint_has_byte(label, '_') &&
            (*label.start == '_' || *last == '_' || *label.start == '-' ||
                *last == '-'))
            return "has an underscore where not even a hyphen may be";
    }
    return NULL;
}
EACH(dns_underscore_place, fault_of_underscore_place)

static bool is_reserved_label(struct bytes label)
{
    return label.length >= 4 && label.start[2] == '-' && label.start[3] == '-';
}

/* RFC 5890, 2.3.1: "--" in the third and fourth place is for A-labels. */
static const char *fault_of_reserved_label(struct bytes name)
{
    struct bytes rest = name, label = {0};

    while (lint_next_label(&rest, &label)) {
        if (is_reserved_label(label) && !lint_begins(label, "xn--"))
            return "has a reserved label (RFC 5890, 2.3.1)";
    }
    return NULL;
}
EACH(dns_reserved_label, fault_of_reserved_label)

/* RFC 3492, 5: the parameters of Punycode. */
enum { BASE = 36, SHORTEST = 1, LONGEST = 26, SKEW = 38, DAMP = 700 };

static uint32_t adapt(uint32_t delta, uint32_t count, bool is_first)
{
    uint32_t steps = 0;

    delta = is_first ? delta / DAMP : delta / 2;
    delta += delta / count;
    while (delta > (BASE - SHORTEST) * LONGEST / 2) {
        delta /= BASE - SHORTEST;
        steps += BASE;
    }
    return steps + (BASE - SHORTEST + 1) * delta / (delta + SKEW);
}

static int digit_of(uint8_t byte)
{
    if (byte >= 'a' && byte <= 'z')
        return byte - 'a';
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    return byte >= '0' && byte <= '9' ? byte - '0' + 26 : -1;
}

/* One number of variable length; false: it ends too early or is too large. */
static bool read_delta(struct bytes *text, uint32_t bias, uint32_t *delta)
{
    uint32_t weight = 1;

    for (uint32_t step = BASE;; step += BASE) {
        uint32_t limit = step <= bias             ? SHORTEST
                         : step >= bias + LONGEST ? LONGEST
                                                  : step - bias;
        int digit = text->length == 0 ? -1 : digit_of(*text->start);

        if (digit < 0 || weight > UINT32_MAX / BASE / LABEL_MAX)
            return false;
        text->start++;
        text->length--;
        *delta += (uint32_t)digit * weight;
        if ((uint32_t)digit < limit)
            return true;
        weight *= BASE - limit;
    }
}

/* Does what follows "xn--" decode (RFC 3492, 6.2)? */
static bool is_punycode(struct bytes text)
{
    uint32_t code = 0x80, place = 0, bias = 72, count = 0;

    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] == '-')
            count = (uint32_t)i;
    }
    if (count > 0 || (text.length > 0 && text.start[0] == '-'))
        text = (struct bytes){text.start + count + 1, text.length - count - 1};
    while (text.length > 0) {
        uint32_t before = place, delta = 0;

        if (!read_delta(&text, bias, &delta))
            return false;
        place += delta;
        count++;
        bias = adapt(place - before, count, before == 0 && count == 1);
        code += place / count;
        place = place % count + 1;
        if (code > 0x10ffff)
            return false;
    }
    return true;
}

static const char *fault_of_a_label(struct bytes name)
{
    struct bytes rest = name, label = {0};

    while (lint_next_label(&rest, &label)) {
        if (lint_begins(label, "xn--") &&
            (label.length == 4 || !is_punycode((struct bytes){
                                      label.start + 4, label.length - 4})))
            return "has an A-label that decodes to nothing";
    }
    return NULL;
}
EACH(dns_a_label, fault_of_a_label)

/* A second name is one too many for whoever pays per name. */
static void dns_once(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader names = lint_list(facts, (enum oid)pen->rule->about);
    struct general_name name = {0}, other = {0};
    char shown[LINT_SHOWN];

    while (lint_next_name(&names, &name)) {
        struct der_reader rest = names;

        while (lint_next_name(&rest, &other)) {
            if (name.kind != other.kind ||
                !bytes_equal(name.value, other.value))
                continue;
            lint_show(name.value, shown);
            lint_find(pen, "the name \"%s\" stands twice", shown);
            break;
        }
    }
}

#define DNS(title, where, function, from)                                  \
    {.name = "subject-alt-name-" title,                                    \
        .reference = (where),                                              \
        .check = (function),                                               \
        .scope = (from),                                                   \
        .on_requests = true,                                               \
        .about = OID_SUBJECT_ALT_NAME},                                    \
    {                                                                      \
        .name = "issuer-alt-name-" title, .reference = (where),            \
        .check = (function), .scope = (from), .about = OID_ISSUER_ALT_NAME \
    }

const struct lint_rule lint_rules_of_dns[] = {
    DNS("dns-empty-label", "RFC 1034, 3.1", dns_empty_label, LINT_RFC5280),
    DNS("dns-label-length", "RFC 1034, 3.1", dns_label_length, LINT_RFC5280),
    DNS("dns-length", "RFC 1034, 3.1", dns_length, LINT_RFC5280),
    DNS("dns-characters", "RFC 1034, 3.5", dns_characters, LINT_RFC5280),
    DNS("dns-ascii", "RFC 5280, 4.2.1.6", dns_ascii, LINT_RFC5280),
    DNS("dns-zero", "CVE-2009-2408", dns_zero, LINT_OWN),
    DNS("dns-blank", "RFC 5280, 4.2.1.6", dns_blank, LINT_RFC5280),
    DNS("dns-first-dot", "RFC 1034, 3.5", dns_first_dot, LINT_RFC5280),
    DNS("dns-wildcard-bare", "RFC 6125, 6.4.3", dns_wildcard_bare,
        LINT_RFC5280),
    DNS("dns-wildcard-first", "RFC 6125, 6.4.3", dns_wildcard_first,
        LINT_RFC5280),
    DNS("dns-wildcard-left", "CA/Browser Forum BR, 1.6.1", dns_wildcard_left,
        LINT_BR),
    DNS("dns-wildcard-whole", "CA/Browser Forum BR, 1.6.1", dns_wildcard_whole,
        LINT_BR),
    DNS("dns-hyphen", "RFC 1034, 3.5", dns_hyphen, LINT_RFC5280),
    DNS("dns-underscore", "CA/Browser Forum BR, 7.1.4.2", dns_underscore,
        LINT_BR),
    DNS("dns-underscore-place", "CA/Browser Forum BR 1.6.2, 7.1.4.2",
        dns_underscore_place, LINT_BR),
    DNS("dns-reserved-label", "CA/Browser Forum BR, 7.1.4.2",
        dns_reserved_label, LINT_BR),
    DNS("dns-a-label", "RFC 3492, 6.2", dns_a_label, LINT_RFC5280),
    {.name = "subject-alt-name-once",
        .reference = "docs/lint.md",
        .check = dns_once,
        .scope = LINT_OWN,
        .on_drafts = true,
        .on_requests = true,
        .about = OID_SUBJECT_ALT_NAME},
    {0},
};
