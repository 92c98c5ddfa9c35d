#ifndef CLI_HOLDER_KEY_H
#define CLI_HOLDER_KEY_H

#include "cli/call.h"
#include "crypto/key.h"

/*
 * A private key of whoever holds certificates, read from a file in any
 * encoding, which may hold other things beside it.  --key-passphrase-file opens
 * one that is encrypted.  FAILURE_NOT_FOUND: no key is in the file.
 */
MUST_CHECK bool holder_key_read(struct call *call, const char *path,
    struct private_key **key, struct failure *why);

/* Forgets what a file held, a key perhaps. */
void contents_wipe(struct buffer *contents);

/* Is it the key of this SubjectPublicKeyInfo? */
MUST_CHECK bool holder_key_fits(const struct private_key *key,
    struct bytes spki, bool *fits, struct failure *why);

/* A signature with it over the text and what follows. */
MUST_CHECK bool holder_key_sign(const struct private_key *key, const char *text,
    struct bytes rest, struct buffer *signature, struct failure *why);

#endif
