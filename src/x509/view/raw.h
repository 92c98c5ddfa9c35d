#ifndef X509_VIEW_RAW_H
#define X509_VIEW_RAW_H

#include "x509/view/document.h"

/* Elements shown, and how deep. */
#define VIEW_RAW_MAX 4000
#define VIEW_RAW_DEPTH_MAX 64

/*
 * The DER with a line for each element, whatever it is: offset, length, tag and
 * a preview; what an OCTET STRING or BIT STRING wraps is entered too.  Damaged
 * DER is shown up to the damage.  Adds to the document's raw part.
 */
void view_raw(struct view_document *document);

#endif
