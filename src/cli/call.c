#include "cli/call.h"

#include "crypto/algorithm.h"
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool fail_usage(struct call *call, struct failure *why, const char *format, ...)
{
    va_list arguments;

    call->is_usage = true;
    why->kind = FAILURE_MALFORMED;
    va_start(arguments, format);
    (void)vsnprintf(why->reason, sizeof(why->reason), format, arguments);
    va_end(arguments);
    return false;
}

void advise(struct call *call, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(call->remedy, sizeof(call->remedy), format, arguments);
    va_end(arguments);
}

const char *call_text(const struct call *call, const char *option)
{
    return option_text(&call->options, option);
}

bool call_given(const struct call *call, const char *option)
{
    return option_is_given(&call->options, option);
}

static bool copy_path(
    const char *directory, char path[static PATH_ROOM], struct failure *why)
{
    int length = snprintf(path, PATH_ROOM, "%s", directory);

    return (length > 0 && length < PATH_ROOM) ||
           fail_because(why, FAILURE_UNSUITABLE, "the path of the folder is %s",
               length == 0 ? "empty" : "longer than 1023 bytes");
}

/* XDG Base Directory Specification: a path that is not absolute is ignored. */
static bool own_data_folder(
    struct call *call, char path[static PATH_ROOM], struct failure *why)
{
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    const struct passwd *user;

    if (data != NULL && data[0] == '/')
        return path_join(path, data, "chancery", why);
    if (home == NULL || home[0] != '/') {
        user = getpwuid(geteuid());
        home = user == NULL ? NULL : user->pw_dir;
    }
    if (home == NULL || home[0] != '/')
        return fail_usage(call, why,
            "there is no home folder to keep an authority in: give --dir DIR");
    return path_join(path, home, ".local/share/chancery", why);
}

bool call_directory(struct call *call, char path[static PATH_ROOM],
    bool *is_default, struct failure *why)
{
    const char *named = call_text(call, "dir");

    if (named == NULL)
        named = getenv("CHANCERY_DIR");
    if (named == NULL || *named == 0) {
        if (call_given(call, "dir"))
            return fail_usage(call, why, "--dir names no folder");
        *is_default = true;
        return geteuid() == 0 ? copy_path("/var/lib/chancery", path, why)
                              : own_data_folder(call, path, why);
    }
    *is_default = false;
    return copy_path(named, path, why);
}

bool fail_key_kind(struct call *call, struct failure *why)
{
    RELEASED(buffer) names = BUFFER("the kinds of keys", 1024);
    const char *offered = NULL;

    if (!key_algorithms_offered(&names, why) ||
        !buffer_as_text(&names, &offered, why))
        return false;
    return fail_usage(call, why, "--key takes one of: %s", offered);
}
