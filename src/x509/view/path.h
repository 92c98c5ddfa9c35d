#ifndef X509_VIEW_PATH_H
#define X509_VIEW_PATH_H

#include "x509/chain/verdict.h"
#include "x509/view/document.h"

/* The part "Path": what the chain engine says, certificate by certificate from
 * the anchor down, with every rule that was not kept.  The verdict is shown,
 * never made here: view and verify say the same because they ask the same. */
void view_path(struct view_document *document, const struct verdict *verdict);

/* The two of which it consists: sentence, code and remedy into General and
 * Path; and the best path, below a field of the caller's. */
void view_verdict(
    struct view_document *document, const struct verdict *verdict);
void view_path_certificates(struct view_document *document, size_t parent,
    const struct verdict *verdict);

/* Why there is no verdict. */
void view_no_path(struct view_document *document, const char *reason);

#endif
