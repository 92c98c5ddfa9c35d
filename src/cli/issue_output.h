#ifndef CLI_ISSUE_OUTPUT_H
#define CLI_ISSUE_OUTPUT_H

#include "cli/issue_wish.h"

/* Writes the certificate where it was asked for, and tells the facts. */
MUST_CHECK bool issue_output(const struct call *call,
    const struct issue_wish *wish, const struct client_issued *issued,
    struct failure *why);

/* It waits for people: tells the request's id and what happens next. */
MUST_CHECK bool issue_output_waiting(const struct call *call,
    const struct issue_wish *wish, const struct client_issued *issued,
    struct failure *why);

/* --dry-run: what would be asked of the authority. */
MUST_CHECK bool issue_output_plan(const struct call *call,
    const struct issue_wish *wish, struct failure *why);

#endif
