#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include "base/bytes.h"

/* The file that bash-completion loads for "chancery", made from the table of
 * commands. */
MUST_CHECK bool completion_append(struct buffer *text, struct failure *why);

#endif
