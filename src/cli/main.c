#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/dispatch.h"

/* A file opened later must not become standard input, output or error. */
static bool hold_standard_descriptors(void)
{
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (fcntl(descriptor, F_GETFD) < 0 &&
            open("/dev/null", O_RDWR) != descriptor)
            return false;
    }
    return true;
}

int main(int count, char **arguments)
{
    if (!hold_standard_descriptors())
        return 9;
    (void)umask(077);
    /* A reader that goes is told by write(2). */
    (void)signal(SIGPIPE, SIG_IGN);
    return dispatch(count, (const char *const *)arguments);
}
