#ifndef SERVER_FETCH_URL_H
#define SERVER_FETCH_URL_H

#include "base/bytes.h"

/*
 * An address that a certificate, or a server's redirect, names (RFC 3986), as
 * far as the validator follows it: http alone.  https would need certificates
 * to check certificates (RFC 5280, 8), and other schemes are refused by name.
 */
#define FETCH_URL_MAX 1024
#define FETCH_HOST_ROOM 254

struct fetch_url {
    char host[FETCH_HOST_ROOM]; /* without brackets */
    bool is_bracketed;          /* an IPv6 address */
    uint16_t port;
    bool has_port; /* it was written: the Host field has it too */
    char target[FETCH_URL_MAX + 2]; /* path and query: "/ca.crl?x=1" */
};

/* FAILURE_FORBIDDEN: a scheme, a name and password, or a port 0, that are not
 * followed; FAILURE_MALFORMED: it is no address, or longer than FETCH_URL_MAX;
 * the reason says which.  A fragment is left out. */
MUST_CHECK bool fetch_url_read(
    struct bytes text, struct fetch_url *url, struct failure *why);

/* A Location (RFC 9110, 10.2.2) beside the address it came from: a whole
 * address, or one that begins with "/". */
MUST_CHECK bool fetch_url_follow(const struct fetch_url *from,
    struct bytes location, struct fetch_url *url, struct failure *why);

#endif
