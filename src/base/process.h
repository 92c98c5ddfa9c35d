#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <sys/types.h>

#include "base/bytes.h"

/*
 * Starts program with arguments (argv, ended by NULL) in an empty environment
 * (but for JOURNAL_STREAM, which base/log needs, and a sanitizer's options),
 * with the given descriptors as 3, 4, 5 ..., standard error kept, standard
 * input and output at /dev/null; all others are closed.  output, where it is
 * not NULL, becomes standard output and error.  Signals are as a new session
 * has them.  user, group: run as these (when we are root and they are others),
 * without further groups; otherwise -1.
 *
 * The child gets SIGTERM when its parent dies: more exactly the thread that
 * started it, so start from one that stays.
 */
struct process_start {
    const char *program;
    const char *const *arguments;
    const int *descriptors;
    size_t descriptor_count;
    const int *output;
    uid_t user;
    gid_t group;
    bool is_apart;
};

#define PROCESS_DESCRIPTORS_MAX 16

/* FAILURE_NOT_FOUND, FAILURE_FORBIDDEN and so on: the program could not be
 * started; the reason names the step. */
MUST_CHECK bool process_spawn(
    const struct process_start *start, pid_t *process, struct failure *why);

/* Waits, at most timeout_ms (negative: without end), then kills.  *status as
 * wait(2) gives it. */
MUST_CHECK bool process_end(
    pid_t process, int timeout_ms, int *status, struct failure *why);

#endif
