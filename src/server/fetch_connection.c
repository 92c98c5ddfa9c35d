#include "server/fetch_connection.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* Addresses of one name that are tried. */
#define TRIED_MAX 8

typedef struct addrinfo found_addresses;
DEFINE_SCOPED(found_addresses, freeaddrinfo)

struct tries {
    struct pollfd waiting[TRIED_MAX];
    size_t count;
    int last_error;
};

static void tries_free(struct tries *tries)
{
    for (size_t i = 0; i < tries->count; i++)
        descriptor_close(&tries->waiting[i].fd);
}

bool fetch_wait(
    int connection, bool is_to_write, int64_t deadline_ms, struct failure *why)
{
    struct pollfd waiting = {
        .fd = connection, .events = is_to_write ? POLLOUT : POLLIN};

    if (poll(&waiting, 1, clock_ms_until(deadline_ms)) > 0)
        return true;
    return fail_because(
        why, FAILURE_UNAVAILABLE, "the server's answer did not come in time");
}

static bool resolve(
    const struct fetch_url *url, found_addresses **found, struct failure *why)
{
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_NUMERICSERV};
    char port[8];
    int error;

    (void)snprintf(port, sizeof(port), "%u", (unsigned)url->port);
    error = getaddrinfo(url->host, port, &wanted, found);
    if (error == 0)
        return true;
    return fail_because(why,
        error == EAI_AGAIN ? FAILURE_UNAVAILABLE : FAILURE_NOT_FOUND,
        "DNS has no address for %.120s: %s", url->host, gai_strerror(error));
}

static void begin(struct tries *tries, const struct addrinfo *address)
{
    SCOPED_DESCRIPTOR int made = socket(
        address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (made < 0 ||
        (connect(made, address->ai_addr, address->ai_addrlen) != 0 &&
            errno != EINPROGRESS)) {
        tries->last_error = errno;
        return;
    }
    tries->waiting[tries->count++] =
        (struct pollfd){.fd = descriptor_keep(&made), .events = POLLOUT};
}

/* Refused only where no address is let through. */
static bool begin_all(const struct fetch_wish *wish,
    const struct fetch_url *url, const struct addrinfo *found,
    struct tries *tries, struct failure *why)
{
    struct failure refusal = {0};
    bool is_judged_good = false;

    for (; found != NULL && tries->count < TRIED_MAX; found = found->ai_next) {
        if (!fetch_rules_judge(wish->rules, wish->rule_count, url->host,
                found->ai_addr, url->port, &refusal))
            continue;
        is_judged_good = true;
        begin(tries, found);
    }
    if (!is_judged_good)
        *why = refusal;
    return is_judged_good;
}

/* Takes the first that is connected; closes those that failed. */
static bool take_connected(struct tries *tries, int *connection)
{
    for (size_t i = 0; i < tries->count;) {
        struct pollfd *one = &tries->waiting[i];
        int error = 0;
        socklen_t length = sizeof(error);

        if (one->revents == 0) {
            i++;
            continue;
        }
        if (getsockopt(one->fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 &&
            error == 0) {
            *connection = descriptor_keep(&one->fd);
            return true;
        }
        tries->last_error = error;
        descriptor_close(&one->fd);
        *one = tries->waiting[--tries->count];
    }
    return false;
}

static bool fail_to_connect(
    const struct tries *tries, const struct fetch_url *url, struct failure *why)
{
    if (tries->count > 0)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "TCP to %.120s:%u got no answer in time", url->host,
            (unsigned)url->port);
    if (tries->last_error == ECONNREFUSED)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "TCP to %.120s:%u was refused: nothing listens there", url->host,
            (unsigned)url->port);
    return fail_because(why, FAILURE_UNAVAILABLE, "TCP to %.120s:%u failed: %s",
        url->host, (unsigned)url->port, strerrordesc_np(tries->last_error));
}

bool fetch_connect(const struct fetch_wish *wish, const struct fetch_url *url,
    int *connection, struct failure *why)
{
    SCOPED(found_addresses) *found = NULL;
    RELEASED(tries) tries = {.last_error = EADDRNOTAVAIL};

    if (!resolve(url, &found, why) || !begin_all(wish, url, found, &tries, why))
        return false;
    while (tries.count > 0 && poll(tries.waiting, (nfds_t)tries.count,
                                  clock_ms_until(wish->deadline_ms)) > 0) {
        if (take_connected(&tries, connection))
            return true;
    }
    return fail_to_connect(&tries, url, why);
}
