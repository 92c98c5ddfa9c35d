#ifndef CLI_REVOCATION_H
#define CLI_REVOCATION_H

#include "base/json.h"
#include "cli/call.h"
#include "store/store.h"

/* What revoke.c, revoke_where.c and ca_crl.c share. */

/* --reason, or unspecified; a word that is none is wrong usage. */
MUST_CHECK bool revocation_reason_of(
    struct call *call, enum revocation_reason *reason, struct failure *why);

/* What was published, in sentences: facts as the clerk tells them. */
void tell_list(const json_t *facts);

/* A revocation that no list tells of is FAILURE_UNAVAILABLE, with its remedy;
 * what names what was recorded. */
MUST_CHECK bool check_list(struct call *call, const json_t *facts,
    const char *what, struct failure *why);

/* `revoke --where`. */
MUST_CHECK bool run_revoke_where(
    struct call *call, const char *query, struct failure *why);

#endif
