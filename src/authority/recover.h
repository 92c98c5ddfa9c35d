#ifndef AUTHORITY_RECOVER_H
#define AUTHORITY_RECOVER_H

#include "authority/authority.h"

/*
 * The sign log is the intent: what it holds beyond what the store has taken in
 * was signed, perhaps, and was never delivered, since an answer leaves only
 * after its record.  It is stored as revoked and journalled, without a person
 * (DESIGN.md 1).
 *
 * *recovered: how many certificates that were.  To be called before the first
 * issuance.
 */
MUST_CHECK bool recover_from_sign_log(struct authority *authority, int sign_log,
    uint64_t *recovered, struct failure *why);

#endif
