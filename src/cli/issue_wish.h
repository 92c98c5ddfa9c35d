#ifndef CLI_ISSUE_WISH_H
#define CLI_ISSUE_WISH_H

#include "cli/call.h"
#include "crypto/key.h"
#include "server/client.h"

/* What `issue` was asked for, read from its options and files. */
struct issue_wish {
    struct client_issue asked; /* views of the rest */
    struct buffer request;     /* PKCS#10, DER */
    struct buffer subject;     /* a Name, or empty: the request's */
    struct buffer general_names;
    const char *key_file; /* --key-out, or NULL */
    const struct key_algorithm *key_kind;
    struct private_key *key; /* the requester's, with --key-out */
};
void issue_wish_free(struct issue_wish *wish);

/* Reads and checks the options; with --csr the request as well. */
MUST_CHECK bool issue_wish_read(
    struct call *call, struct issue_wish *wish, struct failure *why);

/* With --key-out: makes the key and the request. */
MUST_CHECK bool issue_wish_make_request(
    struct issue_wish *wish, struct failure *why);

/* One line each, where --san and --subject were given: how they were
 * understood. */
MUST_CHECK bool issue_wish_echo(const struct call *call,
    const struct issue_wish *wish, struct failure *why);

#endif
