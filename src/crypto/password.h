#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H

#include "base/bytes.h"

/*
 * Passwords of accounts, kept as argon2id (RFC 9106) in its encoded text:
 * 64 MiB, 3 passes, 1 lane, a random salt of 16 bytes.  The library wipes its
 * memory, which is too large to be locked.
 */
#define PASSWORD_ENCODED_ROOM 128 /* the text and its zero */

/* What a person may choose: bytes. */
#define PASSWORD_SHORTEST 12
#define PASSWORD_LONGEST 1024

/* FAILURE_UNSUITABLE: shorter or longer than that. */
MUST_CHECK bool password_hash(const struct secret *password,
    char encoded[static PASSWORD_ENCODED_ROOM], struct failure *why);

/* Is it such a text, with these parameters?  Another one could ask for any
 * amount of work, or for none. */
bool password_hash_is_ours(const char *encoded);

/*
 * Compares in constant time.  encoded is NULL for somebody unknown: then the
 * same work is done, and *matches is false.  FAILURE_INTERNAL: a text that is
 * not ours, or no memory.
 */
MUST_CHECK bool password_verify(const char *encoded, struct bytes password,
    bool *matches, struct failure *why);

#endif
