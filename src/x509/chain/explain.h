#ifndef X509_CHAIN_EXPLAIN_H
#define X509_CHAIN_EXPLAIN_H

#include "base/json.h"
#include "x509/chain/question.h"
#include "x509/chain/verdict.h"

/* A verdict in words, and as INTERFACES.md's JSON. */

/*
 * Fills sentence and remedy of a verdict whose paths are there: one sentence
 * that names the certificate, the rule and what was found; one remedy that says
 * what to do ("the issuer CN=X is missing; it may be at http://...; add it with
 * --untrusted").  A wrong clock is named only where time was the failing rule
 * (kb 96).
 */
void explain_verdict(
    const struct chain_question *question, struct verdict *verdict);

/* {"valid","code","sentence","remedy","path":[...],"other_paths":[...]} */
MUST_CHECK bool explain_json(
    const struct verdict *verdict, json_t **json, struct failure *why);

/* What each code means and what to do, for chancery-verify(1) and docs: NULL
 * behind the last. */
struct code_page {
    const char *name, *meaning, *remedy;
};
const struct code_page *explain_code(enum verdict_code code);

#endif
