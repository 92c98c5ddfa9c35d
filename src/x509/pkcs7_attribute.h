#ifndef X509_PKCS7_ATTRIBUTE_H
#define X509_PKCS7_ATTRIBUTE_H

#include "x509/der.h"

/* Attributes of a SignerInfo (RFC 5652, 5.3 and 11). */
struct pkcs7_attribute {
    struct bytes type;        /* contents of the OBJECT IDENTIFIER */
    struct der_reader values; /* inside the SET */
};

MUST_CHECK bool pkcs7_attribute_next(struct der_reader *list,
    struct pkcs7_attribute *attribute, struct failure *why);

/* The one of this type; two are FAILURE_MALFORMED: two readers could see
 * different ones.  name: for the reason. */
MUST_CHECK bool pkcs7_attribute_find(struct der_reader list, struct bytes type,
    const char *name, struct der_reader *values, bool *found,
    struct failure *why);

#endif
