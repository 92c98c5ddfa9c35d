#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/commands.h"

/*
 * What was given to a command: --name VALUE, --name=VALUE, operands before,
 * between and after; what follows "--" is an operand.  Texts are views into the
 * arguments.
 */
struct option_value {
    const struct command_option *option;
    const char *text; /* NULL for one that takes no argument */
};

struct options {
    struct option_value *values;
    size_t value_count;
    const char **operands;
    size_t operand_count;
    bool wants_help; /* --help or -h */
};

/* FAILURE_MALFORMED for all that is wrong usage; a value is never shown, since
 * it may be a secret. */
MUST_CHECK bool options_read(const struct command *command,
    const char *const *arguments, size_t count, struct options *options,
    struct failure *why);
void options_free(struct options *options);

bool option_is_given(const struct options *options, const char *name);
/* Its value, or NULL. */
const char *option_text(const struct options *options, const char *name);
/* The next value of one that may be repeated, from *position (0 at first); NULL
 * after the last. */
const char *option_next(
    const struct options *options, const char *name, size_t *position);

#endif
