#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <stddef.h>

#include "base/failure.h"

/*
 * The table of all commands, in a file for each noun (commands*.c).  Help, man
 * pages, completion and the reading of options come from it, so that they
 * can't tell different things.
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

#define COMMAND_EXITS_MAX 8

struct command {
    const char *words;    /* "keys list"; NULL ends the table */
    const char *summary;  /* "list ..." */
    const char *synopsis; /* what follows the words */
    int operands_least, operands_most;
    const struct command_option *options;
    const char *text;    /* paragraphs, an empty line between them */
    const char *example; /* lines */
    struct command_exit exits[COMMAND_EXITS_MAX]; /* those of note */
    /* The codes it may answer with, for its manual page: the one at this place,
     * from 0; false behind the last.  NULL: it has none. */
    bool (*code_next)(size_t place, const char **name, const char **meaning,
        const char **remedy);
    MUST_CHECK bool (*run)(struct call *call, struct failure *why);
};

extern const struct command commands[], commands_requests[],
    commands_revocation[], commands_authorities[], commands_people[],
    commands_journal[], commands_view[], commands_verify[], commands_serve[];

/* Walks over the rows of all tables: for (EACH_COMMAND(row)). */
const struct command *command_first(void);
const struct command *command_after(const struct command *row);
#define EACH_COMMAND(row)                        \
    const struct command *row = command_first(); \
    row != NULL;                                 \
    row = command_after(row)

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
MUST_CHECK bool run_ca_add(struct call *call, struct failure *why);
MUST_CHECK bool run_ca_request(struct call *call, struct failure *why);
MUST_CHECK bool run_ca_install(struct call *call, struct failure *why);
MUST_CHECK bool run_ca_cross_sign(struct call *call, struct failure *why);
MUST_CHECK bool run_ca_rollover(struct call *call, struct failure *why);
MUST_CHECK bool run_ca_retire(struct call *call, struct failure *why);
MUST_CHECK bool run_requests_list(struct call *call, struct failure *why);
MUST_CHECK bool run_requests_show(struct call *call, struct failure *why);
MUST_CHECK bool run_requests_approve(struct call *call, struct failure *why);
MUST_CHECK bool run_requests_deny(struct call *call, struct failure *why);
MUST_CHECK bool run_requests_withdraw(struct call *call, struct failure *why);
MUST_CHECK bool run_requests_fetch(struct call *call, struct failure *why);
MUST_CHECK bool run_renew(struct call *call, struct failure *why);
MUST_CHECK bool run_admin_list(struct call *call, struct failure *why);
MUST_CHECK bool run_admin_add(struct call *call, struct failure *why);
MUST_CHECK bool run_admin_revoke(struct call *call, struct failure *why);
MUST_CHECK bool run_token_create(struct call *call, struct failure *why);
MUST_CHECK bool run_token_list(struct call *call, struct failure *why);
MUST_CHECK bool run_token_revoke(struct call *call, struct failure *why);
MUST_CHECK bool run_account_add(struct call *call, struct failure *why);
MUST_CHECK bool run_account_list(struct call *call, struct failure *why);
MUST_CHECK bool run_account_revoke(struct call *call, struct failure *why);
MUST_CHECK bool run_revoke(struct call *call, struct failure *why);
MUST_CHECK bool run_hold(struct call *call, struct failure *why);
MUST_CHECK bool run_unhold(struct call *call, struct failure *why);
MUST_CHECK bool run_ca_crl(struct call *call, struct failure *why);
MUST_CHECK bool run_pause(struct call *call, struct failure *why);
MUST_CHECK bool run_resume(struct call *call, struct failure *why);
MUST_CHECK bool run_audit_verify(struct call *call, struct failure *why);
MUST_CHECK bool run_audit_show(struct call *call, struct failure *why);
MUST_CHECK bool run_audit_export(struct call *call, struct failure *why);
MUST_CHECK bool run_doctor(struct call *call, struct failure *why);
MUST_CHECK bool run_unlock(struct call *call, struct failure *why);
MUST_CHECK bool run_lock(struct call *call, struct failure *why);
MUST_CHECK bool run_serve(struct call *call, struct failure *why);
MUST_CHECK bool run_status(struct call *call, struct failure *why);
MUST_CHECK bool run_config_path(struct call *call, struct failure *why);
MUST_CHECK bool run_config_check(struct call *call, struct failure *why);
MUST_CHECK bool run_config_show(struct call *call, struct failure *why);
MUST_CHECK bool run_profiles_list(struct call *call, struct failure *why);
MUST_CHECK bool run_profiles_show(struct call *call, struct failure *why);
MUST_CHECK bool run_profiles_lint(struct call *call, struct failure *why);
MUST_CHECK bool run_verify(struct call *call, struct failure *why);
MUST_CHECK bool run_lint(struct call *call, struct failure *why);
MUST_CHECK bool run_view(struct call *call, struct failure *why);
MUST_CHECK bool run_version(struct call *call, struct failure *why);

#endif
