#include "server/reader_connection.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/file.h"
#include "server/reader.h"

#define CONNECT_MS (READER_CONNECT_SECONDS * 1000)

typedef struct addrinfo addresses;
DEFINE_SCOPED(addresses, freeaddrinfo)

static bool limit_time(int socket)
{
    const struct timeval limit = {.tv_sec = READER_CONNECT_SECONDS};
    const int flags = fcntl(socket, F_GETFL);

    return flags >= 0 && fcntl(socket, F_SETFL, flags & ~O_NONBLOCK) == 0 &&
           setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ==
               0 &&
           setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ==
               0;
}

/* 0 or an error number. */
static int wait_for(int socket, int64_t deadline_ms)
{
    struct pollfd waiting = {.fd = socket, .events = POLLOUT};
    const int left = clock_ms_until(deadline_ms);
    int error = 0;
    socklen_t length = sizeof(error);
    int ready = left > 0 ? poll(&waiting, 1, left) : 0;

    if (ready == 0)
        return ETIMEDOUT;
    if (ready < 0 ||
        getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        return errno;
    return error;
}

static int try_address(
    const struct addrinfo *address, int64_t deadline_ms, int *connected)
{
    SCOPED_DESCRIPTOR int made = socket(
        address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error = 0;

    if (made < 0)
        return errno;
    if (connect(made, address->ai_addr, address->ai_addrlen) != 0)
        error = errno == EINPROGRESS ? wait_for(made, deadline_ms) : errno;
    if (error != 0)
        return error;
    if (!limit_time(made))
        return errno;
    *connected = descriptor_keep(&made);
    return 0;
}

static bool refuse(
    const char *host, const char *port, int error, struct failure *why)
{
    if (error == ECONNREFUSED)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "%.120s:%s: TCP was refused: nothing listens there", host, port);
    if (error == ETIMEDOUT)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "%.120s:%s: TCP got no answer within %d s", host, port,
            READER_CONNECT_SECONDS);
    return fail_because(why, FAILURE_UNAVAILABLE, "%.120s:%s: TCP failed: %s",
        host, port, strerrordesc_np(error));
}

/* The library's helper thread may still write here after we gave up on it, so
 * it outlives every call; one command connects once. */
static struct gaicb lookup;
static char lookup_host[READER_HOST_ROOM];
static char lookup_port[READER_PORT_ROOM];
static const struct addrinfo lookup_wanted = {.ai_family = AF_UNSPEC,
    .ai_socktype = SOCK_STREAM,
    .ai_flags = AI_NUMERICSERV};

/* getaddrinfo alone waits as long as resolv.conf says.  EAI_INPROGRESS: no
 * answer in time. */
static int resolve(const char *host, const char *port, addresses **found)
{
    const struct timespec most = {.tv_sec = READER_CONNECT_SECONDS};
    struct gaicb *list[] = {&lookup};
    int error;

    (void)snprintf(lookup_host, sizeof(lookup_host), "%s", host);
    (void)snprintf(lookup_port, sizeof(lookup_port), "%s", port);
    lookup = (struct gaicb){.ar_name = lookup_host,
        .ar_service = lookup_port,
        .ar_request = &lookup_wanted};
    error = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
    if (error != 0)
        return error;
    (void)gai_suspend((const struct gaicb *const *)list, 1, &most);
    error = gai_error(&lookup);
    if (error == 0)
        *found = lookup.ar_result;
    else if (error == EAI_INPROGRESS)
        (void)gai_cancel(&lookup);
    return error;
}

static bool refuse_name(const char *host, int error, struct failure *why)
{
    if (error == EAI_INPROGRESS)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "%.120s: DNS gave no answer within %d s", host,
            READER_CONNECT_SECONDS);
    return fail_because(why,
        error == EAI_AGAIN ? FAILURE_UNAVAILABLE : FAILURE_NOT_FOUND,
        "%.120s: DNS has no address for it: %s", host, gai_strerror(error));
}

bool reader_connection_make(
    const char *host, const char *port, int *socket, struct failure *why)
{
    SCOPED(addresses) *found = NULL;
    int64_t deadline_ms;
    int error = resolve(host, port, &found);

    if (error != 0)
        return refuse_name(host, error, why);
    deadline_ms = clock_monotonic_ms() + CONNECT_MS;
    error = EADDRNOTAVAIL;
    for (const struct addrinfo *one = found; one != NULL; one = one->ai_next) {
        error = try_address(one, deadline_ms, socket);
        if (error == 0)
            return true;
    }
    return refuse(host, port, error, why);
}

/* --- addresses ------------------------------------------------------------ */

static bool is_port(const char *text)
{
    unsigned int number = 0;

    for (const char *digit = text; *digit != '\0'; digit++) {
        if (*digit < '0' || *digit > '9' || number > 65535)
            return false;
        number = number * 10 + (unsigned int)(*digit - '0');
    }
    return *text != '\0' && number > 0 && number <= 65535;
}

/* RFC 3986, 3.2.2: an IPv6 address stands in brackets. */
bool reader_address_split(const char *address,
    char host[static READER_HOST_ROOM], char port[static READER_PORT_ROOM],
    struct failure *why)
{
    const char *colon = strrchr(address, ':');
    size_t length = colon == NULL ? 0 : (size_t)(colon - address);
    const char *start = address;

    if (length >= 2 && start[0] == '[' && start[length - 1] == ']') {
        start++;
        length -= 2;
    } else if (memchr(start, ':', length) != NULL)
        length = 0;
    if (length == 0 || length >= READER_HOST_ROOM ||
        strlen(colon + 1) >= READER_PORT_ROOM || !is_port(colon + 1))
        return fail_because(why, FAILURE_MALFORMED,
            "\"%.120s\" is no HOST:PORT; an IPv6 address stands in brackets",
            address);
    memcpy(host, start, length);
    host[length] = '\0';
    memcpy(port, colon + 1, strlen(colon + 1) + 1);
    return true;
}
