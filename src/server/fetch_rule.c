#include "server/fetch_rule.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define IPV4_OFFSET 12
#define IPV4_BITS 96
#define ALL_BITS 128

/* RFC 6890 and those it names; IPv4 in IPv6's form.  The first that fits is
 * told. */
static const struct special {
    const char *network;
    unsigned int prefix;
    const char *what;
} specials[] = {
    {"::ffff:169.254.169.254", 128,
        "where a cloud tells a machine its secrets"},
    {"::ffff:169.254.170.2", 128, "where a cloud tells a machine its secrets"},
    {"::ffff:100.100.100.200", 128,
        "where a cloud tells a machine its secrets"},
    {"::ffff:168.63.129.16", 128, "where a cloud tells a machine its secrets"},
    {"::ffff:192.0.0.192", 128, "where a cloud tells a machine its secrets"},
    {"fd00:ec2::254", 128, "where a cloud tells a machine its secrets"},
    {"fd20:ce::254", 128, "where a cloud tells a machine its secrets"},
    {"::ffff:0.0.0.0", 104, "unspecified"},
    {"::ffff:127.0.0.0", 104, "loopback"},
    {"::ffff:169.254.0.0", 112, "link-local"},
    {"::ffff:224.0.0.0", 100, "multicast"},
    {"::ffff:240.0.0.0", 100, "reserved"},
    {"::", 128, "unspecified"},
    {"::1", 128, "loopback"},
    {"fe80::", 10, "link-local"},
    {"fec0::", 10, "site-local"},
    {"ff00::", 8, "multicast"},
    {"64:ff9b:1::", 48, "a translation into another network"},
    {"2001::", 32, "a tunnel"},
    {"2002::", 16, "a tunnel"},
    {"::ffff:0:0:0", 96, "a translation into another network"},
};

static bool is_in(const uint8_t address[static FETCH_ADDRESS_BYTES],
    const struct fetch_network *network)
{
    const size_t whole = network->prefix / 8;
    const unsigned int left = network->prefix % 8;

    if (memcmp(address, network->bytes, whole) != 0)
        return false;
    return left == 0 ||
           (address[whole] ^ network->bytes[whole]) >> (8 - left) == 0;
}

static bool is_special(const uint8_t address[static FETCH_ADDRESS_BYTES],
    const struct special *special)
{
    struct fetch_network network = {.prefix = special->prefix};

    return inet_pton(AF_INET6, special->network, network.bytes) == 1 &&
           is_in(address, &network);
}

/* NULL: any host may be there. */
static const char *what_is(const uint8_t address[static FETCH_ADDRESS_BYTES])
{
    for (size_t i = 0; i < sizeof(specials) / sizeof(*specials); i++) {
        if (is_special(address, &specials[i]))
            return specials[i].what;
    }
    return NULL;
}

/* RFC 6052 (64:ff9b::/96) and the old compatible addresses (::/96) mean the
 * IPv4 address at their end. */
static void unfold(uint8_t address[static FETCH_ADDRESS_BYTES])
{
    static const uint8_t translated[IPV4_OFFSET] = {0, 0x64, 0xff, 0x9b};
    static const uint8_t compatible[IPV4_OFFSET] = {0};
    static const uint8_t mapped[IPV4_OFFSET] = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

    if (memcmp(address, translated, IPV4_OFFSET) == 0 ||
        (memcmp(address, compatible, IPV4_OFFSET) == 0 &&
            (address[12] != 0 || address[13] != 0)))
        memcpy(address, mapped, IPV4_OFFSET);
}

static bool bytes_of_address(
    const struct sockaddr *address, uint8_t bytes[static FETCH_ADDRESS_BYTES])
{
    struct sockaddr_in six_as_four;
    struct sockaddr_in6 six;

    memset(bytes, 0, FETCH_ADDRESS_BYTES);
    if (address->sa_family == AF_INET) {
        memcpy(&six_as_four, address, sizeof(six_as_four));
        bytes[10] = bytes[11] = 0xff;
        memcpy(bytes + IPV4_OFFSET, &six_as_four.sin_addr, 4);
        return true;
    }
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(&six, address, sizeof(six));
    memcpy(bytes, &six.sin6_addr, FETCH_ADDRESS_BYTES);
    unfold(bytes);
    return true;
}

static void print_address(
    const uint8_t bytes[static FETCH_ADDRESS_BYTES], char text[static 46])
{
    static const uint8_t mapped[IPV4_OFFSET] = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

    if (memcmp(bytes, mapped, IPV4_OFFSET) == 0)
        (void)inet_ntop(AF_INET, bytes + IPV4_OFFSET, text, 46);
    else
        (void)inet_ntop(AF_INET6, bytes, text, 46);
}

/* --- what is named ------------------------------------------------------- */

static bool is_usual_port(uint16_t port)
{
    return port == 80 || port == 443;
}

static bool lets_through(const struct fetch_rule *rule, const char *host,
    const uint8_t address[static FETCH_ADDRESS_BYTES], uint16_t port)
{
    if (rule->port == 0 ? !is_usual_port(port) : rule->port != port)
        return false;
    return rule->host[0] != '\0' ? strcasecmp(rule->host, host) == 0
                                 : is_in(address, &rule->network);
}

