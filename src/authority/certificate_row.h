#ifndef AUTHORITY_CERTIFICATE_ROW_H
#define AUTHORITY_CERTIFICATE_ROW_H

#include "authority/facts.h"
#include "authority/revoke.h"
#include "store/store.h"

/* "valid", "revoked", "held" or "expired": a valid one after its end. */
const char *certificate_row_status(const struct certificate_row *row);

/* The row as `list` and `show` tell it; NULL: no memory. */
json_t *certificate_row_to_json(
    const struct certificate_row *row, const struct facts *facts);

#endif
