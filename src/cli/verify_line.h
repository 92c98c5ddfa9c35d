#ifndef CLI_VERIFY_LINE_H
#define CLI_VERIFY_LINE_H

#include "base/bytes.h"
#include "x509/chain/arithmetic.h"

/*
 * One line of `verify --batch`, answered: a JSON object and its newline are
 * appended.  What can't be read is answered too, with the code malformed; an
 * entry of roots or untrusted that is no certificate is passed over, a damaged
 * one of crls is told where it matters.  Keys that are not known are passed
 * over.  False only when there is no answer (no memory).
 *
 * number: of the line, from 1.  is_too_long: it was, and is not here.
 */
struct batch_line {
    struct bytes text;
    size_t number;
    bool is_too_long;
};

#define BATCH_ANSWER_MAX (64 * 1024)

MUST_CHECK bool batch_line_answer(const struct batch_line *line,
    struct signature_cache *cache, struct buffer *answer, struct failure *why);

#endif
