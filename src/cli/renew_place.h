#ifndef CLI_RENEW_PLACE_H
#define CLI_RENEW_PLACE_H

#include "cli/renew_file.h"

/*
 * A new certificate and key take the places of the old ones.  Both are on the
 * disk first, as FILE.new; then the key takes its place, then the certificate,
 * each by a rename, and the old ones are kept as FILE.old.  Whatever moment it
 * is broken off at, the next renewal goes on from there.
 */

/* The new key on its way, "KEY.new"; *key is the one that waits there already,
 * or a new one of this kind, written before this returns. --key-passphrase-file
 * encrypts it. */
MUST_CHECK bool renew_stage_key(struct call *call,
    const struct renew_file *file, const struct key_algorithm *kind,
    struct private_key **key, struct failure *why);

/* Puts the certificates (PEM, or one in DER) into their place, and the staged
 * key before them.  key: to be written into the same file, or NULL. */
MUST_CHECK bool renew_settle(struct call *call, const struct renew_file *file,
    struct bytes certificates, const struct private_key *key,
    struct failure *why);

/* Takes up what an interrupted renewal left: *finished says that a certificate
 * lay ready, and stands in its place now. */
MUST_CHECK bool renew_finish(struct call *call, const struct renew_file *file,
    bool *finished, struct failure *why);

#endif
