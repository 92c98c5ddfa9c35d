#ifndef X509_VIEW_BUNDLE_H
#define X509_VIEW_BUNDLE_H

#include "x509/view/view.h"

/* As many certificates as nobody reads one after another, such as a machine's
 * store of roots: they are summed up before each is shown. */
#define VIEW_BUNDLE_LEAST 6

bool view_is_bundle(const struct input *input);

/* The document in front: how many, how many of them are out of their dates, and
 * a line for each. */
MUST_CHECK bool view_bundle(const struct input *input,
    const struct view_options *options, struct view_document *document,
    struct failure *why);

#endif
