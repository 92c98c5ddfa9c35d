#ifndef BASE_PROCESS_CAPTURE_H
#define BASE_PROCESS_CAPTURE_H

#include "base/process.h"

/*
 * Runs a program to its end and keeps what it says on standard output and
 * error; start->output is set here.  What goes beyond output's ceiling is read
 * and dropped.  *status as wait(2) gives it.
 *
 * Kinds: those of process_spawn; FAILURE_UNAVAILABLE: it had not ended after
 * timeout_ms, and was killed.
 */
MUST_CHECK bool process_capture(const struct process_start *start,
    int timeout_ms, struct buffer *output, int *status, struct failure *why);

#endif
