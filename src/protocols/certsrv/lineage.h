#ifndef PROTOCOLS_CERTSRV_LINEAGE_H
#define PROTOCOLS_CERTSRV_LINEAGE_H

#include "protocols/exchange.h"
#include "x509/pkcs7.h"

/*
 * The authority that issues, and those it took over from by rollover: what the
 * old server called renewals.  0 is the first.
 */
struct lineage {
    const struct authority_issuer *issuers[AUTHORITY_ISSUERS_MAX];
    size_t count;
};

MUST_CHECK bool lineage_find(const struct authority *authority,
    struct lineage *lineage, struct failure *why);

/* The one that Renewal names; without it, the one that issues.
 * FAILURE_NOT_FOUND says how many there are. */
MUST_CHECK bool lineage_issuer(const struct exchange *exchange,
    const struct authority_issuer **issuer, struct failure *why);

/* Certificates on their way: views, but for a root of others. */
struct issuers_chain {
    struct bytes certificates[PKCS7_CERTIFICATES_MAX];
    size_t count;
    struct buffer foreign_root;
};
void issuers_chain_free(struct issuers_chain *chain);

/* Adds the certificates from this authority's own up to its root. */
MUST_CHECK bool issuers_chain_add(const struct exchange *exchange,
    const struct authority_issuer *issuer, struct issuers_chain *chain,
    struct failure *why);

#endif
