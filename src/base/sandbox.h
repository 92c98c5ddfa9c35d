#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include "base/bytes.h"

/*
 * How a role locks itself in: no new privileges, no core dump and no ptrace,
 * Landlock (no file beyond those named), seccomp (no call beyond those named).
 * After it a probe shows that the lock holds; a role whose probe succeeds in
 * what it must not do ends.
 *
 * An older kernel without Landlock, or a library built with sanitizers, gives a
 * weaker lock: *degraded says which part is missing, for the log.
 */
enum sandbox_role {
    SANDBOX_SIGNER, /* the calls in sandbox_signer_calls, no file, no socket */
    SANDBOX_KEEPER, /* its folder, no socket but what it holds */
    SANDBOX_KEYS,   /* as the signer; makes and proves keys */
    SANDBOX_READER, /* as the keys role; its memory and CPU are limited too */
    SANDBOX_VALIDATOR, /* connects to others; files for names, read only */
    SANDBOX_FRONT /* strangers' connections; what is published, its own TLS */
};

struct sandbox {
    enum sandbox_role role;
    const char *const *writable; /* folders, ended by NULL; NULL: none */
    const char *const *readable;
};

MUST_CHECK bool sandbox_enter(const struct sandbox *sandbox,
    char degraded[static 120], struct failure *why);

/* The names of the calls a role may make, ended by NULL: what
 * docs/sandbox.md states and the tests hold against strace. */
const char *const *sandbox_calls(enum sandbox_role role);

/* No core dumps, no ptrace; memory not dumped.  For every role, first thing. */
MUST_CHECK bool sandbox_keep_private(struct failure *why);

#endif
