#include "authority/names_pattern.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A network: the first bits of an address. */
struct network {
    uint8_t address[16];
    size_t length; /* 4 or 16 */
    unsigned long bits;
};

#define WILDCARD_HEAD 2 /* the length of "*." */

static struct bytes from(const char *text, size_t length)
{
    return (struct bytes){.start = (const uint8_t *)text, .length = length};
}

static struct bytes behind(struct bytes text, size_t count)
{
    return (struct bytes){text.start + count, text.length - count};
}

static bool equal_in_any_case(struct bytes a, struct bytes b)
{
    return a.length == b.length && strncasecmp((const char *)a.start,
                                       (const char *)b.start, a.length) == 0;
}

static bool begins_wild(struct bytes text)
{
    return text.length > WILDCARD_HEAD &&
           memcmp(text.start, "*.", WILDCARD_HEAD) == 0;
}

/* --- hosts --------------------------------------------------------------- */

static bool is_host(struct bytes host)
{
    const struct general_name name = {GENERAL_NAME_DNS, host};
    struct failure unused = {0};

    return !begins_wild(host) && general_name_check(&name, &unused);
}

static bool is_host_pattern(struct bytes pattern)
{
    return is_host(
        begins_wild(pattern) ? behind(pattern, WILDCARD_HEAD) : pattern);
}

/* host may be a wildcard's name, which stands for names below its rest. */
static bool host_matches(struct bytes pattern, struct bytes host)
{
    struct bytes parent;

    if (!begins_wild(pattern))
        return equal_in_any_case(pattern, host);
    parent = behind(pattern, WILDCARD_HEAD - 1);
    return host.length > parent.length &&
           equal_in_any_case(parent, behind(host, host.length - parent.length));
}

/* --- networks ------------------------------------------------------------ */

static bool read_bits(const char *text, size_t most, unsigned long *bits)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 3 || text[digits] != 0 ||
        (digits > 1 && *text == '0'))
        return false;
    *bits = strtoul(text, NULL, 10);
    return *bits <= most;
}

/* Bits behind the network's are a slip of the pen: 10.1.2.3/8. */
static bool has_bits_behind(const struct network *network)
{
    for (size_t bit = network->bits; bit < network->length * 8; bit++) {
        if ((network->address[bit / 8] & 0x80u >> bit % 8) != 0)
            return true;
    }
    return false;
}

static bool read_network(const char *pattern, struct network *network)
{
    const char *slash = strchr(pattern, '/');
    char address[INET6_ADDRSTRLEN] = "";
    size_t length = slash == NULL ? strlen(pattern) : (size_t)(slash - pattern);

    if (length >= sizeof(address))
        return false;
    memcpy(address, pattern, length);
    *network = (struct network){.length = 4};
    if (inet_pton(AF_INET, address, network->address) != 1) {
        network->length = 16;
        if (inet_pton(AF_INET6, address, network->address) != 1)
            return false;
    }
    network->bits = network->length * 8;
    return slash == NULL ||
           read_bits(slash + 1, network->length * 8, &network->bits);
}

static bool is_within(const struct network *network, struct bytes address)
{
    if (address.length != network->length)
        return false;
    for (size_t bit = 0; bit < network->bits; bit++) {
        uint8_t mask = (uint8_t)(0x80u >> bit % 8);

        if (((network->address[bit / 8] ^ address.start[bit / 8]) & mask) != 0)
            return false;
    }
    return true;
}

/* --- URIs ---------------------------------------------------------------- */

/* "scheme://host" and what follows; false when it has no such form. */
struct parts_of_uri {
    struct bytes scheme, host, rest;
};

static bool take_uri_apart(struct bytes uri, struct parts_of_uri *parts)
{
    const uint8_t *mark = memmem(uri.start, uri.length, "://", 3);
    size_t scheme, length = 0;
    struct bytes after;

    if (mark == NULL)
        return false;
    scheme = (size_t)(mark - uri.start);
    after = behind(uri, scheme + 3);
    while (
        length < after.length && memchr("/?#", after.start[length], 3) == NULL)
        length++;
    *parts = (struct parts_of_uri){.scheme = {uri.start, scheme},
        .host = {after.start, length},
        .rest = behind(after, length)};
    return scheme > 0 && length > 0;
}

