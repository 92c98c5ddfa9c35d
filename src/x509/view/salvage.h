#ifndef X509_VIEW_SALVAGE_H
#define X509_VIEW_SALVAGE_H

#include "x509/input.h"

/*
 * What can be shown of a file that input_read refuses: the PEM blocks up to the
 * damage, or DER whose end is missing or that is followed by something.  None
 * of it was checked.  *input may come out empty.
 */
MUST_CHECK bool salvage_objects(
    struct bytes file, struct input *input, struct failure *why);

#endif
