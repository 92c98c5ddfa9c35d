#ifndef X509_LINT_PRINTABLE_H
#define X509_LINT_PRINTABLE_H

#include <string.h>

#include "base/bytes.h"

/* Does the text keep to the alphabet of PrintableString (X.680, 41.4)? */
static inline bool is_printable_string(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = text.start[i];

        if ((byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
            (byte >= '0' && byte <= '9'))
            continue;
        if (byte == 0 || strchr(" '()+,-./:=?", byte) == NULL)
            return false;
    }
    return true;
}

#endif
