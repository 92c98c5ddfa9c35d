#ifndef SERVER_ROLE_LOCK_H
#define SERVER_ROLE_LOCK_H

#include "base/sandbox.h"

/* Locks a role in that opens no file any more, but in the writable folders
 * (ended by NULL; NULL: none); what this machine can't lock is told in the log.
 */
MUST_CHECK bool role_lock_in(
    enum sandbox_role role, const char *const *writable, struct failure *why);

#endif
