#ifndef X509_VIEW_SIGNATURES_H
#define X509_VIEW_SIGNATURES_H

#include "x509/signed_file.h"
#include "x509/view/document.h"

/* The part "Path" of what is signed: the file's verdict, and each signature
 * with its signer, its time-stamps, the rules that were not kept, and the path
 * of the signer.  As view_path it shows what signed_file_verify said. */
void view_signatures(
    struct view_document *document, const struct signed_file *file);

/* A file of its own kind, as a program or a mail: what stands in it is shown
 * behind it. */
MUST_CHECK bool view_signed_file(const struct signed_file *file,
    struct view_document *document, struct failure *why);

#endif
