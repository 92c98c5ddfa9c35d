#ifndef X509_VIEW_CONTAINER_H
#define X509_VIEW_CONTAINER_H

#include "x509/container.h"
#include "x509/view/document.h"

/* What a container that the reader opened says of itself, and lists of its
 * objects. */
MUST_CHECK bool view_container_facts(const struct container *container,
    struct view_document *document, struct failure *why);

#endif
