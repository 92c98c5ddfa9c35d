#ifndef X509_VIEW_SIGNED_H
#define X509_VIEW_SIGNED_H

#include "x509/signed_file.h"
#include "x509/view/asker.h"

/* Files that carry signatures, among those that are viewed: what verify says of
 * them without further options. */

/* A program or a mail, which holds what is signed and the CMS over it. */
bool view_is_signed_file(struct bytes file);

/* Fills in the document of such a file, and leaves *judged for
 * view_signed_next; its views look into the file. */
MUST_CHECK bool view_asker_ask_file(struct view_asker *asker, struct bytes file,
    struct signed_file *judged, struct view_document *document,
    struct failure *why);

/* The next CMS in the file; *position: 0 before the first.  False behind the
 * last. */
bool view_signed_next(struct bytes file, const struct signed_file *judged,
    size_t *position, struct bytes *der);

/* Fills in the part "Path" of a CMS or a time-stamp, if it is signed. */
MUST_CHECK bool view_asker_ask_signed(struct view_asker *asker,
    struct bytes der, struct view_document *document, struct failure *why);

#endif
