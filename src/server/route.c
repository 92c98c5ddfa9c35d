#include "server/route.h"

#include <string.h>
#include <strings.h>

static bool fits(const struct route *route, const char *path)
{
    size_t length = strlen(route->path);

    if (route->path[length - 1] == '*')
        length--;
    else
        length++; /* the zero must agree, too */
    return route->is_any_case ? strncasecmp(route->path, path, length) == 0
                              : strncmp(route->path, path, length) == 0;
}

const struct route *route_of(const char *path, enum listener listener)
{
    for (const struct route *route = routes(); route->path != NULL; route++) {
        if ((route->listeners & LISTENER_BIT(listener)) != 0 &&
            fits(route, path))
            return route;
    }
    return NULL;
}

enum url_slash route_slash(struct bytes raw_path)
{
    return bytes_begin_with(raw_path, "/ocsp/") ? URL_SLASH_DECODED
                                                : URL_SLASH_REFUSED;
}
