#ifndef BASE_REFUSAL_H
#define BASE_REFUSAL_H

#include "base/message.h"

/*
 * A failure as the body of a frame, in every protocol between roles the same:
 * the kind and the sentence, in two fields of their own.
 */
MUST_CHECK bool refusal_write(
    struct buffer *message, const struct failure *refusal, struct failure *why);

/* Records the failure that the message tells; one that tells none is the
 * fault of who sent it (FAILURE_INTERNAL).  Always false. */
bool fail_as_told(struct failure *why, struct bytes message, const char *who);

#endif
