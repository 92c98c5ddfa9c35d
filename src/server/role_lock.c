#include "server/role_lock.h"

#include <stddef.h>

#include "base/log.h"

bool role_lock_in(
    enum sandbox_role role, const char *const *writable, struct failure *why)
{
    const struct sandbox sandbox = {.role = role, .writable = writable};
    char degraded[120] = "";

    if (!sandbox_enter(&sandbox, degraded, why))
        return false;
    if (degraded[0] != '\0')
        log_event(
            LOG_LEVEL_DEBUG, "sandbox-degraded", "missing", degraded, NULL);
    return true;
}
