#ifndef SERVER_PAGES_ROOTS_H
#define SERVER_PAGES_ROOTS_H

#include "authority/authority.h"

/*
 * What the server adds to DIR/publish when it starts, so that fronts have it
 * without the keeper; authorities change only while nothing serves.
 *
 *     roots.html            /roots: each root with its SHA-256 and how to
 *                           install it, the issuing authorities below
 *     cacerts.htm           /certsrv/CertEnroll/cacerts.htm (Q216339): a link
 *                           and the SHA-256 of each root, and the advice to
 *                           compare it; no form
 *     roots.mobileconfig    the roots as a profile of iOS and macOS
 *     root/SHA256           each root, DER
 *     ca/NAME.p7b           an authority with its issuers, PKCS#7
 *
 * A page installs nothing and never says that it may be believed: whoever reads
 * it compares the fingerprint by another way (kb 81, 82).
 */
MUST_CHECK bool roots_publish(
    const struct authority *authority, struct failure *why);

/* A root of ours that has not been retired. */
bool root_is_given_out(const struct authority_issuer *issuer);

/* The two pages, appended. */
MUST_CHECK bool roots_page(
    const struct authority *authority, struct buffer *out, struct failure *why);
MUST_CHECK bool roots_old_page(
    const struct authority *authority, struct buffer *out, struct failure *why);

/* "96:C8:21:..." of DER, as openssl and browsers show it. */
#define ROOT_FINGERPRINT 96
MUST_CHECK bool root_fingerprint(struct bytes certificate,
    char text[static ROOT_FINGERPRINT], struct failure *why);

#endif
