#include "server/control_socket.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Root does this in a folder that is somebody else's, who may have put a link
 * in the socket's place meanwhile: none is followed. */
static bool open_to_all(const char *path)
{
    return fchmodat(AT_FDCWD, path, 0666, AT_SYMLINK_NOFOLLOW) == 0;
}

bool control_socket_listen(
    const struct place *place, int *listener, struct failure *why)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path, sizeof(address.sun_path),
        "%s/control.sock", place->directory);
    SCOPED_DESCRIPTOR int made = -1;

    if (length < 0 || (size_t)length >= sizeof(address.sun_path))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the path of %s/control.sock is longer than %zu characters",
            place->directory, sizeof(address.sun_path) - 1);
    made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)unlink(address.sun_path);
    /* Everybody may connect; the keeper asks the kernel who it is, and whether
     * they are somebody's (admin add --local-user). */
    if (made < 0 ||
        bind(made, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        !open_to_all(address.sun_path) || listen(made, 64) != 0)
        return fail_in_file(why, "listening at", address.sun_path);
    if (geteuid() == 0 &&
        lchown(address.sun_path, place->owner, place->group) != 0)
        return fail_in_file(why, "giving to its owner", address.sun_path);
    *listener = descriptor_keep(&made);
    return true;
}

void control_socket_remove(const struct place *place)
{
    struct failure ignored = {0};
    char path[PATH_ROOM];

    if (place_path(place, "control.sock", path, &ignored))
        (void)unlink(path);
}
