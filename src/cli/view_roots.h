#ifndef CLI_VIEW_ROOTS_H
#define CLI_VIEW_ROOTS_H

#include "cli/call.h"
#include "x509/chain/question.h"

/* What `view` asks the chain engine: what verify asks of a file without further
 * options. */
struct view_roots {
    struct chain_pool *roots;
    struct root_file *files;
    size_t file_count;
};

/* Reads --roots, or the machine's roots.  The question lives as long as the
 * roots. */
MUST_CHECK bool view_roots_read(const struct call *call,
    struct view_roots *roots, struct chain_question *question,
    struct failure *why);
void view_roots_free(struct view_roots *roots);

#endif
