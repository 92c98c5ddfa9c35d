#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "base/bytes.h"

/* Questions to a person.  Only asked where standard input is a terminal; they
 * go to standard error, so that standard output holds facts alone. */
bool terminal_is_there(void);

#define ANSWER_MAX 1024

/*
 * Asks, and reads a line without its newline; echo: show what is typed.  The
 * terminal is left as it was, Ctrl-C included.  FAILURE_UNAVAILABLE: the person
 * left (Ctrl-C, Ctrl-D).
 */
MUST_CHECK bool terminal_ask(const char *question, bool echo,
    struct secret *answer, struct failure *why);

/* As terminal_ask, for what is no secret: a text in room bytes; an empty line
 * is the preset, which is shown. */
MUST_CHECK bool terminal_ask_text(const char *question, const char *preset,
    char *text, size_t room, struct failure *why);

/* yes or no, asked again until it is one of them. */
MUST_CHECK bool terminal_ask_yes(
    const char *question, bool *yes, struct failure *why);

#endif
