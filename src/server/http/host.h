#ifndef SERVER_HTTP_HOST_H
#define SERVER_HTTP_HOST_H

#include "base/bytes.h"
#include "server/http/rule.h"

/* RFC 1035, 2.3.4: 253 characters, a final dot apart. */
#define HTTP_HOST_NAME_MAX 254

struct http_host {
    struct bytes name; /* without the brackets of an IPv6 address */
    unsigned port;     /* 0: none was named */
    bool is_address;
};

/*
 * RFC 9110, 7.2 and RFC 3986, 3.2.2: a name, an IPv4 or a bracketed IPv6
 * address, and perhaps a port of 1 to 65535.  Narrower than the URI: a name is
 * letters, digits, '-', '_' and single dots; no escapes, no user, no zone; a
 * name that ends in digits must be an IPv4 address in its four-part form.
 * Refused with HTTP_HOST_INVALID. The view points into value.
 */
MUST_CHECK bool http_host_read(
    struct bytes value, struct http_host *host, enum http_rule *broken);

#endif
