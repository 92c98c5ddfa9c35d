#ifndef CLI_ADMIN_P12_H
#define CLI_ADMIN_P12_H

#include "cli/admin_add.h"

/* A new key with a client certificate, in a file that browsers import. */
struct admin_p12 {
    struct secret password; /* that opens it */
    struct client_issued issued;
};
void admin_p12_free(struct admin_p12 *made);

/* Issues by profile "client" for CN=NAME and writes wish->p12_out, 0600. */
MUST_CHECK bool admin_p12_make(struct call *call, struct client *client,
    const struct admin_wish *wish, struct admin_p12 *made, struct failure *why);

#endif