/* A user name, or "%2f", in it makes readers take another part for the host. */
static bool uri_matches(struct bytes pattern, struct bytes uri)
{
    struct parts_of_uri wanted, given;
    const uint8_t *colon;

    if (!take_uri_apart(pattern, &wanted) || !take_uri_apart(uri, &given))
        return false;
    colon = memchr(given.host.start, ':', given.host.length);
    if (colon != NULL)
        given.host.length = (size_t)(colon - given.host.start);
    return equal_in_any_case(wanted.scheme, given.scheme) &&
           is_host(given.host) && host_matches(wanted.host, given.host);
}

/* --- mailboxes ----------------------------------------------------------- */

/* RFC 5321, 2.4: what is before the @ differs by case. */
static bool mailbox_matches(struct bytes pattern, struct bytes mailbox)
{
    const uint8_t *wanted = memchr(pattern.start, '@', pattern.length);
    const uint8_t *given = memchr(mailbox.start, '@', mailbox.length);
    struct bytes local, hosts;

    if (wanted == NULL || given == NULL)
        return false;
    local = (struct bytes){pattern.start, (size_t)(wanted - pattern.start)};
    hosts = behind(pattern, local.length + 1);
    if (local.length > 0 &&
        !bytes_equal(local,
            (struct bytes){mailbox.start, (size_t)(given - mailbox.start)}))
        return false;
    return host_matches(
        hosts, behind(mailbox, (size_t)(given - mailbox.start) + 1));
}

/* --- of any kind --------------------------------------------------------- */

static const char *fault_of_mailbox(const char *pattern)
{
    const struct general_name name = {
        GENERAL_NAME_EMAIL, from(pattern, strlen(pattern))};
    const char *host = strchr(pattern, '@') + 1;
    struct failure unused = {0};

    if (pattern[0] == '@')
        return is_host_pattern(from(host, strlen(host)))
                   ? NULL
                   : "has no host behind its @, as @example.org or "
                     "@*.example.org";
    return general_name_check(&name, &unused)
               ? NULL
               : "is no mailbox, as alice@example.org";
}

static const char *fault_of_uri(const char *pattern)
{
    const struct general_name name = {
        GENERAL_NAME_URI, from(pattern, strlen(pattern))};
    struct parts_of_uri parts;
    struct failure unused = {0};

    if (general_name_check(&name, &unused) &&
        take_uri_apart(name.value, &parts) && parts.rest.length == 0 &&
        is_host_pattern(parts.host))
        return NULL;
    return "is no scheme and host, as https://example.org, without a path";
}

const char *name_pattern_fault(const char *pattern)
{
    struct network network;

    if (*pattern == 0 || strlen(pattern) >= NAME_PATTERN_MAX)
        return "is empty or longer than 319 bytes";
    if (strstr(pattern, "://") != NULL)
        return fault_of_uri(pattern);
    if (strchr(pattern, '@') != NULL)
        return fault_of_mailbox(pattern);
    if (read_network(pattern, &network))
        return has_bits_behind(&network)
                   ? "has bits behind its network: 10.0.0.0/8 is one"
                   : NULL;
    if (is_host_pattern(from(pattern, strlen(pattern))))
        return NULL;
    return "is neither a DNS name (example.org, *.example.org), nor a mailbox "
           "(@example.org), a network (10.0.0.0/8) or a URI's beginning "
           "(https://example.org)";
}

bool name_pattern_matches(const char *pattern, const struct general_name *name)
{
    struct bytes wanted = from(pattern, strlen(pattern));
    bool is_uri = strstr(pattern, "://") != NULL;
    bool is_mailbox = !is_uri && strchr(pattern, '@') != NULL;
    struct network network;

    if (name_pattern_fault(pattern) != NULL)
        return false;
    if (name->kind == GENERAL_NAME_URI)
        return is_uri && uri_matches(wanted, name->value);
    if (name->kind == GENERAL_NAME_EMAIL)
        return is_mailbox && mailbox_matches(wanted, name->value);
    if (name->kind == GENERAL_NAME_IP)
        return read_network(pattern, &network) &&
               is_within(&network, name->value);
    return name->kind == GENERAL_NAME_DNS && !is_uri && !is_mailbox &&
           host_matches(wanted, name->value);
}
