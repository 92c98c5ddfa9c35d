#ifndef AUTHORITY_ISSUER_CHAIN_H
#define AUTHORITY_ISSUER_CHAIN_H

#include "authority/authority.h"

/* The issuers' certificates up to the root, without it; views of the authority.
 * What others certified hangs below certificates of theirs. */
#define ISSUER_CHAIN_MAX 32
MUST_CHECK bool issuer_chain(const struct authority *authority,
    const struct authority_issuer *issuer,
    struct bytes chain[static ISSUER_CHAIN_MAX], size_t *count,
    struct failure *why);

#endif
