#ifndef CLI_KEYS_OUTPUT_H
#define CLI_KEYS_OUTPUT_H

#include "cli/call.h"
#include "crypto/key_inventory.h"

/* Lists every key in the folder, opened as the call's options say, and prints
 * them: `keys list` and `init --list-keys`. */
MUST_CHECK bool keys_read(struct call *call, const char *directory,
    struct key_inventory **inventory, struct failure *why);

/* Prints those with this SHA-256, or all (NULL). */
MUST_CHECK bool keys_print(const struct key_inventory *inventory,
    const char *sha256, bool json, struct failure *why);

/* Tells the journal of keys that were proved, or could not be (sha256: of one,
 * NULL: of all); of a passphrase that was changed.  That there is no journal,
 * or that it can't be told, is no failure of what was done: it is noticed. */
void keys_tell_proved(struct call *call, const struct key_inventory *inventory,
    const char *sha256);
void keys_tell_passphrase(struct call *call, const char *authority);

#endif
