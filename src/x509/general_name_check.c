#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "x509/general_name.h"
#include "x509/name.h"

#define LABEL_MAX 63
#define DNS_NAME_MAX 253
#define LOCAL_PART_MAX 64
#define MAILBOX_MAX 254
#define URI_MAX 2048

/* The name in a reason: as much of its beginning as leaves room for the rule,
 * however much its bytes are escaped. */
#define SHOWN_MAX 80
#define SHOWN_ROOM 240

static bool append_shown(
    struct buffer *visible, struct bytes name, struct failure *why)
{
    struct bytes beginning = text_beginning(name, SHOWN_MAX);

    return text_append_visible(visible, beginning, why) &&
           (beginning.length == name.length ||
               buffer_append_text(visible, "...", why));
}

static void show(struct bytes name, char shown[static SHOWN_ROOM])
{
    RELEASED(buffer) visible = BUFFER("a shown name", 4096);
    struct failure unshown = {0};
    const char *as_text = "?";

    if (append_shown(&visible, name, &unshown))
        (void)!buffer_as_text(&visible, &as_text, &unshown);
    (void)snprintf(shown, SHOWN_ROOM, "%s", as_text);
}

static bool refuse(
    const char *kind, struct bytes name, const char *rule, struct failure *why)
{
    char shown[SHOWN_ROOM] = "";

    show(name, shown);
    return fail_because(
        why, FAILURE_UNSUITABLE, "the %s \"%s\" %s", kind, shown, rule);
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] >= 0x80)
            return false;
    }
    return true;
}

static bool is_digits(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (!is_digit(text.start[i]))
            return false;
    }
    return true;
}

/* What is before the first such byte, or all of it; *rest is behind it, or
 * begins at NULL. */
static struct bytes cut(struct bytes text, uint8_t byte, struct bytes *rest)
{
    const uint8_t *found =
        text.length == 0 ? NULL : memchr(text.start, byte, text.length);
    size_t length = found == NULL ? text.length : (size_t)(found - text.start);

    *rest = found == NULL ? (struct bytes){0}
                          : (struct bytes){found + 1, text.length - length - 1};
    return (struct bytes){text.start, length};
}

/* RFC 1034, 3.5 with RFC 1123, 2.1: what is wrong with a label, or NULL. */
static const char *fault_of_label(struct bytes label)
{
    if (label.length == 0)
        return "has an empty label: two dots meet, or it begins with one";
    if (label.length > LABEL_MAX)
        return "has a label of more than 63 bytes";
    if (label.start[0] == '-' || label.start[label.length - 1] == '-')
        return "has a label that begins or ends with a hyphen";
    for (size_t i = 0; i < label.length; i++) {
        uint8_t byte = label.start[i];
        if (byte == '_')
            return "has an underscore, which no host name may have (RFC 1123, "
                   "2.1)";
        if (byte == '*')
            return "has a * that is not the whole left-most label";
        if (!is_letter(byte) && !is_digit(byte) && byte != '-')
            return "may have letters, digits, hyphens and dots only";
    }
    return NULL;
}

static const char *fault_of_labels(struct bytes name)
{
    struct bytes rest = name;
    struct bytes label = {0};

    while (rest.start != NULL) {
        const char *fault = NULL;

        label = cut(rest, '.', &rest);
        fault = fault_of_label(label);
        if (fault != NULL)
            return fault;
    }
    /* RFC 3696, 2: or 192.0.2.300 would be a name. */
    return is_digits(label) ? "ends in a label of digits, as only an IP "
                              "address does"
                            : NULL;
}

static const char *fault_of_host(struct bytes name)
{
    if (name.length == 0)
        return "is empty";
    if (!is_ascii(name))
        return "has letters beyond ASCII; write its A-label (xn--...), as "
               "`idn2 NAME` prints it";
    if (name.length > DNS_NAME_MAX + 1)
        return "has more than 253 bytes";
    if (name.start[name.length - 1] == '.')
        return "ends with a dot; leave it out (RFC 5280, 4.2.1.6)";
    if (name.length > DNS_NAME_MAX)
        return "has more than 253 bytes";
    return fault_of_labels(name);
}

static const char *fault_of_dns_name(struct bytes name)
{
    /* RFC 6125, 6.4.3: a wildcard is the whole left-most label. */
    if (name.length > 2 && name.length <= DNS_NAME_MAX &&
        memcmp(name.start, "*.", 2) == 0)
        name = (struct bytes){name.start + 2, name.length - 2};
    return fault_of_host(name);
}

