#ifndef BASE_NOTIFY_H
#define BASE_NOTIFY_H

#include "base/bytes.h"

/*
 * What a service and its manager say to each other: sd_notify(3) and
 * sd_listen_fds(3), which are a datagram and three variables.
 */

/*
 * Tells the manager, where there is one ($NOTIFY_SOCKET, a path or "@name").
 * Without one, or when it doesn't listen, nothing happens: no service depends
 * on being heard.
 */
enum notice {
    NOTICE_READY,
    NOTICE_RELOADING, /* with the monotonic time, as Type=notify-reload wants */
    NOTICE_STOPPING,
    NOTICE_WATCHDOG
};
/* status: a line for `systemctl status`, or NULL. */
void notify(enum notice notice, const char *status);

/* How often the manager wants to hear NOTICE_WATCHDOG of this process, in
 * milliseconds ($WATCHDOG_USEC, $WATCHDOG_PID); 0: never. */
int notify_watchdog_ms(void);

/*
 * The sockets that the manager opened for this process ($LISTEN_PID,
 * $LISTEN_FDS, $LISTEN_FDNAMES): *descriptor of the one with this name, closed
 * by no exec from then on; -1: there is none.  A socket that is asked for
 * twice is the same.
 */
void notify_socket(const char *name, int *descriptor);

#endif
