#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/bytes.h"
#include "cli/commands.h"

/* What --help prints, made from the table of commands. */

/* All commands, with their summaries. */
MUST_CHECK bool help_append_program(struct buffer *text, struct failure *why);
/* The commands of a group: "keys". */
MUST_CHECK bool help_append_group(
    const char *group, struct buffer *text, struct failure *why);
MUST_CHECK bool help_append_command(
    const struct command *command, struct buffer *text, struct failure *why);

#endif
