#ifndef SERVER_FETCH_RULE_H
#define SERVER_FETCH_RULE_H

#include <sys/socket.h>

#include "base/bytes.h"
#include "server/fetch_url.h"

/*
 * Where the validator may connect to.  Without rules: the ports 80 and 443 of
 * any address but loopback, link-local, multicast, unspecified and reserved
 * ones, tunnels that hide the address behind them, and those at which clouds
 * tell a machine its secrets.  A rule is what the caller named:
 *
 *     HOST | ADDRESS[/PREFIX] [:PORT]      an IPv6 address with a port stands
 *                                          in brackets
 *
 * It lets one host, or one network, through on one port; without PORT on 80 and
 * 443.
 */
#define FETCH_ADDRESS_BYTES 16

struct fetch_network {
    uint8_t bytes[FETCH_ADDRESS_BYTES]; /* IPv4: ::ffff:a.b.c.d */
    unsigned int prefix;                /* bits of all 128 */
};

struct fetch_rule {
    char host[FETCH_HOST_ROOM]; /* "": a network */
    struct fetch_network network;
    uint16_t port; /* 0: none was named */
};

#define FETCH_RULES_MAX 64
#define FETCH_RULE_TEXT 300

/* FAILURE_MALFORMED: it is none of these. */
MUST_CHECK bool fetch_rule_read(
    const char *text, struct fetch_rule *rule, struct failure *why);

/*
 * May a connection go to this address, which was found for host?  Judged is the
 * address that is connected to, not a name: what a name means later changes
 * nothing.  FAILURE_FORBIDDEN names the address and what it is.
 */
MUST_CHECK bool fetch_rules_judge(const struct fetch_rule *rules, size_t count,
    const char *host, const struct sockaddr *address, uint16_t port,
    struct failure *why);

#endif
