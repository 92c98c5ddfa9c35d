#ifndef CLI_CALL_H
#define CLI_CALL_H

#include "base/file.h"
#include "cli/options.h"

/* One command that is being run. */
struct call {
    const struct command *command;
    struct options options;
    bool json;        /* --json was given */
    int status;       /* to end with when the command succeeds: 0 or 1 */
    bool is_usage;    /* the failure is wrong usage: exit code 2 */
    char remedy[240]; /* what to do about the failure, or "" */
    const char *code; /* in JSON, where it is more exact than the failure's
                         kind; NULL: the kind's */
};

/* Records wrong usage.  Always false. */
bool fail_usage(struct call *call, struct failure *why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Records a --key of no known kind, with the kinds that sign here (kb 2).
 * Always false. */
bool fail_key_kind(struct call *call, struct failure *why);

/* Says what to do about a failure; the sentence alone says what happened. */
void advise(struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The value of an option, or NULL; whether one was given. */
const char *call_text(const struct call *call, const char *option);
bool call_given(const struct call *call, const char *option);

/*
 * DIR: --dir, CHANCERY_DIR, /var/lib/chancery for root, otherwise
 * $XDG_DATA_HOME/chancery or ~/.local/share/chancery.  *is_default: it was
 * named by nobody.
 */
MUST_CHECK bool call_directory(struct call *call, char path[static PATH_ROOM],
    bool *is_default, struct failure *why);

#endif
