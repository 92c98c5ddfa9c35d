#ifndef AUTHORITY_FOUND_H
#define AUTHORITY_FOUND_H

#include "authority/authority.h"
#include "authority/caller.h"

/*
 * The keeper's part of making an authority: the root signs itself, then the
 * issuing authority, both on the one road of an issuance.  The requests were
 * signed by the keys they ask for, which the signer (the root's) and the keys
 * role (the issuing one's) hold.
 */
struct founding_requests {
    struct bytes root;    /* PKCS#10, DER */
    struct bytes issuing; /* length 0: the root issues (one tier) */
    const struct caller *caller;
};

/* Certificates are appended.  To be called on an authority that has none. */
MUST_CHECK bool found_authorities(struct authority *authority,
    const struct founding_requests *requests, struct buffer *root,
    struct buffer *issuing, struct failure *why);

#define FOUND_ROOT "root"
#define FOUND_ISSUING "issuing"

#endif
