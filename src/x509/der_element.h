#ifndef X509_DER_ELEMENT_H
#define X509_DER_ELEMENT_H

#include "x509/der.h"

/* What a reader has passed since it was at this position. */
static inline struct bytes der_passed_since(
    const struct der_reader *reader, size_t position)
{
    return (struct bytes){.start = reader->whole.start + position,
        .length = reader->position - position};
}

/* As der_read; *element is all of the element, head included. */
MUST_CHECK static inline bool der_read_element(struct der_reader *reader,
    unsigned int tag, struct der_reader *contents, struct bytes *element,
    struct failure *why)
{
    size_t position = reader->position;

    if (!der_read(reader, tag, contents, why))
        return false;
    *element = der_passed_since(reader, position);
    return true;
}

#endif
