#ifndef CLI_VERIFY_TELL_H
#define CLI_VERIFY_TELL_H

#include "cli/call.h"
#include "x509/chain/verdict.h"

/* Prints a verdict: for people the answer, why, what to do, and the path with
 * what failed in it (all_rules: every rule of every path); as JSON where that
 * was asked for.  Sets call->status. */
MUST_CHECK bool verdict_tell(struct call *call, const struct verdict *verdict,
    bool all_rules, struct failure *why);

/* Sets call->status alone: 0, 1, or 3 for what is malformed. */
void verdict_settle(struct call *call, const struct verdict *verdict);

#endif
