#ifndef CLI_VERIFY_BATCH_H
#define CLI_VERIFY_BATCH_H

#include "base/failure.h"

/*
 * `verify --batch`: JSON lines from standard input, for each one line on
 * standard output, in the same order (INTERFACES.md).  All cores work; at most
 * BATCH_WINDOW lines are held at a time.  A line that can't be read, or is
 * longer than BATCH_LINE_MAX, gets the code malformed, and the run goes on.
 * Empty lines are passed over.
 */
#define BATCH_WINDOW 64
/* Of their bytes, and one line more. */
#define BATCH_HELD_MAX ((size_t)16 * 1024 * 1024)
#define BATCH_LINE_MAX ((size_t)8 * 1024 * 1024)

MUST_CHECK bool verify_batch(struct failure *why);

#endif
