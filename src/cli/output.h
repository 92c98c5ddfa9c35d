#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdio.h>

#include "base/json.h"
#include "cli/call.h"

/* What people and programs are told.  Facts go to standard output, sentences
 * about the work to standard error; colours to terminals alone. */

enum colour { COLOUR_NONE, COLOUR_RED, COLOUR_GREEN, COLOUR_DIM };

/* The codes that begin and end a colour on this stream; "" where the stream is
 * no terminal, TERM is "dumb" or NO_COLOR is set. */
const char *colour_begin(FILE *stream, enum colour colour);
const char *colour_end(FILE *stream, enum colour colour);

/* INTERFACES.md: the exit code of each kind. */
int exit_code(enum failure_kind kind);

/* Tells a failure on standard error, as a sentence or in JSON.  Returns the
 * exit code. */
int tell_failure(const struct call *call, const struct failure *failure);

/* One line for people on standard error: nothing with --json, where standard
 * error is left to the error. */
void notice(const struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes the value and a newline to standard output.  NULL, as json_pack
 * returns it when memory ran out, is FAILURE_INTERNAL. */
MUST_CHECK bool output_json(const json_t *value, struct failure *why);
MUST_CHECK bool output_bytes(struct bytes bytes, struct failure *why);

/* Everything that was printed has left the program: FAILURE_UNAVAILABLE. */
MUST_CHECK bool output_finish(struct failure *why);

/* Prints a text as it is safe to show (text_append_shown). */
MUST_CHECK bool print_shown(const char *text, struct failure *why);

/* --- files a command was told to write ----------------------------------- */

/* Before any work: it does not exist (or --force was given) and its folder can
 * be written to. */
MUST_CHECK bool output_file_check(
    const struct call *call, const char *path, struct failure *why);
MUST_CHECK bool output_file_write(const struct call *call, const char *path,
    struct bytes contents, mode_t mode, struct failure *why);

#endif
