#ifndef CLI_RENEW_ASK_H
#define CLI_RENEW_ASK_H

#include "cli/issue_key.h"
#include "cli/renew_file.h"
#include "server/client.h"

/* One renewal, from the file to the authority's answer. */
struct renew_asking {
    struct call *call;
    struct client *client;
    const struct renew_file *file;
    bool in_place;

    struct private_key *old_key; /* NULL: not there; a role is needed */
    struct private_key *new_key; /* NULL: the old one, or a request's */
    struct staged_key staged;    /* --key-out */
    struct buffer request;
    struct client_issued issued;
};
void renew_asking_free(struct renew_asking *asking);

/* Makes the request, proves the old key where it is there, and asks.  Either
 * issued.certificate, for the key that was asked for, or issued.request_id. */
MUST_CHECK bool renew_ask(struct renew_asking *asking, struct failure *why);

#endif