bool fetch_rules_judge(const struct fetch_rule *rules, size_t count,
    const char *host, const struct sockaddr *address, uint16_t port,
    struct failure *why)
{
    uint8_t bytes[FETCH_ADDRESS_BYTES];
    const char *what = NULL;
    char text[46] = "";

    if (!bytes_of_address(address, bytes))
        return fail_because(
            why, FAILURE_FORBIDDEN, "%.120s is no internet address", host);
    for (size_t i = 0; i < count; i++) {
        if (lets_through(&rules[i], host, bytes, port))
            return true;
    }
    print_address(bytes, text);
    what = what_is(bytes);
    if (what != NULL)
        return fail_because(why, FAILURE_FORBIDDEN,
            "%s is %s; --fetch-allow %s%s%s:%u would let it through", text,
            what, strchr(text, ':') != NULL ? "[" : "", text,
            strchr(text, ':') != NULL ? "]" : "", (unsigned)port);
    if (!is_usual_port(port))
        return fail_because(why, FAILURE_FORBIDDEN,
            "port %u is none of 80 and 443; --fetch-allow %.120s:%u would let "
            "it through",
            (unsigned)port, host, (unsigned)port);
    return true;
}

/* --- reading rules ------------------------------------------------------- */

static bool fail_rule(const char *text, struct failure *why)
{
    return fail_because(why, FAILURE_MALFORMED,
        "\"%.200s\" is no HOST or ADDRESS[/PREFIX], with :PORT or without; an "
        "IPv6 address with a port stands in brackets",
        text);
}

static bool read_number(const char *text, unsigned long least,
    unsigned long most, unsigned long *number)
{
    char *end = NULL;

    if (*text < '0' || *text > '9' || strlen(text) > 5)
        return false;
    *number = strtoul(text, &end, 10);
    return *end == '\0' && *number >= least && *number <= most;
}

/* Cuts the text at the last of this character, and reads the number behind. */
static bool take_number(char *text, char before, unsigned long least,
    unsigned long most, unsigned long *number, bool *is_there)
{
    char *found = strrchr(text, before);

    *is_there = found != NULL;
    if (found == NULL)
        return true;
    *found = '\0';
    return read_number(found + 1, least, most, number);
}

static bool is_host(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

    return *text != '\0' && strlen(text) < FETCH_HOST_ROOM &&
           strspn(text, letters) == strlen(text);
}

/* The bits behind the prefix count for nothing. */
static bool read_place(char *text, bool has_brackets, struct fetch_rule *rule)
{
    struct fetch_network *network = &rule->network;
    unsigned long prefix = 0;
    bool has_prefix = false;

    if (!take_number(text, '/', 0, ALL_BITS, &prefix, &has_prefix))
        return false;
    if (inet_pton(AF_INET6, text, network->bytes) == 1) {
        network->prefix = has_prefix ? (unsigned int)prefix : ALL_BITS;
        return true;
    }
    if (!has_brackets &&
        inet_pton(AF_INET, text, network->bytes + IPV4_OFFSET) == 1) {
        network->bytes[10] = network->bytes[11] = 0xff;
        network->prefix =
            has_prefix ? IPV4_BITS + (unsigned int)prefix : ALL_BITS;
        return network->prefix <= ALL_BITS;
    }
    if (has_prefix || has_brackets || !is_host(text))
        return false;
    memcpy(rule->host, text, strlen(text) + 1);
    return true;
}

/* "[::1]/128:80" without its brackets and port: "::1/128". */
static bool take_brackets(char *text, struct fetch_rule *rule)
{
    char *closing = strchr(text, ']');
    unsigned long port = 0;
    bool has_port = false;

    if (closing == NULL ||
        !take_number(closing, ':', 1, UINT16_MAX, &port, &has_port) ||
        (closing[1] != '\0' && closing[1] != '/'))
        return false;
    rule->port = (uint16_t)port;
    memmove(closing, closing + 1, strlen(closing + 1) + 1);
    memmove(text, text + 1, strlen(text + 1) + 1);
    return read_place(text, true, rule);
}

static bool take_plain(char *text, struct fetch_rule *rule)
{
    const bool is_bare_ipv6 = strchr(text, ':') != strrchr(text, ':');
    unsigned long port = 0;
    bool has_port = false;

    if (!is_bare_ipv6 &&
        !take_number(text, ':', 1, UINT16_MAX, &port, &has_port))
        return false;
    rule->port = (uint16_t)port;
    return read_place(text, false, rule);
}

bool fetch_rule_read(
    const char *text, struct fetch_rule *rule, struct failure *why)
{
    struct fetch_rule read = {0};
    char parts[FETCH_RULE_TEXT];

    if (strlen(text) >= sizeof(parts))
        return fail_rule(text, why);
    memcpy(parts, text, strlen(text) + 1);
    if (parts[0] == '[' ? !take_brackets(parts, &read)
                        : !take_plain(parts, &read))
        return fail_rule(text, why);
    *rule = read;
    return true;
}
