#ifndef X509_CHAIN_CHAIN_H
#define X509_CHAIN_CHAIN_H

#include "x509/chain/question.h"
#include "x509/chain/verdict.h"

/*
 * The one engine (DESIGN.md 4): viewer, verifier, server, backup and trust
 * import ask here.  It looks at all paths from the leaf to an anchor, with
 * backtracking, under a budget, and takes the first that keeps every rule;
 * where none does it tells of the one that came furthest.  The same question in
 * any order of certificates gives the same verdict and path (kb 95).
 *
 * False only when it could not be decided (no memory): that is no verdict.
 */
MUST_CHECK bool chain_verify(const struct chain_question *question,
    struct verdict *verdict, struct failure *why);

#endif