/* RFC 5321, 4.1.2: a dot-string of atext. */
static const char *fault_of_local_part(struct bytes local)
{
    struct bytes rest = local;

    if (local.length > LOCAL_PART_MAX)
        return "has more than 64 bytes before the @";
    while (rest.start != NULL) {
        struct bytes atom = cut(rest, '.', &rest);

        if (atom.length == 0)
            return "has nothing before the @, or a dot beside nothing";
        for (size_t i = 0; i < atom.length; i++) {
            uint8_t byte = atom.start[i];
            if (!is_letter(byte) && !is_digit(byte) &&
                (byte == 0 || strchr("!#$%&'*+-/=?^_`{|}~", byte) == NULL))
                return "has a character before the @ that needs quotes there";
        }
    }
    return NULL;
}

static const char *fault_of_mailbox(struct bytes mailbox)
{
    struct bytes domain = {0};
    struct bytes local = cut(mailbox, '@', &domain);
    const char *fault = NULL;

    if (!is_ascii(mailbox))
        return "has letters beyond ASCII, which a mailbox in a certificate "
               "may not have; write the A-label of its domain (RFC 5280, 7.5)";
    if (domain.start == NULL)
        return "has no @";
    if (mailbox.length > MAILBOX_MAX)
        return "has more than 254 bytes";
    fault = fault_of_local_part(local);
    return fault != NULL ? fault : fault_of_host(domain);
}

/* RFC 3986, 2: the characters of a URI. */
static const char *fault_of_uri_characters(struct bytes uri)
{
    for (size_t i = 0; i < uri.length; i++) {
        uint8_t byte = uri.start[i];
        if (!is_letter(byte) && !is_digit(byte) &&
            (byte == 0 || strchr("-._~:/?#[]@!$&'()*+,;=%", byte) == NULL))
            return "has a character that a URI writes as %XX (RFC 3986, 2)";
    }
    return NULL;
}

static const char *fault_of_scheme(struct bytes scheme, bool has_colon)
{
    static const char *const rule =
        "has no scheme as https: in front (RFC 5280, 4.2.1.6)";

    if (!has_colon || scheme.length == 0 || !is_letter(scheme.start[0]))
        return rule;
    for (size_t i = 0; i < scheme.length; i++) {
        uint8_t byte = scheme.start[i];
        if (!is_letter(byte) && !is_digit(byte) && byte != '+' && byte != '-' &&
            byte != '.')
            return rule;
    }
    return NULL;
}

static bool has_empty_authority(struct bytes after_scheme)
{
    if (after_scheme.length < 2 || memcmp(after_scheme.start, "//", 2) != 0)
        return false;
    return after_scheme.length == 2 ||
           memchr("/?#:@", after_scheme.start[2], 5) != NULL;
}

static const char *fault_of_uri(struct bytes uri)
{
    struct bytes after_scheme = {0};
    struct bytes scheme = cut(uri, ':', &after_scheme);
    const char *fault = NULL;

    if (uri.length > URI_MAX)
        return "has more than 2048 bytes";
    fault = fault_of_uri_characters(uri);
    if (fault == NULL)
        fault = fault_of_scheme(scheme, after_scheme.start != NULL);
    if (fault != NULL)
        return fault;
    if (after_scheme.length == 0)
        return "has nothing after its scheme (RFC 5280, 4.2.1.6)";
    if (has_empty_authority(after_scheme))
        return "has no host between // and what follows (RFC 5280, 4.2.1.6)";
    return NULL;
}

static bool refuse_unless_null(
    const char *fault, const char *kind, struct bytes name, struct failure *why)
{
    return fault == NULL || refuse(kind, name, fault, why);
}

static bool check_address(struct bytes address, struct failure *why)
{
    if (address.length == 4 || address.length == 16)
        return true;
    return fail_because(why, FAILURE_UNSUITABLE,
        "an IP address has 4 or 16 bytes, this one %zu (RFC 5280, 4.2.1.6)",
        address.length);
}

bool general_name_check(const struct general_name *name, struct failure *why)
{
    struct bytes value = name->value;

    switch (name->kind) {
    case GENERAL_NAME_DNS:
        return refuse_unless_null(
            fault_of_dns_name(value), "DNS name", value, why);
    case GENERAL_NAME_EMAIL:
        return refuse_unless_null(
            fault_of_mailbox(value), "mailbox", value, why);
    case GENERAL_NAME_URI:
        return refuse_unless_null(fault_of_uri(value), "URI", value, why);
    case GENERAL_NAME_IP:
        return check_address(value, why);
    case GENERAL_NAME_DIRECTORY:
        return name_check(value, why);
    case GENERAL_NAME_OTHER:
    case GENERAL_NAME_X400:
    case GENERAL_NAME_EDI:
    case GENERAL_NAME_REGISTERED_ID:
        break;
    }
    return true;
}
