#ifndef PROTOCOLS_ORIGIN_H
#define PROTOCOLS_ORIGIN_H

#include "protocols/exchange.h"

/*
 * Did a page of ours send this, or no page at all?  A browser sends the
 * passwords and certificates it keeps along with any page's form, and says so:
 * Sec-Fetch-Site (Fetch Metadata), Origin (RFC 6454, 7), or Referer of older
 * ones.  Programs that are no browsers send none of them, or a Referer of ours.
 * FAILURE_FORBIDDEN names the site.
 */
MUST_CHECK bool exchange_check_origin(
    const struct exchange *exchange, struct failure *why);

#endif
