#ifndef CLI_ADMIN_ADD_H
#define CLI_ADMIN_ADD_H

#include "cli/people.h"

/* A person who is to get a role, by one way in. */
struct admin_wish {
    const char *name, *role;
    const char *certificate; /* --certificate FILE, or NULL */
    const char *p12_out;     /* --p12-out FILE, or NULL */
    int p12_passphrase;      /* a descriptor, or -1: a random one */
    bool link;
    const char *local_user; /* a name or uid of this machine, or NULL */
    bool dry;
};

/* Before any work: there is one way in, and the file can be written. */
MUST_CHECK bool admin_wish_check(
    struct call *call, const struct admin_wish *wish, struct failure *why);

/*
 * *facts: what the clerk says, and with it, shown once: "link", "p12_file" and
 * "password".
 */
MUST_CHECK bool admin_add(struct call *call, struct client *client,
    const struct admin_wish *wish, json_t **facts, struct failure *why);

/* For people. */
MUST_CHECK bool admin_tell(const json_t *facts, struct failure *why);

#endif
