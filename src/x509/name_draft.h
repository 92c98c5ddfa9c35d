#ifndef X509_NAME_DRAFT_H
#define X509_NAME_DRAFT_H

#include "x509/name.h"

/* A Name that is being put together, attribute by attribute: how name_read
 * writes what it has understood. */

struct name_part {
    size_t relative;
    size_t offset, length; /* in encodings */
};

struct name_draft {
    struct buffer encodings; /* AttributeTypeAndValue elements */
    struct name_part parts[NAME_DRAFT_ATTRIBUTES_MAX];
    size_t count;
};

struct name_draft name_draft_new(void);
void name_draft_free(struct name_draft *draft);

/* type: contents of an OBJECT IDENTIFIER.  text: UTF-8; its string type is
 * chosen as name_read says.  FAILURE_MALFORMED where the type can't hold it. */
MUST_CHECK bool name_draft_add_text(struct name_draft *draft, size_t relative,
    struct bytes type, struct bytes text, struct failure *why);

/* value: a whole element.  A string that name_read would not write is written
 * anew as one that it does. */
MUST_CHECK bool name_draft_add_element(struct name_draft *draft,
    size_t relative, struct bytes type, struct bytes value,
    struct failure *why);

/* Appends the Name.  Relative names are numbered from 0; most_specific_first:
 * 0 becomes the last one, as RFC 4514, 2.1 writes them. */
MUST_CHECK bool name_draft_finish(struct name_draft *draft,
    bool most_specific_first, struct buffer *name, struct failure *why);

#endif
