#ifndef CLI_MAN_H
#define CLI_MAN_H

#include "base/bytes.h"
#include "cli/commands.h"

/* Manual pages in roff, made from the table of commands. */

/* chancery(1), or that of a command: "chancery-keys-list", or "keys-list".
 * FAILURE_NOT_FOUND: none is. */
MUST_CHECK bool man_append(
    const char *page, struct buffer *text, struct failure *why);

#endif
