#ifndef SERVER_PAGES_CERTIFICATE_LINKS_H
#define SERVER_PAGES_CERTIFICATE_LINKS_H

#include "base/bytes.h"

/* A certificate that was issued, in PEM to be read and copied, and as files to
 * be kept: alone in PEM and DER, with its chain in PEM and PKCS#7.  The files
 * are in the page itself: nothing has to be fetched, and no other page shows
 * what only its requester was answered. */
MUST_CHECK bool certificate_links(struct buffer *out, struct bytes certificate,
    const struct bytes *chain, size_t chain_count, struct failure *why);

/* Certificate and chain, one block after another. */
MUST_CHECK bool certificates_as_pem(struct buffer *pem,
    struct bytes certificate, const struct bytes *chain, size_t chain_count,
    struct failure *why);

#endif
