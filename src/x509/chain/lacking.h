#ifndef X509_CHAIN_LACKING_H
#define X509_CHAIN_LACKING_H

#include "x509/chain/verdict.h"

/*
 * What a verdict lacks, and where the certificates say that it may be: an
 * issuer (RFC 5280, 4.2.2.1: caIssuers), a list (4.2.1.13), a delta (4.2.1.15)
 * or an OCSP answer (RFC 6960, 3.1).  Nothing is lacking where it would change
 * nothing: of an expired certificate no status is asked for.
 */
enum lacking_kind {
    LACKING_ISSUER,
    LACKING_LIST,
    LACKING_DELTA,
    LACKING_ANSWER
};

struct lacking {
    enum lacking_kind kind;
    struct bytes address; /* a URI of any scheme, as it stands there */
    const struct verdict_certificate *certificate; /* that names it */
    const struct verdict_certificate *issuer; /* LACKING_ANSWER: its issuer */
};

#define LACKING_MAX 64

/* Fills in at most LACKING_MAX, in the order of the path; what is beyond is
 * left out.  Views live as long as the verdict and the certificates. */
size_t chain_lacking(
    const struct verdict *verdict, struct lacking found[static LACKING_MAX]);

#endif
