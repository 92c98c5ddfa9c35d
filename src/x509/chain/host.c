#include "x509/chain/host.h"

#include <string.h>

#include "x509/der.h"

#define LABEL_MAX 63
#define HOST_MAX 253
#define LOCAL_PART_MAX 64
#define MAILBOX_MAX 254

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static uint8_t small(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

static bool is_label_byte(uint8_t byte)
{
    byte = small(byte);
    return (byte >= 'a' && byte <= 'z') || is_digit(byte) || byte == '-' ||
           byte == '_';
}

static size_t length_before(struct bytes text, uint8_t byte)
{
    const uint8_t *found =
        text.length == 0 ? NULL : memchr(text.start, byte, text.length);

    return found == NULL ? text.length : (size_t)(found - text.start);
}

static struct bytes behind(struct bytes text, size_t length)
{
    return (struct bytes){text.start + length, text.length - length};
}

static bool is_label(struct bytes label)
{
    if (label.length == 0 || label.length > LABEL_MAX ||
        label.start[0] == '-' || label.start[label.length - 1] == '-')
        return false;
    for (size_t i = 0; i < label.length; i++) {
        if (!is_label_byte(label.start[i]))
            return false;
    }
    return true;
}

bool host_is_wellformed(struct bytes host)
{
    if (host.length == 0 || host.length > HOST_MAX)
        return false;
    for (;;) {
        size_t length = length_before(host, '.');

        if (!is_label((struct bytes){host.start, length}))
            return false;
        if (length == host.length)
            return true;
        host = behind(host, length + 1);
    }
}

bool host_is_domain(struct bytes host)
{
    size_t place = host.length;

    if (!host_is_wellformed(host))
        return false;
    while (place > 0 && host.start[place - 1] != '.') {
        if (!is_digit(host.start[place - 1]))
            return true;
        place--;
    }
    return false;
}

static bool is_wildcard(struct bytes presented)
{
    return presented.length > 2 && memcmp(presented.start, "*.", 2) == 0;
}

bool host_is_presentable(struct bytes presented)
{
    return host_is_wellformed(
        is_wildcard(presented) ? behind(presented, 2) : presented);
}

bool host_equals(struct bytes a, struct bytes b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++) {
        if (small(a.start[i]) != small(b.start[i]))
            return false;
    }
    return true;
}

bool host_is_below(struct bytes host, struct bytes domain)
{
    size_t more = host.length - domain.length;

    return host.length > domain.length + 1 && host.start[more - 1] == '.' &&
           host_equals(behind(host, more), domain);
}

struct bytes host_parent(struct bytes host)
{
    size_t length = length_before(host, '.');

    return length == host.length ? (struct bytes){0} : behind(host, length + 1);
}

bool host_matches(struct bytes presented, struct bytes reference)
{
    if (reference.length > 1 && reference.start[reference.length - 1] == '.')
        reference.length--;
    if (!host_is_presentable(presented) || !host_is_domain(reference))
        return false;
    if (!is_wildcard(presented))
        return host_equals(presented, reference);

    struct bytes suffix = behind(presented, 2);
    return host_parent(suffix).length > 0 &&
           host_equals(suffix, host_parent(reference));
}

static bool is_visible(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] <= ' ' || text.start[i] == 0x7f)
            return false;
    }
    return true;
}

/* Where the "@" behind the local part stands; the length: nowhere. */
static size_t place_of_at(struct bytes mailbox)
{
    size_t place = mailbox.length;

    if (mailbox.length == 0 || mailbox.start[0] != '"')
        return length_before(mailbox, '@');
    while (place > 0 && mailbox.start[place - 1] != '@')
        place--;
    if (place < 4 || mailbox.start[place - 2] != '"')
        return mailbox.length;
    return place - 1;
}

bool mailbox_split(
    struct bytes mailbox, struct bytes *local, struct bytes *domain)
{
    size_t place = place_of_at(mailbox);

    if (mailbox.length > MAILBOX_MAX || place == 0 || place > LOCAL_PART_MAX ||
        place >= mailbox.length)
        return false;
    *local = (struct bytes){mailbox.start, place};
    *domain = behind(mailbox, place + 1);
    return (local->start[0] == '"' || is_visible(*local)) &&
           host_is_wellformed(*domain);
}

bool mailbox_equals(struct bytes a, struct bytes b)
{
    struct bytes left = {0}, right = {0}, left_domain = {0}, right_domain = {0};

    return mailbox_split(a, &left, &left_domain) &&
           mailbox_split(b, &right, &right_domain) &&
           bytes_equal(left, right) && host_equals(left_domain, right_domain);
}

static bool is_scheme(struct bytes scheme)
{
    if (scheme.length == 0 || !is_label_byte(scheme.start[0]) ||
        is_digit(scheme.start[0]))
        return false;
    for (size_t i = 0; i < scheme.length; i++) {
        uint8_t byte = scheme.start[i];

        if (byte == '_' || (!is_label_byte(byte) && byte != '+' && byte != '.'))
            return false;
    }
    return true;
}

/* RFC 3986, 3.2: [userinfo "@"] host [":" port]. */
static struct bytes host_of_authority(struct bytes authority)
{
    size_t before = length_before(authority, '@');
    size_t length;

    if (before < authority.length)
        authority = behind(authority, before + 1);
    length = authority.length > 0 && authority.start[0] == '['
                 ? length_before(authority, ']') + 1
                 : length_before(authority, ':');
    if (length > authority.length)
        length = authority.length;
    return (struct bytes){authority.start, length};
}

bool uri_split(struct bytes uri, struct uri_parts *parts)
{
    size_t colon = length_before(uri, ':');
    struct uri_parts found = {.scheme = {uri.start, colon}};
    struct bytes rest;

    if (colon + 1 >= uri.length || !is_scheme(found.scheme) || !is_visible(uri))
        return false;
    rest = behind(uri, colon + 1);
    if (rest.length >= 2 && memcmp(rest.start, "//", 2) == 0) {
        size_t end = 2;

        while (end < rest.length && strchr("/?#", rest.start[end]) == NULL)
            end++;
        found.host = host_of_authority((struct bytes){rest.start + 2, end - 2});
        rest = behind(rest, end);
    }
    found.path = rest;
    *parts = found;
    return true;
}

bool smtp_utf8_mailbox(struct bytes other_name, struct bytes *mailbox)
{
    /* id-on-SmtpUTF8Mailbox, 1.3.6.1.5.5.7.8.9 */
    static const uint8_t type_wanted[] = {0x2b, 6, 1, 5, 5, 7, 8, 9};
    struct der_reader reader = der_reader_of(other_name);
    struct der_reader value = {0}, text = {0};
    struct bytes type = {0};
    struct failure unread = {0};

    if (!der_read_oid(&reader, &type, &unread) ||
        !bytes_equal(type, (struct bytes){type_wanted, sizeof(type_wanted)}) ||
        !der_read(&reader, DER_CONTEXT_HOLDING(0), &value, &unread) ||
        !der_read(&value, DER_UTF8_STRING, &text, &unread))
        return false;
    *mailbox = der_remaining(&text);
    return true;
}
