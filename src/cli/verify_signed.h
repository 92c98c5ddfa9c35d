#ifndef CLI_VERIFY_SIGNED_H
#define CLI_VERIFY_SIGNED_H

#include "cli/verify_inquiry.h"

/* `chancery verify FILE` where FILE is signed rather than a certificate:
 * docs/signed-files.md. */

/* Asked as one: by what FILE is, by --content, or by a purpose that only signed
 * files have while FILE holds no certificate. */
bool verify_is_signed_file(
    const struct call *call, struct bytes file, enum chain_purpose purpose);

/* Judges inquiry->signed_bytes, tells, and sets call->status. */
MUST_CHECK bool verify_signed_file(
    struct call *call, const struct inquiry *inquiry, struct failure *why);

#endif
