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

#endif
