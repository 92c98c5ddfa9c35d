#ifndef BASE_SANDBOX_PARTS_H
#define BASE_SANDBOX_PARTS_H

#include "base/sandbox.h"

/* The parts of sandbox_enter; for base/sandbox.c alone. */

/* Lets the process make the role's calls and no other. */
MUST_CHECK bool sandbox_limit_calls(
    enum sandbox_role role, struct failure *why);

/* Lets the process open what lies in the sandbox's folders and nothing else.
 * *abi: the version of the kernel's Landlock; 0: it has none, and nothing was
 * done. */
MUST_CHECK bool sandbox_limit_files(
    const struct sandbox *sandbox, int *abi, struct failure *why);

#endif
