#include "base/notify.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

#define FIRST_SOCKET 3
#define SOCKETS_MAX 16
#define LINES_ROOM 512

static void send_lines(const char *lines)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    SCOPED_DESCRIPTOR int descriptor = -1;
    size_t length = path == NULL ? 0 : strlen(path);
    socklen_t size =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);

    if (length < 2 || length >= sizeof(address.sun_path) ||
        (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(address.sun_path, path, length);
    /* unix(7): a name of no file begins with a zero and ends where the length
     * says. */
    if (path[0] == '@')
        address.sun_path[0] = 0;
    descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0)
        (void)!sendto(descriptor, lines, strlen(lines), MSG_NOSIGNAL,
            (const struct sockaddr *)&address, size);
}

static const char *words_of(enum notice notice)
{
    switch (notice) {
    case NOTICE_READY:
        return "READY=1";
    case NOTICE_RELOADING:
        return "RELOADING=1";
    case NOTICE_STOPPING:
        return "STOPPING=1";
    case NOTICE_WATCHDOG:
        return "WATCHDOG=1";
    }
    return "";
}

void notify(enum notice notice, const char *status)
{
    char lines[LINES_ROOM];
    char time[64] = "";

    /* The manager takes no time from before it asked: rounded up. */
    if (notice == NOTICE_RELOADING)
        (void)snprintf(time, sizeof(time), "MONOTONIC_USEC=%lld000\n",
            (long long)clock_monotonic_ms() + 1);
    (void)snprintf(lines, sizeof(lines), "%s\n%s%s%s%s", words_of(notice), time,
        status == NULL ? "" : "STATUS=", status == NULL ? "" : status,
        status == NULL ? "" : "\n");
    send_lines(lines);
}

/* A variable that is a number, and nothing else; 0 otherwise. */
static unsigned long long number_in(const char *variable)
{
    const char *text = getenv(variable);

    if (text == NULL || *text == 0 || strlen(text) > 15 ||
        text[strspn(text, "0123456789")] != 0)
        return 0;
    return strtoull(text, NULL, 10);
}

static bool is_for_us(const char *variable)
{
    return number_in(variable) == (unsigned long long)getpid();
}

int notify_watchdog_ms(void)
{
    unsigned long long us = number_in("WATCHDOG_USEC");

    if (us == 0 || us / 1000 > 86400000 ||
        (getenv("WATCHDOG_PID") != NULL && !is_for_us("WATCHDOG_PID")))
        return 0;
    return us < 2000 ? 1 : (int)(us / 2000);
}

/* The place of a name among those with colons between; -1: it has none. */
static int place_of(const char *names, const char *name)
{
    size_t length = strlen(name);

    for (int place = 0; names != NULL && place < SOCKETS_MAX; place++) {
        size_t found = strcspn(names, ":");

        if (found == length && strncmp(names, name, length) == 0)
            return place;
        names = names[found] == 0 ? NULL : names + found + 1;
    }
    return -1;
}

void notify_socket(const char *name, int *descriptor)
{
    int place = place_of(getenv("LISTEN_FDNAMES"), name);

    *descriptor = -1;
    if (place < 0 || !is_for_us("LISTEN_PID") ||
        (unsigned long long)place >= number_in("LISTEN_FDS"))
        return;
    if (fcntl(FIRST_SOCKET + place, F_SETFD, FD_CLOEXEC) == 0)
        *descriptor = FIRST_SOCKET + place;
}
