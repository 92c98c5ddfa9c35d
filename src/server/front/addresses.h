#ifndef SERVER_FRONT_ADDRESSES_H
#define SERVER_FRONT_ADDRESSES_H

#include <sys/socket.h>

#include "base/bytes.h"

/* "2001:db8:0:1:2:3:192.0.2.7" and its zero. */
#define ADDRESS_TEXT 46

/*
 * Where a client comes from, as far as connections are counted by it: an IPv4
 * address, or the first 64 bits of an IPv6 address, since a host has all that
 * follow.  An IPv4 address in IPv6 (::ffff:192.0.2.7) is the former.
 */
struct address {
    uint8_t bytes[8];
    char text[ADDRESS_TEXT]; /* the whole of it */
};

/* False for what is no address of the internet. */
bool address_of(const struct sockaddr_storage *from, struct address *address);
bool address_equal(const struct address *one, const struct address *other);

/* How many connections there are from each: a hash table of fixed size, which
 * holds as many addresses as there may be connections. */
struct addresses;
MUST_CHECK bool addresses_new(
    size_t most, struct addresses **addresses, struct failure *why);
void addresses_free(struct addresses *addresses); /* NULL is allowed */

size_t addresses_count(
    const struct addresses *addresses, const struct address *address);
/* FAILURE_UNAVAILABLE: there are as many addresses as there is room for. */
MUST_CHECK bool addresses_enter(struct addresses *addresses,
    const struct address *address, struct failure *why);
void addresses_leave(
    struct addresses *addresses, const struct address *address);

#endif
