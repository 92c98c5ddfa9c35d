#ifndef X509_INDIRECT_DATA_H
#define X509_INDIRECT_DATA_H

#include "x509/algorithm_identifier.h"

/* SpcIndirectDataContent, as the contents of its SEQUENCE. */
struct indirect_data {
    struct bytes type; /* what the digest is of */
    struct algorithm_identifier digest;
    struct bytes value;
};

MUST_CHECK bool indirect_data_read(
    struct bytes contents, struct indirect_data *data, struct failure *why);

#endif
