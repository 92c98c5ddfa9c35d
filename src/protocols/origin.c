#include "protocols/origin.h"

#include <string.h>
#include <strings.h>

static bool fail_foreign(const char *site, struct failure *why)
{
    return fail_because(why, FAILURE_FORBIDDEN,
        "this was sent from a page of another site (%.100s); open the page "
        "here, and send it from there",
        site);
}

/* What stands behind scheme://, up to a path. */
static const char *host_of(
    const struct exchange *exchange, const char *address, size_t *length)
{
    const char *scheme = exchange->is_tls ? "https://" : "http://";
    size_t skipped = strlen(scheme);

    if (strncasecmp(address, scheme, skipped) != 0)
        return NULL;
    *length = strcspn(address + skipped, "/?#");
    return address + skipped;
}

/* An origin names the port where it isn't the scheme's own, as Host does. */
static bool is_ours(const struct exchange *exchange, const char *address)
{
    size_t length = 0;
    const char *host = host_of(exchange, address, &length);

    return host != NULL && length > 0 && strlen(exchange->host) == length &&
           strncasecmp(host, exchange->host, length) == 0;
}

/* Scripts write the name of the server by hand, and leave the port out. */
static bool names_our_host(const struct exchange *exchange, const char *address)
{
    size_t length = 0;
    const char *host = host_of(exchange, address, &length);
    const char *port = strrchr(exchange->host, ':');

    if (is_ours(exchange, address))
        return true;
    return host != NULL && length > 0 && port != NULL &&
           (size_t)(port - exchange->host) == length &&
           strncasecmp(host, exchange->host, length) == 0;
}

bool exchange_check_origin(const struct exchange *exchange, struct failure *why)
{
    const char *fetch_site = exchange->fetch_site;

    if (fetch_site != NULL && strcmp(fetch_site, "same-origin") != 0 &&
        strcmp(fetch_site, "none") != 0)
        return fail_foreign(
            exchange->origin != NULL ? exchange->origin : fetch_site, why);
    if (exchange->origin != NULL)
        return is_ours(exchange, exchange->origin) ||
               fail_foreign(exchange->origin, why);
    return exchange->referer == NULL ||
           names_our_host(exchange, exchange->referer) ||
           fail_foreign(exchange->referer, why);
}
