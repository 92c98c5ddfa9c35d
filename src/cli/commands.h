#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <stddef.h>

#include "base/failure.h"

/*
 * The one table of all commands.  Help, man pages, completion and the reading
 * of options come from it, so that they can't tell different things.
 */
struct call;

struct command_option {
    const char *name;     /* "passphrase-file"; NULL ends a list */
    const char *argument; /* "FILE"; NULL: it takes none */
    const char *help;     /* a sentence without its stop */
    const char *alias;    /* another name for it, or NULL */
    const char *values;   /* what completion offers, with blanks between */
    bool repeats;
};

struct command_exit {
    int status;
    const char *meaning; /* NULL ends a list */
};

#define COMMAND_EXITS_MAX 6

struct command {
    const char *words;    /* "keys list"; NULL ends the table */
    const char *summary;  /* "list ..." */
    const char *synopsis; /* what follows the words */
    int operands_least, operands_most;
    const struct command_option *options;
    const char *text;    /* paragraphs, an empty line between them */
    const char *example; /* lines */
    struct command_exit exits[COMMAND_EXITS_MAX]; /* those of note */
    MUST_CHECK bool (*run)(struct call *call, struct failure *why);
};

extern const struct command commands[];

/*
 * The command that the words begin with, or NULL; *used: how many of them name
 * it.  second may be NULL.
 */
const struct command *command_named(
    const char *first, const char *second, int *used);

/* Is it the first word of commands that have two? */
bool command_is_group(const char *word);

/* The option with this name or alias, or NULL. */
const struct command_option *command_option_named(
    const struct command *command, const char *name, size_t length);

/* --- what the commands do: each in the file of its name ------------------ */
MUST_CHECK bool run_init(struct call *call, struct failure *why);
MUST_CHECK bool run_issue(struct call *call, struct failure *why);
MUST_CHECK bool run_list(struct call *call, struct failure *why);
MUST_CHECK bool run_show(struct call *call, struct failure *why);
MUST_CHECK bool run_keys_list(struct call *call, struct failure *why);
MUST_CHECK bool run_keys_prove(struct call *call, struct failure *why);
MUST_CHECK bool run_keys_passphrase(struct call *call, struct failure *why);
MUST_CHECK bool run_ca_list(struct call *call, struct failure *why);
MUST_CHECK bool run_ca_show(struct call *call, struct failure *why);
MUST_CHECK bool run_unlock(struct call *call, struct failure *why);
MUST_CHECK bool run_lock(struct call *call, struct failure *why);
MUST_CHECK bool run_status(struct call *call, struct failure *why);
MUST_CHECK bool run_config_path(struct call *call, struct failure *why);
MUST_CHECK bool run_config_check(struct call *call, struct failure *why);
MUST_CHECK bool run_config_show(struct call *call, struct failure *why);
MUST_CHECK bool run_version(struct call *call, struct failure *why);

#endif
