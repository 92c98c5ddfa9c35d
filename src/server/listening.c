#include "server/listening.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* The kernel cuts it to net.core.somaxconn. */
#define BACKLOG 4096

static bool fail_to_listen(
    const struct serve_address *address, int error, struct failure *why)
{
    char text[SERVE_ADDRESS_TEXT];

    serve_address_print(address, text);
    if (error == EADDRINUSE)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "another program listens at %s already", text);
    if (error == EADDRNOTAVAIL)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "this machine does not have the address of %s", text);
    if (error == EACCES)
        return fail_because(why, FAILURE_FORBIDDEN,
            "listening at %s needs the right to ports below 1024 "
            "(CAP_NET_BIND_SERVICE)",
            text);
    return fail_because(why, FAILURE_UNAVAILABLE, "listening at %s: %s", text,
        strerrordesc_np(error));
}

static bool set_option(int descriptor, int level, int option, int value)
{
    return setsockopt(descriptor, level, option, &value, sizeof(value)) == 0;
}

/* False: errno says why. */
static bool bind_v6(const struct serve_address *address, int *descriptor)
{
    struct sockaddr_in6 place = {
        .sin6_family = AF_INET6, .sin6_port = htons(address->port)};
    const char *host = address->host[0] == 0 ? "::" : address->host;
    SCOPED_DESCRIPTOR int made =
        socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void)inet_pton(AF_INET6, host, &place.sin6_addr);
    if (made < 0 || !set_option(made, SOL_SOCKET, SO_REUSEADDR, 1) ||
        !set_option(made, IPPROTO_IPV6, IPV6_V6ONLY, 0) ||
        bind(made, (const struct sockaddr *)&place, sizeof(place)) != 0)
        return false;
    *descriptor = descriptor_keep(&made);
    return true;
}

static bool bind_v4(const struct serve_address *address, int *descriptor)
{
    struct sockaddr_in place = {
        .sin_family = AF_INET, .sin_port = htons(address->port)};
    SCOPED_DESCRIPTOR int made =
        socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (inet_pton(AF_INET, address->host, &place.sin_addr) != 1)
        place.sin_addr.s_addr = htonl(INADDR_ANY);
    if (made < 0 || !set_option(made, SOL_SOCKET, SO_REUSEADDR, 1) ||
        bind(made, (const struct sockaddr *)&place, sizeof(place)) != 0)
        return false;
    *descriptor = descriptor_keep(&made);
    return true;
}

static bool has_no_v6(int error)
{
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

bool listening_open(
    const struct serve_address *address, int *descriptor, struct failure *why)
{
    bool is_v6 = address->host[0] == 0 || strchr(address->host, ':') != NULL;
    SCOPED_DESCRIPTOR int made = -1;
    bool bound = is_v6 ? bind_v6(address, &made) : bind_v4(address, &made);

    if (!bound && is_v6 && address->is_any_family && has_no_v6(errno))
        bound = bind_v4(address, &made);
    if (!bound)
        return fail_to_listen(address, errno, why);
    if (!listening_again(made, address, why))
        return false;
    *descriptor = descriptor_keep(&made);
    return true;
}

void listening_address(int descriptor, struct serve_address *address)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } place = {0};
    socklen_t length = sizeof(place);

    *address = (struct serve_address){0};
    if (getsockname(descriptor, &place.any, &length) != 0)
        return;
    if (place.any.sa_family == AF_INET &&
        inet_ntop(AF_INET, &place.v4.sin_addr, address->host,
            sizeof(address->host)) != NULL)
        address->port = ntohs(place.v4.sin_port);
    else if (place.any.sa_family == AF_INET6 &&
             inet_ntop(AF_INET6, &place.v6.sin6_addr, address->host,
                 sizeof(address->host)) != NULL)
        address->port = ntohs(place.v6.sin6_port);
}

/* inet(7) does not say it: a socket that listened and was shut down keeps its
 * address, and may listen again. */
void listening_pause(int descriptor)
{
    (void)shutdown(descriptor, SHUT_RDWR);
}

bool listening_again(
    int descriptor, const struct serve_address *address, struct failure *why)
{
    return listen(descriptor, BACKLOG) == 0 ||
           fail_to_listen(address, errno, why);
}
